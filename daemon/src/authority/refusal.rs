//! Why a peer is nobody here.

use std::fmt;

use ledger::registry::Name;
use plugins_host::{Role, Scope};
use wire::endpoint::CertificateRefused;
use wire::identity::IdentityError;

/// Why a peer is nobody here. The text may be told to the peer: it speaks of its own certificate.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Refusal {
    /// No authority here vouches for it, or no longer.
    Untrusted(CertificateRefused),
    /// The authority that vouched for it is no longer one.
    AuthorityGone,
    /// It names nobody, or several.
    Identity(IdentityError),
    /// It is on the deny list.
    Denied,
    /// It names somebody, and neither its path nor a mapping says who that is here.
    Unmapped(String),
    /// It says who it is, and a mapping says otherwise.
    TwoIdentities(String),
    /// Its trust domain is not that of its authority.
    TrustDomain(String),
    /// Its authority may not name this tenant.
    TenantNotAllowed(Name),
    /// Its authority may not name this role.
    RoleNotAllowed(Role),
    /// The tenant has not been created.
    TenantUnknown(Name),
    /// Its authority may not have this scope given to anyone.
    ScopeNotAllowed(Scope),
    /// It is given a scope, and stands for a principal of a tenant.
    ScopeOfTenant(Scope),
    /// It stands for something else than when the connection was opened.
    Changed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted(refused) => refused.fmt(f),
            Self::AuthorityGone => f.write_str("the certificate's authority is no longer accepted"),
            Self::Identity(error) => error.fmt(f),
            Self::Denied => f.write_str("the certificate is on the deny list"),
            Self::Unmapped(id) => write!(f, "`{id}` has no place here"),
            Self::TwoIdentities(id) => write!(f, "`{id}` is mapped to somebody else"),
            Self::TrustDomain(domain) => {
                write!(f, "trust domain `{domain}` is not the one of the authority")
            }
            Self::TenantNotAllowed(tenant) => {
                write!(f, "the authority may not name tenant `{tenant}`")
            }
            Self::RoleNotAllowed(role) => write!(f, "the authority may not name role `{role}`"),
            Self::TenantUnknown(tenant) => write!(f, "there is no tenant `{tenant}` yet"),
            Self::ScopeNotAllowed(scope) => {
                write!(
                    f,
                    "the authority may not have scope `{scope}` given to anyone"
                )
            }
            Self::ScopeOfTenant(scope) => write!(
                f,
                "scope `{scope}` is the platform's and is given to a certificate of a tenant"
            ),
            Self::Changed => f.write_str(
                "what the certificate stands for has changed: its tenant, role, scopes or \
                 attributes",
            ),
        }
    }
}

impl std::error::Error for Refusal {}
