//! Certificates that the configuration names, with what is asked of them.

use std::path::Path;

use ledger::Digest;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::prelude::{CertificateRevocationList, FromDer, X509Certificate, X509Name};

use crate::files::{self, LIST_BYTES_MAX, TEXT_BYTES_MAX};
use crate::mark;
use crate::problem::Problem;

/// A certificate of the configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Its bytes.
    pub der: CertificateDer<'static>,
    /// SHA-256 of them.
    pub fingerprint: Digest,
    /// SHA-256 of the public key with its algorithm.
    pub public_key: Digest,
    /// Whose it is, as text.
    pub subject: String,
    /// Seconds since 1970 of the first moment it is valid.
    pub not_before: i64,
    /// Seconds since 1970 of the last moment it is valid.
    pub not_after: i64,
    /// Whether it may issue others.
    pub is_ca: bool,
    /// Whether it was made for development.
    pub is_development: bool,
}

impl Certificate {
    /// Reads every certificate of a PEM file that `key` names; at least one.
    pub fn read_all(key: &str, file: &Path) -> Result<Vec<Self>, Problem> {
        let pem = files::read(file, TEXT_BYTES_MAX)
            .map_err(|fault| Problem::of_file(key, file, fault.to_string(), fault.advice(file)))?;
        let bad = |fault: String| {
            Problem::of_file(
                key,
                file,
                fault,
                "give certificates in PEM, as the CA handed them out",
            )
        };
        let certificates = CertificateDer::pem_slice_iter(&pem)
            .map(|der| der.map_err(|error| bad(format!("not PEM: {error}"))))
            .map(|der| Self::parse(der?).map_err(bad))
            .collect::<Result<Vec<_>, _>>()?;
        if certificates.is_empty() {
            return Err(bad("holds no certificate".into()));
        }
        Ok(certificates)
    }

    /// Whether it is valid at `now`, in seconds since 1970; if not, why.
    pub fn valid_at(&self, now: i64) -> Result<(), String> {
        if now < self.not_before {
            return Err(format!(
                "certificate of `{}` is not valid yet",
                self.subject
            ));
        }
        if now > self.not_after {
            return Err(format!("certificate of `{}` has expired", self.subject));
        }
        Ok(())
    }

    fn parse(der: CertificateDer<'static>) -> Result<Self, String> {
        let (rest, parsed) = X509Certificate::from_der(&der)
            .map_err(|error| format!("not an X.509 certificate: {error}"))?;
        if !rest.is_empty() {
            return Err("bytes follow the certificate".into());
        }
        let (subject, issuer) = (parsed.subject(), parsed.issuer());
        Ok(Self {
            fingerprint: Digest::of(&der),
            public_key: Digest::of(parsed.public_key().raw),
            subject: subject.to_string(),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            is_ca: parsed.is_ca(),
            is_development: is_marked(subject) || is_marked(issuer),
            der: der.clone(),
        })
    }
}

fn is_marked(name: &X509Name<'_>) -> bool {
    name.iter_organization()
        .any(|part| part.as_str() == Ok(mark::ORGANIZATION))
}

/// Lists of revoked certificates, each signed by its CA.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevocationList {
    /// Its bytes.
    pub der: CertificateRevocationListDer<'static>,
    /// Seconds since 1970 until which a newer one was promised.
    pub next_update: Option<i64>,
}

impl RevocationList {
    /// Reads every list of a PEM file that `key` names; at least one.
    pub fn read_all(key: &str, file: &Path) -> Result<Vec<Self>, Problem> {
        let pem = files::read(file, LIST_BYTES_MAX)
            .map_err(|fault| Problem::of_file(key, file, fault.to_string(), fault.advice(file)))?;
        let bad = |fault: String| {
            Problem::of_file(
                key,
                file,
                fault,
                "give revocation lists in PEM, as the CA signed them",
            )
        };
        let lists = CertificateRevocationListDer::pem_slice_iter(&pem)
            .map(|der| der.map_err(|error| bad(format!("not PEM: {error}"))))
            .map(|der| Self::parse(der?).map_err(bad))
            .collect::<Result<Vec<_>, _>>()?;
        if lists.is_empty() {
            return Err(bad("holds no revocation list".into()));
        }
        Ok(lists)
    }

    fn parse(der: CertificateRevocationListDer<'static>) -> Result<Self, String> {
        let (_, parsed) = CertificateRevocationList::from_der(&der)
            .map_err(|error| format!("not a revocation list: {error}"))?;
        Ok(Self {
            next_update: parsed.next_update().map(|at| at.timestamp()),
            der: der.clone(),
        })
    }
}
