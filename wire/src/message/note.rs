//! Erasing reference and metadata.

use ledger::TransferId;

use crate::message::macros::message;

message! {
    /// Erases reference and metadata of a transfer; its commitments stay.
    #[derive(Copy)]
    pub struct EraseNote {
        /// The transfer.
        pub id: TransferId,
    }
}
