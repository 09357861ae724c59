//! Runs the parts until the process is told to stop.

use std::fmt;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::engine::EngineError;
use actors::recovery::{self, RecoveryError, Sources};
use actors::{AdmissionLimits, Clock, Engine, Options, Sealing};
use plugins_host::{Authority, AuthorityLimits};
use store::disk::Disk;
use store::disk::real::{DirDisk, OpenDirError};
use store::embedded::{self, Embedded, OpenError};
use store::index::IndexLimits;
use tokio::signal::unix::{Signal, SignalKind, signal};
use wire::endpoint::{
    CloseCode, Credentials, EndpointError, Server, ServerConfig, ServerLimits, TransportLimits,
};

use crate::authority::Authorities;
use crate::clock;
use crate::config::{Journal, Settings};
use crate::exit::Exit;
use crate::gateway::{self, Shared};
use crate::policies::place::Places;
use crate::policies::{self, PoliciesError};
use crate::sealing::{self, SealingError};
use crate::signers;

/// Memory for legs that are in no run of the index yet.
const LEG_MEMORY_BYTES: usize = 64 << 20;
/// How long clients are given to read their last answers.
const DRAIN: Duration = Duration::from_secs(2);
/// How often recovery tells how far it has come.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Why serving ended.
#[derive(Debug)]
pub(crate) enum ServeError {
    /// The machine gives no runtime, thread or randomness.
    Machine(std::io::Error),
    /// The journal's directory cannot be used.
    Directory(OpenDirError),
    /// The journal is refused.
    Journal(OpenError),
    /// The journal does not fold to a ledger.
    Recovery(RecoveryError),
    /// What must be sealed cannot be.
    Sealing(SealingError),
    /// Nobody could be judged.
    Policies(PoliciesError),
    /// The engine does not start.
    Engine(EngineError),
    /// The address cannot be listened on, or certificates not be used.
    Listen(SocketAddr, EndpointError),
}

/// Serves with `settings`; calls `ready` with the bound address once connections are taken.
///
/// # Errors
/// Why it cannot go on.
pub(crate) fn serve(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_max_level(tracing::Level::INFO)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("gateway")
        .build()
        .map_err(ServeError::Machine)?;
    actors::system::block_on(runtime, run(settings, ready))
}

fn recover(settings: &Settings, disk: Arc<dyn Disk>) -> Result<recovery::Recovered, ServeError> {
    let Journal::Embedded { segment_bytes, .. } = &settings.journal;
    let default = embedded::Options::default();
    let options = embedded::Options {
        segment_bytes: *segment_bytes,
        // Whoever has room for small segments only has none for large files of notes.
        notes_bytes: default.notes_bytes.min(*segment_bytes),
        ..default
    };
    let mut told = Instant::now();
    let (journal, found) = Embedded::open(Arc::clone(&disk), options, &mut |progress| {
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tracing::info!(
                bytes = progress.bytes,
                of = progress.total,
                "checking the journal"
            );
        }
    })
    .map_err(ServeError::Journal)?;
    if let Some(cut) = found.cut {
        tracing::warn!(cycle = cut.cycle, place = %cut.place, bytes = cut.bytes, "tail cut");
    }
    let mut seed = [0; 16];
    getrandom::fill(&mut seed)
        .map_err(|error| ServeError::Machine(std::io::Error::other(error.to_string())))?;
    let (low, high) = seed.split_at(8);
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte))
    };
    let id_memory = usize::try_from(settings.limits.id_memory).unwrap_or(usize::MAX);
    let sources = Sources {
        journal: Box::new(journal),
        disk,
        index: IndexLimits::new(id_memory / 2, LEG_MEMORY_BYTES),
        recent_id_bytes: id_memory / 2,
        hash_seed: [word(low), word(high)],
    };
    recovery::recover(sources, |folded| {
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tracing::info!(cycle = folded.cycle, of = folded.of, "folding cycles");
        }
    })
    .map_err(ServeError::Recovery)
}

