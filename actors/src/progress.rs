//! How far something has come, for threads and tasks that wait for it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;

/// A number that only rises.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Guards the number and whether it will ever rise again; no other lock is taken with it.
    state: Mutex<State>,
    threads: Condvar,
    tasks: Notify,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    number: u64,
    ended: bool,
}

/// It will not come any further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended;

impl Progress {
    /// Starts at `number`.
    pub fn at(number: u64) -> Self {
        let progress = Self::default();
        progress.advance(number);
        progress
    }

    /// How far it has come.
    pub fn get(&self) -> u64 {
        self.shared.state.lock().number
    }

    /// Whether it has ended.
    pub fn is_ended(&self) -> bool {
        self.shared.state.lock().ended
    }

    /// Raises the number and wakes who waits for it.
    pub fn advance(&self, number: u64) {
        let mut state = self.shared.state.lock();
        if number > state.number {
            state.number = number;
            drop(state);
            self.shared.threads.notify_all();
            self.shared.tasks.notify_waiters();
        }
    }

    /// Says that it will not rise again.
    pub fn end(&self) {
        self.shared.state.lock().ended = true;
        self.shared.threads.notify_all();
        self.shared.tasks.notify_waiters();
    }

    /// Blocks the thread until the number is above `seen`, it ends, or `patience` is over; gives
    /// the number.
    ///
    /// # Errors
    /// It ended and the number is not above `seen`.
    pub fn wait_above(&self, seen: u64, patience: Duration) -> Result<u64, Ended> {
        let mut state = self.shared.state.lock();
        if state.number <= seen && !state.ended {
            self.shared.threads.wait_for(&mut state, patience);
        }
        if state.number <= seen && state.ended {
            Err(Ended)
        } else {
            Ok(state.number)
        }
    }

    /// Waits until the number is at least `wanted`.
    ///
    /// # Errors
    /// It ended before.
    pub async fn reached(&self, wanted: u64) -> Result<u64, Ended> {
        loop {
            let woken = self.shared.tasks.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let state = *self.shared.state.lock();
            if state.number >= wanted {
                return Ok(state.number);
            }
            if state.ended {
                return Err(Ended);
            }
            woken.await;
        }
    }
}
