//! The client's endpoint.

use std::net::SocketAddr;
use std::sync::Arc;

use quinn::crypto::rustls::QuicClientConfig;
use rustls::RootCertStore;
use rustls::client::Resumption;
use rustls_pki_types::CertificateDer;

use super::credentials::provider;
use super::{
    CloseCode, ConnectError, Connection, Credentials, EndpointError, Pinned, TransportLimits,
    socket,
};
use crate::limits::ALPN;

/// A socket from which connections to servers are made.
#[derive(Clone, Debug)]
pub struct ClientEndpoint {
    endpoint: quinn::Endpoint,
    limits: TransportLimits,
}

impl ClientEndpoint {
    /// Binds a socket to `local`. Servers must be vouched for by one of `roots`. Needs a runtime
    /// around it.
    ///
    /// # Errors
    /// The address cannot be bound, or certificates, key, roots or limits cannot be used.
    pub fn bind(
        local: SocketAddr,
        credentials: &Credentials,
        roots: &[CertificateDer<'static>],
        limits: TransportLimits,
    ) -> Result<Self, EndpointError> {
        let tls = tls_config(credentials, roots, ALPN)?;
        Self::with_tls(local, tls, limits)
    }

    /// Connects to a server whose certificate must be for `server_name`. That the server lets the
    /// client in shows with its first answer.
    ///
    /// # Errors
    /// The address or name cannot be used, or the handshake failed.
    pub async fn connect(
        &self,
        server: SocketAddr,
        server_name: &str,
    ) -> Result<Connection, ConnectError> {
        let connecting = self
            .endpoint
            .connect(server, server_name)
            .map_err(ConnectError::Unusable)?;
        let connection = connecting.await.map_err(ConnectError::Lost)?;
        Ok(Connection::new(connection, self.limits.frame))
    }

    /// Closes every connection at once.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.endpoint.close(code.number(), reason.as_bytes());
    }

    /// Waits until servers have learned that connections are closed.
    pub async fn wait_idle(&self) {
        self.endpoint.wait_idle().await;
    }

    pub(super) fn with_tls(
        local: SocketAddr,
        tls: rustls::ClientConfig,
        limits: TransportLimits,
    ) -> Result<Self, EndpointError> {
        let crypto = QuicClientConfig::try_from(tls).map_err(|_| EndpointError::NoInitialCipher)?;
        let mut config = quinn::ClientConfig::new(Arc::new(crypto));
        config.transport_config(limits.config(0)?);
        let socket = socket::bind(local).map_err(EndpointError::Socket)?;
        let mut endpoint = quinn::Endpoint::new(
            quinn::EndpointConfig::default(),
            None,
            socket,
            Arc::new(quinn::TokioRuntime),
        )
        .map_err(EndpointError::Socket)?;
        endpoint.set_default_client_config(config);
        Ok(Self { endpoint, limits })
    }
}

pub(super) fn tls_config(
    credentials: &Credentials,
    roots: &[CertificateDer<'static>],
    alpn: &[u8],
) -> Result<rustls::ClientConfig, EndpointError> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.clone()).map_err(EndpointError::Tls)?;
    }
    let Credentials { chain, key } = credentials.clone();
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(EndpointError::Tls)?
        .with_root_certificates(store)
        .with_client_auth_cert(chain, key)
        .map_err(EndpointError::Tls)?;
    Ok(with_protocol(tls, alpn))
}

/// The configuration of a client that connects to one exact peer.
pub(super) fn pinned_config(
    credentials: &Credentials,
    peer: Arc<Pinned>,
    alpn: &[u8],
) -> Result<rustls::ClientConfig, EndpointError> {
    let Credentials { chain, key } = credentials.clone();
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(EndpointError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(peer)
        .with_client_auth_cert(chain, key)
        .map_err(EndpointError::Tls)?;
    Ok(with_protocol(tls, alpn))
}

fn with_protocol(mut tls: rustls::ClientConfig, alpn: &[u8]) -> rustls::ClientConfig {
    tls.alpn_protocols = vec![alpn.to_vec()];
    tls.enable_early_data = false;
    tls.resumption = Resumption::disabled();
    tls
}
