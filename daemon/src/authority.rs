//! Who a peer is: from its certificates, by the configuration of the moment, to a principal.
//!
//! What is believed is exchanged whole on reload; open connections are asked again with
//! [`Authorities::still_valid`].

pub(crate) mod refusal;
pub(crate) mod trust;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use ledger::registry::Name;
use ledger::{Nanos, TenantId};
use plugins_host::Principal;
use rustls_pki_types::CertificateDer;

pub(crate) use refusal::Refusal;

use crate::config::Settings;
use trust::{Claim, Trust};

/// What is believed about certificates; reloadable.
#[derive(Debug)]
pub(crate) struct Authorities {
    current: ArcSwap<Trust>,
    reloads: AtomicU64,
}

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
    /// Who it is.
    pub(crate) fn principal(&self) -> &Arc<Principal> {
        &self.principal
    }
}

impl Authorities {
    /// What `settings` say.
    pub(crate) fn new(settings: &Settings) -> Arc<Self> {
        let current = ArcSwap::from_pointee(Trust::of(settings, 0));
        Arc::new(Self {
            current,
            reloads: AtomicU64::new(0),
        })
    }

    /// Believes what `settings` say from now on. Open connections are asked again by whoever keeps
    /// them.
    pub(crate) fn replace(&self, settings: &Settings) {
        let number = 1 + self.reloads.fetch_add(1, Ordering::Relaxed);
        self.current.store(Arc::new(Trust::of(settings, number)));
    }

    /// Who the peer with this chain of certificates is at `now`; its own comes first. `tenant_of`
    /// knows the tenants that have been created.
    ///
    /// # Errors
    /// Why it is nobody here.
    pub(crate) fn identify(
        &self,
        chain: &[CertificateDer<'static>],
        now: Nanos,
        tenant_of: impl FnOnce(Name) -> Option<TenantId>,
    ) -> Result<Peer, Refusal> {
        let trust = self.current.load();
        let claim = trust.claim(chain, now)?;
        let Claim {
            role,
            ref id,
            fingerprint,
            not_after,
            ..
        } = claim;
        let made = match claim.tenant {
            None => Principal::of_platform(role, id, fingerprint, not_after),
            Some(name) => {
                let tenant = tenant_of(name).ok_or(Refusal::TenantUnknown(name))?;
                Principal::of_tenant((tenant, name), role, id, fingerprint, not_after)
            }
        };
        let principal = Arc::new(made.map_err(|error| Refusal::RoleNotAllowed(error.0))?);
        Ok(Peer {
            principal,
            chain: chain.to_vec(),
            checked_against: AtomicU64::new(trust.number()),
            good_until: AtomicU64::new(claim.good_until.0),
            claim,
        })
    }

    /// Whether `peer` is still who it was: no certificate of its chain has ended, been revoked or
    /// denied, and its authority may still name it. Costs signatures only after a reload, or once
    /// something has ended.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn still_valid(&self, peer: &Peer, now: Nanos) -> Result<(), Refusal> {
        let trust = self.current.load();
        let is_checked = peer.checked_against.load(Ordering::Relaxed) == trust.number();
        if is_checked && now.0 <= peer.good_until.load(Ordering::Relaxed) {
            return Ok(());
        }
        let claim = trust.claim(&peer.chain, now)?;
        if !claim.is_same_as(&peer.claim) {
            return Err(Refusal::Changed);
        }
        peer.good_until.store(claim.good_until.0, Ordering::Relaxed);
        peer.checked_against
            .store(trust.number(), Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
