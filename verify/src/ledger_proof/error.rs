//! Why a ledger proof is refused.

use std::fmt;

use ledger::fields::DecodeError;

use super::RowError;
use crate::checkpoint::CheckpointError;
use crate::jcs::JcsError;
use crate::key::{Algorithm, Kid};
use crate::range::RangeError;

/// Why a ledger proof, or the rows beside it, are refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LedgerProofError {
    /// The bytes are not canonical JSON.
    Json(JcsError),
    /// The JSON is no such proof.
    Form,
    /// No key with this id may sign bundles.
    Key(Kid),
    /// The key signs otherwise than the proof says.
    Algorithm(Algorithm),
    /// The signature in this member does not verify.
    Signature(&'static str),
    /// The checkpoint is refused.
    Checkpoint(CheckpointError),
    /// The second time is not after the first.
    Times,
    /// The record before or after is none.
    Neighbour(DecodeError),
    /// An event is not the one before or after the rows.
    NotNext(u64),
    /// An event before or after the rows was posted between the two times.
    Within(u64),
    /// No event is given after the rows, though the log goes on.
    Tail,
    /// A row was not posted between the two times.
    Outside(u64),
    /// The events are not what the log of the checkpoint holds there.
    Root,
    /// A row is refused.
    Row {
        /// Its number in the file, from 1.
        line: u64,
        /// Why.
        error: RowError,
    },
    /// The rows are not the events of the proof.
    Events(RangeError),
    /// A line of the file is longer than rows are.
    LongLine(u64),
    /// The file does not end with a line feed.
    NoLineFeed,
    /// The file has another digest than the one that is signed.
    Hash,
}

impl fmt::Display for LedgerProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "not a ledger proof: {error}"),
            Self::Form => f.write_str("not a ledger proof in its one encoding"),
            Self::Key(kid) => write!(
                f,
                "no key `{kid}` may sign bundles: is it the right keyring"
            ),
            Self::Algorithm(alg) => write!(f, "the key does not sign by `{alg}`"),
            Self::Signature(member) => write!(f, "the signature in `{member}` does not verify"),
            Self::Checkpoint(error) => write!(f, "the checkpoint is refused: {error}"),
            Self::Times => f.write_str("`to_ts` is not after `from_ts`"),
            Self::Neighbour(error) => write!(f, "a neighbour of the rows is no record: {error}"),
            Self::NotNext(seq) => write!(f, "event `{seq}` does not stand next to the rows"),
            Self::Within(seq) => {
                write!(
                    f,
                    "event `{seq}` was posted within the times, but is no row"
                )
            }
            Self::Tail => {
                f.write_str("the log goes on after the rows, and its next event is missing")
            }
            Self::Outside(seq) => write!(f, "event `{seq}` was not posted within the times"),
            Self::Root => f.write_str("the events are not what the checkpoint's log holds there"),
            Self::Row { line, error } => write!(f, "line `{line}` is refused: {error}"),
            Self::Events(error) => error.fmt(f),
            Self::LongLine(line) => write!(f, "line `{line}` is longer than rows are"),
            Self::NoLineFeed => f.write_str("the file of rows does not end with a line feed"),
            Self::Hash => f.write_str("the file of rows is not the one that is signed"),
        }
    }
}

impl std::error::Error for LedgerProofError {}
