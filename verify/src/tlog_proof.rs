//! That an event stands in the log of a checkpoint, as text that foreign tools read.
//! <https://c2sp.org/tlog-proof>
//!
//! The event's record stands beside. Ours carry no `extra` line, since nothing vouches for it.

#[cfg(test)]
mod tests;

use std::fmt;

use ledger::fields::DecodeError;
use ledger::proof::{self, Nodes, ProofError};
use ledger::{Digest, Event, merkle};

use crate::checkpoint::{Checkpoint, CheckpointError, text};
use crate::keyring::Keyring;
use crate::limits::PATH_MAX;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// An inclusion proof and the signed checkpoint that it leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlogProof {
    /// Position of the leaf.
    pub index: u64,
    /// From the leaf's sibling up.
    pub path: Vec<Digest>,
    /// The checkpoint, as it was signed.
    pub checkpoint: String,
}

/// Why a proof is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TlogProofError {
    /// The text is no such proof.
    Text,
    /// The checkpoint is refused.
    Checkpoint(CheckpointError),
    /// The record beside it is none.
    Record(DecodeError),
    /// The record says that it stands elsewhere.
    Index {
        /// Where the proof says.
        proof: u64,
        /// Where the record says.
        record: u64,
    },
    /// The path does not lead to the root of the checkpoint.
    Root,
}

impl fmt::Display for TlogProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => write!(f, "not a `{HEADER}` text"),
            Self::Checkpoint(error) => write!(f, "the checkpoint is refused: {error}"),
            Self::Record(error) => write!(f, "the record is refused: {error}"),
            Self::Index { proof, record } => {
                write!(
                    f,
                    "the proof is for event `{proof}`, the record is `{record}`"
                )
            }
            Self::Root => f.write_str("the record is not what the checkpoint's log holds there"),
        }
    }
}

impl std::error::Error for TlogProofError {}

impl TlogProof {
    /// Proves the leaf at `index` of the log whose signed note is `checkpoint`.
    ///
    /// # Errors
    /// The log has no such leaf, or a hash cannot be had.
    pub fn build<N: Nodes>(
        nodes: &mut N,
        index: u64,
        size: u64,
        checkpoint: String,
    ) -> Result<Self, ProofError<N::Error>> {
        Ok(Self {
            index,
            path: proof::inclusion(nodes, index, size)?,
            checkpoint,
        })
    }

    /// The text.
    pub fn encode(&self) -> String {
        let mut out = format!("{HEADER}\nindex {}\n", self.index);
        text::put_digest_lines(&self.path, &mut out);
        out.push_str(&self.checkpoint);
        out
    }

    /// Reads what [`TlogProof::encode`] writes.
    ///
    /// # Errors
    /// The text is anything else.
    pub fn decode(text: &str) -> Result<Self, TlogProofError> {
        Self::parse(text).ok_or(TlogProofError::Text)
    }

    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(HEADER)?.strip_prefix("\nindex ")?;
        let (index, rest) = rest.split_once('\n')?;
        let index = text::number(index)?;
        let (path, checkpoint) = text::digest_lines(rest, PATH_MAX)?;
        Some(Self {
            index,
            path,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// The event in `record` and the checkpoint of the log that holds it, signed by a key of
    /// `keyring`.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(
        &self,
        record: &[u8],
        keyring: &Keyring,
    ) -> Result<(Event, Checkpoint), TlogProofError> {
        let event = Event::decode(record).map_err(TlogProofError::Record)?;
        if event.seq().0 != self.index {
            return Err(TlogProofError::Index {
                proof: self.index,
                record: event.seq().0,
            });
        }
        let checkpoint =
            Checkpoint::verify(&self.checkpoint, keyring).map_err(TlogProofError::Checkpoint)?;
        let leaf = merkle::leaf(record);
        let root = proof::root_from_inclusion(leaf, self.index, checkpoint.size, &self.path);
        if root == Some(checkpoint.root) {
            Ok((event, checkpoint))
        } else {
            Err(TlogProofError::Root)
        }
    }
}
