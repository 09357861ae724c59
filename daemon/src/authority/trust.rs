//! What is believed at one moment: authorities, mappings and the deny list of one configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::registry::Name;
use ledger::{Digest, Nanos};
use plugins_host::{Role, Scope};
use rustls_pki_types::CertificateDer;
use wire::endpoint::Authorities;
use wire::identity::{self as claimed, Grant, IdentityError, Owner, PeerCertificate};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::refusal::Refusal;
use crate::config::attributes::{Attribute, ENVIRONMENT};
use crate::config::mapping::{Mapped, Mapping};
use crate::config::{ClientCa, DenyList, Given, Settings, TenantAttributes};

/// What is believed at one moment.
#[derive(Debug)]
pub(crate) struct Trust {
    number: u64,
    authorities: Arc<Authorities>,
    bindings: Vec<ClientCa>,
    mappings: Vec<Mapping>,
    scopes: Vec<Given>,
    /// What policies are told of the platform's own principals.
    attributes: Attributes,
    tenants: BTreeMap<Name, Attributes>,
    deny_list: DenyList,
}

/// Names and values, shared by all of whom they are said.
pub(crate) type Attributes = Arc<[Attribute]>;

/// Who a certificate stands for, by the configuration of the moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Claim {
    /// The tenant; none for the platform.
    pub(crate) tenant: Option<Name>,
    /// The role.
    pub(crate) role: Role,
    /// What it is given beyond the role.
    pub(crate) scopes: Vec<Scope>,
    /// What policies are told of it.
    pub(crate) attributes: Attributes,
    /// The SPIFFE ID.
    pub(crate) id: String,
    /// SHA-256 of the certificate.
    pub(crate) fingerprint: Digest,
    /// Last moment of the certificate's validity.
    pub(crate) not_after: Nanos,
    /// Last moment at which nothing that it rests on has ended.
    pub(crate) good_until: Nanos,
}

impl Claim {
    /// Whether both name the same, however long each is good for.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        Self {
            good_until: other.good_until,
            ..self.clone()
        } == *other
    }
}

impl Trust {
    /// What `settings` say, as the reload of this number, of a daemon that runs in `environment`.
    pub(crate) fn of(settings: &Settings, environment: &str, number: u64) -> Self {
        let everyones: Attribute = (ENVIRONMENT.into(), environment.into());
        let with = |own: &TenantAttributes| {
            let own = own.attributes.iter();
            let all = own.chain(std::iter::once(&everyones)).cloned();
            all.collect::<Attributes>()
        };
        let tenants = settings.tenant_attributes.iter();
        Self {
            number,
            authorities: Arc::clone(&settings.authorities),
            bindings: settings.profile.clients().into_iter().cloned().collect(),
            mappings: settings.mappings.clone(),
            scopes: settings.scopes.clone(),
            tenants: tenants.map(|own| (own.tenant, with(own))).collect(),
            attributes: Arc::new([everyones]),
            deny_list: settings.deny_list.clone(),
        }
    }

