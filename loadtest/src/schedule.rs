//! When requests of an open loop are meant to start: fixed before the first one, whatever the
//! answers take.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

/// Starts at even distances from one moment on.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    start: Instant,
    /// Nanoseconds between two starts.
    interval: f64,
    count: u64,
}

impl Schedule {
    /// `count` starts from `start` on, so many in a second.
    pub fn new(start: Instant, per_second: f64, count: u64) -> Self {
        Self {
            start,
            interval: 1e9 / per_second,
            count,
        }
    }

    /// As many starts as a rate gives in a time.
    pub fn over(start: Instant, per_second: f64, time: Duration) -> Self {
        let count = (per_second * time.as_secs_f64()).round() as u64;
        Self::new(start, per_second, count)
    }

    /// How many starts there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When a start is meant to be; the first has number 0.
    pub fn meant(&self, number: u64) -> Instant {
        self.start + Duration::from_nanos((number as f64 * self.interval) as u64)
    }

    /// How many starts were meant to be by now.
    pub fn due(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.start).as_nanos() as f64;
        // Rounding must neither let one go before its time nor hold one back: one too many is
        // taken back.
        let mut due = ((elapsed / self.interval) as u64 + 2).min(self.count);
        while due > 0 && self.meant(due - 1) > now {
            due -= 1;
        }
        due
    }
}
