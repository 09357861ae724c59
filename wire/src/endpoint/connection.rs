//! A connection, at either end.

use std::net::SocketAddr;
use std::time::Duration;

use quinn::VarInt;
use rustls_pki_types::CertificateDer;

use super::{FrameReader, FrameWriter};
use crate::frame::Head;

/// Why an end closes a connection or gives up a stream. Numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u32)]
pub enum CloseCode {
    /// All is done.
    Done = 0,
    /// The server is stopping; connect again later.
    ShuttingDown = 1,
    /// The certificate has expired or was revoked, or its holder may do nothing here.
    Unauthorized = 2,
    /// The peer broke the protocol.
    Protocol = 3,
    /// The server is full; connect again later.
    Busy = 4,
}

impl CloseCode {
    pub(super) fn number(self) -> VarInt {
        VarInt::from_u32(self as u32)
    }
}

/// A connection. Clones stand for the same one.
#[derive(Clone, Debug)]
pub struct Connection {
    quinn: quinn::Connection,
    frame: Duration,
}

impl Connection {
    pub(super) fn new(quinn: quinn::Connection, frame: Duration) -> Self {
        Self { quinn, frame }
    }

    /// Opens a stream; waits while the peer allows no more of them.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn open_stream(&self) -> Result<(FrameReader, FrameWriter), quinn::ConnectionError> {
        self.open().await
    }

    pub(super) async fn open<H: Head>(
        &self,
    ) -> Result<(FrameReader<H>, FrameWriter), quinn::ConnectionError> {
        let (send, receive) = self.quinn.open_bi().await?;
        Ok((
            FrameReader::new(receive, self.frame),
            FrameWriter::new(send),
        ))
    }

    /// Waits for the peer to open a stream.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn accept_stream(
        &self,
    ) -> Result<(FrameReader, FrameWriter), quinn::ConnectionError> {
        self.accept().await
    }

    pub(super) async fn accept<H: Head>(
        &self,
    ) -> Result<(FrameReader<H>, FrameWriter), quinn::ConnectionError> {
        let (send, receive) = self.quinn.accept_bi().await?;
        Ok((
            FrameReader::new(receive, self.frame),
            FrameWriter::new(send),
        ))
    }

    /// Closes the connection at once; what was not delivered is lost.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.quinn.close(code.number(), reason.as_bytes());
    }

    /// Waits until the connection is gone and says why.
    pub async fn closed(&self) -> quinn::ConnectionError {
        self.quinn.closed().await
    }

    /// Why the connection is gone, if it is.
    pub fn close_reason(&self) -> Option<quinn::ConnectionError> {
        self.quinn.close_reason()
    }

    /// The peer's address, which may change while the connection lasts.
    pub fn remote_address(&self) -> SocketAddr {
        self.quinn.remote_address()
    }

    /// The latest estimate of the round trip.
    pub fn round_trip(&self) -> Duration {
        self.quinn.rtt()
    }

    /// The peer's certificates as the handshake verified them, its own first; empty if it showed
    /// none.
    pub fn peer_chain(&self) -> Vec<CertificateDer<'static>> {
        self.quinn
            .peer_identity()
            .and_then(|identity| identity.downcast::<Vec<CertificateDer<'static>>>().ok())
            .map(|chain| *chain)
            .unwrap_or_default()
    }
}
