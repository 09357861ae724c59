//! A connection to a server.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use wire::endpoint::pki::CertificateDer;
use wire::endpoint::{
    ClientEndpoint, CloseCode, Connection, Credentials, FrameReader, FrameWriter, OutgoingFrame,
    ReadError, TransportLimits,
};
use wire::frame::Kind;
use wire::message::{Failure, HelloAnswer, HelloRequest};
use wire::{Text, field};

use crate::ClientError;
use crate::pending::Pending;

/// Requests that wait to be written; those in flight are bounded on their own.
const QUEUE_MAX: usize = 64;

/// Whom to connect to, as whom, and how.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The server's address.
    pub server: SocketAddr,
    /// The name that the server's certificate must be for.
    pub server_name: String,
    /// Authorities that may vouch for the server.
    pub roots: Vec<CertificateDer<'static>>,
    /// The client's certificate and key.
    pub credentials: Credentials,
    /// Name and version of the program, for the server's log.
    pub program: String,
    /// How long a request may take where the caller does not say.
    pub deadline: Duration,
    /// Most requests that wait for answers; the server may allow fewer.
    pub in_flight_max: usize,
    /// Limits of the connection.
    pub transport: TransportLimits,
}

impl ClientConfig {
    /// A configuration with a deadline of 30 seconds and 1,024 requests in flight.
    pub fn new(
        server: SocketAddr,
        server_name: &str,
        roots: Vec<CertificateDer<'static>>,
        credentials: Credentials,
    ) -> Self {
        Self {
            server,
            server_name: server_name.to_owned(),
            roots,
            credentials,
            program: concat!("ledgerd-client ", env!("CARGO_PKG_VERSION")).to_owned(),
            deadline: Duration::from_secs(30),
            in_flight_max: 1_024,
            transport: TransportLimits::default(),
        }
    }
}

/// A connection to a server. Clones share it; it closes with the last of them.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) hello: Arc<HelloAnswer>,
}

/// What the clones of a client share.
#[derive(Debug)]
pub(crate) struct Shared {
    endpoint: ClientEndpoint,
    pub(crate) connection: Connection,
    pub(crate) queue: mpsc::Sender<OutgoingFrame>,
    pub(crate) pending: Arc<Pending>,
    pub(crate) in_flight: Arc<Semaphore>,
    /// High half of every request id: the same in no other connection.
    pub(crate) prefix: u64,
    pub(crate) next_number: AtomicU64,
    pub(crate) deadline: Duration,
}

impl Client {
    /// Connects and greets. Needs a runtime around it, on which it runs two tasks.
    ///
    /// # Errors
    /// Why there is no connection, a refused certificate included.
    pub async fn connect(config: &ClientConfig) -> Result<Self, ClientError> {
        let any: SocketAddr = match config.server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let ClientConfig {
            credentials,
            roots,
            transport,
            ..
        } = config;
        let endpoint = ClientEndpoint::bind(any, credentials, roots, *transport)
            .map_err(ClientError::Endpoint)?;
        let connecting = endpoint.connect(config.server, &config.server_name);
        let connection = tokio::time::timeout(config.deadline, connecting)
            .await
            .map_err(|_| ClientError::DeadlinePassed)?
            .map_err(ClientError::Connect)?;
        let streams = connection.open_stream().await;
        let (reader, writer) = streams.map_err(|e| ClientError::Disconnected(e.to_string()))?;
        let (queue, queued) = mpsc::channel(QUEUE_MAX);
        let pending = Arc::new(Pending::default());
        tokio::spawn(read(reader, pending.clone(), connection.clone()));
        tokio::spawn(write(writer, queued));
        let shared = Arc::new(Shared {
            endpoint,
            connection,
            queue,
            pending,
            in_flight: Arc::new(Semaphore::new(config.in_flight_max)),
            prefix: RandomState::new().build_hasher().finish(),
            next_number: AtomicU64::new(1),
            deadline: config.deadline,
        });
        let request = HelloRequest {
            client: Text::cut(&config.program),
        };
        let hello = shared.hello(request).await?;
        let allowed = hello.in_flight_max.max(1) as usize;
        shared
            .in_flight
            .forget_permits(config.in_flight_max.saturating_sub(allowed));
        Ok(Self {
            shared,
            hello: Arc::new(hello),
        })
    }

    /// Who the server says this client is, and the server's limits.
    pub fn hello(&self) -> &HelloAnswer {
        &self.hello
    }

    /// Closes the connection and waits until the server knows. Requests in flight have no answer.
    pub async fn close(self) {
        self.shared.connection.close(CloseCode::Done, "done");
        self.shared.endpoint.wait_idle().await;
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.connection.close(CloseCode::Done, "done");
    }
}

async fn write(mut writer: FrameWriter, mut queued: mpsc::Receiver<OutgoingFrame>) {
    // The reader learns of the same loss and tells those who wait.
    let _ = writer.drain(&mut queued).await;
}

async fn read(mut reader: FrameReader, pending: Arc<Pending>, connection: Connection) {
    let why = loop {
        match reader.next().await {
            Ok(Some(frame)) if frame.header.request_id == 0 => {
                break match field::decode::<Failure>(&frame.body) {
                    Ok(failure) => failure.to_string(),
                    Err(error) => error.to_string(),
                };
            }
            Ok(Some(frame)) => match frame.header.kind {
                Kind::Answer | Kind::Failure => {
                    pending.answer(frame.header.request_id as u64, frame);
                }
                kind => break format!("a frame of kind `{kind:?}` among answers"),
            },
            Ok(None) => break "server ended the stream".to_owned(),
            // What the server gave as the reason of closing says more than the stream's end.
            Err(ReadError::Lost(error)) => break error.to_string(),
            Err(error) => {
                break connection
                    .close_reason()
                    .map_or(error.to_string(), |e| e.to_string());
            }
        }
    };
    pending.end(&why);
    connection.close(CloseCode::Done, "stream ended");
}
