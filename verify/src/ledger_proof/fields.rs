//! The members of the JSON.

use ledger::proof::RangeHashes;
use ledger::{Digest, Event};
use serde::{Deserialize, Serialize};

use super::{LedgerProof, LedgerProofError};
use crate::key::{Algorithm, Kid, Signature};
use crate::name::Name;
use crate::time::Micros;
use crate::{base64, hex};

const KIND: &str = "ledger_proof";
const VERSION: u64 = 1;

/// Declared in the order of their names, which is how canonical JSON has them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    after: Option<String>,
    alg: Algorithm,
    before: Option<String>,
    checkpoint: String,
    hash: String,
    kind: String,
    num_rows: u64,
    path: PathFields,
    proof_id: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_signature: Option<Signature>,
    range: RangeFields,
    signature: Signature,
    signer_kid: Kid,
    ts: Micros,
    v: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathFields {
    inner: Vec<String>,
    left: Vec<String>,
    right: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeFields {
    first: Option<u64>,
    from_ts: Micros,
    last: Option<u64>,
    to_ts: Micros,
}

impl Fields {
    /// The members that `proof_signature` is over.
    pub(super) fn without_proof_signature(self) -> Self {
        Self {
            proof_signature: None,
            ..self
        }
    }
}

impl From<&LedgerProof> for Fields {
    fn from(proof: &LedgerProof) -> Self {
        let texts = |digests: &[Digest]| digests.iter().map(Digest::to_string).collect();
        let has_rows = proof.num_rows > 0;
        Self {
            after: proof.after.as_deref().map(base64::encode),
            alg: proof.alg,
            before: proof.before.as_deref().map(base64::encode),
            checkpoint: proof.checkpoint.clone(),
            hash: proof.hash.to_string(),
            kind: KIND.to_owned(),
            num_rows: proof.num_rows,
            path: PathFields {
                inner: texts(&proof.path.inner),
                left: texts(&proof.path.left),
                right: texts(&proof.path.right),
            },
            proof_id: proof.proof_id.clone(),
            proof_signature: Some(proof.proof_signature.clone()),
            range: RangeFields {
                first: has_rows.then_some(proof.first),
                from_ts: proof.from,
                last: has_rows.then(|| proof.end() - 1),
                to_ts: proof.to,
            },
            signature: proof.signature.clone(),
            signer_kid: proof.signer_kid.clone(),
            ts: proof.ts,
            v: VERSION,
        }
    }
}

impl TryFrom<Fields> for LedgerProof {
    type Error = LedgerProofError;

    fn try_from(fields: Fields) -> Result<Self, LedgerProofError> {
        if fields.kind != KIND || fields.v != VERSION {
            return Err(LedgerProofError::Form);
        }
        let record = |text: Option<String>| match text {
            Some(text) => base64::decode(&text).map(Some),
            None => Some(None),
        };
        let record = |text| record(text).ok_or(LedgerProofError::Form);
        let before = record(fields.before)?;
        // Where there are no rows, they would follow the event before them.
        let first = match (fields.range.first, &before) {
            (Some(first), _) => first,
            (None, Some(record)) => {
                let event = Event::decode(record).map_err(LedgerProofError::Neighbour)?;
                event.seq().0.saturating_add(1)
            }
            (None, None) => 0,
        };
        Ok(Self {
            proof_id: fields.proof_id,
            from: fields.range.from_ts,
            to: fields.range.to_ts,
            first,
            num_rows: fields.num_rows,
            before,
            after: record(fields.after)?,
            path: RangeHashes {
                left: digests(&fields.path.left)?,
                inner: digests(&fields.path.inner)?,
                right: digests(&fields.path.right)?,
            },
            hash: hex::digest(&fields.hash).ok_or(LedgerProofError::Form)?,
            alg: fields.alg,
            signer_kid: fields.signer_kid,
            signature: fields.signature,
            proof_signature: fields.proof_signature.ok_or(LedgerProofError::Form)?,
            ts: fields.ts,
            checkpoint: fields.checkpoint,
        })
    }
}

fn digests(texts: &[String]) -> Result<Vec<Digest>, LedgerProofError> {
    let digest = |text: &String| hex::digest(text).ok_or(LedgerProofError::Form);
    texts.iter().map(digest).collect()
}
