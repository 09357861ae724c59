//! Why there is no proof.

use std::fmt;

use ledger::Code;
use ledger::proof::ProofError;
use signing::error::SignerError;
use store::ReadError;
use store::audit::AuditError;
use store::index::IndexError;
use store::tiles::TileError;
use wire::Failure;

use crate::history::HistoryError;
use crate::prover::later;

/// Why there is no proof.
#[derive(Debug)]
pub enum ProveError {
    /// The daemon stops.
    Stopping,
    /// No published seal covers it.
    NotSealed,
    /// The request itself is at fault.
    Refused(Code, &'static str),
    /// What was asked for does not fit into an answer.
    TooLong,
    /// The signer of checkpoints gave no signature.
    Signer(SignerError),
    /// Checkpoints are asked for faster than they are signed.
    Busy,
    /// Closed blocks, their index, tiles or the audit log cannot be read.
    Unreadable(String),
    /// What was made does not lead to the seal.
    Unproven(&'static str),
}

impl ProveError {
    /// Whether it is a fault of ours, of the disk's or of a signer's, of which clients hear little.
    pub(crate) fn is_logged(&self) -> bool {
        matches!(
            self,
            Self::Unreadable(_) | Self::Unproven(_) | Self::Signer(_)
        )
    }

    /// What the client is told.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Stopping => Failure::new(Code::ShuttingDown, "the daemon is stopping"),
            Self::NotSealed => later(Code::NotSealed, "no published seal covers it yet"),
            Self::Refused(code, message) => Failure::new(*code, message),
            Self::TooLong => Failure::new(
                Code::TooLarge,
                "the proof does not fit into an answer; ask for less",
            ),
            Self::Signer(error) if !error.is_retryable() => Failure::new(
                Code::SignerUnavailable,
                "the signer of notes refuses; see the daemon's log",
            ),
            Self::Signer(_) => later(
                Code::SignerUnavailable,
                "the signer of notes gave no signature; retry",
            ),
            Self::Busy => later(
                Code::Busy,
                "more notes are asked for than are signed; retry",
            ),
            Self::Unreadable(_) | Self::Unproven(_) => later(
                Code::Busy,
                "no proof could be made; see the daemon's log, then retry",
            ),
        }
    }
}

impl fmt::Display for ProveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopping => f.write_str("the daemon is stopping"),
            Self::NotSealed => f.write_str("no published seal covers it"),
            Self::Refused(code, message) => write!(f, "{code}: {message}"),
            Self::TooLong => f.write_str("the proof does not fit into an answer"),
            Self::Signer(error) => error.fmt(f),
            Self::Busy => f.write_str("more notes are asked for than are signed"),
            Self::Unreadable(error) => f.write_str(error),
            Self::Unproven(what) => write!(f, "{what} does not lead to the seal"),
        }
    }
}

impl std::error::Error for ProveError {}

macro_rules! unreadable {
    ($($source:ty, $what:literal;)*) => {$(
        impl From<$source> for ProveError {
            fn from(error: $source) -> Self {
                Self::Unreadable(format!(concat!($what, ": {}"), error))
            }
        }
    )*};
}

unreadable! {
    ReadError, "journal";
    IndexError, "index";
    TileError, "tiles";
    AuditError, "audit log";
}

impl From<HistoryError> for ProveError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Refused(code, message) => Self::Refused(code, message),
            error => Self::Unreadable(error.to_string()),
        }
    }
}

impl From<ProofError<TileError>> for ProveError {
    fn from(error: ProofError<TileError>) -> Self {
        match error {
            ProofError::OutOfTree => Self::Refused(
                Code::NotFound,
                "the range is not in what is sealed; ask for less, or later",
            ),
            ProofError::Nodes(error) => error.into(),
        }
    }
}
