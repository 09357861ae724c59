//! QUIC endpoints for both ends: TLS 1.3 with certificates on both sides, one protocol name, no
//! data before the handshake ends, everything bounded.

mod authorities;
mod client;
mod connection;
mod credentials;
mod error;
mod pinned;
mod policy;
mod server;
mod socket;
mod stream;
#[cfg(test)]
mod tests;
mod transport;

pub use rustls_pki_types as pki;

pub use authorities::{Authorities, CertificateRefused, ClientAuthority};
pub use client::ClientEndpoint;
pub use connection::{CloseCode, Connection};
pub use credentials::{Credentials, certificates_from_pem, crls_from_pem};
pub use error::{ConnectError, EndpointError, HandshakeError, ReadError, WriteError};
pub use pinned::{Pin, Pinned};
pub use policy::{
    PolicyClient, PolicyConnection, PolicyHandshake, PolicyServer, PolicyServerConfig,
};
pub use server::{Handshake, Peer, Server, ServerConfig, ServerLimits};
pub use stream::{FrameReader, FrameWriter, OutgoingFrame};
pub use transport::TransportLimits;
