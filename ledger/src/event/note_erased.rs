//! The record that reference and metadata of an event were erased.

use crate::event::{VERSION, kind};
use crate::fields::{DecodeError, Reader, Write};
use crate::id::{Nanos, Seq};

/// Reference, metadata and salt of an event were erased; its commitments still stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoteErased {
    /// Position in the book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// The event whose note is gone.
    pub target: Seq,
}

impl NoteErased {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 8;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::NOTE_ERASED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u64(self.target.0);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            target: Seq(r.u64()?),
        })
    }
}
