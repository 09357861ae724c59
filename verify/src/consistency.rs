//! That a book's log at one seal begins with its log at an earlier one: nothing was changed, moved
//! or taken away in between.
//!
//! Two forms: [`ConsistencyProof`], bytes with both seals in it, which stands by itself, and
//! [`AddCheckpoint`], the text that any C2SP witness reads.

#[cfg(test)]
pub(crate) mod tests;
mod witness;

use std::fmt;

use ledger::Digest;
use ledger::fields::{DecodeError, Reader, Write as _};
use ledger::proof::{self, Nodes, ProofError};

use crate::checkpoint::CheckpointError;
use crate::keyring::Keyring;
use crate::row::AuditRow;
use crate::sealed_head::{SealedHead, SealedHeadError};

pub use witness::AddCheckpoint;

const MAGIC: &[u8; 8] = b"LGRCONS1";

/// Two sealed heads of a book, and the path from one to the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsistencyProof {
    /// The earlier head.
    pub old: SealedHead,
    /// The later head.
    pub new: SealedHead,
    /// RFC 6962 §2.1.2.
    pub path: Vec<Digest>,
}

/// Why a proof is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsistencyError {
    /// The bytes are no such proof.
    Decode(DecodeError),
    /// The text is no such proof.
    Text,
    /// A head is not what a seal says.
    Head(SealedHeadError),
    /// The checkpoint is refused.
    Checkpoint(CheckpointError),
    /// The heads are of different books or chains.
    OtherLog,
    /// The later head was sealed before the earlier one.
    Order,
    /// The proof starts at another size than the one that is known.
    OldSize {
        /// Where it starts.
        proof: u64,
        /// Size of the head that is known.
        known: u64,
    },
    /// The path does not lead from one root to the other.
    Path,
}

impl fmt::Display for ConsistencyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => write!(f, "not a consistency proof: {error}"),
            Self::Text => f.write_str("not a size, a path and a checkpoint"),
            Self::Head(error) => error.fmt(f),
            Self::Checkpoint(error) => write!(f, "the checkpoint is refused: {error}"),
            Self::OtherLog => f.write_str("the two heads are of different books or chains"),
            Self::Order => f.write_str("the later head was sealed before the earlier one"),
            Self::OldSize { proof, known } => {
                write!(
                    f,
                    "the proof starts at size `{proof}`, the known head at `{known}`"
                )
            }
            Self::Path => f.write_str("the later log does not begin with the earlier one"),
        }
    }
}

impl std::error::Error for ConsistencyError {}

impl ConsistencyProof {
    /// Proves that the log at `new` begins with the log at `old`.
    ///
    /// # Errors
    /// The log was larger at `old`, or a hash cannot be had.
    pub fn build<N: Nodes>(
        nodes: &mut N,
        old: SealedHead,
        new: SealedHead,
    ) -> Result<Self, ProofError<N::Error>> {
        let path = proof::consistency(nodes, old.head.size, new.head.size)?;
        Ok(Self { old, new, path })
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.old.encode(&mut out);
        self.new.encode(&mut out);
        for hash in &self.path {
            out.put(&hash.0);
        }
        out
    }

    /// Reads what [`ConsistencyProof::encode`] writes.
    ///
    /// # Errors
    /// The bytes are anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, ConsistencyError> {
        Self::read(bytes).map_err(ConsistencyError::Decode)
    }

    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.array()? != *MAGIC {
            return Err(DecodeError::BadField("magic"));
        }
        let old = SealedHead::decode(&mut r)?;
        let new = SealedHead::decode(&mut r)?;
        let length = proof::consistency_ranges(old.head.size, new.head.size)
            .ok_or(DecodeError::BadField("size"))?
            .len();
        let path = digests(&mut r, length)?;
        r.end()?;
        Ok(Self { old, new, path })
    }

    /// Checks the proof against the keys of `keyring`.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, keyring: &Keyring) -> Result<(), ConsistencyError> {
        self.verify_with(keyring, &[])
    }

    /// As [`ConsistencyProof::verify`]; if the key of a seal is revoked, `chain` holds the rows
    /// after it up to the trusted head, and perhaps more before.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify_with(
        &self,
        keyring: &Keyring,
        chain: &[AuditRow],
    ) -> Result<(), ConsistencyError> {
        verify_head(&self.old, keyring, chain).map_err(ConsistencyError::Head)?;
        verify_head(&self.new, keyring, chain).map_err(ConsistencyError::Head)?;
        let (old, new) = (&self.old.head, &self.new.head);
        let (before, after) = (self.old.row.payload(), self.new.row.payload());
        let is_same_log = old.book == new.book
            && before.origin.deployment == after.origin.deployment
            && before.origin.environment == after.origin.environment;
        if !is_same_log {
            return Err(ConsistencyError::OtherLog);
        }
        if before.seq > after.seq || old.height > new.height {
            return Err(ConsistencyError::Order);
        }
        if proof::verify_consistency(old.size, new.size, &old.root, &new.root, &self.path) {
            Ok(())
        } else {
            Err(ConsistencyError::Path)
        }
    }
}

/// Checks a head with what of `chain` comes after its seal.
pub(crate) fn verify_head(
    sealed: &SealedHead,
    keyring: &Keyring,
    chain: &[AuditRow],
) -> Result<(), SealedHeadError> {
    let after = chain.partition_point(|row| row.seq() <= sealed.row.seq());
    sealed.verify_with(keyring, chain.get(after..).unwrap_or_default())
}

/// The next `count` digests.
pub(crate) fn digests(r: &mut Reader<'_>, count: usize) -> Result<Vec<Digest>, DecodeError> {
    (0..count).map(|_| r.array().map(Digest)).collect()
}
