//! A peer of an open connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::Nanos;
use plugins_host::Principal;
use rustls_pki_types::CertificateDer;

use super::refusal::Refusal;
use super::trust::{Claim, Trust};

/// A peer of an open connection.
#[derive(Debug)]
pub(crate) struct Peer {
    principal: Arc<Principal>,
    claim: Claim,
    chain: Vec<CertificateDer<'static>>,
    /// The trust that the claim was last checked against, and until when that holds. Both only save
    /// work, and one task keeps the connection: a value not seen yet costs one more check.
    checked_against: AtomicU64,
    good_until: AtomicU64,
}

impl Peer {
    /// A peer with this chain, for which `trust` has found `claim`.
    pub(super) fn new(
        principal: Principal,
        claim: Claim,
        chain: &[CertificateDer<'static>],
        trust: &Trust,
    ) -> Self {
        Self {
            principal: Arc::new(principal),
            chain: chain.to_vec(),
            checked_against: AtomicU64::new(trust.number()),
            good_until: AtomicU64::new(claim.good_until.0),
            claim,
        }
    }

    /// Who it is.
    pub(crate) fn principal(&self) -> &Arc<Principal> {
        &self.principal
    }

    /// Whether `trust` would still find the same. Costs signatures.
    pub(super) fn ask(&self, trust: &Trust, now: Nanos) -> Result<Claim, Refusal> {
        let claim = trust.claim(&self.chain, now)?;
        if claim.is_same_as(&self.claim) {
            Ok(claim)
        } else {
            Err(Refusal::Changed)
        }
    }

    /// As [`Peer::ask`], once for each trust and until something has ended. Who fails it once has
    /// lost its standing.
    pub(super) fn still_valid(&self, trust: &Trust, now: Nanos) -> Result<(), Refusal> {
        if !self.principal.stands() {
            return Err(self.ask(trust, now).err().unwrap_or(Refusal::Changed));
        }
        let is_checked = self.checked_against.load(Ordering::Relaxed) == trust.number();
        if is_checked && now.0 <= self.good_until.load(Ordering::Relaxed) {
            return Ok(());
        }
        let claim = self
            .ask(trust, now)
            .inspect_err(|_| self.principal.lose_standing())?;
        self.good_until.store(claim.good_until.0, Ordering::Relaxed);
        self.checked_against
            .store(trust.number(), Ordering::Relaxed);
        Ok(())
    }
}
