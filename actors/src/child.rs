//! Children: threads whose failure never stops postings. They are started again with growing
//! pauses, up to a budget.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Starts within [`BUDGET_WINDOW`] after which a child is given up.
const BUDGET: usize = 10;
const BUDGET_WINDOW: Duration = Duration::from_secs(600);
/// How long to wait for room on a full disk before trying again.
const FULL: Duration = Duration::from_secs(1);
/// [`Priority::Low`], as `nice` counts it.
const NICE: i32 = 5;
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Told to children when the daemon stops.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(AtomicBool, Mutex<()>, Condvar)>);

impl Stop {
    /// Whether to stop.
    pub fn is_set(&self) -> bool {
        self.0.0.load(Ordering::Acquire)
    }

    /// Tells every child to stop.
    pub fn set(&self) {
        self.0.0.store(true, Ordering::Release);
        let _held = self.0.1.lock();
        self.0.2.notify_all();
    }

    /// Waits for `pause`, or until told to stop.
    pub fn pause(&self, pause: Duration) {
        let mut held = self.0.1.lock();
        if !self.is_set() {
            self.0.2.wait_for(&mut held, pause);
        }
    }

    /// Does `step` again and again while the disk is full; `None` if told to stop before there was
    /// room. A full disk is no fault of the child's, and what it holds in memory stays good.
    pub(crate) fn unless_full<T, E: std::fmt::Display>(
        &self,
        what: &str,
        is_full: impl Fn(&E) -> bool,
        mut step: impl FnMut() -> Result<T, E>,
    ) -> Result<Option<T>, String> {
        let mut is_told = false;
        while !self.is_set() {
            match step() {
                Ok(done) => return Ok(Some(done)),
                Err(error) if is_full(&error) => {
                    if !is_told {
                        tracing::warn!(%error, "disk is full: {what} waits for room");
                        is_told = true;
                    }
                    self.pause(FULL);
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(None)
    }
}

/// How a child stands beside what answers clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Priority {
    /// Equal: clients wait for it in the end.
    Equal,
    /// Gives way.
    Low,
}

/// A supervised thread.
#[derive(Debug)]
pub struct Child {
    name: &'static str,
    handle: Option<JoinHandle<()>>,
}

impl Child {
    /// Starts a child that runs `work` until it returns `Ok`; an error or a panic starts it again.
    ///
    /// # Errors
    /// The machine gives no thread.
    pub fn start<E: std::fmt::Display>(
        name: &'static str,
        priority: Priority,
        stop: Stop,
        mut work: impl FnMut() -> Result<(), E> + Send + 'static,
    ) -> std::io::Result<Self> {
        let run = move || {
            if priority == Priority::Low {
                // On Linux this is about the calling thread.
                if let Err(error) = rustix::process::setpriority_process(None, NICE) {
                    tracing::warn!(child = name, %error, "the child's priority stays as it is");
                }
            }
            let mut starts: Vec<Instant> = Vec::new();
            while !stop.is_set() {
                match catch_unwind(AssertUnwindSafe(&mut work)) {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => tracing::error!(child = name, %error, "child failed"),
                    Err(_) => tracing::error!(child = name, "child panicked"),
                }
                let now = crate::clock::moment();
                starts.retain(|at| now - *at < BUDGET_WINDOW);
                starts.push(now);
                if starts.len() > BUDGET {
                    tracing::error!(child = name, "child given up: it failed too often");
                    return;
                }
                stop.pause((PAUSE_MIN * (1 << starts.len().min(9))).min(PAUSE_MAX));
                tracing::warn!(child = name, "child is started again");
            }
        };
        let handle = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(run)?;
        Ok(Self {
            name,
            handle: Some(handle),
        })
    }

    /// Waits for the child to end; it must have been told to stop.
    pub fn join(mut self) {
        if let Some(handle) = self.handle.take()
            && handle.join().is_err()
        {
            tracing::error!(
                child = self.name,
                "child ended by a panic of its supervisor"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_child_that_panics_or_fails_is_started_again() {
        let runs = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&runs);
        let child = Child::start("tested", Priority::Low, Stop::default(), move || match seen
            .fetch_add(1, Ordering::AcqRel)
        {
            0 => panic!("first"),
            1 => Err("second"),
            _ => Ok(()),
        });
        child.unwrap().join();
        assert_eq!(runs.load(Ordering::Acquire), 3);
    }
}
