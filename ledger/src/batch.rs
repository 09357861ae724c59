//! The batch list: which principal asked for which events of a block.

use crate::digest::Digest;
use crate::fields::{DecodeError, Reader, Write};

/// Who asked, under which certificate, request and policy set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Origin {
    /// SHA-256 of the principal's SPIFFE ID.
    pub principal: Digest,
    /// SHA-256 of the certificate's DER bytes.
    pub fingerprint: Digest,
    /// The client's id of the request.
    pub request_id: u128,
    /// Digest of the policy set that permitted it.
    pub policy_set: Digest,
}

impl Origin {
    /// What the daemon does of its own: expiring holds, halting a book it finds wrong.
    pub fn daemon() -> Self {
        Self {
            principal: Digest::of(b"ledgerd"),
            fingerprint: Digest::ZERO,
            request_id: 0,
            policy_set: Digest::ZERO,
        }
    }
}

/// One entry of a block's batch list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchEntry {
    /// Who asked.
    pub origin: Origin,
    /// Index in the block of its first event.
    pub first: u32,
    /// How many events it made.
    pub count: u32,
}

impl BatchEntry {
    /// Bytes of an encoded entry.
    pub const BYTES: usize = 2 + 32 + 32 + 16 + 32 + 4 + 4;
    /// First byte of an entry; not zero, so that no written sector is all zero.
    const KIND: u8 = 0xb1;
    const VERSION: u8 = 1;

    /// Appends the entry: kind, version, principal, fingerprint, request id, policy set, first,
    /// count.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[Self::KIND, Self::VERSION]);
        out.put(&self.origin.principal.0);
        out.put(&self.origin.fingerprint.0);
        out.put_u128(self.origin.request_id);
        out.put(&self.origin.policy_set.0);
        out.put_u32(self.first);
        out.put_u32(self.count);
    }

    /// Reads what [`BatchEntry::encode`] writes.
    ///
    /// # Errors
    /// Bytes run out, or kind or version is not known.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match (r.u8()?, r.u8()?) {
            (Self::KIND, Self::VERSION) => {}
            (Self::KIND, version) => {
                return Err(DecodeError::UnknownVersion(u16::from(version)));
            }
            (kind, _) => return Err(DecodeError::UnknownKind(kind)),
        }
        Ok(Self {
            origin: Origin {
                principal: Digest(r.array()?),
                fingerprint: Digest(r.array()?),
                request_id: r.u128()?,
                policy_set: Digest(r.array()?),
            },
            first: r.u32()?,
            count: r.u32()?,
        })
    }
}
