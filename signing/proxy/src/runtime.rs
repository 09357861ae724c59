//! Runs the parts until the process is told to stop.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::audit::Audit;
use crate::config::{ConfigError, Problem, Settings};
use crate::exit::Exit;
use crate::fatal::{Fatal, Fatally};
use crate::keys::Keys;
use crate::rates::Rates;
use crate::server;
use crate::shared::Shared;
use crate::state::{State, StateError};

/// What only builds for tests are told.
pub(crate) struct Unusual {
    /// What goes wrong on purpose.
    #[cfg(any(feature = "faults", debug_assertions))]
    pub(crate) faults: Vec<crate::faults::Fault>,
    /// Seed of its chances.
    #[cfg(any(feature = "faults", debug_assertions))]
    pub(crate) seed: Option<u64>,
}

/// Why serving ended, or did not begin.
#[derive(Debug)]
pub(crate) enum ServeError {
    /// The machine gives no runtime or signals.
    Machine(io::Error),
    /// What the configuration names cannot be used.
    Configuration(ConfigError),
    /// The state is not what it should be.
    State(StateError),
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// It cannot go on.
    Fatal(Fatally),
}

/// Serves with `settings`; calls `ready` with the bound address once connections are taken.
///
/// # Errors
/// Why it cannot begin, or not go on.
pub(crate) fn serve(
    settings: Settings,
    unusual: Unusual,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    // One that is there already is as good.
    let _ = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_max_level(tracing::Level::INFO)
        .try_init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Machine)?;
    let served = runtime.block_on(run(settings, unusual, ready));
    // Requests that were given up must not keep the process.
    runtime.shutdown_background();
    served
}

async fn run(
    settings: Settings,
    unusual: Unusual,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let listen = settings.profile.listen();
    let tls = settings.acceptor.clone().map(TlsAcceptor::from);
    let (fatal, ended) = Fatal::channel();
    let shared = Arc::new(open(settings, unusual, &fatal).await?);
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| ServeError::Listen(listen, error))?;
    let address = listener.local_addr().map_err(ServeError::Machine)?;
    // Heard from before anybody is told that there is somebody to stop.
    let signals = Signals::listen().map_err(ServeError::Machine)?;
    let (tell, stop) = watch::channel(false);
    let serving = tokio::spawn(server::serve(listener, tls, Arc::clone(&shared), stop));
    ready(address);
    let fatally = signals.until_told(&shared, ended).await;
    tracing::info!("stopping: no more connections are taken");
    let _ = tell.send(true);
    if fatally.is_none() {
        let _ = serving.await;
        shared.audit.finish().await;
    }
    fatally.map_or(Ok(()), |fatally| Err(ServeError::Fatal(fatally)))
}

/// Opens everything but the port. What cannot be used is a fault of the configuration.
async fn open(settings: Settings, unusual: Unusual, fatal: &Fatal) -> Result<Shared, ServeError> {
    let failed = |problem| ServeError::Configuration(ConfigError::of(&settings.file, problem));
    let kids = settings
        .profile
        .keys()
        .iter()
        .map(|key| key.kid.to_string())
        .collect();
    let exceptions = settings.exceptions.clone();
    let state = State::open(&settings.state, kids, exceptions, fatal.clone());
    let state = state.map_err(|error| {
        let advice = match &error {
            StateError::Damaged(..) | StateError::Text(_) => return ServeError::State(error),
            StateError::Locked(_) => "stop the other process: one alone knows what was signed",
            StateError::Io(..) => "name a directory that the user that runs the proxy may write",
        };
        let value = settings.state.display();
        failed(Problem::of(
            "state.directory",
            value,
            error.to_string(),
            advice,
        ))
    })?;
    let audit = Audit::open(&settings.audit, settings.audit_to_stdout, fatal.clone());
    let audit = audit.map_err(|error| {
        let advice = "name a file in a directory that the user that runs the proxy may write";
        failed(Problem::of_file(
            "audit.file",
            &settings.audit,
            error.to_string(),
            advice,
        ))
    })?;
    let keys = Keys::connect(&settings.profile).await.map_err(|problems| {
        ServeError::Configuration(ConfigError {
            file: settings.file.clone(),
            problems,
        })
    })?;
    #[cfg(any(feature = "faults", debug_assertions))]
    let faults = crate::faults::Faults::new(unusual.faults, unusual.seed);
    #[cfg(not(any(feature = "faults", debug_assertions)))]
    let Unusual {} = unusual;
    Ok(Shared {
        rates: Rates::new(&settings.limits, &settings.clients),
        settings,
        keys,
        state,
        audit,
        #[cfg(any(feature = "faults", debug_assertions))]
        faults,
    })
}

/// What the system tells the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits until somebody stops the process, or something ends it.
    async fn until_told(
        mut self,
        shared: &Shared,
        mut ended: mpsc::Receiver<Fatally>,
    ) -> Option<Fatally> {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return None,
                _ = self.interrupt.recv() => return None,
                _ = self.hang_up.recv() => shared.audit.reopen().await,
                why = ended.recv() => return why,
            }
        }
    }
}

impl ServeError {
    /// How the process ends with it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Configuration(_) => Exit::Configuration,
            Self::State(_) => Exit::StateRefused,
            Self::Machine(_) | Self::Listen(..) | Self::Fatal(_) => Exit::Runtime,
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(error) => write!(f, "the machine refuses: {error}"),
            Self::Configuration(error) => error.fmt(f),
            Self::State(error) => write!(
                f,
                "{error}; restore the file from where it is kept safe, and read \
                 docs/operate/signing-proxy.md before anything is signed"
            ),
            Self::Listen(address, error) => write!(f, "cannot listen on `{address}`: {error}"),
            Self::Fatal(fatally) => fatally.fmt(f),
        }
    }
}

impl std::error::Error for ServeError {}
