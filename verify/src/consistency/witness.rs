//! The proof as the body of a request to a witness: the size before, the path, and the checkpoint.
//! <https://c2sp.org/tlog-witness>

use ledger::Digest;
use ledger::proof::{self, Nodes, ProofError};

use super::ConsistencyError;
use crate::checkpoint::{Checkpoint, text};
use crate::keyring::Keyring;

/// Most lines of a path: what witnesses allow for.
const PATH_LINES_MAX: usize = 63;

/// That the log of a checkpoint begins with the log of an earlier one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddCheckpoint {
    /// Size of the earlier log.
    pub old_size: u64,
    /// The path.
    pub path: Vec<Digest>,
    /// The later checkpoint, as it was signed.
    pub checkpoint: String,
}

impl AddCheckpoint {
    /// Proves that the log of `size` leaves, whose signed note is `checkpoint`, begins with that of
    /// `old_size` leaves.
    ///
    /// # Errors
    /// The log was larger before, or a hash cannot be had.
    pub fn build<N: Nodes>(
        nodes: &mut N,
        old_size: u64,
        size: u64,
        checkpoint: String,
    ) -> Result<Self, ProofError<N::Error>> {
        Ok(Self {
            old_size,
            path: proof::consistency(nodes, old_size, size)?,
            checkpoint,
        })
    }

    /// The body.
    pub fn encode(&self) -> String {
        let mut out = format!("old {}\n", self.old_size);
        text::put_digest_lines(&self.path, &mut out);
        out.push_str(&self.checkpoint);
        out
    }

    /// Reads what [`AddCheckpoint::encode`] writes.
    ///
    /// # Errors
    /// The text is anything else.
    pub fn decode(text: &str) -> Result<Self, ConsistencyError> {
        Self::parse(text).ok_or(ConsistencyError::Text)
    }

    fn parse(text: &str) -> Option<Self> {
        let (old_size, rest) = text.strip_prefix("old ")?.split_once('\n')?;
        let old_size = text::number(old_size)?;
        let (path, checkpoint) = text::digest_lines(rest, PATH_LINES_MAX)?;
        Some(Self {
            old_size,
            path,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// The later checkpoint, signed by a key of `keyring`, whose log begins with that of `old`: a
    /// size and root that are trusted already.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(
        &self,
        old: (u64, &Digest),
        keyring: &Keyring,
    ) -> Result<Checkpoint, ConsistencyError> {
        let (size, root) = old;
        if size != self.old_size {
            return Err(ConsistencyError::OldSize {
                proof: self.old_size,
                known: size,
            });
        }
        let new =
            Checkpoint::verify(&self.checkpoint, keyring).map_err(ConsistencyError::Checkpoint)?;
        if proof::verify_consistency(size, new.size, root, &new.root, &self.path) {
            Ok(new)
        } else {
            Err(ConsistencyError::Path)
        }
    }
}
