//! When requests are meant to start.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::schedule::Schedule;

/// Shortest sleep of the thread that releases slots: what a timer of the kernel does well.
const TICK: Duration = Duration::from_micros(100);
/// Longest one, so that the thread sees soon that there is nothing more to release.
const PAUSE_MAX: Duration = Duration::from_millis(10);

/// When requests are meant to start.
#[derive(Debug)]
pub enum Pace {
    /// As soon as one before has been answered.
    Closed,
    /// At fixed times, however long the answers take.
    Open(Open),
}

/// Starts at fixed times. A thread releases them, since timers of a runtime are a millisecond
/// coarse.
#[derive(Debug)]
pub struct Open {
    schedule: Schedule,
    /// Starts that somebody waits for or has had.
    taken: Cell<u64>,
    released: Arc<Semaphore>,
    ended: Arc<AtomicBool>,
}

impl Pace {
    /// So many requests per second, without an end; as fast as they are answered if there is no
    /// rate.
    pub fn new(requests_per_second: Option<f64>) -> Self {
        match requests_per_second {
            None => Self::Closed,
            Some(rate) => Self::Open(Open::new(Schedule::new(Instant::now(), rate, u64::MAX))),
        }
    }

    /// Waits until the next request is to start and says when that was meant to be; `None` if there
    /// are no more. Latency counts from there, so that a server which is late for one request is
    /// late for those behind it too.
    pub async fn next(&self) -> Option<Instant> {
        match self {
            Self::Closed => Some(Instant::now()),
            Self::Open(open) => open.next().await,
        }
    }

    /// Lets everybody go who waits: there are no more requests.
    pub fn end(&self) {
        if let Self::Open(open) = self {
            open.released.close();
        }
    }
}

impl Open {
    /// The starts of a schedule.
    pub fn new(schedule: Schedule) -> Self {
        let open = Self {
            schedule,
            taken: Cell::new(0),
            released: Arc::new(Semaphore::new(0)),
            ended: Arc::new(AtomicBool::new(false)),
        };
        let (released, ended) = (open.released.clone(), open.ended.clone());
        std::thread::spawn(move || release(schedule, &released, &ended));
        open
    }

    /// As [`Pace::next`].
    pub async fn next(&self) -> Option<Instant> {
        let number = self.taken.get();
        if number >= self.schedule.count() {
            return None;
        }
        // INVARIANT: who comes first is let go first, so that numbers go out in order.
        self.taken.set(number + 1);
        self.released.acquire().await.ok()?.forget();
        Some(self.schedule.meant(number))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn release(schedule: Schedule, slots: &Semaphore, ended: &AtomicBool) {
    let mut released = 0;
    while released < schedule.count() && !ended.load(Ordering::Relaxed) {
        let due = schedule.due(Instant::now());
        let room = Semaphore::MAX_PERMITS - slots.available_permits();
        let more = usize::try_from(due - released).unwrap_or(room).min(room);
        slots.add_permits(more);
        released += more as u64;
        // Until the next start: to sleep for as long as one interval takes would let it go late by
        // up to that.
        let next = schedule.meant(released);
        let pause = next.saturating_duration_since(Instant::now());
        std::thread::sleep(pause.clamp(TICK, PAUSE_MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_where_they_were_meant_to_be() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let pace = Pace::new(Some(10_000.0));
            let first = pace.next().await.unwrap();
            for number in 1..50u32 {
                let meant = pace.next().await.unwrap();
                assert_eq!(meant, first + Duration::from_micros(100) * number);
                assert!(Instant::now() >= meant);
            }
        });
    }

    #[test]
    fn a_late_taker_gets_every_start_with_the_time_it_was_meant_for() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let start = Instant::now();
            let schedule = Schedule::over(start, 1_000.0, Duration::from_millis(50));
            let open = Open::new(schedule);
            // Everything is due before anybody asks: none is left out, and none is moved.
            while schedule.due(Instant::now()) < schedule.count() {
                std::thread::yield_now();
            }
            let mut seen = Vec::new();
            while let Some(meant) = open.next().await {
                seen.push(meant);
            }
            let all: Vec<Instant> = (0..50).map(|number| schedule.meant(number)).collect();
            assert_eq!(seen, all);
        });
    }

    #[test]
    fn a_start_is_let_go_when_it_is_due_and_not_an_interval_later() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            // 8 ms apart: whoever slept for an interval after each look would be late by 4 ms.
            let open = Open::new(Schedule::new(Instant::now(), 125.0, 40));
            let mut late = Vec::new();
            while let Some(meant) = open.next().await {
                late.push(meant.elapsed());
            }
            late.sort_unstable();
            assert!(late[20] < Duration::from_millis(2), "{late:?}");
        });
    }
}
