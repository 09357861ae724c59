//! Endpoints of the internal plane of policies, see [`crate::policy`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use ledger::Nanos;
use rustls_pki_types::CertificateDer;

use super::server::quic_config;
use super::{
    CertificateRefused, ClientEndpoint, CloseCode, ConnectError, Connection, Credentials,
    EndpointError, FrameReader, FrameWriter, HandshakeError, Pin, Pinned, ServerLimits,
    TransportLimits, client, socket,
};
use crate::policy::{ALPN, Header};

/// Name that the handshake is begun with. Nobody looks at it: the peer is known by its identity.
const NAME: &str = "policy-host.invalid";

/// What a host's endpoint is made of.
#[derive(Clone, Debug)]
pub struct PolicyServerConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it shows.
    pub credentials: Credentials,
    /// The one daemon that may connect.
    pub daemon: Pin,
    /// How much it takes.
    pub limits: ServerLimits,
}

/// The listening endpoint of a host.
#[derive(Debug)]
pub struct PolicyServer {
    endpoint: quinn::Endpoint,
    daemon: ArcSwap<Pinned>,
    limits: ServerLimits,
}

/// A peer that has begun to connect. Finish it in a task of its own, else it holds up others.
#[derive(Debug)]
pub struct PolicyHandshake {
    connecting: quinn::Connecting,
    limits: ServerLimits,
}

/// A socket from which a daemon connects to its host.
#[derive(Debug)]
pub struct PolicyClient {
    endpoint: ClientEndpoint,
    host: Arc<Pinned>,
}

/// A connection of this plane. Clones stand for the same one.
#[derive(Clone, Debug)]
pub struct PolicyConnection(Connection);

impl PolicyServer {
    /// Binds and listens. Needs a runtime around it.
    ///
    /// # Errors
    /// The address cannot be bound, or certificates, key, roots or limits cannot be used.
    pub fn bind(config: &PolicyServerConfig) -> Result<Self, EndpointError> {
        let daemon = Arc::new(Pinned::new(&config.daemon)?);
        let limits = config.limits;
        let quic = quic_config(&config.credentials, daemon.clone(), ALPN, &limits)?;
        let socket = socket::bind(config.listen).map_err(EndpointError::Socket)?;
        let endpoint = quinn::Endpoint::new(
            quinn::EndpointConfig::default(),
            Some(quic),
            socket,
            Arc::new(quinn::TokioRuntime),
        )
        .map_err(EndpointError::Socket)?;
        Ok(Self {
            endpoint,
            daemon: ArcSwap::new(daemon),
            limits,
        })
    }

    /// Takes new certificates, key and pin for handshakes from now on. Connections stay; verify
    /// their peers again with [`PolicyServer::verify`].
    ///
    /// # Errors
    /// They cannot be used; then everything stays as it was.
    pub fn reload(&self, credentials: &Credentials, daemon: &Pin) -> Result<(), EndpointError> {
        let daemon = Arc::new(Pinned::new(daemon)?);
        let quic = quic_config(credentials, daemon.clone(), ALPN, &self.limits)?;
        self.daemon.store(daemon);
        self.endpoint.set_server_config(Some(quic));
        Ok(())
    }

    /// Whether a chain is still that of the daemon at `now`.
    ///
    /// # Errors
    /// It is not, or no longer.
    pub fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        now: Nanos,
    ) -> Result<(), CertificateRefused> {
        self.daemon.load().verify_client(chain, now)
    }

    /// Waits for a peer to begin to connect; `None` once the endpoint is closed. Peers above the
    /// limit are refused here. An error is of a peer that was refused by its first packet.
    pub async fn accept(&self) -> Option<Result<PolicyHandshake, HandshakeError>> {
        loop {
            let incoming = self.endpoint.accept().await?;
            if self.endpoint.open_connections() >= self.limits.connections_max {
                incoming.refuse();
                continue;
            }
            let handshake = incoming.accept().map(|connecting| PolicyHandshake {
                connecting,
                limits: self.limits,
            });
            return Some(handshake.map_err(HandshakeError::Lost));
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The socket does not say.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// Closes every connection at once and takes no more.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.endpoint.close(code.number(), reason.as_bytes());
    }

    /// Waits until every connection is gone.
    pub async fn wait_idle(&self) {
        self.endpoint.wait_idle().await;
    }
}

impl PolicyHandshake {
    /// Finishes the handshake, in which the peer is refused unless it is the daemon.
    ///
    /// # Errors
    /// Why the peer was not let in.
    pub async fn finish(self) -> Result<PolicyConnection, HandshakeError> {
        let connection = tokio::time::timeout(self.limits.handshake, self.connecting)
            .await
            .map_err(|_| HandshakeError::TimedOut)?
            .map_err(HandshakeError::Lost)?;
        let frame = self.limits.transport.frame;
        Ok(PolicyConnection(Connection::new(connection, frame)))
    }
}

impl PolicyClient {
    /// Binds a socket to `local`, to connect to the one host. Needs a runtime around it.
    ///
    /// # Errors
    /// The address cannot be bound, or certificates, key, roots or limits cannot be used.
    pub fn bind(
        local: SocketAddr,
        credentials: &Credentials,
        host: &Pin,
        limits: TransportLimits,
    ) -> Result<Self, EndpointError> {
        let host = Arc::new(Pinned::new(host)?);
        let tls = client::pinned_config(credentials, host.clone(), ALPN)?;
        Ok(Self {
            endpoint: ClientEndpoint::with_tls(local, tls, limits)?,
            host,
        })
    }

    /// Connects to the host, which is refused unless it is the one. That it lets the daemon in
    /// shows with its first answer.
    ///
    /// # Errors
    /// The address cannot be used, the handshake failed or took longer than `limit`.
    pub async fn connect(
        &self,
        address: SocketAddr,
        limit: Duration,
    ) -> Result<PolicyConnection, ConnectError> {
        let connecting = self.endpoint.connect(address, NAME);
        match tokio::time::timeout(limit, connecting).await {
            Ok(connected) => Ok(PolicyConnection(connected?)),
            Err(_) => Err(ConnectError::Lost(quinn::ConnectionError::TimedOut)),
        }
    }

    /// Whether a chain is still that of the host at `now`.
    ///
    /// # Errors
    /// It is not, or no longer.
    pub fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        now: Nanos,
    ) -> Result<(), CertificateRefused> {
        self.host.verify_server(chain, now)
    }

    /// Closes every connection at once.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.endpoint.close(code, reason);
    }
}

impl PolicyConnection {
    /// Opens a stream; waits while the peer allows no more of them.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn open_stream(
        &self,
    ) -> Result<(FrameReader<Header>, FrameWriter), quinn::ConnectionError> {
        self.0.open().await
    }

    /// Waits for the peer to open a stream.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn accept_stream(
        &self,
    ) -> Result<(FrameReader<Header>, FrameWriter), quinn::ConnectionError> {
        self.0.accept().await
    }

    /// Closes the connection at once; what was not delivered is lost.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.0.close(code, reason);
    }

    /// Waits until the connection is gone and says why.
    pub async fn closed(&self) -> quinn::ConnectionError {
        self.0.closed().await
    }

    /// The peer's address, which may change while the connection lasts.
    pub fn remote_address(&self) -> SocketAddr {
        self.0.remote_address()
    }

    /// The peer's certificates as the handshake verified them, its own first.
    pub fn peer_chain(&self) -> Vec<CertificateDer<'static>> {
        self.0.peer_chain()
    }
}
