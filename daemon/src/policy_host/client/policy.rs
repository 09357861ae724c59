//! A policy that the host holds.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ledger::Digest;
use plugins_host::remote::{answer, call};
use plugins_host::{
    AccountColumns, BadOutput, Context, Fault, PolicyId, Remote, Seat, TransferColumns, Verdict,
};
use tokio::sync::watch;
use wire::field::Field;
use wire::policy::{Echo, Load};

use super::{Component, Shared};
use crate::policy_host::Described;

/// A policy that the host is to hold as long as this lives.
pub(super) struct Held {
    pub(super) load: Load,
    pub(super) component: Component,
    pub(super) digest: Digest,
    /// Connection on which it was loaded last.
    generation: AtomicU64,
    /// Whether its breaker is open, as the host told last.
    pub(super) is_open: AtomicBool,
    standing: watch::Sender<Standing>,
    shared: Arc<Shared>,
}

/// How a policy stands with the host.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Standing {
    /// Nobody knows yet.
    Waiting,
    /// The host cannot be reached, and never held it.
    Away,
    /// The host holds it, or did and will again.
    Ready(Arc<Described>),
    /// The host refuses it, and never held it.
    Refused(String),
}

impl Held {
    pub(super) fn new(load: Load, component: Component, shared: Arc<Shared>) -> Self {
        Self {
            digest: load.policy(),
            load,
            component,
            generation: AtomicU64::new(0),
            is_open: AtomicBool::new(false),
            standing: watch::Sender::new(Standing::Waiting),
            shared,
        }
    }

    pub(super) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Whether it was loaded on this connection.
    pub(super) fn is_on(&self, generation: u64) -> bool {
        self.generation.load(Ordering::Acquire) == generation
    }

    /// The host holds it on this connection. What it says of itself must be what it said before.
    pub(super) fn is_ready(&self, generation: u64, described: Described) -> bool {
        let is_same = match &*self.standing.borrow() {
            Standing::Ready(before) => **before == described,
            _ => true,
        };
        if is_same {
            // A host that was started anew starts with breakers that are closed.
            self.is_open.store(false, Ordering::Relaxed);
            self.generation.store(generation, Ordering::Release);
            self.standing.send_if_modified(|standing| {
                let is_new = !matches!(standing, Standing::Ready(_));
                if is_new {
                    *standing = Standing::Ready(Arc::new(described));
                }
                is_new
            });
        }
        is_same
    }

    /// The host does not hold it. Once it was held that is for the log alone.
    pub(super) fn is_not(&self, standing: Standing) {
        self.standing.send_if_modified(|now| {
            let is_news = !matches!(now, Standing::Ready(_)) && *now != standing;
            if is_news {
                *now = standing;
            }
            is_news
        });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.changed.notify_one();
    }
}

/// What a call may take besides: the host may have to make an instance for it first, and the
/// clock of guests is coarse.
const BESIDE: Duration = Duration::from_millis(1_100);

/// A policy that the host holds, to be asked.
pub(crate) struct RemotePolicy {
    held: Arc<Held>,
    described: Arc<Described>,
}

impl RemotePolicy {
    pub(super) fn new(held: Arc<Held>, described: Arc<Described>) -> Self {
        Self { held, described }
    }

    /// Its place among the policies of a set. `version` is the digest of everything that its
    /// verdicts follow from.
    pub(crate) fn seat(self: &Arc<Self>, version: Digest) -> Seat {
        let id = PolicyId {
            name: (*self.held.load.name).into(),
            digest: self.held.load.component,
        };
        let Described { needs, rules } = &*self.described;
        let remote: Arc<dyn Remote> = Arc::clone(self) as _;
        Seat::elsewhere(id, version, *needs, rules, remote)
    }

    /// Whether it is not asked because it failed too often, as far as is known here.
    pub(crate) fn is_breaker_open(&self) -> bool {
        self.held.is_open.load(Ordering::Relaxed)
    }

    /// How long an answer is waited for: as long as the policy may take, with what it takes
    /// besides. That the host is gone shows far earlier.
    fn limit(&self, rows: usize) -> Duration {
        let load = &self.held.load;
        let per_row = Duration::from_nanos(u64::from(load.per_transfer_nanos));
        let rows = per_row.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX));
        Duration::from_micros(u64::from(load.base_micros)) + rows + BESIDE
    }
}

impl Remote for RemotePolicy {
    fn evaluate(
        &self,
        request: Digest,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        let live = self.held.shared.live.load();
        let live = live.as_ref().ok_or(Fault::Unavailable)?;
        if !self.held.is_on(live.generation) {
            return Err(Fault::Unavailable);
        }
        let echo = Echo {
            policy: self.held.digest,
            request,
        };
        let rows = accounts.len() + batch.len();
        let mut body = Vec::with_capacity(512 + rows * ROW_BYTES);
        echo.put(&mut body);
        call::encode(self.described.needs, context, accounts, batch, &mut body)
            .map_err(|_| Fault::Unavailable)?;
        let reply = live.ask(echo, body, self.limit(rows))?;
        answer::decode(&reply).unwrap_or(Err(Fault::BadOutput(BadOutput::Malformed)))
    }
}

/// Bytes that a row takes, as a rule.
const ROW_BYTES: usize = 34;

impl fmt::Debug for RemotePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemotePolicy")
            .field("name", &self.held.load.name)
            .field("digest", &self.held.digest)
            .finish_non_exhaustive()
    }
}
