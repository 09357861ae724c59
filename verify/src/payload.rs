//! What a row of the audit chain says: the object whose canonical bytes are hashed and signed.
//!
//! It names no book, tenant or total, and carries no text of anybody: opaque ids, numbers, times
//! and digests only.

mod action;
mod content;
mod error;
mod fields;
mod origin;
mod trace;

use ledger::Digest;
use sha2::{Digest as _, Sha256};

use crate::key::{Algorithm, Kid};
use crate::time::Micros;

pub use action::Action;
pub use content::{Content, Recovery, Seal};
pub use error::PayloadError;
pub use origin::Origin;
pub use trace::Trace;

use fields::Fields;

/// The payload of one row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payload {
    /// How the row is signed.
    pub alg: Algorithm,
    /// What the row states.
    pub content: Content,
    /// Epoch of the lease under which the row was made.
    pub lease: u64,
    /// Where the row belongs.
    pub origin: Origin,
    /// Digest of the row before; none in row 1.
    pub prev: Option<Digest>,
    /// Number of the row, from 1.
    pub seq: u64,
    /// The key that signs the row.
    pub signer_kid: Kid,
    /// Joins the row with what was logged about it.
    pub trace: Trace,
    /// When the row was made.
    pub ts: Micros,
}

impl Payload {
    /// The canonical bytes.
    ///
    /// # Errors
    /// A number is beyond 2^53 − 1, or `seq` and `prev` contradict each other.
    pub fn canonical(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        serde_json::to_vec(&Fields::from(self)).map_err(|_| PayloadError::NotAPayload)
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// They are no payload of a kind known here, or another spelling of one.
    pub fn decode(canonical: &[u8]) -> Result<Self, PayloadError> {
        if canonical.len() > crate::limits::PAYLOAD_BYTES_MAX {
            return Err(PayloadError::TooLong(canonical.len()));
        }
        let fields: Fields<'_> =
            serde_json::from_slice(canonical).map_err(|_| PayloadError::NotAPayload)?;
        let payload = Self::try_from(fields)?;
        // INVARIANT: one encoding for each payload, so that no two bytes say the same.
        if payload.canonical()? == canonical {
            Ok(payload)
        } else {
            Err(PayloadError::NotCanonical)
        }
    }

    /// What tells rows apart for people: `ledger.seal` and others.
    pub fn event_type(&self) -> &'static str {
        self.content.event_type()
    }

    fn check(&self) -> Result<(), PayloadError> {
        let numbers = [
            ("seq", self.seq),
            ("lease", self.lease),
            ("origin.epoch", self.origin.epoch),
        ];
        let more = self.content.numbers();
        for (field, value) in numbers.into_iter().chain(more) {
            if value > crate::limits::JSON_INT_MAX {
                return Err(PayloadError::TooLarge { field, value });
            }
        }
        if (self.seq == 1) != self.prev.is_none() || self.seq == 0 {
            return Err(PayloadError::Prev(self.seq));
        }
        Ok(())
    }
}

/// The digest that is chained and signed: SHA-256 of the canonical payload and, after it, of the 32
/// bytes of the digest before.
pub fn digest(canonical: &[u8], prev: Option<&Digest>) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(canonical);
    if let Some(prev) = prev {
        hasher.update(prev.0);
    }
    Digest(hasher.finalize().into())
}

/// The commitment that stands in a payload for a body beside the row: SHA-256 of the salt and the
/// canonical bytes of the body.
pub fn body_commitment(salt: &[u8; 16], body: &[u8]) -> Digest {
    Digest::of_parts(&[salt, body])
}

#[cfg(test)]
pub(crate) mod tests;
