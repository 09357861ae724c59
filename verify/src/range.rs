//! That events of a book are all there is between two positions, in order.
//!
//! The proof holds the hashes of the perfect subtrees left of the range, in it, and right of it.
//! Without the events it shows that the sealed log begins with one tree of `lo` and one of `hi`
//! leaves, whose roots it gives, so that it stands by itself in about 3 · log₂ n hashes. With the
//! events, which come beside it as records one after the other, it shows that they and no others
//! are those leaves; each subtree is checked as soon as its records are there, so that what differs
//! is found where it is.

#[cfg(test)]
mod tests;
mod verifier;

use std::fmt;
use std::ops::Range;

use ledger::Digest;
use ledger::fields::{DecodeError, Reader, Write as _};
use ledger::proof::{self, Nodes, ProofError, RangeFold, RangeHashes};

use crate::consistency::{digests, verify_head};
use crate::keyring::Keyring;
use crate::row::AuditRow;
use crate::sealed_head::{SealedHead, SealedHeadError};

pub use verifier::RangeVerifier;

const MAGIC: &[u8; 8] = b"LGRRANG1";

/// A range of a sealed log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RangeProof {
    /// The head of the book, and the seal that covers it.
    pub sealed: SealedHead,
    /// The first event.
    pub lo: u64,
    /// The event after the last one. An empty range proves the log before it and no events.
    pub hi: u64,
    /// The hashes around the range and in it.
    pub hashes: RangeHashes,
}

/// What a proof shows without the events.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedRange<'a> {
    /// Root of the log of `lo` events.
    pub before: Digest,
    /// Root of the log of `hi` events.
    pub after: Digest,
    proof: &'a RangeProof,
}

impl<'a> VerifiedRange<'a> {
    /// What checks the events.
    pub fn events(&self) -> RangeVerifier<'a> {
        let RangeProof { lo, hi, hashes, .. } = self.proof;
        RangeVerifier::new(*lo..*hi, &hashes.inner)
    }
}

/// Why a proof, or the events beside it, are refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RangeError {
    /// The bytes are no such proof.
    Decode(DecodeError),
    /// The head is not what a seal says.
    Head(SealedHeadError),
    /// The hashes do not lead to the root of the head.
    Root,
    /// A record is refused.
    Record {
        /// The event that should stand there.
        seq: u64,
        /// Why.
        error: DecodeError,
    },
    /// A record is of another event than the one that should stand there.
    Sequence {
        /// The event that should.
        expected: u64,
        /// The event that does.
        found: u64,
    },
    /// Events from `first` to before `end` are not those that were sealed.
    Events {
        /// The first of them.
        first: u64,
        /// The event after the last of them.
        end: u64,
    },
    /// There are fewer events than the range has.
    Missing {
        /// The first that is missing.
        from: u64,
        /// The end of the range.
        hi: u64,
    },
    /// There is more than the range has.
    TooMany {
        /// The end of the range.
        hi: u64,
    },
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => write!(f, "not a range proof: {error}"),
            Self::Head(error) => error.fmt(f),
            Self::Root => f.write_str("the hashes do not lead to the sealed root"),
            Self::Record { seq, error } => write!(f, "event `{seq}` is refused: {error}"),
            Self::Sequence { expected, found } => {
                write!(f, "event `{found}` stands where event `{expected}` should")
            }
            Self::Events { first, end } => {
                write!(
                    f,
                    "events `{first}` to `{end}` are not those that were sealed"
                )
            }
            Self::Missing { from, hi } => write!(f, "events `{from}` to `{hi}` are missing"),
            Self::TooMany { hi } => write!(f, "there is more after the end of the range, `{hi}`"),
        }
    }
}

impl std::error::Error for RangeError {}

impl RangeProof {
    /// Proves the events of `range`, out of the log at `sealed`.
    ///
    /// # Errors
    /// The range is not in the log, or a hash cannot be had.
    pub fn build<N: Nodes>(
        nodes: &mut N,
        range: Range<u64>,
        sealed: SealedHead,
    ) -> Result<Self, ProofError<N::Error>> {
        let hashes = proof::range(nodes, range.clone(), sealed.head.size)?;
        Ok(Self {
            sealed,
            lo: range.start,
            hi: range.end,
            hashes,
        })
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.sealed.encode(&mut out);
        out.put_u64(self.lo);
        out.put_u64(self.hi);
        // The same hashes may fit other bounds too: with the roots there, they fit one pair alone.
        let roots = self.fold().map(|(before, after, _)| [before, after]);
        for root in roots.unwrap_or([Digest::ZERO; 2]) {
            out.put(&root.0);
        }
        let RangeHashes { left, inner, right } = &self.hashes;
        for hash in left.iter().chain(inner).chain(right) {
            out.put(&hash.0);
        }
        out
    }

    /// Reads what [`RangeProof::encode`] writes.
    ///
    /// # Errors
    /// The bytes are anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, RangeError> {
        Self::read(bytes).map_err(RangeError::Decode)
    }

    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.array()? != *MAGIC {
            return Err(DecodeError::BadField("magic"));
        }
        let sealed = SealedHead::decode(&mut r)?;
        let (lo, hi) = (r.u64()?, r.u64()?);
        if lo > hi || hi > sealed.head.size {
            return Err(DecodeError::BadField("range"));
        }
        let roots: [Digest; 2] = [Digest(r.array()?), Digest(r.array()?)];
        let mut of = |range| digests(&mut r, proof::perfect(range).count());
        let hashes = RangeHashes {
            left: of(0..lo)?,
            inner: of(lo..hi)?,
            right: of(hi..sealed.head.size)?,
        };
        r.end()?;
        let proof = Self {
            sealed,
            lo,
            hi,
            hashes,
        };
        match proof.fold() {
            Some((before, after, _)) if [before, after] == roots => Ok(proof),
            _ => Err(DecodeError::BadField("roots")),
        }
    }

    /// Checks the proof against the keys of `keyring`, without the events.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, keyring: &Keyring) -> Result<VerifiedRange<'_>, RangeError> {
        self.verify_with(keyring, &[])
    }

    /// As [`RangeProof::verify`]; if the key of the seal is revoked, `chain` holds the rows after
    /// it up to the trusted head, and perhaps more before.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify_with(
        &self,
        keyring: &Keyring,
        chain: &[AuditRow],
    ) -> Result<VerifiedRange<'_>, RangeError> {
        verify_head(&self.sealed, keyring, chain).map_err(RangeError::Head)?;
        self.roots().ok_or(RangeError::Root)
    }

    fn roots(&self) -> Option<VerifiedRange<'_>> {
        let (before, after, fold) = self.fold()?;
        let root = fold.finish(self.hi, self.sealed.head.size, &self.hashes.right)?;
        (root == self.sealed.head.root).then_some(VerifiedRange {
            before,
            after,
            proof: self,
        })
    }

    /// The roots of the logs of `lo` and `hi` events, and the fold that has come so far.
    fn fold(&self) -> Option<(Digest, Digest, RangeFold)> {
        let mut fold = RangeFold::new(self.lo, &self.hashes.left)?;
        let before = fold.root();
        fold.push_perfect(self.hi, &self.hashes.inner)?;
        Some((before, fold.root(), fold))
    }
}
