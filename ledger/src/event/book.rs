//! The record of a change of a book's own state.

use crate::event::{VERSION, kind};
use crate::fields::{DecodeError, Reader, Write};
use crate::id::{Nanos, Seq};

/// What changes about a book. Numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum BookChange {
    /// Postings stop; reads go on.
    Halted = 1,
    /// Postings go on.
    Resumed = 2,
    /// Effective dates before `effective_lock` are refused from now on.
    Locked = 3,
    /// The import is over; there is no way back.
    Opened = 4,
    /// Answers to writes leave only when a published seal covers what they say.
    SealedRequired = 5,
    /// Answers to writes leave when what they say is durable.
    SealedNotRequired = 6,
}

impl BookChange {
    /// The change with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Halted),
            2 => Some(Self::Resumed),
            3 => Some(Self::Locked),
            4 => Some(Self::Opened),
            5 => Some(Self::SealedRequired),
            6 => Some(Self::SealedNotRequired),
            _ => None,
        }
    }

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Halted => "halted",
            Self::Resumed => "resumed",
            Self::Locked => "locked",
            Self::Opened => "opened",
            Self::SealedRequired => "sealed_required",
            Self::SealedNotRequired => "sealed_not_required",
        }
    }
}

/// The book was halted, resumed, locked or opened, or its answers wait for seals or no longer do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookChanged {
    /// Position in the book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// What changed.
    pub change: BookChange,
    /// Why, as a number of the asker's; `u16::MAX` when the daemon itself halted the book.
    pub reason: u16,
    /// Earliest effective date from now on; kept as it was by other changes.
    pub effective_lock: Nanos,
}

impl BookChanged {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 1 + 2 + 8;
    /// The reason of a book that the daemon itself halted.
    pub const BY_DAEMON: u16 = u16::MAX;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::BOOK_CHANGED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u8(self.change as u8);
        out.put_u16(self.reason);
        out.put_u64(self.effective_lock.0);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            change: BookChange::from_number(r.u8()?).ok_or(DecodeError::BadField("change"))?,
            reason: r.u16()?,
            effective_lock: Nanos(r.u64()?),
        })
    }
}
