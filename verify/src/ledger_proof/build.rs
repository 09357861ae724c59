//! Making a ledger proof: rows, then the signature over their digest, then the one over the proof.

use ledger::Digest;
use ledger::fields::DecodeError;
use ledger::proof::{self, Nodes, ProofError, RangeHashes};
use sha2::{Digest as _, Sha256};

use super::{LedgerProof, LedgerProofError, row_json};
use crate::key::{Algorithm, Kid, Signature};
use crate::name::Name;
use crate::time::Micros;

/// Writes the rows of a file, and digests them.
#[derive(Clone, Debug, Default)]
pub struct RowsWriter {
    hasher: Sha256,
    count: u64,
}

impl RowsWriter {
    /// A file of no rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next line, with its line feed.
    ///
    /// # Errors
    /// The bytes are no record.
    pub fn line(&mut self, record: &[u8]) -> Result<String, DecodeError> {
        let mut line = row_json(record)?;
        line.push('\n');
        self.hasher.update(line.as_bytes());
        self.count += 1;
        Ok(line)
    }

    /// Digest of the file, which is what is signed first, and the number of its rows.
    pub fn finish(self) -> (Digest, u64) {
        (Digest(self.hasher.finalize().into()), self.count)
    }
}

/// What a proof is made of, once the digest of its rows is signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// Names the proof.
    pub proof_id: Name,
    /// Events were posted at or after it.
    pub from: Micros,
    /// Events were posted before it.
    pub to: Micros,
    /// The first event, or where it would stand if there are none.
    pub first: u64,
    /// How many events.
    pub num_rows: u64,
    /// Record of the event just before, if there is one.
    pub before: Option<Vec<u8>>,
    /// Record of the event just after, if the log of the checkpoint has one.
    pub after: Option<Vec<u8>>,
    /// Digest of the file of rows.
    pub hash: Digest,
    /// Over `hash`.
    pub signature: Signature,
    /// How the key signs.
    pub alg: Algorithm,
    /// The key that signs bundles.
    pub signer_kid: Kid,
    /// When the proof is made.
    pub ts: Micros,
    /// The signed note of the log.
    pub checkpoint: String,
    /// Events in that log.
    pub size: u64,
}

/// A proof that lacks its second signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnsignedLedgerProof(LedgerProof);

impl UnsignedLedgerProof {
    /// Proves the events of `draft`.
    ///
    /// # Errors
    /// They are not in the log, or a hash cannot be had.
    pub fn build<N: Nodes>(nodes: &mut N, draft: Draft) -> Result<Self, ProofError<N::Error>> {
        let end = draft.first.saturating_add(draft.num_rows);
        let left_end = draft
            .first
            .saturating_sub(u64::from(draft.before.is_some()));
        let right_start = end.saturating_add(u64::from(draft.after.is_some()));
        let RangeHashes { inner, .. } = proof::range(nodes, draft.first..end, draft.size)?;
        let RangeHashes { left, right, .. } =
            proof::range(nodes, left_end..right_start, draft.size)?;
        Ok(Self(LedgerProof {
            proof_id: draft.proof_id,
            from: draft.from,
            to: draft.to,
            first: draft.first,
            num_rows: draft.num_rows,
            before: draft.before,
            after: draft.after,
            path: RangeHashes { left, inner, right },
            hash: draft.hash,
            alg: draft.alg,
            signer_kid: draft.signer_kid,
            proof_signature: draft.signature.clone(),
            signature: draft.signature,
            ts: draft.ts,
            checkpoint: draft.checkpoint,
        }))
    }

    /// What is signed second.
    ///
    /// # Errors
    /// A number is beyond 2^53 − 1.
    pub fn digest(&self) -> Result<Digest, LedgerProofError> {
        self.0.digest()
    }

    /// The proof, with the signature over [`UnsignedLedgerProof::digest`].
    #[must_use]
    pub fn signed(self, proof_signature: Signature) -> LedgerProof {
        LedgerProof {
            proof_signature,
            ..self.0
        }
    }
}
