//! The events of a book in order.

use ledger::event::Records;
use ledger::fields::{DecodeError, Reader, Write};
use ledger::{Height, Seq};

use crate::field::{Field, MessageError};
use crate::limits::EVENT_BATCH_BYTES_MAX;
use crate::message::macros::message;

message! {
    /// Asks for the events of the book that the frame names, endlessly.
    #[derive(Copy)]
    pub struct Subscribe {
        /// Sequence of the first event wanted.
        pub from: Seq,
    }

    /// The subscription stands; frames of events follow.
    #[derive(Copy)]
    pub struct Subscribed {
        /// Height of the book.
        pub height: Height,
        /// Events of the book at that height.
        pub events: u64,
    }

    /// Events of a subscription, without gap after those before.
    pub struct EventBatch {
        /// Height of the block that holds the last of them.
        pub height: Height,
        /// Sequence of the first of them.
        pub first_seq: Seq,
        /// The records.
        pub records: EventRecords,
    }
}

/// Whole records, one after the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventRecords(Vec<u8>);

impl EventRecords {
    /// `bytes`, if they are whole records and not too long.
    ///
    /// # Errors
    /// They are not whole records, or above the limit.
    pub fn new(bytes: Vec<u8>) -> Result<Self, MessageError> {
        if bytes.len() > EVENT_BATCH_BYTES_MAX {
            return Err(MessageError::TooMany {
                count: bytes.len(),
                max: EVENT_BATCH_BYTES_MAX,
            });
        }
        for record in Records(&bytes) {
            record?;
        }
        Ok(Self(bytes))
    }

    /// The records.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        Records(&self.0).filter_map(Result::ok)
    }

    /// The bytes of all records.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A `u32` number of bytes, then the records.
impl Field for EventRecords {
    const MIN_BYTES: usize = 4;
    const FIXED: bool = false;

    fn kind() -> String {
        "records".to_owned()
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.put_u32(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        out.put(&self.0);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        let bytes = crate::field::read_count(r, EVENT_BATCH_BYTES_MAX)?;
        let records = Self::new(r.take(bytes)?.to_vec())?;
        if records.0.is_empty() {
            return Err(DecodeError::BadField("records").into());
        }
        Ok(records)
    }
}
