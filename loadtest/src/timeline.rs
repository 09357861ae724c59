//! Latencies over the time of a run, second by second.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use crate::latency::{Latencies, quantile};
use crate::outcome::Outcome;

/// Latencies by the second in which a request was meant to start, and how much was done by the
/// second in which its answer came.
#[derive(Clone, Debug)]
pub struct Timeline {
    start: Instant,
    /// Microseconds.
    meant: Vec<Vec<u32>>,
    done: Vec<u64>,
    /// When the last answer came.
    end: Instant,
    all: Latencies,
}

/// One second of a run.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Second {
    /// Requests that were meant to start in it.
    pub count: usize,
    /// Milliseconds that half of them took at most.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
    /// All.
    pub max: f64,
}

impl Timeline {
    /// Nothing yet; the first second begins at `start`.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(start: Instant) -> Outcome<Self> {
        Ok(Self {
            start,
            meant: Vec::new(),
            done: Vec::new(),
            end: start,
            all: Latencies::new()?,
        })
    }

    /// Adds a request that was meant to start at one time and was answered at another, with
    /// `amount` done.
    pub fn add(&mut self, meant: Instant, answered: Instant, amount: u64) {
        let latency = answered.saturating_duration_since(meant);
        let micros = u32::try_from(latency.as_micros()).unwrap_or(u32::MAX);
        let (begun, done) = (self.second(meant), self.second(answered));
        at(&mut self.meant, begun).push(micros);
        *at(&mut self.done, done) += amount;
        self.end = self.end.max(answered);
        self.all.add(latency);
    }

    /// From the start to the last answer.
    pub fn end(&self) -> Duration {
        self.end - self.start
    }

    /// All latencies.
    pub fn latencies(&self) -> &Latencies {
        &self.all
    }

    /// What was done in each second.
    pub fn done(&self) -> &[u64] {
        &self.done
    }

    /// Latencies of each second.
    pub fn seconds(&self) -> Vec<Second> {
        let of = |micros: &Vec<u32>| {
            let mut sorted = micros.clone();
            sorted.sort_unstable();
            let millis = |share| quantile(&sorted, share).map_or(0.0, |us| f64::from(us) / 1_000.0);
            Second {
                count: sorted.len(),
                p50: millis(0.5),
                p99: millis(0.99),
                max: millis(1.0),
            }
        };
        self.meant.iter().map(of).collect()
    }

    fn second(&self, time: Instant) -> usize {
        let since: Duration = time.saturating_duration_since(self.start);
        since.as_secs() as usize
    }
}

fn at<T: Clone + Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if list.len() <= index {
        list.resize(index + 1, T::default());
    }
    &mut list[index]
}
