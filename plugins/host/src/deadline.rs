//! When a call has had its time.
//!
//! What is limited is the time that the guest runs, not the time that passes: a thread that has to
//! wait for a processor is no fault of the guest's. So the clock of the engine alone ends nothing.
//! When half of a call's time has passed on it, the processor time of the thread is read, and the
//! call ends when it has run for the other half. A call that ends sooner reads nothing.

use crate::limits::{TICK_NANOS, WAIT_FACTOR};

/// The deadline of one call.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Deadline {
    half_nanos: u64,
    /// Processor time of the thread when the first half had passed.
    half_passed_at: Option<u64>,
    /// Ticks that the call may still take, running or not.
    ticks_left: u64,
}

impl Deadline {
    /// The deadline of a call that may run for `nanos`.
    pub(crate) fn new(nanos: u64) -> Self {
        let half_nanos = nanos.div_ceil(2);
        Self {
            half_nanos,
            half_passed_at: None,
            ticks_left: ticks(half_nanos).saturating_mul(WAIT_FACTOR),
        }
    }

    /// Ticks from the call's begin until [`Deadline::is_due`] is asked.
    pub(crate) fn first_ticks(&self) -> u64 {
        ticks(self.half_nanos)
    }

    /// Ticks until it is asked again, now that the thread has run for `ran` nanoseconds in its
    /// life; none when the time is over.
    pub(crate) fn more_ticks(&mut self, ran: u64) -> Option<u64> {
        let since = match self.half_passed_at {
            Some(then) => ran.saturating_sub(then),
            None => {
                self.half_passed_at = Some(ran);
                0
            }
        };
        let left = self.half_nanos.saturating_sub(since);
        if left == 0 || self.ticks_left == 0 {
            return None;
        }
        let more = ticks(left).min(self.ticks_left);
        self.ticks_left -= more;
        Some(more)
    }
}

/// Whole ticks that are no less than this. The tick that is running counts for one.
fn ticks(nanos: u64) -> u64 {
    nanos.div_ceil(TICK_NANOS).max(1)
}

/// Processor time of the calling thread, in nanoseconds.
pub(crate) fn thread_nanos() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}

#[cfg(test)]
mod tests;
