//! Who a client certificate names: exactly one SPIFFE ID. A pure function of the certificate's
//! bytes; whether the certificate is to be believed is decided elsewhere.

mod spiffe;
#[cfg(test)]
mod tests;

use std::fmt;

use ledger::{Digest, Nanos};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

pub use spiffe::{Grant, ID_BYTES_MAX, Owner, Role, SpiffeError, SpiffeId, TRUST_DOMAIN_BYTES_MAX};

/// Longest certificate that is looked at, in bytes.
pub const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;

/// What a certificate says about its holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerCertificate {
    /// The one identity.
    pub id: SpiffeId,
    /// SHA-256 of the certificate's DER bytes.
    pub fingerprint: Digest,
    /// Serial number, big-endian, as the certificate holds it.
    pub serial: Vec<u8>,
    /// First moment of its validity.
    pub not_before: Nanos,
    /// Last moment of its validity.
    pub not_after: Nanos,
    /// SHA-256 of the issuer's distinguished name in DER.
    pub issuer: Digest,
    /// The issuer's key identifier, if the certificate gives it. A claim only: nobody checks it.
    pub issuer_key: Option<Vec<u8>>,
}

/// Why a certificate names nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdentityError {
    /// The certificate is longer than [`CERTIFICATE_BYTES_MAX`].
    TooLong(usize),
    /// The bytes are not one X.509 certificate.
    NotCertificate,
    /// A certificate of an authority, which is nobody's identity.
    Authority,
    /// The certificate has no URI among its alternative names.
    NoIdentity,
    /// The certificate has several URIs among its alternative names.
    SeveralIdentities(usize),
    /// The URI is not a SPIFFE ID in its one spelling.
    NotSpiffe(SpiffeError),
}

impl PeerCertificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// Why it names nobody.
    pub fn parse(der: &[u8]) -> Result<Self, IdentityError> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(IdentityError::TooLong(der.len()));
        }
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| IdentityError::NotCertificate)?;
        if !rest.is_empty() {
            return Err(IdentityError::NotCertificate);
        }
        if certificate.is_ca() {
            return Err(IdentityError::Authority);
        }
        let validity = certificate.validity();
        Ok(Self {
            id: one_identity(&certificate)?,
            fingerprint: Digest::of(der),
            serial: certificate.raw_serial().to_vec(),
            not_before: nanos(validity.not_before.timestamp()),
            not_after: nanos(validity.not_after.timestamp()),
            issuer: Digest::of(certificate.issuer().as_raw()),
            issuer_key: issuer_key(&certificate),
        })
    }

    /// SHA-256 of the identity: how origins of events name their principal.
    pub fn principal(&self) -> Digest {
        Digest::of(self.id.as_str().as_bytes())
    }
}

fn one_identity(certificate: &X509Certificate<'_>) -> Result<SpiffeId, IdentityError> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| IdentityError::NotCertificate)?
        .ok_or(IdentityError::NoIdentity)?;
    let mut uris = names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
    let uri = uris.next().ok_or(IdentityError::NoIdentity)?;
    match uris.count() {
        0 => SpiffeId::parse(uri).map_err(IdentityError::NotSpiffe),
        others => Err(IdentityError::SeveralIdentities(1 + others)),
    }
}

fn issuer_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate
        .iter_extensions()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(key) => {
                key.key_identifier.as_ref().map(|id| id.0.to_vec())
            }
            _ => None,
        })
}

/// Nanoseconds of a time in seconds; before 1970 is 0, after the year 2554 is the end of time.
fn nanos(seconds: i64) -> Nanos {
    Nanos(
        u64::try_from(seconds)
            .unwrap_or(0)
            .saturating_mul(1_000_000_000),
    )
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => {
                write!(
                    f,
                    "certificate of `{bytes}` bytes is above `{CERTIFICATE_BYTES_MAX}`"
                )
            }
            Self::NotCertificate => f.write_str("not one X.509 certificate in DER"),
            Self::Authority => f.write_str("certificate of an authority"),
            Self::NoIdentity => f.write_str("certificate has no URI as alternative name"),
            Self::SeveralIdentities(count) => {
                write!(
                    f,
                    "certificate has `{count}` URIs as alternative names, one is needed"
                )
            }
            Self::NotSpiffe(error) => write!(f, "alternative name is no SPIFFE ID: {error}"),
        }
    }
}

impl std::error::Error for IdentityError {}
