//! Who a peer is: from its certificates, by the configuration of the moment, to a principal.
//!
//! What is believed is exchanged whole on reload. Whoever is connected and is somebody else by the
//! new trust loses its standing before that counts, so that nothing which it was permitted is
//! applied afterwards; its connection is then closed, which [`Authorities::still_valid`] says.

mod live;
mod peer;
pub(crate) mod refusal;
pub(crate) mod trust;

use std::sync::Arc;

use arc_swap::ArcSwap;
use ledger::registry::Name;
use ledger::{Nanos, TenantId};
use parking_lot::Mutex;
use plugins_host::Principal;
use rustls_pki_types::CertificateDer;
use tokio::sync::watch;

pub(crate) use peer::Peer;
pub(crate) use refusal::Refusal;

use crate::config::Settings;
use live::Live;
use trust::{Claim, Trust};

/// What is believed about certificates; reloadable.
#[derive(Debug)]
pub(crate) struct Authorities {
    current: ArcSwap<Trust>,
    /// The environment that the daemon was started in: a reload does not change it.
    environment: Box<str>,
    /// Guards the exchange of `current` too: whoever is added while it is held was identified by
    /// what is current then.
    live: Mutex<Live>,
    /// Tells whoever keeps a connection when there is something to ask again.
    reloads: watch::Sender<u64>,
}

impl Authorities {
    /// What `settings` say.
    pub(crate) fn new(settings: &Settings) -> Arc<Self> {
        let environment: Box<str> = settings.environment_name().into();
        Arc::new(Self {
            current: ArcSwap::from_pointee(Trust::of(settings, &environment, 0)),
            environment,
            live: Mutex::default(),
            reloads: watch::Sender::new(0),
        })
    }

    /// Believes what `settings` say from now on. Whoever is not the same by them has lost its
    /// standing when this returns, and before anybody is identified by them.
    pub(crate) fn replace(&self, settings: &Settings, now: Nanos) {
        let number = 1 + self.current.load().number();
        let trust = Arc::new(Trust::of(settings, &self.environment, number));
        let (asked, peers) = {
            let live = self.live.lock();
            (live.next(), live.since(0))
        };
        // Asking costs signatures: most are asked while others may still come.
        ask(&peers, &trust, now);
        let live = self.live.lock();
        ask(&live.since(asked), &trust, now);
        self.current.store(trust);
        self.reloads.send_replace(number);
    }

    /// Changes with every reload.
    pub(crate) fn reloads(&self) -> watch::Receiver<u64> {
        self.reloads.subscribe()
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
        tenant_of: impl Fn(Name) -> Option<TenantId>,
    ) -> Result<Arc<Peer>, Refusal> {
        loop {
            let trust = self.current.load_full();
            let claim = trust.claim(chain, now)?;
            let principal = principal(&claim, &tenant_of)?;
            let peer = Arc::new(Peer::new(principal, claim, chain, &trust));
            let mut live = self.live.lock();
            // A reload in between has not asked this peer.
            if self.current.load().number() == trust.number() {
                live.add(&peer);
                return Ok(peer);
            }
        }
    }

    /// Whether `peer` is still who it was: no certificate of its chain has ended, been revoked or
    /// denied, its authority may still name it, and policies are told the same of it. Costs
    /// signatures only after a reload, or once something has ended.
    ///
    /// # Errors
    /// Why it is not. It has lost its standing then.
    pub(crate) fn still_valid(&self, peer: &Peer, now: Nanos) -> Result<(), Refusal> {
        peer.still_valid(&self.current.load(), now)
    }
}

fn ask(peers: &[Arc<Peer>], trust: &Trust, now: Nanos) {
    for peer in peers {
        if peer.ask(trust, now).is_err() {
            peer.principal().lose_standing();
        }
    }
}

fn principal(
    claim: &Claim,
    tenant_of: impl Fn(Name) -> Option<TenantId>,
) -> Result<Principal, Refusal> {
    let (role, id) = (claim.role, &*claim.id);
    let (fingerprint, not_after) = (claim.fingerprint, claim.not_after);
    let made = match claim.tenant {
        None => Principal::of_platform(role, id, fingerprint, not_after),
        Some(name) => {
            let tenant = tenant_of(name).ok_or(Refusal::TenantUnknown(name))?;
            Principal::of_tenant((tenant, name), role, id, fingerprint, not_after)
        }
    };
    let made = made.map_err(|error| Refusal::RoleNotAllowed(error.0))?;
    let scoped = made.with_scopes(&claim.scopes);
    let scoped = scoped.map_err(|error| Refusal::ScopeOfTenant(error.0))?;
    Ok(scoped.with_attributes(claim.attributes.iter().cloned()))
}

#[cfg(test)]
mod tests;