    /// Number of the reload that brought it.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Who `chain` stands for at `now`; its first certificate is the peer's own.
    pub(crate) fn claim(&self, chain: &[CertificateDer<'_>], now: Nanos) -> Result<Claim, Refusal> {
        let authority = self
            .authorities
            .verify(chain, now)
            .map_err(Refusal::Untrusted)?;
        let binding = self
            .bindings
            .iter()
            .find(|binding| binding.name() == *authority);
        let binding = binding.ok_or(Refusal::AuthorityGone)?;
        let leaf = chain.first().map(AsRef::as_ref).unwrap_or_default();
        let certificate = PeerCertificate::parse(leaf).map_err(Refusal::Identity)?;
        if self
            .deny_list
            .denies(&certificate.fingerprint, &certificate.serial)
        {
            return Err(Refusal::Denied);
        }
        let domain = certificate.id.trust_domain();
        if domain != binding.trust_domain {
            return Err(Refusal::TrustDomain(domain.to_owned()));
        }
        let grant = self.grant(&certificate)?;
        let role = role(grant.role);
        if !binding.may_name_role(role) {
            return Err(Refusal::RoleNotAllowed(role));
        }
        let tenant = match grant.owner {
            Owner::Platform => None,
            Owner::Tenant(name) if binding.may_name_tenant(name) => Some(name),
            Owner::Tenant(name) => return Err(Refusal::TenantNotAllowed(name)),
        };
        let attributes = tenant.and_then(|tenant| self.tenants.get(&tenant));
        Ok(Claim {
            tenant,
            role,
            scopes: self.scopes(&certificate, role, binding)?,
            attributes: Arc::clone(attributes.unwrap_or(&self.attributes)),
            id: certificate.id.as_str().to_owned(),
            fingerprint: certificate.fingerprint,
            not_after: certificate.not_after,
            good_until: good_until(chain, binding)?,
        })
    }

    /// What the certificate is given, by its fingerprint and by its ID.
    fn scopes(
        &self,
        certificate: &PeerCertificate,
        role: Role,
        binding: &ClientCa,
    ) -> Result<Vec<Scope>, Refusal> {
        let is_meant = |to: &Mapped| match to {
            Mapped::Fingerprint(fingerprint) => *fingerprint == certificate.fingerprint,
            Mapped::Uri(uri) => *uri == *certificate.id.as_str(),
        };
        let given = self.scopes.iter().filter(|given| is_meant(&given.to));
        let mut scopes: Vec<Scope> = given.flat_map(|given| &given.scopes).copied().collect();
        scopes.sort_unstable();
        scopes.dedup();
        match scopes.iter().find(|scope| !binding.may_give(**scope)) {
            _ if scopes.is_empty() => Ok(scopes),
            _ if !role.is_platform() => Err(Refusal::ScopeOfTenant(scopes[0])),
            Some(scope) => Err(Refusal::ScopeNotAllowed(*scope)),
            None => Ok(scopes),
        }
    }

    /// What the certificate's ID says by itself, or a mapping in its place; never both at odds.
    fn grant(&self, certificate: &PeerCertificate) -> Result<Grant, Refusal> {
        let id = || certificate.id.as_str().to_owned();
        let mapped = self
            .mapped(&Mapped::Fingerprint(certificate.fingerprint))
            .or_else(|| self.mapped(&Mapped::Uri(id())));
        match (certificate.id.grant(), mapped) {
            (Some(own), Some(mapped)) if own != mapped => Err(Refusal::TwoIdentities(id())),
            (Some(grant), _) | (None, Some(grant)) => Ok(grant),
            (None, None) => Err(Refusal::Unmapped(id())),
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

/// The first moment after which a certificate of the chain, or a list of its authority, is over.
fn good_until(chain: &[CertificateDer<'_>], binding: &ClientCa) -> Result<Nanos, Refusal> {
    let mut seconds: Vec<i64> = binding
        .revoked
        .iter()
        .filter_map(|l| l.next_update)
        .collect();
    for each in chain {
        let (_, certificate) = X509Certificate::from_der(each)
            .map_err(|_| Refusal::Identity(IdentityError::NotCertificate))?;
        seconds.push(certificate.validity().not_after.timestamp());
    }
    let first = seconds
        .into_iter()
        .min()
        .and_then(|first| u64::try_from(first).ok());
    Ok(Nanos(first.unwrap_or(0).saturating_mul(1_000_000_000)))
}

fn role(claimed: claimed::Role) -> Role {
    match claimed {
        claimed::Role::Read => Role::Read,
        claimed::Role::Write => Role::Write,
        claimed::Role::Admin => Role::Admin,
        claimed::Role::Operator => Role::Operator,
        claimed::Role::Auditor => Role::Auditor,
        claimed::Role::Billing => Role::Billing,
    }
}

fn claimed_role(role: Role) -> claimed::Role {
    match role {
        Role::Read => claimed::Role::Read,
        Role::Write => claimed::Role::Write,
        Role::Admin => claimed::Role::Admin,
        Role::Operator => claimed::Role::Operator,
        Role::Auditor => claimed::Role::Auditor,
        Role::Billing => claimed::Role::Billing,
    }
}
