//! Certificates and keys of one end.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls_pki_types::pem::{Error as PemError, PemObject};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

/// What one end shows the other: its certificate, the intermediates up to the root, and its key.
#[derive(Debug)]
pub struct Credentials {
    /// The end's certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key of the first certificate.
    pub key: PrivateKeyDer<'static>,
}

impl Credentials {
    /// Reads a chain and a key.
    ///
    /// # Errors
    /// There is no certificate or no key in the text, or it is not PEM.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, PemError> {
        let chain = certificates_from_pem(chain)?;
        Ok(Self {
            chain,
            key: PrivateKeyDer::from_pem_slice(key)?,
        })
    }
}

impl Clone for Credentials {
    fn clone(&self) -> Self {
        Self {
            chain: self.chain.clone(),
            key: self.key.clone_key(),
        }
    }
}

/// Every certificate of a PEM text.
///
/// # Errors
/// There is none, or the text is not PEM.
pub fn certificates_from_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let all = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
    if all.is_empty() {
        Err(PemError::NoItemsFound)
    } else {
        Ok(all)
    }
}

/// Every revocation list of a PEM text.
///
/// # Errors
/// There is none, or the text is not PEM.
pub fn crls_from_pem(pem: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, PemError> {
    let all = CertificateRevocationListDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
    if all.is_empty() {
        Err(PemError::NoItemsFound)
    } else {
        Ok(all)
    }
}

/// The one provider of cryptography, named so that no default of the process decides.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
