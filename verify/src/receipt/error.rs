use std::fmt;

use ledger::Seq;
use ledger::fields::DecodeError;

use crate::sealed_head::SealedHeadError;

/// Why a receipt shows nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReceiptError {
    /// The record is no event.
    Event(DecodeError),
    /// The event says another position than it stands at.
    Seq {
        /// The position it says.
        says: Seq,
        /// The position it stands at.
        stands: Seq,
    },
    /// The path does not lead to the root of the head.
    Path,
    /// The head is not sealed.
    Head(SealedHeadError),
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(error) => write!(f, "the record is no event: {error}"),
            Self::Seq { says, stands } => {
                write!(f, "the event says position `{says}` and stands at {stands}")
            }
            Self::Path => f.write_str("the event does not stand in the log of the head"),
            Self::Head(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReceiptError {}
