//! A request refused as a whole.

use ledger::Code;

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
        /// What, where, and what to do.
        pub message: Text<FAILURE_TEXT_BYTES_MAX>,
    }
}

impl Failure {
    /// A failure without a time to wait; a message that is too long is cut.
    pub fn new(code: Code, message: &str) -> Self {
        Self {
            code,
            retry_after_ms: 0,
            message: Text::cut(message),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}
