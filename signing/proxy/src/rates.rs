//! How many requests each client, and each address that has not shown who it is, may send.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};

use crate::config::{Client, Limits};
use crate::refusal::Refusal;

/// Addresses that are remembered at once; beyond it those that are quiet are forgotten.
const ADDRESSES_MAX: usize = 10_000;

/// How many requests may come.
pub(crate) struct Rates {
    clock: DefaultClock,
    /// In the order of the configuration.
    clients: Vec<(String, DefaultDirectRateLimiter)>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    /// Lines about requests of the unknown that were too many: a flood fills no disk.
    lines: DefaultDirectRateLimiter,
    untold: AtomicU64,
}

impl Rates {
    /// Counts from now on.
    pub(crate) fn new(limits: &Limits, clients: &[Client]) -> Self {
        let quota = Quota::per_second(limits.requests_per_second).allow_burst(limits.burst);
        let each = |client: &Client| (client.name.clone(), RateLimiter::direct(quota));
        let unauthenticated = limits.unauthenticated_per_second;
        let burst = unauthenticated.max(NonZeroU32::MIN);
        Self {
            clock: DefaultClock::default(),
            clients: clients.iter().map(each).collect(),
            addresses: RateLimiter::keyed(Quota::per_second(unauthenticated).allow_burst(burst)),
            lines: RateLimiter::direct(Quota::per_second(NonZeroU32::MIN)),
            untold: AtomicU64::new(0),
        }
    }

    /// Counts a request of a client.
    pub(crate) fn count(&self, client: &Client) -> Result<(), Refusal> {
        let rate = self.clients.iter().find(|(name, _)| *name == client.name);
        match rate.map(|(_, rate)| rate.check()) {
            Some(Err(until)) => Err(self.wait(&until)),
            _ => Ok(()),
        }
    }

    /// Counts a request of somebody unknown.
    pub(crate) fn count_unknown(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.addresses.len() > ADDRESSES_MAX {
            self.addresses.retain_recent();
        }
        let counted = self.addresses.check_key(&address);
        counted.map_err(|until| self.wait(&until))
    }

    /// Whether a request of somebody unknown that was too many has a line of its own; if it has,
    /// how many had none before it.
    pub(crate) fn tells(&self) -> Option<u64> {
        if self.lines.check().is_ok() {
            return Some(self.untold.swap(0, Ordering::Relaxed));
        }
        self.untold.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn wait(&self, until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Refusal {
        let wait = until.wait_time_from(self.clock.now());
        Refusal::TooMany {
            seconds: wait.as_secs().saturating_add(1),
        }
    }
}
