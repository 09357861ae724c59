//! The daemon's way to the process in which policies run apart.
//!
//! While that process cannot be reached, or says nothing, every policy that it holds denies, and
//! what it is to hold is loaded again when it is back: nobody has to do anything.

mod backoff;
mod calls;
mod link;
mod live;
mod loading;
mod policy;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use wire::endpoint::{Credentials, Pin};
use wire::policy::Load;

use crate::config::policy::PolicyHost;
use live::Live;
use policy::{Held, Standing};

pub(crate) use policy::RemotePolicy;

/// How long a policy that is loaded for the first time is waited for: it is sent and compiled.
/// Longer than a compiler may take, so that one who takes all of it costs nobody the connection.
const LOAD: Duration = Duration::from_secs(240);
const _: () = assert!(LOAD.as_secs() > plugins_host::limits::COMPILE_TIME_MAX.as_secs() + 30);

/// The bytes of a component, fetched whenever the host has none.
pub(crate) type Component = Arc<dyn Fn() -> Option<Arc<[u8]>> + Send + Sync>;

/// The daemon's way to the host. Clones share it.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
    reach: Arc<watch::Sender<Reach>>,
    _link: Arc<Ended>,
}

/// How the host is reached and known.
#[derive(Clone)]
pub(crate) struct Reach {
    address: Arc<str>,
    credentials: Credentials,
    pin: Pin,
    silence: Duration,
}

/// What the link and those who ask share.
pub(super) struct Shared {
    /// The connection, while there is one that answers.
    live: ArcSwapOption<Live>,
    /// Policies that the host is to hold. Guards nothing else.
    held: Mutex<Vec<std::sync::Weak<Held>>>,
    /// Told when that list changes.
    changed: Notify,
}

/// Ends the link with the last of the clients.
struct Ended(JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Why a policy is not held ready by the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum NotHeld {
    /// The host refuses it, and why.
    Refused(String),
    /// The host cannot be reached, or did not say anything in time.
    Unavailable,
}

impl Reach {
    /// As the configuration says.
    pub(crate) fn of(host: &PolicyHost) -> Self {
        Self {
            address: host.address.as_str().into(),
            credentials: host.internal.credentials(),
            pin: host.internal.pin(),
            silence: host.silence,
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.address == other.address
            && self.credentials.chain == other.credentials.chain
            && self.pin == other.pin
            && self.silence == other.silence
    }
}

impl Client {
    /// Connects, and again whenever the connection is lost. Needs a runtime around it.
    pub(crate) fn start(reach: Reach) -> Self {
        let shared = Arc::new(Shared {
            live: ArcSwapOption::empty(),
            held: Mutex::default(),
            changed: Notify::new(),
        });
        let (sender, receiver) = watch::channel(reach);
        let link = tokio::spawn(link::run(Arc::clone(&shared), receiver));
        Self {
            shared,
            reach: Arc::new(sender),
            _link: Arc::new(Ended(link)),
        }
    }

    /// Reaches the host otherwise from now on, if anything differs.
    pub(crate) fn reach(&self, reach: Reach) {
        self.reach.send_if_modified(|now| {
            let differs = !now.is(&reach);
            if differs {
                *now = reach;
            }
            differs
        });
    }

    /// Has the host hold a policy ready from now on, as long as what comes back lives.
    pub(crate) fn hold(&self, load: Load, component: Component) -> Holding {
        let held = Arc::new(Held::new(load, component, Arc::clone(&self.shared)));
        let mut all = self.shared.held.lock();
        all.retain(|each| each.strong_count() > 0);
        all.push(Arc::downgrade(&held));
        drop(all);
        self.shared.changed.notify_one();
        Holding(held)
    }
}

/// A policy that the host is to hold, ready or not.
#[derive(Clone)]
pub(crate) struct Holding(Arc<Held>);

impl Holding {
    /// Waits until the host holds it, but not for a host that is away.
    ///
    /// # Errors
    /// The host refuses it, or cannot be reached now. It goes on being tried.
    pub(crate) async fn now(&self) -> Result<Arc<RemotePolicy>, NotHeld> {
        let settled = tokio::time::timeout(LOAD, self.settle(true));
        settled.await.unwrap_or(Err(NotHeld::Unavailable))
    }

    /// Waits until the host holds it, however long that takes.
    ///
    /// # Errors
    /// The host refuses it.
    pub(crate) async fn ready(&self) -> Result<Arc<RemotePolicy>, NotHeld> {
        self.settle(false).await
    }

    async fn settle(&self, gives_up: bool) -> Result<Arc<RemotePolicy>, NotHeld> {
        let mut standing = self.0.standing();
        loop {
            let now = standing.borrow_and_update().clone();
            match now {
                Standing::Ready(described) => {
                    let policy = RemotePolicy::new(Arc::clone(&self.0), described);
                    return Ok(Arc::new(policy));
                }
                Standing::Refused(reason) => return Err(NotHeld::Refused(reason)),
                Standing::Away if gives_up => return Err(NotHeld::Unavailable),
                Standing::Away | Standing::Waiting => {}
            }
            if standing.changed().await.is_err() {
                return Err(NotHeld::Unavailable);
            }
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reach = self.reach.borrow();
        f.debug_struct("Client")
            .field("address", &reach.address)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Holding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Holding").field(&self.0.digest).finish()
    }
}

impl Shared {
    /// Policies that the host is to hold now.
    fn held(&self) -> Vec<Arc<Held>> {
        let all = self.held.lock();
        all.iter().filter_map(std::sync::Weak::upgrade).collect()
    }
}

impl std::fmt::Display for NotHeld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(reason) => f.write_str(reason),
            Self::Unavailable => f.write_str("the host of policies cannot be reached now"),
        }
    }
}

impl std::error::Error for NotHeld {}
