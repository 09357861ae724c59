//! What can go wrong with a request.

use std::fmt;

use ledger::{Code, Operation};
use wire::endpoint::{ConnectError, EndpointError};
use wire::{Failure, MessageError};

/// Why there is no answer.
#[derive(Debug)]
pub enum ClientError {
    /// The socket, certificates or key cannot be used.
    Endpoint(EndpointError),
    /// The server cannot be reached or is not whom it should be.
    Connect(ConnectError),
    /// The server refused the request as a whole: nothing of it was posted.
    Refused(Failure),
    /// Whether a write was done is not known. Send it again with the same ids.
    OutcomeUnknown {
        /// What was asked for.
        operation: Operation,
        /// Why it is not known.
        why: Unknown,
    },
    /// The connection is gone. The request was not sent or was a read: nothing was posted.
    Disconnected(String),
    /// The deadline passed. The request was not sent or was a read: nothing was posted.
    DeadlinePassed,
    /// The request is longer than a frame may be, in bytes. It was not sent.
    TooLarge(usize),
    /// The answer to a read cannot be understood.
    Unreadable(MessageError),
    /// The server sent what does not belong here.
    Unexpected(&'static str),
}

/// Why the outcome of a write is not known.
#[derive(Debug)]
pub enum Unknown {
    /// The deadline passed before the answer came.
    DeadlinePassed,
    /// The connection was lost before the answer came.
    Disconnected(String),
    /// The answer cannot be understood.
    Unreadable(MessageError),
    /// The server itself does not know.
    Server(Failure),
}

impl ClientError {
    /// The code that says the same, for scripts.
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(failure) => failure.code,
            Self::OutcomeUnknown { .. } => Code::OutcomeUnknown,
            Self::DeadlinePassed => Code::DeadlineExceeded,
            Self::TooLarge(_) => Code::TooLarge,
            Self::Unreadable(_) | Self::Unexpected(_) => Code::Malformed,
            Self::Endpoint(_) | Self::Connect(_) | Self::Disconnected(_) => Code::ShuttingDown,
        }
    }

    /// Whether the same request may get another answer later, on a new connection if this one is
    /// gone.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(failure) => failure.code.is_retryable(),
            Self::OutcomeUnknown { .. } | Self::Disconnected(_) | Self::DeadlinePassed => true,
            Self::Connect(ConnectError::Lost(_)) => true,
            Self::Connect(ConnectError::Unusable(_)) => false,
            Self::Endpoint(_) | Self::TooLarge(_) | Self::Unreadable(_) | Self::Unexpected(_) => {
                false
            }
        }
    }

    /// Whether it is certain that the request posted nothing.
    pub fn has_no_side_effects(&self) -> bool {
        !matches!(self, Self::OutcomeUnknown { .. })
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(error) => write!(f, "cannot start: {error}"),
            Self::Connect(error) => write!(f, "cannot connect: {error}"),
            Self::Refused(failure) => write!(f, "refused: {failure}"),
            Self::OutcomeUnknown { operation, why } => {
                let name = operation.name();
                write!(
                    f,
                    "outcome of `{name}` unknown: {why}; retry with the same ids"
                )
            }
            Self::Disconnected(why) => write!(f, "not connected: {why}; connect and retry"),
            Self::DeadlinePassed => f.write_str("deadline passed and nothing was posted"),
            Self::TooLarge(bytes) => {
                let max = wire::limits::FRAME_BODY_MAX;
                write!(
                    f,
                    "request of `{bytes}` bytes is above the limit of `{max}`; split it"
                )
            }
            Self::Unreadable(error) => write!(f, "answer cannot be read: {error}"),
            Self::Unexpected(what) => write!(f, "server sent what does not belong here: {what}"),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeadlinePassed => f.write_str("deadline passed"),
            Self::Disconnected(why) => write!(f, "connection lost: {why}"),
            Self::Unreadable(error) => write!(f, "answer cannot be read: {error}"),
            Self::Server(failure) => write!(f, "{failure}"),
        }
    }
}

impl std::error::Error for ClientError {}
