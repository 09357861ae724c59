//! The audit chain: rows as a daemon makes them, and what verifying them costs.

use std::time::Instant;

use ed25519_dalek::{Signer as _, SigningKey};
use ledger::Digest;
use loadtest::outcome::Outcome;
use verify::chain::Start;
use verify::keyring::NewKey;
use verify::payload::{self, Content, Origin, Payload, Seal, Trace};
use verify::{
    Algorithm, Approver, ApproverSet, AuditRow, ChainHead, ChainVerifier, Keyring, Kid, Micros,
    Name, PublicKey, Signature, Usage,
};

use super::Figures;
use crate::ProofsArguments;

/// 2026-01-01, in microseconds.
const START: u64 = 1_767_225_600_000_000;
const STEP: u64 = 100_000;

/// A chain that grows by seals.
pub(super) struct Chain {
    key: SigningKey,
    kid: Kid,
    origin: Origin,
    keyring: Keyring,
    head: ChainHead,
}

impl Chain {
    /// No row yet, and a key that nobody else has.
    pub(super) fn new() -> Outcome<Self> {
        // Not a secret: what is signed by it is thrown away.
        let key = |random: &mut fastrand::Rng| {
            let mut seed = [0; 32];
            random.fill(&mut seed);
            SigningKey::from_bytes(&seed)
        };
        let mut random = fastrand::Rng::new();
        let (key, approver) = (key(&mut random), key(&mut random));
        let public = |key: &SigningKey| PublicKey::from_ed25519(&key.verifying_key().to_bytes());
        let (deployment, environment) = (Name::new("bench")?, Name::new("development")?);
        let approvers = vec![Approver {
            kid: Kid::new("approver")?,
            name: Name::new("approver")?,
            public_key: public(&approver)?,
        }];
        let approvers = ApproverSet::new(approvers, 1)?;
        let kid = Kid::new("seal")?;
        let keyring = Keyring::new(deployment.clone(), environment.clone(), approvers)
            .with_key(NewKey {
                kid: kid.clone(),
                public_key: public(&key)?,
                usage: Usage::Seal,
                deployed_at: Micros::new(START).ok_or("no time")?,
            })?
            .with_promoted(&kid, 1)?;
        Ok(Self {
            key,
            kid,
            origin: Origin {
                deployment,
                environment,
                epoch: 1,
            },
            keyring,
            head: ChainHead::NONE,
        })
    }

    /// What its rows are verified by.
    pub(super) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The next row, a seal over this tree of heads.
    pub(super) fn seal(&mut self, books: u64, heads_root: Digest) -> Outcome<AuditRow> {
        let seq = self.head.seq + 1;
        let payload = Payload {
            alg: Algorithm::Ed25519,
            content: Content::Seal(Seal {
                books,
                heads_root,
                policy_set: Digest::of(b"policies"),
            }),
            lease: 1,
            origin: self.origin.clone(),
            prev: (seq > 1).then_some(self.head.digest),
            seq,
            signer_kid: self.kid.clone(),
            trace: Trace([0; 16]),
            ts: Micros::new(START + seq * STEP).ok_or("no time")?,
        };
        let canonical = payload.canonical()?;
        let digest = payload::digest(&canonical, payload.prev.as_ref());
        let signature = self.key.sign(&digest.0).to_bytes().to_vec();
        let signature = Signature::new(signature).ok_or("a signature of no bytes")?;
        let row = AuditRow::new(canonical, signature)?;
        self.head = row.head();
        Ok(row)
    }
}

/// Measures making, reading and verifying rows.
pub(super) fn run(
    arguments: &ProofsArguments,
    chain: &mut Chain,
    figures: &mut Figures,
) -> Outcome<()> {
    let count = u64::from(arguments.rows);
    let before = chain.head;
    let mut lines = Vec::new();
    let start = Instant::now();
    for _ in 0..count {
        let row = chain.seal(1, Digest::ZERO)?;
        let mut line = Vec::new();
        row.encode_line(&mut line);
        lines.push(line);
    }
    figures.together("chain: rows made and signed", count, start.elapsed());
    let mut verifier = ChainVerifier::new(&chain.keyring, Start::After(before), None);
    let start = Instant::now();
    for line in &lines {
        verifier.push(&AuditRow::decode_line(line)?)?;
    }
    verifier.finish()?;
    figures.together("chain: rows read and verified", count, start.elapsed());
    Ok(())
}
