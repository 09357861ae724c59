//! How far published seals reach, and receipts of what they cover.

use ledger::{Code, Height, Nanos, Seq, TransferId};

use crate::field::{Blob, MessageError, Text};
use crate::limits::{KID_BYTES_MAX, RECEIPT_BYTES_MAX, RECEIPTS_MAX};
use crate::message::macros::message;

/// An encoded receipt.
pub type Receipt = Blob<RECEIPT_BYTES_MAX>;
/// Name of a key.
pub type Kid = Text<KID_BYTES_MAX>;

message! {
    /// The newest published seal, and how far it covers the book.
    #[derive(Copy)]
    pub struct SealedPoint {
        /// Row of the audit chain that is the seal; 0 before the first.
        pub seal_seq: u64,
        /// Events of the book that it covers.
        pub size: u64,
        /// Height of the book's last block that it covers.
        pub height: Height,
        /// When it was made; 0 before the first.
        pub at: Nanos,
    }

    /// Asks for receipts of events of the book that the frame names: 1 to 256 together.
    #[derive(Default)]
    pub struct Receipts {
        /// Events by their sequence.
        pub seqs: Vec<Seq>,
        /// Transfers by their id.
        pub ids: Vec<TransferId>,
    }

    /// Receipts.
    pub struct ReceiptsFound {
        /// The seal that they lead to.
        pub sealed: SealedPoint,
        /// In the order of the request: the sequences, then the ids.
        pub rows: Vec<ReceiptFound>,
    }

    /// A receipt, or why there is none.
    pub struct ReceiptFound {
        /// `created`, or `not_sealed`, or `not_found`.
        pub code: Code,
        /// The receipt; empty if there is none.
        pub receipt: Receipt,
    }

    /// Asks how far published seals cover the book that the frame names.
    #[derive(Copy, Default)]
    pub struct SealStatusRequest {
    }

    /// How far published seals cover a book.
    pub struct SealStatus {
        /// The newest published seal.
        pub sealed: SealedPoint,
        /// Events of the book that are durable.
        pub committed: u64,
        /// Milliseconds for which the oldest of the book's events without a seal has waited.
        pub lag_ms: u64,
        /// Whether postings are refused until the signer has caught up.
        pub window_full: bool,
        /// The key that seals now; empty if there is none.
        pub signer: Kid,
    }
}

impl SealedPoint {
    /// Nothing is sealed yet.
    pub const NONE: Self = Self {
        seal_seq: 0,
        size: 0,
        height: Height(0),
        at: Nanos(0),
    };
}

impl Receipts {
    /// How many receipts are asked for.
    pub fn count(&self) -> usize {
        self.seqs.len() + self.ids.len()
    }

    /// Checks how many are asked for.
    ///
    /// # Errors
    /// None is asked for, or more than [`RECEIPTS_MAX`].
    pub fn check(&self) -> Result<(), MessageError> {
        match self.count() {
            0 => Err(MessageError::bad("count")),
            1..=RECEIPTS_MAX => Ok(()),
            count => Err(MessageError::TooMany {
                count,
                max: RECEIPTS_MAX,
            }),
        }
    }
}