async fn run(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let listen = settings.profile.listen();
    // Before anybody is told that it runs, lest a signal end it without a stop.
    let signals = Signals::listen().map_err(ServeError::Machine)?;
    let Journal::Embedded { directory, .. } = &settings.journal;
    let disk = DirDisk::open(directory).map_err(ServeError::Directory)?;
    let disk: Arc<dyn Disk> = Arc::new(disk);
    // What signs comes first: without it nothing is recovered, and no port is opened.
    let sealing = sealing::prepare(&settings, &disk).await;
    let (sealing, chain) = sealing.map_err(ServeError::Sealing)?.unzip();
    let chain = chain.flatten();
    let recovered = recover(&settings, disk)?;
    let chain = chain
        .as_ref()
        .map(|chain| (&chain.policies, chain.registry.keyring()));
    let tenant = |name| recovered.tenant(name);
    let ready_policies = policies::start::ready(&settings, directory, chain, tenant).await;
    let ready_policies = ready_policies.map_err(ServeError::Policies)?;
    let set = ready_policies.set.clone();
    let sealing = sealing.map(|sealing| Sealing {
        policy_set: set.digest(),
        ..sealing
    });
    let authority = Authority::start(set, AuthorityLimits::default());
    let authority = authority.map_err(ServeError::Machine)?;
    let engine = Engine::start(recovered, authority.clone(), &options(&settings), sealing);
    let engine = Arc::new(engine.map_err(ServeError::Engine)?);
    let authorities = Authorities::new(&settings);
    let requests = usize::try_from(settings.limits.requests_in_flight).unwrap_or(usize::MAX);
    let rollout = ready_policies.rollout(&engine, &authority);
    let places = rollout.places().clone();
    let shared = Shared::new(
        Arc::clone(&engine),
        authority,
        rollout,
        Arc::clone(&authorities),
        requests,
    );
    let server = Server::bind(&server_config(&settings))
        .map_err(|error| ServeError::Listen(listen, error))?;
    let address = server.local_addr().map_err(ServeError::Machine)?;
    let server = Arc::new(server);
    let taking = tokio::spawn(gateway::run(Arc::clone(&server), Arc::clone(&shared)));
    ready(address);
    until_told(signals, settings, &server, &authorities, &places, &engine).await;
    tracing::info!("stopping: no more requests are taken");
    taking.abort();
    let stopping = Arc::clone(&engine);
    let stopped = tokio::task::spawn_blocking(move || stopping.stop()).await;
    if stopped.is_err() {
        tracing::error!("the engine's stop ended by a panic");
    }
    // Answers are released by now; their readers get a moment to take them.
    tokio::time::sleep(Duration::from_millis(20)).await;
    server.close(CloseCode::ShuttingDown, "the daemon is stopping");
    let _ = tokio::time::timeout(DRAIN, server.wait_idle()).await;
    tracing::info!("stopped");
    Ok(())
}

/// What a supervisor tells the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

/// Reloads identities and signers when told to; returns when told to stop.
async fn until_told(
    mut signals: Signals,
    mut settings: Settings,
    server: &Server,
    authorities: &Authorities,
    places: &Places,
    engine: &Engine,
) {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
            _ = signals.hang_up.recv() => {
                reload(&mut settings, server, authorities);
                places.reload(&settings.profile.policies());
                reconnect(&settings, engine).await;
            }
        }
    }
}

/// Connects and tests the signers that the configuration names now, so that a key to come is at
/// hand when it is promoted.
async fn reconnect(settings: &Settings, engine: &Engine) {
    let keyring = match engine.keyring().await {
        Ok(Some(keyring)) => keyring,
        Ok(None) => return,
        Err(error) => {
            tracing::error!(%error, "signers stay as they are: reload again");
            return;
        }
    };
    match signers::connect(settings, Some(&keyring), clock::micros()).await {
        Ok(Some(connected)) => {
            if engine.connect(connected.seals) {
                tracing::info!("signers of seals connected and tested");
            } else {
                tracing::error!("signers stay as they are: the signer is busy, reload again");
            }
        }
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "signers stay as they are"),
    }
}

