//! What a book posted between two times, as the JSON that the runbooks of finance describe.
//!
//! The rows stand beside it, a line of JSON for each event. `signature` is over the SHA-256 of that
//! file and nothing else, so that tools which know no more than a file and a key can check it.
//! What they cannot see, this crate checks as well:
//!
//! - `proof_signature`, by the same key, is over the digest of everything else in the proof.
//! - The rows are leaves of the log of the signed checkpoint, none left out between the first and
//!   the last.
//! - The leaves just before and after them are in the proof: they were posted outside the two
//!   times, so that no event in between is missing. Where there is none after, that holds as far
//!   as the checkpoint's log goes.

mod build;
mod error;
mod fields;
mod row;
mod rows;
#[cfg(test)]
mod tests;

use ledger::proof::{RangeFold, RangeHashes};
use ledger::{Digest, Event, merkle};

use crate::checkpoint::{Checkpoint, unchained_keys};
use crate::jcs;
use crate::key::{Algorithm, Kid, Signature, Usage};
use crate::keyring::Keyring;
use crate::name::Name;
use crate::time::Micros;

pub use build::{Draft, RowsWriter, UnsignedLedgerProof};
pub use error::LedgerProofError;
pub use row::{RowError, row_json, row_record};
pub use rows::LedgerRows;

use fields::Fields;

/// The events of a book that were posted at or after one time and before another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerProof {
    /// Names the proof; means nothing.
    pub proof_id: Name,
    /// Events were posted at or after it.
    pub from: Micros,
    /// Events were posted before it.
    pub to: Micros,
    /// The first event, or where it would stand if there are none.
    pub first: u64,
    /// How many events.
    pub num_rows: u64,
    /// Record of the event just before; none if the log begins with the first.
    pub before: Option<Vec<u8>>,
    /// Record of the event just after; none if the log of the checkpoint ends with the last.
    pub after: Option<Vec<u8>>,
    /// The hashes left of `before`, of the events, and right of `after`.
    pub path: RangeHashes,
    /// SHA-256 of the file of rows.
    pub hash: Digest,
    /// How the proof is signed.
    pub alg: Algorithm,
    /// The key that signed it.
    pub signer_kid: Kid,
    /// Over `hash`.
    pub signature: Signature,
    /// Over the digest of the proof without this member.
    pub proof_signature: Signature,
    /// When it was made.
    pub ts: Micros,
    /// The signed note of the log that the events are in.
    pub checkpoint: String,
}

/// What a proof shows without the rows: that so many events stand in the log of the checkpoint
/// between others that were posted outside the two times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedLedger<'a> {
    /// The log.
    pub checkpoint: Checkpoint,
    proof: &'a LedgerProof,
}

impl<'a> VerifiedLedger<'a> {
    /// What checks the file of rows.
    pub fn rows(&self) -> LedgerRows<'a> {
        LedgerRows::new(self.proof)
    }
}

impl LedgerProof {
    /// The file: one line of canonical JSON.
    ///
    /// # Errors
    /// A number is beyond 2^53 − 1.
    pub fn encode(&self) -> Result<Vec<u8>, LedgerProofError> {
        let mut line = jcs::canonical(&Fields::from(self)).map_err(LedgerProofError::Json)?;
        line.push(b'\n');
        Ok(line)
    }

