//! The server's endpoint: who may connect, and how many at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use ledger::Nanos;
use quinn::crypto::rustls::QuicServerConfig;
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::CertificateDer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::credentials::provider;
use super::{
    Authorities, ClientAuthority, CloseCode, Connection, Credentials, EndpointError,
    HandshakeError, TransportLimits, socket,
};
use crate::identity::PeerCertificate;
use crate::limits::ALPN;

/// What a server's endpoint is made of.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it shows to clients.
    pub credentials: Credentials,
    /// Who may vouch for clients.
    pub authorities: Vec<ClientAuthority>,
    /// How much it takes.
    pub limits: ServerLimits,
}

/// How much a server's endpoint takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServerLimits {
    /// Most connections, handshakes included; more are refused.
    pub connections_max: usize,
    /// Most handshakes at once; more are refused.
    pub handshakes_max: usize,
    /// While more handshakes than this run, a client must first show that it can be reached at its
    /// address.
    pub validate_above: usize,
    /// How long a handshake may take.
    pub handshake: Duration,
    /// Limits of each connection.
    pub transport: TransportLimits,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections_max: 1_024,
            handshakes_max: 128,
            validate_above: 32,
            handshake: Duration::from_secs(5),
            transport: TransportLimits::default(),
        }
    }
}

/// A listening endpoint.
#[derive(Debug)]
pub struct Server {
    endpoint: quinn::Endpoint,
    authorities: Arc<ArcSwap<Authorities>>,
    handshakes: Arc<Semaphore>,
    limits: ServerLimits,
}

/// A peer that has begun to connect. Finish it in a task of its own, else it holds up others.
#[derive(Debug)]
pub struct Handshake {
    remote: SocketAddr,
    /// Failed already if the first packet was enough to refuse it.
    connecting: Result<quinn::Connecting, quinn::ConnectionError>,
    authorities: Arc<ArcSwap<Authorities>>,
    limits: ServerLimits,
    _permit: OwnedSemaphorePermit,
}

/// A peer that has connected and whom an authority vouches for.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The connection.
    pub connection: Connection,
    /// Its certificates, to be verified again while the connection lasts.
    pub chain: Vec<CertificateDer<'static>>,
    /// What its own certificate says.
    pub certificate: PeerCertificate,
    /// Name of the authority that vouches for it.
    pub authority: Arc<str>,
}

impl Server {
    /// Binds and listens. Needs a runtime around it.
    ///
    /// # Errors
    /// The address cannot be bound, or certificates, key, authorities or limits cannot be used.
    pub fn bind(config: &ServerConfig) -> Result<Self, EndpointError> {
        let authorities = Arc::new(Authorities::new(&config.authorities)?);
        let quic = quic_config(
            &config.credentials,
            authorities.clone(),
            ALPN,
            &config.limits,
        )?;
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
            authorities: Arc::new(ArcSwap::new(authorities)),
            handshakes: Arc::new(Semaphore::new(config.limits.handshakes_max)),
            limits: config.limits,
        })
    }

    /// Takes new certificates, key, authorities and revocation lists for handshakes from now on.
    /// Connections stay; verify their peers again with [`Server::verify`].
    ///
    /// # Errors
    /// They cannot be used; then everything stays as it was.
    pub fn reload(
        &self,
        credentials: &Credentials,
        authorities: &[ClientAuthority],
    ) -> Result<(), EndpointError> {
        let authorities = Arc::new(Authorities::new(authorities)?);
        let quic = quic_config(credentials, authorities.clone(), ALPN, &self.limits)?;
        self.authorities.store(authorities);
        self.endpoint.set_server_config(Some(quic));
        Ok(())
    }

    /// Which authority vouches for a chain at `now`.
    ///
    /// # Errors
    /// None does, or no longer.
    pub fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        now: Nanos,
    ) -> Result<Arc<str>, super::CertificateRefused> {
        self.authorities.load().verify(chain, now)
    }

    /// Waits for a peer to begin to connect; `None` once the endpoint is closed. Peers above the
    /// limits are refused here.
    pub async fn accept(&self) -> Option<Handshake> {
        loop {
            let incoming = self.endpoint.accept().await?;
            if self.endpoint.open_connections() >= self.limits.connections_max {
                incoming.refuse();
                continue;
            }
            let Ok(permit) = self.handshakes.clone().try_acquire_owned() else {
                incoming.refuse();
                continue;
            };
            let running = self.limits.handshakes_max - self.handshakes.available_permits();
            if running > self.limits.validate_above && !incoming.remote_address_validated() {
                // It fails only for an address that was validated.
                let _ = incoming.retry();
                continue;
            }
            return Some(Handshake {
                remote: incoming.remote_address(),
                connecting: incoming.accept(),
                authorities: self.authorities.clone(),
                limits: self.limits,
                _permit: permit,
            });
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The socket does not say.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// Connections that are open, handshakes included.
    pub fn connections(&self) -> usize {
        self.endpoint.open_connections()
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

impl Handshake {
    /// The peer's address.
    pub fn remote_address(&self) -> SocketAddr {
        self.remote
    }

    /// Finishes the handshake. `now` is the wall clock: the authorities are asked once more, by
    /// name.
    ///
    /// # Errors
    /// Why the peer was not let in; the connection is closed then.
    pub async fn finish(self, now: Nanos) -> Result<Peer, HandshakeError> {
        let connecting = self.connecting.map_err(HandshakeError::Lost)?;
        let connection = tokio::time::timeout(self.limits.handshake, connecting)
            .await
            .map_err(|_| HandshakeError::TimedOut)?
            .map_err(HandshakeError::Lost)?;
        let connection = Connection::new(connection, self.limits.transport.frame);
        let refuse = |error: HandshakeError| {
            connection.close(CloseCode::Unauthorized, &error.to_string());
            error
        };
        let chain = connection.peer_chain();
        let authority = self.authorities.load().verify(&chain, now);
        let authority = authority.map_err(|error| refuse(HandshakeError::Refused(error)))?;
        let end = chain.first().map(AsRef::as_ref).unwrap_or_default();
        let certificate = PeerCertificate::parse(end);
        let certificate = certificate.map_err(|error| refuse(HandshakeError::Nobody(error)))?;
        Ok(Peer {
            connection,
            chain,
            certificate,
            authority,
        })
    }
}

pub(super) fn quic_config(
    credentials: &Credentials,
    verifier: Arc<dyn ClientCertVerifier>,
    alpn: &[u8],
    limits: &ServerLimits,
) -> Result<quinn::ServerConfig, EndpointError> {
    let Credentials { chain, key } = credentials.clone();
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(EndpointError::Tls)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(EndpointError::Tls)?;
    tls.alpn_protocols = vec![alpn.to_vec()];
    tls.max_early_data_size = 0;
    // A resumed session would not be asked for its certificate again, revoked or not.
    tls.send_tls13_tickets = 0;
    tls.session_storage = Arc::new(NoServerSessionStorage {});
    let crypto = QuicServerConfig::try_from(tls).map_err(|_| EndpointError::NoInitialCipher)?;
    let mut quic = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    quic.transport_config(limits.transport.config(limits.transport.streams_max)?)
        .max_incoming(limits.handshakes_max)
        .incoming_buffer_size(64 * 1024)
        .incoming_buffer_size_total(4 * 1024 * 1024);
    Ok(quic)
}
