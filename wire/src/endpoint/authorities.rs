//! Client authorities: which of them vouches for a certificate, and whether it still does.

use std::fmt;
use std::sync::Arc;

use ledger::Nanos;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};

use super::EndpointError;
use super::credentials::provider;
use crate::identity::PeerCertificate;

/// An authority that client certificates may come from.
#[derive(Clone, Debug)]
pub struct ClientAuthority {
    /// What the configuration calls it.
    pub name: String,
    /// Its root certificates.
    pub roots: Vec<CertificateDer<'static>>,
    /// Its revocation lists. Once there is one, a certificate in whose chain an issuer has none is
    /// refused.
    pub crls: Vec<CertificateRevocationListDer<'static>>,
    /// Whether a revocation list past its next update refuses every certificate.
    pub refuse_stale_crls: bool,
}

/// Every client authority. Each one is asked on its own, so that it is certain which of them
/// vouches for a certificate, whatever names and key identifiers the certificate claims.
#[derive(Debug)]
pub struct Authorities {
    list: Vec<(Arc<str>, Arc<dyn ClientCertVerifier>)>,
    hints: Vec<DistinguishedName>,
    schemes: Vec<SignatureScheme>,
}

/// Why a certificate is not, or no longer, accepted.
#[derive(Clone, PartialEq, Debug)]
pub struct CertificateRefused(rustls::Error);

impl Authorities {
    /// Authorities that can be asked.
    ///
    /// # Errors
    /// There is none, or one of them has no root, or a root or revocation list cannot be read.
    pub fn new(authorities: &[ClientAuthority]) -> Result<Self, EndpointError> {
        let provider = provider();
        let mut list = Vec::with_capacity(authorities.len());
        let mut hints = Vec::new();
        for authority in authorities {
            let mut roots = RootCertStore::empty();
            for root in &authority.roots {
                roots.add(root.clone()).map_err(EndpointError::Tls)?;
            }
            hints.extend(roots.subjects());
            let mut builder =
                WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
                    .with_crls(authority.crls.iter().cloned());
            if authority.refuse_stale_crls {
                builder = builder.enforce_revocation_expiration();
            }
            let verifier = builder.build().map_err(EndpointError::Authority)?;
            list.push((Arc::from(authority.name.as_str()), verifier));
        }
        let schemes = match list.first() {
            Some((_, verifier)) => verifier.supported_verify_schemes(),
            None => return Err(EndpointError::NoAuthority),
        };
        Ok(Self {
            list,
            hints,
            schemes,
        })
    }

    /// Which authority vouches for a chain at `now`: for live connections too, since certificates
    /// expire and are revoked while they last.
    ///
    /// # Errors
    /// None does.
    pub fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        now: Nanos,
    ) -> Result<Arc<str>, CertificateRefused> {
        let (end, intermediates) = chain
            .split_first()
            .ok_or(CertificateRefused(rustls::Error::NoCertificatesPresented))?;
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_nanos(now.0));
        self.find(end, intermediates, now)
            .map(|(name, _)| name)
            .map_err(CertificateRefused)
    }

    /// Of several refusals the one that says most: "unknown issuer" only if all say so.
    fn find(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(Arc<str>, ClientCertVerified), rustls::Error> {
        let mut refusal = rustls::Error::from(CertificateError::UnknownIssuer);
        for (name, verifier) in &self.list {
            match verifier.verify_client_cert(end, intermediates, now) {
                Ok(verified) => return Ok((name.clone(), verified)),
                Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {}
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }
}

impl ClientCertVerifier for Authorities {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    /// Refuses in the handshake what names nobody, so that such a peer learns it there.
    fn verify_client_cert(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let (_, verified) = self.find(end, intermediates, now)?;
        PeerCertificate::parse(end)
            .map_err(|error| CertificateError::Other(rustls::OtherError(Arc::new(error))))?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::PeerIncompatible::Tls12NotOffered.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

impl CertificateRefused {
    /// Whether the certificate or one above it was revoked.
    pub fn is_revoked(&self) -> bool {
        matches!(
            &self.0,
            rustls::Error::InvalidCertificate(CertificateError::Revoked)
        )
    }

    /// Whether the certificate or one above it has expired.
    pub fn is_expired(&self) -> bool {
        use CertificateError::{Expired, ExpiredContext};
        matches!(
            &self.0,
            rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. })
        )
    }
}

impl From<rustls::Error> for CertificateRefused {
    fn from(error: rustls::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for CertificateRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate refused: {}", self.0)
    }
}

impl std::error::Error for CertificateRefused {}
