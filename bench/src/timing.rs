//! Where the time of a run goes.

use std::time::{Duration, Instant};

/// Time spent in one stage.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stage(Duration);

impl Stage {
    /// Runs `work` and adds its time.
    pub(crate) fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let value = work();
        self.0 += start.elapsed();
        value
    }

    /// Nanoseconds for each of `count`.
    pub(crate) fn nanos_each(&self, count: u64) -> f64 {
        self.0.as_nanos() as f64 / count.max(1) as f64
    }
}

/// The middle of `values`, with the least and the greatest.
pub(crate) fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    (
        at(values.len() / 2),
        at(0),
        at(values.len().saturating_sub(1)),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_middle_is_the_median() {
        assert_eq!(super::spread(vec![3.0, 1.0, 2.0]), (2.0, 1.0, 3.0));
        assert_eq!(super::spread(vec![5.0]), (5.0, 5.0, 5.0));
    }
}
