//! One exact peer: vouched for by roots of its own, and known by its SPIFFE ID.

use std::sync::Arc;

use ledger::Nanos;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, SignatureScheme};
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, ServerName, TrustAnchor, UnixTime,
};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationOptionsBuilder,
};

use super::credentials::provider;
use super::{CertificateRefused, EndpointError};
use crate::identity::{PeerCertificate, SpiffeId};

/// The one peer that is let in, or connected to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pin {
    /// Root certificates that vouch for it.
    pub roots: Vec<CertificateDer<'static>>,
    /// Their revocation lists. Once there is one, a certificate in whose chain an issuer has none
    /// is refused, and so is everyone once one is past its next update.
    pub crls: Vec<CertificateRevocationListDer<'static>>,
    /// Its identity.
    pub id: SpiffeId,
}

/// Whether a peer is the one. Names of machines are not looked at: the identity is the name.
#[derive(Debug)]
pub struct Pinned {
    anchors: Vec<TrustAnchor<'static>>,
    hints: Vec<DistinguishedName>,
    crls: Vec<CertRevocationList<'static>>,
    id: SpiffeId,
    algorithms: WebPkiSupportedAlgorithms,
}

/// What a certificate is shown as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    ByServer,
    ByClient,
}

/// The certificate of another than the one that is pinned.
#[derive(Debug)]
struct Another(String);

impl Pinned {
    /// Whoever is asked for.
    ///
    /// # Errors
    /// There is no root, or a root or revocation list cannot be read.
    pub fn new(pin: &Pin) -> Result<Self, EndpointError> {
        if pin.roots.is_empty() {
            return Err(EndpointError::NoAuthority);
        }
        let mut anchors = Vec::with_capacity(pin.roots.len());
        let mut hints = Vec::with_capacity(pin.roots.len());
        for root in &pin.roots {
            let anchor = webpki::anchor_from_trusted_cert(root).map_err(|error| bad(&error))?;
            hints.push(DistinguishedName::in_sequence(&anchor.subject));
            anchors.push(anchor.to_owned());
        }
        let mut crls = Vec::with_capacity(pin.crls.len());
        for crl in &pin.crls {
            let crl = OwnedCertRevocationList::from_der(crl).map_err(|error| bad(&error))?;
            crls.push(crl.into());
        }
        Ok(Self {
            anchors,
            hints,
            crls,
            id: pin.id.clone(),
            algorithms: provider().signature_verification_algorithms,
        })
    }

    /// Whether a server's chain is still that of the one at `now`.
    ///
    /// # Errors
    /// It is another's, has expired or was revoked, or nobody vouches for it.
    pub fn verify_server(
        &self,
        chain: &[CertificateDer<'_>],
        now: Nanos,
    ) -> Result<(), CertificateRefused> {
        self.verify_chain(chain, now, Shown::ByServer)
    }

    /// Whether a client's chain is still that of the one at `now`.
    ///
    /// # Errors
    /// It is another's, has expired or was revoked, or nobody vouches for it.
    pub fn verify_client(
        &self,
        chain: &[CertificateDer<'_>],
        now: Nanos,
    ) -> Result<(), CertificateRefused> {
        self.verify_chain(chain, now, Shown::ByClient)
    }

    fn verify_chain(
        &self,
        chain: &[CertificateDer<'_>],
        now: Nanos,
        shown: Shown,
    ) -> Result<(), CertificateRefused> {
        let none = || CertificateRefused::from(rustls::Error::NoCertificatesPresented);
        let (end, intermediates) = chain.split_first().ok_or_else(none)?;
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_nanos(now.0));
        Ok(self.verify(end, intermediates, now, shown)?)
    }

    fn verify(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
        shown: Shown,
    ) -> Result<(), rustls::Error> {
        let certificate = EndEntityCert::try_from(end).map_err(refused)?;
        let lists: Vec<&CertRevocationList<'_>> = self.crls.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            options
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        let usage = match shown {
            Shown::ByServer => KeyUsage::server_auth(),
            Shown::ByClient => KeyUsage::client_auth(),
        };
        certificate
            .verify_for_usage(
                self.algorithms.all,
                &self.anchors,
                intermediates,
                now,
                usage,
                revocation,
                None,
            )
            .map_err(refused)?;
        let peer = PeerCertificate::parse(end).map_err(|error| other(Arc::new(error)))?;
        if peer.id == self.id {
            Ok(())
        } else {
            Err(other(Arc::new(Another(peer.id.as_str().to_owned()))))
        }
    }
}

fn bad(error: &webpki::Error) -> EndpointError {
    EndpointError::Tls(rustls::Error::General(error.to_string()))
}

fn other(error: Arc<dyn std::error::Error + Send + Sync>) -> rustls::Error {
    CertificateError::Other(rustls::OtherError(error)).into()
}

/// The refusals that are told by an alert of their own.
fn refused(error: webpki::Error) -> rustls::Error {
    use webpki::Error as E;
    match error {
        E::CertExpired { .. } | E::InvalidCertValidity => CertificateError::Expired.into(),
        E::CertNotValidYet { .. } => CertificateError::NotValidYet.into(),
        E::CertRevoked => CertificateError::Revoked.into(),
        E::UnknownRevocationStatus => CertificateError::UnknownRevocationStatus.into(),
        E::CrlExpired { .. } => CertificateError::ExpiredRevocationList.into(),
        E::UnknownIssuer => CertificateError::UnknownIssuer.into(),
        E::InvalidSignatureForPublicKey => CertificateError::BadSignature.into(),
        error => other(Arc::new(error)),
    }
}

impl std::fmt::Display for Another {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "certificate is of `{}`, who is not expected here",
            self.0
        )
    }
}

impl std::error::Error for Another {}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.verify(end, intermediates, now, Shown::ByClient)?;
        Ok(ClientCertVerified::assertion())
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
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verify(end, intermediates, now, Shown::ByServer)?;
        Ok(ServerCertVerified::assertion())
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
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
