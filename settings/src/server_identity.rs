//! The certificate that a server shows, and its key.

use std::fmt;
use std::path::Path;

use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::certificate::Certificate;
use crate::files::{self, TEXT_BYTES_MAX};
use crate::mark;
use crate::problem::Problem;
use crate::provenance::Provenance;

/// The certificate that a server shows, and its key.
pub struct ServerIdentity {
    chain: Vec<Certificate>,
    key: PrivateKeyDer<'static>,
    is_development_key: bool,
}

impl ServerIdentity {
    /// Reads both files, which `tls` names. `now` is in seconds since 1970.
    pub fn read(certificate: &Path, key: &Path, now: i64) -> Result<Self, Problem> {
        Self::read_at("tls", certificate, key, now)
    }

    /// Reads both files, which the table at `section` names. `now` is in seconds since 1970.
    pub fn read_at(
        section: &str,
        certificate: &Path,
        key: &Path,
        now: i64,
    ) -> Result<Self, Problem> {
        let (of_chain, of_key) = (format!("{section}.certificate"), format!("{section}.key"));
        let chain = Certificate::read_all(&of_chain, certificate)?;
        for each in &chain {
            each.valid_at(now).map_err(|fault| {
                Problem::of_file(&of_chain, certificate, fault, "have it issued anew")
            })?;
        }
        let bytes = files::read_secret(key, TEXT_BYTES_MAX).map_err(|fault| {
            Problem::of_file(&of_key, key, fault.to_string(), fault.advice(key))
        })?;
        let bad = |fault: String| {
            let advice = format!("give the private key of `{of_chain}` in PEM");
            Problem::of_file(&of_key, key, fault, advice)
        };
        let secret = PrivateKeyDer::from_pem_slice(&bytes)
            .map_err(|error| bad(format!("holds no private key: {error}")))?;
        let made = Self {
            chain,
            key: secret,
            is_development_key: mark::is_in_key(&bytes),
        };
        let provider = aws_lc_rs::default_provider();
        CertifiedKey::from_der(made.chain(), made.key(), &provider)
            .map_err(|error| bad(format!("does not fit the certificate: {error}")))?;
        Ok(made)
    }

    /// The certificate, then those that vouch for it.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.iter().map(|each| each.der.clone()).collect()
    }

    /// Its private key.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }

    /// The certificate itself.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.chain.first()
    }
}

impl Provenance for ServerIdentity {
    fn development_mark(&self) -> Option<&'static str> {
        if self.is_development_key {
            Some("tls.key")
        } else if self.chain.iter().any(|each| each.is_development) {
            Some("tls.certificate")
        } else {
            None
        }
    }
}

/// Without the key.
impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerIdentity")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}
