//! What can go wrong with endpoints, handshakes and streams.

use std::fmt;
use std::io;

use rustls::server::VerifierBuilderError;

use super::CertificateRefused;
use crate::frame::FrameError;
use crate::identity::IdentityError;

/// Why an endpoint cannot be made or changed.
#[derive(Debug)]
pub enum EndpointError {
    /// The socket cannot be opened or bound.
    Socket(io::Error),
    /// Certificates and key do not fit TLS or each other.
    Tls(rustls::Error),
    /// An authority has no root, or a revocation list that cannot be read.
    Authority(VerifierBuilderError),
    /// No client authority is given: nobody could connect.
    NoAuthority,
    /// The provider of cryptography lacks what QUIC starts with.
    NoInitialCipher,
    /// A limit is not one that QUIC can say.
    Limit(&'static str),
}

/// Why a client cannot connect.
#[derive(Debug)]
pub enum ConnectError {
    /// The address or server name cannot be used.
    Unusable(quinn::ConnectError),
    /// The handshake failed.
    Lost(quinn::ConnectionError),
}

/// Why a peer was not let in.
#[derive(Debug)]
pub enum HandshakeError {
    /// The handshake took too long.
    TimedOut,
    /// The handshake failed: no certificate, a refused one, or another protocol.
    Lost(quinn::ConnectionError),
    /// The certificate was refused after the handshake.
    Refused(CertificateRefused),
    /// The certificate names nobody.
    Nobody(IdentityError),
}

/// Why no more frames can be read from a stream.
#[derive(Debug)]
pub enum ReadError {
    /// A header is refused.
    Frame(FrameError),
    /// A frame did not end within the time given for one.
    TooSlow,
    /// The stream ended inside a frame.
    Truncated,
    /// The peer gave the stream up with this number.
    Reset(u64),
    /// The connection is gone.
    Lost(quinn::ConnectionError),
}

/// Why no more frames can be written to a stream.
#[derive(Debug)]
pub enum WriteError {
    /// The peer reads no more and says so with this number.
    Stopped(u64),
    /// The stream was ended before.
    Ended,
    /// The connection is gone.
    Lost(quinn::ConnectionError),
}

impl From<quinn::ReadError> for ReadError {
    fn from(error: quinn::ReadError) -> Self {
        match error {
            quinn::ReadError::Reset(code) => Self::Reset(code.into_inner()),
            quinn::ReadError::ConnectionLost(error) => Self::Lost(error),
            _ => Self::Truncated,
        }
    }
}

impl From<quinn::WriteError> for WriteError {
    fn from(error: quinn::WriteError) -> Self {
        match error {
            quinn::WriteError::Stopped(code) => Self::Stopped(code.into_inner()),
            quinn::WriteError::ConnectionLost(error) => Self::Lost(error),
            _ => Self::Ended,
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(error) => write!(f, "socket: {error}"),
            Self::Tls(error) => write!(f, "certificates or key: {error}"),
            Self::Authority(error) => write!(f, "client authority: {error}"),
            Self::NoAuthority => f.write_str("no client authority is given"),
            Self::NoInitialCipher => f.write_str("no AES-128-GCM for the first packets"),
            Self::Limit(which) => write!(f, "limit `{which}` is out of range"),
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(error) => write!(f, "address or server name: {error}"),
            Self::Lost(error) => write!(f, "handshake: {error}"),
        }
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("handshake took too long"),
            Self::Lost(error) => write!(f, "handshake: {error}"),
            Self::Refused(error) => write!(f, "{error}"),
            Self::Nobody(error) => write!(f, "certificate names nobody: {error}"),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => write!(f, "frame refused: {error}"),
            Self::TooSlow => f.write_str("frame did not end in time"),
            Self::Truncated => f.write_str("stream ended inside a frame"),
            Self::Reset(code) => write!(f, "stream reset with `{code}`"),
            Self::Lost(error) => write!(f, "connection lost: {error}"),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(code) => write!(f, "peer stopped the stream with `{code}`"),
            Self::Ended => f.write_str("stream was ended"),
            Self::Lost(error) => write!(f, "connection lost: {error}"),
        }
    }
}

impl std::error::Error for EndpointError {}
impl std::error::Error for ConnectError {}
impl std::error::Error for HandshakeError {}
impl std::error::Error for ReadError {}
impl std::error::Error for WriteError {}
