//! The one place where time is read for the ledger, and the guard that stops it when time is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ledger::Nanos;

/// Where time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that tests and replays set by hand.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// Nanoseconds since 1970.
    pub fn now(&self) -> Nanos {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                Nanos(since.map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)))
            }
            Self::Manual(nanos) => Nanos(nanos.load(Ordering::Acquire)),
        }
    }
}

/// A moment from which what follows is measured: how long work takes, never when something was.
pub(crate) fn moment() -> Instant {
    Instant::now()
}

/// A clock that refuses to go on when it jumps.
///
/// The wall clock is compared with the monotonic one since the last reading; a difference above
/// `max_step` in either direction is a jump. A manual clock has no second opinion: it may only not
/// go back.
#[derive(Debug)]
pub struct GuardedClock {
    clock: Clock,
    max_step_nanos: u64,
    last: Option<(Nanos, Instant)>,
}

/// The clock jumped or stands behind what was already decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockJumped {
    /// What it read.
    pub read: Nanos,
    /// What was expected, give or take the step allowed.
    pub expected: Nanos,
}

impl std::fmt::Display for ClockJumped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "clock reads `{}` where about `{}` was expected",
            self.read, self.expected
        )
    }
}

impl std::error::Error for ClockJumped {}

impl GuardedClock {
    /// A clock that may step by at most `max_step_nanos` against the monotonic clock.
    pub fn new(clock: Clock, max_step_nanos: u64) -> Self {
        Self {
            clock,
            max_step_nanos,
            last: None,
        }
    }

    /// The time, which must not lie behind `floor`, the last posted time, by more than the step.
    ///
    /// # Errors
    /// The clock jumped. It stays refused until it is back where it was expected.
    pub fn now(&mut self, floor: Nanos) -> Result<Nanos, ClockJumped> {
        let read = self.clock.now();
        if read.0.saturating_add(self.max_step_nanos) < floor.0 {
            return Err(ClockJumped {
                read,
                expected: floor,
            });
        }
        if matches!(self.clock, Clock::Manual(_)) {
            return Ok(read);
        }
        let instant = Instant::now();
        if let Some((last, at)) = self.last {
            let passed = u64::try_from((instant - at).as_nanos()).unwrap_or(u64::MAX);
            let expected = Nanos(last.0.saturating_add(passed));
            if expected.0.abs_diff(read.0) > self.max_step_nanos {
                return Err(ClockJumped { read, expected });
            }
        }
        self.last = Some((read, instant));
        Ok(read)
    }
}
