//! Notes: reference and metadata of a transfer, which stand beside the journal and can be erased.
//!
//! The record holds only commitments `SHA256(salt ‖ tag ‖ bytes)`, tag 0x01 for the reference and
//! 0x02 for the metadata; the salt is drawn before ordering, so that replay needs no randomness.

use crate::digest::Digest;
use crate::event::transfer::Commitments;

/// Reference and metadata with their salt.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Note {
    /// Random bytes that keep short references from being guessed.
    pub salt: [u8; 16],
    /// UTF-8, at most [`crate::limits::REFERENCE_BYTES_MAX`] bytes; empty means none.
    pub reference: Vec<u8>,
    /// At most [`crate::limits::METADATA_BYTES_MAX`] bytes; empty means none.
    pub metadata: Vec<u8>,
}

impl Note {
    /// What the record holds of this note.
    pub fn commitments(&self) -> Commitments {
        Commitments {
            reference: commit(&self.salt, 1, &self.reference),
            metadata: commit(&self.salt, 2, &self.metadata),
        }
    }
}

fn commit(salt: &[u8; 16], tag: u8, bytes: &[u8]) -> Digest {
    if bytes.is_empty() {
        Digest::ZERO
    } else {
        Digest::of_parts(&[salt, &[tag], bytes])
    }
}

impl Note {
    /// Whether both parts are within their limits.
    pub fn fits(&self) -> bool {
        self.reference.len() <= crate::limits::REFERENCE_BYTES_MAX
            && self.metadata.len() <= crate::limits::METADATA_BYTES_MAX
    }
}
