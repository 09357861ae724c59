//! Takes policies into use, one after the other, on a thread of its own.

use std::io;
use std::sync::Arc;

use ledger::Digest;
use parking_lot::Mutex;
use plugins_host::{Limits, LoadError, LoadOptions, Policy, Runtime};
use tokio::sync::{mpsc, oneshot};
use wire::policy::Load;

use super::components::Components;
use super::table::{Full, Table};

/// Loads that wait; whoever asks for more waits for room.
const WAITING_MAX: usize = 64;

/// Takes policies into use.
pub(super) struct Loader {
    jobs: mpsc::Sender<Job>,
    components: Arc<Mutex<Components>>,
}

/// A policy to be taken into use.
struct Job {
    load: Load,
    component: Arc<[u8]>,
    done: oneshot::Sender<Result<Arc<Policy>, NotLoaded>>,
}

/// Why a policy is not held ready.
#[derive(Debug)]
pub(super) enum NotLoaded {
    /// The policy is not one, or not the one that was named.
    Refused(LoadError),
    /// Its configuration is no text.
    Config,
    /// There is no room.
    Full(Full),
    /// The process is stopping.
    Stopping,
}

impl Loader {
    /// Starts it.
    ///
    /// # Errors
    /// There is no thread.
    pub(super) fn start(
        runtime: Runtime,
        table: Arc<Table>,
        component_bytes: usize,
    ) -> io::Result<Self> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING_MAX);
        let components = Arc::new(Mutex::new(Components::new(component_bytes)));
        let kept = Arc::clone(&components);
        std::thread::Builder::new()
            .name("loader".into())
            .stack_size(8 << 20)
            .spawn(move || {
                while let Some(job) = waiting.blocking_recv() {
                    let loaded = load(&runtime, &table, &job);
                    // Kept only once it is known to be what it is called.
                    let is_known = !matches!(
                        loaded,
                        Err(NotLoaded::Refused(
                            LoadError::WrongDigest { .. } | LoadError::TooLarge { .. }
                        ))
                    );
                    if is_known {
                        kept.lock().keep(job.load.component, job.component);
                    }
                    // Whoever asked may be gone, and its claim with it.
                    if let Err(Ok(_)) = job.done.send(loaded) {
                        table.leave(&job.load.policy());
                    }
                }
            })?;
        Ok(Self { jobs, components })
    }

    /// The component with this digest, if it is kept.
    pub(super) fn component(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        self.components.lock().get(digest)
    }

    /// Takes a policy into use and claims it.
    ///
    /// # Errors
    /// Why it is not held ready.
    pub(super) async fn load(
        &self,
        load: Load,
        component: Arc<[u8]>,
    ) -> Result<Arc<Policy>, NotLoaded> {
        let (done, loaded) = oneshot::channel();
        let job = Job {
            load,
            component,
            done,
        };
        self.jobs.send(job).await.map_err(|_| NotLoaded::Stopping)?;
        loaded.await.map_err(|_| NotLoaded::Stopping)?
    }
}

fn load(runtime: &Runtime, table: &Table, job: &Job) -> Result<Arc<Policy>, NotLoaded> {
    let Job {
        load, component, ..
    } = job;
    let digest = load.policy();
    if let Some(policy) = table.claim(&digest) {
        return Ok(policy);
    }
    let options = LoadOptions {
        name: &load.name,
        component,
        digest: load.component,
        config: std::str::from_utf8(&load.config).map_err(|_| NotLoaded::Config)?,
        config_version: load.config_version,
        limits: Limits {
            memory_bytes: load.memory_bytes,
            base_micros: load.base_micros,
            per_transfer_nanos: load.per_transfer_nanos,
        },
        cases: load.cases.as_deref(),
    };
    let policy = Policy::load(runtime, &options).map_err(NotLoaded::Refused)?;
    tracing::info!(policy = %digest, name = %&*load.name, "loaded");
    table.insert(digest, policy).map_err(NotLoaded::Full)
}

impl NotLoaded {
    /// Whether the same may be tried again later.
    pub(super) fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(error) => matches!(
                error,
                LoadError::CompileTimedOut | LoadError::CompileOutOfMemory | LoadError::Compile(_)
            ),
            Self::Config => false,
            Self::Full(_) | Self::Stopping => true,
        }
    }
}

impl std::fmt::Display for NotLoaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Config => f.write_str("the configuration is not UTF-8"),
            Self::Full(Full(most)) => {
                write!(f, "{most} policies are held already, `limits.policies`")
            }
            Self::Stopping => f.write_str("the host of policies is stopping"),
        }
    }
}
