//! The unsealed window: how much may be committed and not sealed before postings wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::Nanos;

/// Bounds of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealWindowLimits {
    /// Most events that are committed and not sealed.
    pub events: u64,
    /// Longest time that an event is committed and not sealed.
    pub age: Duration,
}

impl Default for SealWindowLimits {
    /// Ten million events, a minute.
    fn default() -> Self {
        Self {
            events: 10_000_000,
            age: Duration::from_secs(60),
        }
    }
}

/// The window; clones share it. The journal thread says what is committed, the signer what is
/// sealed, and the shard asks.
#[derive(Clone, Debug)]
pub struct SealWindow(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: SealWindowLimits,
    committed: AtomicU64,
    sealed: AtomicU64,
    /// No event that is not sealed was committed before; 0 while all are sealed.
    since: AtomicU64,
}

impl SealWindow {
    /// A window with nothing in it.
    pub fn new(limits: SealWindowLimits) -> Self {
        Self(Arc::new(Shared {
            limits,
            committed: AtomicU64::new(0),
            sealed: AtomicU64::new(0),
            since: AtomicU64::new(0),
        }))
    }

    /// `events` more are committed at `now`.
    pub(crate) fn committed(&self, events: u64, now: Nanos) {
        self.0.committed.fetch_add(events, Ordering::AcqRel);
        let _ = self
            .0
            .since
            .compare_exchange(0, now.0.max(1), Ordering::AcqRel, Ordering::Acquire);
    }

    /// `events` more are sealed, all that were committed before `until`.
    pub(crate) fn sealed(&self, events: u64, until: Nanos) {
        self.0.sealed.fetch_add(events, Ordering::AcqRel);
        // What is committed between these two steps is younger than `until`, so that its age is
        // told too long, never too short.
        self.0.since.store(until.0.max(1), Ordering::Release);
        if self.events() == 0 {
            self.0.since.store(0, Ordering::Release);
            if self.events() != 0 {
                self.0.since.store(until.0.max(1), Ordering::Release);
            }
        }
    }

    /// Events that are committed and not sealed.
    pub fn events(&self) -> u64 {
        let sealed = self.0.sealed.load(Ordering::Acquire);
        let committed = self.0.committed.load(Ordering::Acquire);
        committed.saturating_sub(sealed)
    }

    /// How long the oldest event that is not sealed has been committed, at most.
    pub fn age(&self, now: Nanos) -> Duration {
        match self.0.since.load(Ordering::Acquire) {
            0 => Duration::ZERO,
            _ if self.events() == 0 => Duration::ZERO,
            since => Duration::from_nanos(now.0.saturating_sub(since)),
        }
    }

    /// Whether postings have to wait at `now`.
    pub fn is_full(&self, now: Nanos) -> bool {
        self.events() >= self.0.limits.events || self.age(now) > self.0.limits.age
    }

    /// Its bounds.
    pub fn limits(&self) -> SealWindowLimits {
        self.0.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn window() -> SealWindow {
        SealWindow::new(SealWindowLimits {
            events: 100,
            age: Duration::from_secs(10),
        })
    }

    #[test]
    fn it_fills_by_number_and_by_age_and_empties_by_seals() {
        let at = |seconds| Nanos(seconds * SECOND);
        let window = window();
        assert!(!window.is_full(at(1_000)));
        window.committed(99, at(1_000));
        assert!(!window.is_full(at(1_010)));
        assert!(window.is_full(at(1_011)));
        window.committed(1, at(1_011));
        assert!(window.is_full(at(1_001)));
        window.sealed(99, at(1_005));
        assert!(!window.is_full(at(1_015)));
        assert!(window.is_full(at(1_016)));
        window.sealed(1, at(1_016));
        assert_eq!(window.age(at(9_999)), Duration::ZERO);
        assert!(!window.is_full(at(9_999)));
    }

    #[test]
    fn a_seal_that_is_told_of_before_what_it_covers_does_not_fill_it_for_ever() {
        let window = window();
        window.sealed(1, Nanos(SECOND));
        window.committed(1, Nanos(SECOND));
        assert!(!window.is_full(Nanos(1_000 * SECOND)));
    }
}
