//! Keys of seals: which of the registry's have a signer here, which of them signs next, and how
//! each is.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::Nanos;
use signing::{Registry, Signer, SignerError};
use verify::{Algorithm, Kid, Micros, Usage};

/// The same time, in microseconds.
pub(crate) fn micros(now: Nanos) -> Micros {
    Micros::new(now.0 / 1_000).unwrap_or(Micros::MAX)
}

/// Signers by key, and the registry that says which of them sign.
pub(crate) struct SealKeys {
    signers: BTreeMap<Kid, Connected>,
    pub(crate) registry: Registry,
}

struct Connected {
    signer: Arc<Signer>,
    /// When a signature of it verified last.
    last_verified: Option<Nanos>,
    /// What it failed with since.
    failed: Option<String>,
}

/// How a signer is, for whoever watches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignerState {
    /// Its key.
    pub kid: Kid,
    /// When a signature of it verified last.
    pub last_verified: Option<Nanos>,
    /// What it failed with since.
    pub failed: Option<String>,
}

impl SealKeys {
    pub(crate) fn new(signers: Vec<Arc<Signer>>, registry: Registry) -> Self {
        let mut keys = Self {
            signers: BTreeMap::new(),
            registry,
        };
        keys.connect(signers);
        keys
    }

    /// Takes signers that are connected anew. Others stay: what is in flight is drained by them.
    pub(crate) fn connect(&mut self, signers: Vec<Arc<Signer>>) {
        for signer in signers {
            let connected = Connected {
                signer,
                last_verified: None,
                failed: None,
            };
            let kid = connected.signer.kid().clone();
            self.signers.insert(kid, connected);
        }
    }

    /// The key that signs the row `seq`: the first of those that the registry names and that have a
    /// signer here. Outside production a shared secret, which no registry can hold, signs if there
    /// is nothing else.
    pub(crate) fn current(&self, seq: u64, now: Nanos) -> Option<Kid> {
        self.current_by(&self.registry, None, seq, now)
    }

    /// As [`SealKeys::current`], by another registry and leaving out one key.
    pub(crate) fn current_by(
        &self,
        registry: &Registry,
        but: Option<&Kid>,
        seq: u64,
        now: Nanos,
    ) -> Option<Kid> {
        let now = micros(now);
        let registered = registry.signers(Usage::Seal, now);
        let usable = registered.into_iter().find(|key| {
            let is_good = registry.may_sign(&key.kid, Usage::Seal, seq, now);
            but != Some(&key.kid) && self.signers.contains_key(&key.kid) && is_good.is_ok()
        });
        let is_shared = |one: &Connected| one.signer.algorithm() == Algorithm::HmacSha256;
        let shared = || self.signers.iter().find(|(_, one)| is_shared(one));
        match usable {
            Some(key) => Some(key.kid.clone()),
            None => shared().map(|(kid, _)| kid.clone()),
        }
    }

    /// Keys that sign checkpoints and ledger proofs while `seq` is the next row.
    pub(crate) fn notes(&self, seq: u64, now: Nanos) -> Vec<Kid> {
        let now = micros(now);
        let of = |usage| {
            let keys = self.registry.signers(usage, now).into_iter();
            keys.filter(move |key| self.registry.may_sign(&key.kid, usage, seq, now).is_ok())
        };
        let keys = of(Usage::Checkpoint).chain(of(Usage::Bundle));
        keys.map(|key| key.kid.clone()).collect()
    }

    /// The signer of a key, whatever the registry says: what is in flight is drained by it.
    pub(crate) fn signer(&self, kid: &Kid) -> Option<Arc<Signer>> {
        self.signers.get(kid).map(|one| Arc::clone(&one.signer))
    }

    /// A signature of the key verified.
    pub(crate) fn verified(&mut self, kid: &Kid, now: Nanos) {
        if let Some(one) = self.signers.get_mut(kid) {
            one.signer.note_verified(now);
            (one.last_verified, one.failed) = (Some(now), None);
        }
    }

    /// The signer of the key gave no signature.
    pub(crate) fn failed(&mut self, kid: &Kid, error: &SignerError) {
        if let Some(one) = self.signers.get_mut(kid) {
            one.failed = Some(error.to_string());
        }
    }

    /// How each signer is.
    pub(crate) fn states(&self) -> Vec<SignerState> {
        let state = |(kid, one): (&Kid, &Connected)| SignerState {
            kid: kid.clone(),
            last_verified: one.last_verified,
            failed: one.failed.clone(),
        };
        self.signers.iter().map(state).collect()
    }
}
