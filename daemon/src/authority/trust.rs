//! What is believed at one moment: authorities, mappings and the deny list of one configuration.

use std::time::Duration;

use ledger::registry::Name;
use ledger::{Digest, Nanos};
use plugins_host::Role;
use rustls_pki_types::{CertificateDer, UnixTime};
use wire::identity::{self as claimed, Grant, IdentityError, Owner, PeerCertificate, SpiffeId};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::refusal::Refusal;
use crate::config::mapping::{Mapped, Mapping};
use crate::config::{ClientCa, DenyList, Settings};

/// Most certificates of a chain, its first included.
const CHAIN_MAX: usize = 8;

/// What is believed at one moment.
#[derive(Debug)]
pub(crate) struct Trust {
    authorities: Vec<ClientCa>,
    mappings: Vec<Mapping>,
    deny_list: DenyList,
}

/// Who a certificate stands for, by the configuration of the moment.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Claim {
    /// The tenant; none for the platform.
    pub(crate) tenant: Option<Name>,
    /// The role.
    pub(crate) role: Role,
    /// The identity, ours or mapped.
    pub(crate) id: String,
    /// SHA-256 of the certificate.
    pub(crate) fingerprint: Digest,
    /// Last moment of its validity.
    pub(crate) not_after: Nanos,
}

/// What every certificate has, whoever it names.
struct Facts {
    fingerprint: Digest,
    serial: Vec<u8>,
    not_after: Nanos,
}

impl Trust {
    /// What `settings` say.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            authorities: settings.profile.clients().into_iter().cloned().collect(),
            mappings: settings.mappings.clone(),
            deny_list: settings.deny_list.clone(),
        }
    }

    /// Who `chain` stands for at `now`; its first certificate is the peer's own.
    pub(crate) fn claim(&self, chain: &[CertificateDer<'_>], now: Nanos) -> Result<Claim, Refusal> {
        let (leaf, others) = chain.split_first().ok_or(Refusal::NoCertificate)?;
        let now = UnixTime::since_unix_epoch(Duration::from_nanos(now.0));
        let authority = self.authority_of(leaf, others, now)?;
        let (facts, parsed) = read(leaf)?;
        if self.deny_list.denies(&facts.fingerprint, &facts.serial) {
            return Err(Refusal::Denied);
        }
        let (grant, id) = self.grant(authority, facts.fingerprint, parsed)?;
        let role = role(grant.role);
        let tenant = match grant.owner {
            Owner::Platform => None,
            Owner::Tenant(name) => Some(name),
        };
        if !authority.may_name_role(role) {
            return Err(Refusal::RoleNotAllowed(role));
        }
        match tenant {
            Some(name) if !authority.may_name_tenant(name) => Err(Refusal::TenantNotAllowed(name)),
            _ => {
                let Facts {
                    fingerprint,
                    not_after,
                    ..
                } = facts;
                Ok(Claim {
                    tenant,
                    role,
                    id,
                    fingerprint,
                    not_after,
                })
            }
        }
    }

    /// The one authority that vouches for `leaf`. Each is asked by itself, so that what it may
    /// name does not depend on what a certificate says about its issuer.
    pub(crate) fn authority_of(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<&ClientCa, Refusal> {
        if others.len() >= CHAIN_MAX {
            return Err(Refusal::ChainTooLong(others.len() + 1));
        }
        let mut found = None;
        let mut refusal = None;
        for authority in &self.authorities {
            match authority.verifier.verify_client_cert(leaf, others, now) {
                Ok(_) if found.is_some() => return Err(Refusal::SeveralAuthorities),
                Ok(_) => found = Some(authority),
                Err(error) => {
                    let told = Refusal::Untrusted(error);
                    if refusal.as_ref().is_none_or(Refusal::is_unknown_issuer) {
                        refusal = Some(told);
                    }
                }
            }
        }
        found.ok_or_else(|| refusal.unwrap_or(Refusal::NoCertificate))
    }

    fn grant(
        &self,
        authority: &ClientCa,
        fingerprint: Digest,
        parsed: Result<PeerCertificate, IdentityError>,
    ) -> Result<(Grant, String), Refusal> {
        let by_fingerprint = self.mapped(&Mapped::Fingerprint(fingerprint));
        let id = match parsed {
            Ok(peer) => peer.id,
            // A certificate of another house may name nobody; one that names several stays refused.
            Err(IdentityError::NoIdentity | IdentityError::NotSpiffe(_))
                if by_fingerprint.is_some() =>
            {
                let grant = by_fingerprint.ok_or(Refusal::NoCertificate)?;
                let id = SpiffeId::of(&authority.trust_domain, &grant)
                    .map_err(|error| Refusal::Identity(IdentityError::NotSpiffe(error)))?;
                return Ok((grant, id.as_str().to_owned()));
            }
            Err(error) => return Err(Refusal::Identity(error)),
        };
        if id.trust_domain() != authority.trust_domain {
            return Err(Refusal::TrustDomain(id.trust_domain().to_owned()));
        }
        let mapped = by_fingerprint.or_else(|| self.mapped(&Mapped::Uri(id.as_str().to_owned())));
        match (id.grant(), mapped) {
            (Some(own), Some(mapped)) if own != mapped => {
                Err(Refusal::TwoIdentities(id.as_str().to_owned()))
            }
            (Some(grant), _) | (None, Some(grant)) => Ok((grant, id.as_str().to_owned())),
            (None, None) => Err(Refusal::Unmapped(id.as_str().to_owned())),
        }
    }

    fn mapped(&self, of: &Mapped) -> Option<Grant> {
        let mapping = self.mappings.iter().find(|mapping| mapping.of == *of)?;
        let owner = mapping.tenant.map_or(Owner::Platform, Owner::Tenant);
        Some(Grant {
            owner,
            role: claimed_role(mapping.role),
        })
    }
}

/// Reads a certificate that may name nobody.
fn read(
    leaf: &CertificateDer<'_>,
) -> Result<(Facts, Result<PeerCertificate, IdentityError>), Refusal> {
    let parsed = PeerCertificate::parse(leaf);
    let facts = match &parsed {
        Ok(peer) => Facts {
            fingerprint: peer.fingerprint,
            serial: peer.serial.clone(),
            not_after: peer.not_after,
        },
        Err(_) => {
            let (_, certificate) = X509Certificate::from_der(leaf)
                .map_err(|_| Refusal::Identity(IdentityError::NotCertificate))?;
            let ends = certificate.validity().not_after.timestamp();
            Facts {
                fingerprint: Digest::of(leaf),
                serial: certificate.raw_serial().to_vec(),
                not_after: Nanos(
                    u64::try_from(ends)
                        .unwrap_or(0)
                        .saturating_mul(1_000_000_000),
                ),
            }
        }
    };
    Ok((facts, parsed))
}

fn role(claimed: claimed::Role) -> Role {
    match claimed {
        claimed::Role::Read => Role::Read,
        claimed::Role::Write => Role::Write,
        claimed::Role::Admin => Role::Admin,
        claimed::Role::Operator => Role::Operator,
        claimed::Role::Auditor => Role::Auditor,
    }
}

fn claimed_role(role: Role) -> claimed::Role {
    match role {
        Role::Read => claimed::Role::Read,
        Role::Write => claimed::Role::Write,
        Role::Admin => claimed::Role::Admin,
        Role::Operator => claimed::Role::Operator,
        Role::Auditor => claimed::Role::Auditor,
    }
}
