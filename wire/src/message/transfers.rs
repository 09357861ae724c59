//! Transfers looked up by id or found by a filter.

use ledger::event::TransferPosted;
use ledger::fields::{DecodeError, Reader};
use ledger::leg::Side;
use ledger::limits::{METADATA_BYTES_MAX, REFERENCE_BYTES_MAX};
use ledger::{AccountId, Event, Height, Nanos, Seq, TransferId};

use crate::field::{Blob, Field, MessageError};
use crate::limits::CURSOR_BYTES_MAX;
use crate::message::macros::message;

/// Where a paged answer goes on; empty at the start and at the end.
pub type Cursor = Blob<CURSOR_BYTES_MAX>;
/// Reference of a transfer.
pub type Reference = Blob<REFERENCE_BYTES_MAX>;
/// Metadata of a transfer.
pub type Metadata = Blob<METADATA_BYTES_MAX>;

/// How a transfer stands now. Numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum TransferState {
    /// Posted, and nothing since.
    Posted = 1,
    /// A hold that is open.
    HoldOpen = 2,
    /// A hold that was captured to its end.
    HoldCaptured = 3,
    /// A hold that was voided.
    HoldVoided = 4,
    /// A hold that ran out.
    HoldExpired = 5,
    /// Posted and reversed since.
    Reversed = 6,
}

impl TransferState {
    /// The state with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Posted,
            2 => Self::HoldOpen,
            3 => Self::HoldCaptured,
            4 => Self::HoldVoided,
            5 => Self::HoldExpired,
            6 => Self::Reversed,
            _ => return None,
        })
    }
}

crate::field::choice! {
    TransferState(u8),
        "1 posted, 2 open hold, 3 captured hold, 4 voided hold, 5 expired hold, 6 reversed",
        |v| v as u8, |n| Self::from_number(n);
}

/// A record stands in messages as in a block: its kind byte says how long it is.
impl Field for TransferPosted {
    const MIN_BYTES: usize = Self::BYTES;
    const FIXED: bool = false;

    fn kind() -> String {
        "record".to_owned()
    }

    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        let (record, _) = Event::split(r.rest())?;
        match Event::decode(r.take(record.len())?)? {
            Event::Transfer(transfer) => Ok(transfer),
            _ => Err(DecodeError::BadField("record of a transfer").into()),
        }
    }
}

message! {
    /// Looks transfers up.
    pub struct LookupTransfers {
        /// The transfers.
        pub ids: Vec<TransferId>,
    }

    /// Reference and metadata of a transfer.
    #[derive(Default)]
    pub struct NoteText {
        /// UTF-8; empty if there is none.
        pub reference: Reference,
        /// Anything; empty if there is none.
        pub metadata: Metadata,
    }

    /// A transfer as it was posted.
    pub struct TransferRow {
        /// The record, as `docs/formats.md` gives it.
        pub record: TransferPosted,
        /// Reference and metadata; absent if it has none or they were erased.
        pub note: Option<NoteText>,
    }

    /// A transfer and how it stands now.
    pub struct TransferFound {
        /// As it was posted.
        pub row: TransferRow,
        /// How it stands.
        pub state: TransferState,
        /// Minor units of an open hold that are still held; 0 otherwise.
        pub remaining: u128,
        /// The capture, void or reversal that ended it; 0 otherwise.
        pub ended_by: TransferId,
    }

    /// The transfers asked for: a row for each id of a first part of the request, which is all of
    /// it unless the frame is full. The client asks again for the ids that are left.
    pub struct TransfersFound {
        /// Height of the book that the answer was read at.
        pub height: Height,
        /// In the order of the ids; absent where there is no such transfer.
        pub rows: Vec<Option<TransferFound>>,
    }

    /// Finds transfers. All conditions hold together.
    pub struct QueryTransfers {
        /// Either account is this one.
        pub account: Option<AccountId>,
        /// The account is on this side; needs `account`.
        pub side: Option<Side>,
        /// The client's classification is this.
        pub code: Option<u16>,
        /// The reference is exactly this.
        pub reference: Option<Reference>,
        /// Posted at or after.
        pub posted_from: Nanos,
        /// Posted before; 0 means no end.
        pub posted_to: Nanos,
        /// Sequence at or after.
        pub seq_from: Seq,
        /// Sequence before; 0 means no end.
        pub seq_to: Seq,
        /// Newest first instead of oldest first.
        pub newest_first: bool,
        /// Most rows wanted; 0 leaves it to the server.
        pub limit: u32,
        /// `next` of the answer before; empty from the start.
        pub cursor: Cursor,
    }

    /// Transfers that fit the filter, in order of sequence.
    pub struct TransferList {
        /// Height of the book that the answer was read at.
        pub height: Height,
        /// The transfers.
        pub rows: Vec<TransferRow>,
        /// Where the next page starts; empty at the end.
        pub next: Cursor,
    }
}

impl QueryTransfers {
    /// Every transfer, oldest first.
    pub fn all() -> Self {
        Self {
            account: None,
            side: None,
            code: None,
            reference: None,
            posted_from: Nanos(0),
            posted_to: Nanos(0),
            seq_from: Seq(0),
            seq_to: Seq(0),
            newest_first: false,
            limit: 0,
            cursor: Cursor::default(),
        }
    }
}

/// Bytes of `row` in an answer: how a server knows when a frame is full.
pub fn row_bytes(row: &TransferRow) -> usize {
    let record = if row.record.commitments.is_some() {
        TransferPosted::NOTED_BYTES
    } else {
        TransferPosted::BYTES
    };
    let note = row
        .note
        .as_ref()
        .map_or(0, |note| 4 + note.reference.len() + note.metadata.len());
    record + 1 + note
}
