//! A request refused as a whole.

use ledger::{BookId, Code, Seq};

use crate::field::Text;
use crate::limits::FAILURE_TEXT_BYTES_MAX;
use crate::message::macros::message;

message! {
    /// The request was refused as a whole, or its outcome is unknown.
    pub struct Failure {
        /// Why.
        pub code: Code,
        /// Milliseconds to wait before trying again; 0 leaves it to the client.
        pub retry_after_ms: u32,
        /// Number of the policy's rule that denied it; 0 if none did.
        pub rule: u16,
        /// The event that records the denial, where the principal may read it.
        pub denial: Option<DenialPlace>,
        /// What, where, and what to do.
        pub message: Text<FAILURE_TEXT_BYTES_MAX>,
    }

    /// Where a denial is recorded: there is a receipt for this event as for any other.
    #[derive(Copy)]
    pub struct DenialPlace {
        /// The book.
        pub book: BookId,
        /// Sequence of the event.
        pub seq: Seq,
    }
}

impl Failure {
    /// A failure without a time to wait; a message that is too long is cut.
    pub fn new(code: Code, message: &str) -> Self {
        Self {
            code,
            retry_after_ms: 0,
            rule: 0,
            denial: None,
            message: Text::cut(message),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match self.denial {
            Some(DenialPlace { book, seq }) => {
                write!(f, "; recorded as event {seq} of book {book}")
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}
