//! A row of the audit chain: a payload, its digest and the signature over it.

mod error;
mod id;
mod line;

use ledger::Digest;

use crate::chain_head::ChainHead;
use crate::key::{Kid, Signature};
use crate::payload::{self, Content, Payload, Seal};
use crate::time::Micros;

pub use error::RowError;
pub use id::RowId;
pub use line::Lines;

/// One row. Every column of it is the payload's bytes, follows from them, or is the signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    payload: Payload,
    canonical: Vec<u8>,
    digest: Digest,
    signature: Signature,
}

impl AuditRow {
    /// The row of these canonical bytes and this signature, which is not checked here.
    ///
    /// # Errors
    /// The bytes are no payload.
    pub fn new(canonical: Vec<u8>, signature: Signature) -> Result<Self, RowError> {
        let payload = Payload::decode(&canonical)?;
        let digest = payload::digest(&canonical, payload.prev.as_ref());
        Ok(Self {
            payload,
            canonical,
            digest,
            signature,
        })
    }

    /// What the row says.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The canonical bytes of the payload.
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// The digest that is signed, and that the next row names.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The signature over the digest.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Number of the row, from 1.
    pub fn seq(&self) -> u64 {
        self.payload.seq
    }

    /// Digest of the row before; none for row 1.
    pub fn prev(&self) -> Option<Digest> {
        self.payload.prev
    }

    /// Number and digest.
    pub fn head(&self) -> ChainHead {
        ChainHead {
            seq: self.payload.seq,
            digest: self.digest,
        }
    }

    /// The key that signed, as the row says.
    pub fn signer_kid(&self) -> &Kid {
        &self.payload.signer_kid
    }

    /// When the row was made: the time of the payload.
    pub fn created_at(&self) -> Micros {
        self.payload.ts
    }

    /// What tells rows apart for people.
    pub fn event_type(&self) -> &'static str {
        self.payload.event_type()
    }

    /// The UUID of the row, which follows from its digest.
    pub fn id(&self) -> RowId {
        RowId::of(&self.digest)
    }

    /// The statement about heads, if the row is a seal.
    pub fn seal(&self) -> Option<&Seal> {
        match &self.payload.content {
            Content::Seal(seal) => Some(seal),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
