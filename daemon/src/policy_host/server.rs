//! The process in which policies run apart.

mod components;
mod loader;
mod session;
mod stream;
mod table;
mod workers;

use std::ffi::OsString;
use std::fmt;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plugins_host::{Compiler, Runtime, RuntimeError, RuntimeOptions};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use wire::endpoint::{
    CloseCode, EndpointError, PolicyServer, PolicyServerConfig, ServerLimits, TransportLimits,
};

use super::settings::{HostLimits, HostSettings};
use crate::clock;
use loader::Loader;
use table::Table;
use workers::Workers;

/// Name of the hidden command that compiles one component and ends.
pub(crate) const COMPILE: &str = "compile-policy";

/// Connections at once: of a daemon, of one that takes over, and of those that they left behind.
const CONNECTIONS_MAX: usize = 8;
/// How long a connection may be silent. A daemon asks for a sign of life far more often.
const IDLE: Duration = Duration::from_secs(10);
/// How long the daemon is given to learn that the process stops.
const DRAIN: Duration = Duration::from_secs(1);

/// Why the process ended.
#[derive(Debug)]
pub(crate) enum HostError {
    /// The machine gives no runtime or thread.
    Machine(std::io::Error),
    /// The machine cannot run policies.
    Policies(RuntimeError),
    /// The address cannot be listened on, or certificates not be used.
    Listen(SocketAddr, EndpointError),
}

/// What all connections share.
struct Shared {
    server: PolicyServer,
    table: Arc<Table>,
    loader: Loader,
    workers: Workers,
}

/// How components of tenants are compiled: by another process of this very program, whose memory
/// and time are limited.
pub(crate) fn compiler() -> Compiler {
    Compiler::Child {
        // Not the path that it was started by: that may be another program by now.
        program: PathBuf::from("/proc/self/exe"),
        args: vec![OsString::from(COMPILE)],
    }
}

/// Serves with `settings`; calls `ready` with the bound address once connections are taken.
///
/// # Errors
/// Why it cannot go on.
pub(crate) fn serve(
    settings: HostSettings,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), HostError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_max_level(tracing::Level::INFO)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("plane")
        .build()
        .map_err(HostError::Machine)?;
    runtime.block_on(run(settings, ready))
}

/// A host that takes connections.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
    taking: JoinHandle<()>,
}

impl Running {
    /// Starts it. Needs a runtime around it.
    ///
    /// # Errors
    /// Why it cannot run.
    pub(super) fn start(
        config: &PolicyServerConfig,
        limits: &HostLimits,
        compiler: Compiler,
    ) -> Result<Self, HostError> {
        let runtime = Runtime::new(RuntimeOptions {
            compiler,
            kept_bytes: limits.instance_bytes,
            metered: false,
            watch: Some(workers::watch()),
        })
        .map_err(HostError::Policies)?;
        let table = Arc::new(Table::new(limits.policies));
        let loader = Loader::start(runtime, Arc::clone(&table), limits.component_bytes);
        let workers = Workers::start(Arc::clone(&table), limits.workers, limits.calls_in_flight);
        let server =
            PolicyServer::bind(config).map_err(|error| HostError::Listen(config.listen, error))?;
        let address = server.local_addr().map_err(HostError::Machine)?;
        let shared = Arc::new(Shared {
            server,
            table,
            loader: loader.map_err(HostError::Machine)?,
            workers: workers.map_err(HostError::Machine)?,
        });
        let taking = tokio::spawn(take(Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            taking,
        })
    }

    async fn stop(self) {
        self.taking.abort();
        let server = &self.shared.server;
        server.close(CloseCode::ShuttingDown, "the host of policies is stopping");
        let _ = tokio::time::timeout(DRAIN, server.wait_idle()).await;
    }
}

async fn run(mut settings: HostSettings, ready: impl FnOnce(SocketAddr)) -> Result<(), HostError> {
    let listen = |kind| signal(kind).map_err(HostError::Machine);
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    let running = Running::start(&server_config(&settings), &settings.limits, compiler())?;
    ready(running.address);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => reload(&mut settings, &running.shared.server),
        }
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// Takes connections until the endpoint is closed.
async fn take(shared: Arc<Shared>) {
    while let Some(begun) = shared.server.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let finished = match begun {
                Ok(handshake) => handshake.finish().await,
                Err(error) => Err(error),
            };
            match finished {
                Ok(connection) => session::run(connection, shared).await,
                Err(error) => tracing::warn!(%error, "peer refused"),
            }
        });
    }
}

fn reload(settings: &mut HostSettings, server: &PolicyServer) {
    let newer = match settings.reload(clock::now()) {
        Ok(newer) => newer,
        Err(error) => {
            tracing::error!(%error, "not reloaded: what runs stays as it is");
            return;
        }
    };
    if newer.limits != settings.limits || newer.listen() != settings.listen() {
        tracing::warn!("limits or address changed in the file: takes effect at the next start");
    }
    let internal = newer.internal();
    match server.reload(&internal.credentials(), &internal.pin()) {
        Ok(()) => {
            tracing::info!("identities reloaded");
            *settings = newer;
        }
        Err(error) => tracing::error!(%error, "not reloaded: what runs stays as it is"),
    }
}

fn server_config(settings: &HostSettings) -> PolicyServerConfig {
    PolicyServerConfig {
        listen: settings.listen(),
        credentials: settings.internal().credentials(),
        daemon: settings.internal().pin(),
        limits: ServerLimits {
            connections_max: CONNECTIONS_MAX,
            transport: TransportLimits {
                idle: IDLE,
                ..TransportLimits::default()
            },
            ..ServerLimits::default()
        },
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(error) => write!(f, "the machine refuses: {error}"),
            Self::Policies(error) => error.fmt(f),
            Self::Listen(address, error) => write!(f, "cannot listen on `{address}`: {error}"),
        }
    }
}

impl std::error::Error for HostError {}
