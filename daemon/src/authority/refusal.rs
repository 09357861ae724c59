//! Why a peer is nobody here.

use std::fmt;

use ledger::registry::Name;
use plugins_host::Role;
use rustls::{CertificateError, Error};
use wire::identity::IdentityError;

/// Why a peer is nobody here. The text may be told to the peer: it speaks of its own certificate.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Refusal {
    /// It showed no certificate.
    NoCertificate,
    /// It showed more certificates than a chain of ours may have.
    ChainTooLong(usize),
    /// No authority here vouches for it.
    Untrusted(Error),
    /// Several authorities here vouch for it, and they may name different tenants.
    SeveralAuthorities,
    /// It is on the deny list.
    Denied,
    /// It names nobody, or several.
    Identity(IdentityError),
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
    /// It stands for somebody else than when the connection was opened.
    Changed,
}

impl Refusal {
    /// Whether another authority that refused says more than this refusal.
    pub(crate) fn is_unknown_issuer(&self) -> bool {
        let unknown = CertificateError::UnknownIssuer;
        matches!(self, Self::Untrusted(Error::InvalidCertificate(error)) if *error == unknown)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate => f.write_str("no client certificate was shown"),
            Self::ChainTooLong(count) => write!(f, "a chain of `{count}` certificates is too long"),
            Self::Untrusted(Error::InvalidCertificate(error)) => untrusted(f, error),
            Self::Untrusted(error) => write!(f, "the certificate is not accepted: {error}"),
            Self::SeveralAuthorities => {
                f.write_str("several authorities vouch for the certificate")
            }
            Self::Denied => f.write_str("the certificate is on the deny list"),
            Self::Identity(error) => error.fmt(f),
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
            Self::Changed => f.write_str("the certificate stands for somebody else now"),
        }
    }
}

fn untrusted(f: &mut fmt::Formatter<'_>, error: &CertificateError) -> fmt::Result {
    use CertificateError as E;
    f.write_str(match error {
        E::Expired | E::ExpiredContext { .. } => "the certificate has expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "the certificate is not valid yet",
        E::Revoked => "the certificate was revoked",
        E::UnknownRevocationStatus => "no revocation list covers the certificate",
        E::UnknownIssuer => "no authority here vouches for the certificate",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "the certificate is not one of a client"
        }
        E::BadSignature => "the signature of the certificate is wrong",
        other => return write!(f, "the certificate is not accepted: {other}"),
    })
}

impl std::error::Error for Refusal {}