fn reload(settings: &mut Settings, server: &Server, authorities: &Authorities) {
    let newer = match settings.reload(clock::now()) {
        Ok(newer) => newer,
        Err(error) => {
            tracing::error!(%error, "not reloaded: what runs stays as it is");
            return;
        }
    };
    for key in settings.needs_restart(&newer) {
        tracing::warn!(key, "changed in the file: takes effect at the next start");
    }
    let config = server_config(&newer);
    match server.reload(&config.credentials, &config.authorities) {
        Ok(()) => {
            authorities.replace(&newer, clock::now());
            tracing::info!("identities, authorities and deny list reloaded");
            *settings = newer;
        }
        Err(error) => tracing::error!(%error, "not reloaded: what runs stays as it is"),
    }
}

fn options(settings: &Settings) -> Options {
    let bytes = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    Options {
        admission: AdmissionLimits {
            total_bytes: bytes(settings.limits.admission),
            tenant_bytes: bytes(settings.limits.tenant_share()),
        },
        clock: Clock::System,
        max_clock_step_nanos: u64::try_from(settings.max_clock_step.as_nanos()).unwrap_or(u64::MAX),
        caps: ledger::Caps {
            accounts: bytes(settings.limits.accounts_per_book),
            open_holds: bytes(settings.limits.open_holds_per_book),
        },
        query_events_max: settings.limits.query_rows,
        snapshot_every_bytes: snapshot_every_bytes(settings),
        #[cfg(debug_assertions)]
        fault: settings.environment.fault,
    }
}

#[cfg(not(debug_assertions))]
fn snapshot_every_bytes(settings: &Settings) -> u64 {
    let Journal::Embedded {
        snapshot_every_bytes,
        ..
    } = &settings.journal;
    *snapshot_every_bytes
}

/// A test that waits for a snapshot to fail does not wait for hundreds of megabytes.
#[cfg(debug_assertions)]
fn snapshot_every_bytes(settings: &Settings) -> u64 {
    match settings.environment.fault {
        Some(actors::Fault::Snapshotter) => 16 << 10,
        _ => {
            let Journal::Embedded {
                snapshot_every_bytes,
                ..
            } = &settings.journal;
            *snapshot_every_bytes
        }
    }
}

fn server_config(settings: &Settings) -> ServerConfig {
    let server = settings.profile.server();
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    ServerConfig {
        listen: settings.profile.listen(),
        credentials: Credentials {
            chain: server.chain(),
            key: server.key(),
        },
        authorities: settings.client_authorities(),
        limits: ServerLimits {
            connections_max: count(settings.limits.connections),
            handshakes_max: count(settings.limits.handshakes),
            transport: TransportLimits {
                frame: Duration::from_secs(settings.limits.frame_seconds),
                ..TransportLimits::default()
            },
            ..ServerLimits::default()
        },
    }
}

impl ServeError {
    /// How the process ends with it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Journal(_)
            | Self::Recovery(_)
            | Self::Policies(PoliciesError::Platform(_) | PoliciesError::Set(_))
            | Self::Engine(EngineError::Seals(_))
            | Self::Sealing(SealingError::Audit(_) | SealingError::Chain(_)) => Exit::DataRefused,
            Self::Sealing(SealingError::Signers(_) | SealingError::Anchor(_)) => {
                Exit::Configuration
            }
            Self::Sealing(SealingError::Proxy(_) | SealingError::Random)
            | Self::Engine(EngineError::Machine(_)) => Exit::Runtime,
            Self::Policies(PoliciesError::Runtime(_) | PoliciesError::Store(_)) => Exit::Runtime,
            Self::Machine(_) | Self::Directory(_) | Self::Listen(..) => Exit::Runtime,
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(error) => write!(f, "the machine refuses: {error}"),
            Self::Directory(error) => write!(f, "{error}"),
            Self::Journal(error) => write!(f, "journal refused: {error}"),
            Self::Recovery(error) => write!(f, "journal refused: {error}"),
            Self::Sealing(error) => error.fmt(f),
            Self::Policies(error) => error.fmt(f),
            Self::Engine(EngineError::Seals(error)) => write!(f, "audit log refused: {error}"),
            Self::Engine(error) => error.fmt(f),
            Self::Listen(address, error) => write!(f, "cannot listen on `{address}`: {error}"),
        }
    }
}

impl std::error::Error for ServeError {}
