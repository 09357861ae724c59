//! Who a peer is: from a certificate, by the configuration of the moment, to a principal.
//!
//! What is believed is exchanged whole on reload; open connections are asked again with
//! [`Authorities::still_valid`].

pub(crate) mod refusal;
pub(crate) mod trust;
pub(crate) mod verifier;

use std::sync::Arc;

use arc_swap::ArcSwap;
use ledger::registry::Name;
use ledger::{Nanos, TenantId};
use plugins_host::Principal;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::CertificateDer;

pub(crate) use refusal::Refusal;

use crate::config::Settings;
use trust::{Claim, Trust};
use verifier::Verifier;

/// What is believed about certificates; reloadable.
#[derive(Debug)]
pub(crate) struct Authorities {
    current: ArcSwap<Trust>,
}

/// A peer of an open connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    principal: Arc<Principal>,
    claim: Claim,
    chain: Arc<[CertificateDer<'static>]>,
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
        Arc::new(Self {
            current: ArcSwap::from_pointee(Trust::of(settings)),
        })
    }

    /// Believes what `settings` say from now on. Open connections are asked again by whoever keeps
    /// them.
    pub(crate) fn replace(&self, settings: &Settings) {
        self.current.store(Arc::new(Trust::of(settings)));
    }

    /// Checks client certificates during the handshake; follows reloads.
    pub(crate) fn verifier(self: &Arc<Self>) -> Arc<dyn ClientCertVerifier> {
        Arc::new(Verifier::new(Arc::clone(self)))
    }

    /// Who the peer with this chain of certificates is at `now`. `tenant_of` knows the tenants
    /// that have been created.
    ///
    /// # Errors
    /// Why it is nobody here.
    pub(crate) fn identify(
        &self,
        chain: &[CertificateDer<'static>],
        now: Nanos,
        tenant_of: impl FnOnce(Name) -> Option<TenantId>,
    ) -> Result<Peer, Refusal> {
        let claim = self.trust().claim(chain, now)?;
        let (role, fingerprint, ends) = (claim.role, claim.fingerprint, claim.not_after);
        let made = match claim.tenant {
            None => Principal::of_platform(role, &claim.id, fingerprint, ends),
            Some(name) => {
                let id = tenant_of(name).ok_or(Refusal::TenantUnknown(name))?;
                Principal::of_tenant((id, name), role, &claim.id, fingerprint, ends)
            }
        };
        let principal = made.map_err(|error| Refusal::RoleNotAllowed(error.0))?;
        Ok(Peer {
            principal: Arc::new(principal),
            claim,
            chain: chain.into(),
        })
    }

    /// Whether `peer` is still who it was: its certificate has not ended, been revoked or denied,
    /// and its authority may still name it.
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn still_valid(&self, peer: &Peer, now: Nanos) -> Result<(), Refusal> {
        let claim = self.trust().claim(&peer.chain, now)?;
        if claim == peer.claim {
            Ok(())
        } else {
            Err(Refusal::Changed)
        }
    }

    fn trust(&self) -> Arc<Trust> {
        self.current.load_full()
    }
}

#[cfg(test)]
mod tests;