    /// Reads what [`LedgerProof::encode`] writes.
    ///
    /// # Errors
    /// The bytes are anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerProofError> {
        let line = bytes.strip_suffix(b"\n").ok_or(LedgerProofError::Form)?;
        let canonical = jcs::parse_canonical(line).map_err(LedgerProofError::Json)?;
        drop(canonical);
        let fields: Fields = serde_json::from_slice(line).map_err(|_| LedgerProofError::Form)?;
        let proof = Self::try_from(fields)?;
        // INVARIANT: one encoding for each proof.
        if proof.encode()? == bytes {
            Ok(proof)
        } else {
            Err(LedgerProofError::Form)
        }
    }

    /// What `proof_signature` is over: SHA-256 of the canonical JSON without that member.
    ///
    /// # Errors
    /// A number is beyond 2^53 − 1.
    pub fn digest(&self) -> Result<Digest, LedgerProofError> {
        let fields = Fields::from(self).without_proof_signature();
        let canonical = jcs::canonical(&fields).map_err(LedgerProofError::Json)?;
        Ok(Digest::of(&canonical))
    }

    /// The event after the last one.
    pub fn end(&self) -> u64 {
        self.first.saturating_add(self.num_rows)
    }

    /// Checks the proof against the keys of `keyring`, without the rows: that it is signed, that
    /// the events just before and after were posted outside its times, and that so many events
    /// stand between them.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, keyring: &Keyring) -> Result<VerifiedLedger<'_>, LedgerProofError> {
        let key = unchained_keys(keyring, Usage::Bundle)
            .find(|key| key.kid == self.signer_kid)
            .ok_or_else(|| LedgerProofError::Key(self.signer_kid.clone()))?;
        let key = &key.public_key;
        if key.algorithm() != self.alg {
            return Err(LedgerProofError::Algorithm(self.alg));
        }
        key.verify_digest(&self.hash, &self.signature)
            .map_err(|_| LedgerProofError::Signature("signature"))?;
        key.verify_digest(&self.digest()?, &self.proof_signature)
            .map_err(|_| LedgerProofError::Signature("proof_signature"))?;
        let checkpoint =
            Checkpoint::verify(&self.checkpoint, keyring).map_err(LedgerProofError::Checkpoint)?;
        self.neighbours()?;
        if self.after.is_none() && self.end() != checkpoint.size {
            return Err(LedgerProofError::Tail);
        }
        if self.root(checkpoint.size) == Some(checkpoint.root) {
            Ok(VerifiedLedger {
                checkpoint,
                proof: self,
            })
        } else {
            Err(LedgerProofError::Root)
        }
    }

    /// Whether an event that was posted at `event`'s time belongs to the proof.
    fn is_within(&self, event: &Event) -> bool {
        let (from, to) = (nanos(self.from), nanos(self.to));
        (from..to).contains(&u128::from(event.posted_at().0))
    }

    fn neighbours(&self) -> Result<(), LedgerProofError> {
        if self.from >= self.to {
            return Err(LedgerProofError::Times);
        }
        match &self.before {
            Some(record) => {
                let event = Event::decode(record).map_err(LedgerProofError::Neighbour)?;
                if event.seq().0.checked_add(1) != Some(self.first) {
                    return Err(LedgerProofError::NotNext(event.seq().0));
                }
                if u128::from(event.posted_at().0) >= nanos(self.from) {
                    return Err(LedgerProofError::Within(event.seq().0));
                }
            }
            None if self.first != 0 => return Err(LedgerProofError::NotNext(self.first)),
            None => {}
        }
        if let Some(record) = &self.after {
            let event = Event::decode(record).map_err(LedgerProofError::Neighbour)?;
            if event.seq().0 != self.end() {
                return Err(LedgerProofError::NotNext(event.seq().0));
            }
            if u128::from(event.posted_at().0) < nanos(self.to) {
                return Err(LedgerProofError::Within(event.seq().0));
            }
        }
        Ok(())
    }

    /// Root of the log of `size` events that the proof leads to.
    fn root(&self, size: u64) -> Option<Digest> {
        let RangeHashes { left, inner, right } = &self.path;
        let before = self.first.checked_sub(u64::from(self.before.is_some()))?;
        let mut fold = RangeFold::new(before, left)?;
        if let Some(record) = &self.before {
            fold.push(merkle::leaf(record))?;
        }
        fold.push_perfect(self.first.checked_add(self.num_rows)?, inner)?;
        if let Some(record) = &self.after {
            fold.push(merkle::leaf(record))?;
        }
        let after = fold.size();
        fold.finish(after, size, right)
    }
}

fn nanos(at: Micros) -> u128 {
    u128::from(at.get()) * 1_000
}
