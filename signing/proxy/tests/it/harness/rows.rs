//! Rows of a chain, as a ledger would have them signed.

use ledger::Digest;
use serde_json::{Value, json};
use verify::payload::{Content, Origin, Seal, Trace};
use verify::{Algorithm, Kid, Micros, Name, Payload, payload};

/// A row that is to be signed.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) canonical: String,
    pub(crate) prev: Option<Digest>,
    pub(crate) digest: Digest,
}

/// The payload of a seal of `bank/test`, epoch 1; `variant` makes it another one.
pub(crate) fn seal(kid: &str, seq: u64, prev: Option<Digest>, variant: u64) -> Payload {
    Payload {
        alg: Algorithm::Ed25519,
        content: Content::Seal(Seal {
            books: variant,
            heads_root: Digest([1; 32]),
            policy_set: Digest([2; 32]),
        }),
        lease: 1,
        origin: Origin {
            deployment: Name::new("bank").unwrap(),
            environment: Name::new("test").unwrap(),
            epoch: 1,
        },
        prev,
        seq,
        signer_kid: Kid::new(kid).unwrap(),
        trace: Trace([3; 16]),
        ts: Micros::new(1_762_000_000_000_000 + seq).unwrap(),
    }
}

/// The row of a payload.
pub(crate) fn row(payload: &Payload) -> Row {
    let canonical = payload.canonical().unwrap();
    Row {
        digest: payload::digest(&canonical, payload.prev.as_ref()),
        canonical: String::from_utf8(canonical).unwrap(),
        prev: payload.prev,
    }
}

/// Seals 1 to `count`, each after the one before.
pub(crate) fn chain(kid: &str, count: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for seq in 1..=count {
        let prev = rows.last().map(|row| row.digest);
        rows.push(row(&seal(kid, seq, prev, 0)));
    }
    rows
}

impl Row {
    /// What is sent to `/sign/seal`.
    pub(crate) fn body(&self) -> Value {
        let prev = self.prev.map(|prev| prev.to_string());
        json!({ "canonical": self.canonical, "prev_hex": prev })
    }
}
