//! When requests are meant to start.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// Shortest sleep of the thread that releases slots: what a timer of the kernel does well.
const TICK: Duration = Duration::from_micros(100);

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
    start: Instant,
    interval: Duration,
    taken: Cell<u32>,
    released: Arc<Semaphore>,
    ended: Arc<AtomicBool>,
}

impl Pace {
    /// So many requests per second; as fast as they are answered if there is no rate.
    pub fn new(requests_per_second: Option<f64>) -> Self {
        match requests_per_second {
            None => Self::Closed,
            Some(rate) => Self::Open(Open::start(Duration::from_secs_f64(1.0 / rate))),
        }
    }

    /// Waits until the next request is to start and says when that was meant to be. Latency counts
    /// from there, so that a server which is late for one request is late for those behind it too.
    pub async fn next(&self) -> Instant {
        match self {
            Self::Closed => Instant::now(),
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
    fn start(interval: Duration) -> Self {
        let open = Self {
            start: Instant::now(),
            interval,
            taken: Cell::new(0),
            released: Arc::new(Semaphore::new(0)),
            ended: Arc::new(AtomicBool::new(false)),
        };
        let (start, released, ended) = (open.start, open.released.clone(), open.ended.clone());
        std::thread::spawn(move || release(start, interval, &released, &ended));
        open
    }

    async fn next(&self) -> Instant {
        if let Ok(permit) = self.released.acquire().await {
            permit.forget();
        }
        let number = self.taken.get();
        self.taken.set(number + 1);
        self.start + self.interval * number
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn release(start: Instant, interval: Duration, slots: &Semaphore, ended: &AtomicBool) {
    let mut released = 0u128;
    while !ended.load(Ordering::Relaxed) {
        // The first slot is at the start itself.
        let due = start.elapsed().as_nanos() / interval.as_nanos().max(1) + 1;
        let more = usize::try_from(due - released).unwrap_or(0);
        slots.add_permits(more.min(Semaphore::MAX_PERMITS - slots.available_permits()));
        released = due;
        std::thread::sleep(interval.clamp(TICK, Duration::from_millis(10)));
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
            let first = pace.next().await;
            for number in 1..50u32 {
                let meant = pace.next().await;
                assert_eq!(meant, first + Duration::from_micros(100) * number);
                assert!(Instant::now() >= meant);
            }
        });
    }
}
