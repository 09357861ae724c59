//! How long requests took.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::outcome::Outcome;

/// Longest time that is told apart, in microseconds: ten minutes.
const MICROS_MAX: u64 = 600_000_000;

/// Times of many requests, to a tenth of a percent.
#[derive(Clone, Debug)]
pub struct Latencies(Histogram<u64>);

/// Latencies in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Latency {
    /// Half of the requests took at most this.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// All of them.
    pub max: f64,
}

impl Latencies {
    /// No times yet.
    ///
    /// # Errors
    /// There is no memory for them.
    pub fn new() -> Outcome<Self> {
        Ok(Self(Histogram::new_with_bounds(1, MICROS_MAX, 3)?))
    }

    /// Adds a time.
    pub fn add(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(micros);
    }

    /// How many times there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Milliseconds that this share of the requests took at most.
    pub fn at(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1_000.0
    }

    /// What so many of the requests took at most.
    pub fn quantiles(&self) -> Latency {
        Latency {
            p50: self.at(0.5),
            p95: self.at(0.95),
            p99: self.at(0.99),
            p999: self.at(0.999),
            max: self.0.max() as f64 / 1_000.0,
        }
    }
}

/// The value that this share of `sorted` is at most; `None` of nothing.
pub fn quantile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        assert_eq!(quantile::<u32>(&[], 0.5), None);
        assert_eq!(quantile(&[7], 0.0), Some(7));
        let ten: Vec<u32> = (1..=10).collect();
        for (share, value) in [(0.1, 1), (0.11, 2), (0.5, 5), (0.99, 10), (1.0, 10)] {
            assert_eq!(quantile(&ten, share), Some(value), "{share}");
        }
    }

    #[test]
    fn short_and_long_times_are_kept() {
        let mut latencies = Latencies::new().unwrap();
        for millis in 1..=1_000 {
            latencies.add(Duration::from_millis(millis));
        }
        let Latency { p50, p99, max, .. } = latencies.quantiles();
        for (is, should) in [(p50, 500.0), (p99, 990.0), (max, 1_000.0)] {
            assert!((is / should - 1.0).abs() < 0.002, "{is} {should}");
        }
        latencies.add(Duration::from_secs(100_000));
        assert!(latencies.quantiles().max >= 599_000.0);
    }
}
