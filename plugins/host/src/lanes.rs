//! Lanes: work in many queues, each in order, shared fairly among a few threads.
//!
//! A lane runs on one thread at a time and from first to last; lanes take turns, one job each. So
//! whoever has much to judge holds up itself and nobody else.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use ledger::{BookId, TenantId};
use parking_lot::{Condvar, Mutex};

/// Stack of a thread that asks policies.
pub(crate) const STACK_BYTES: usize = 4 << 20;

/// Whose work it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Lane {
    /// A stream of a connection, by number.
    Line(u64),
    /// What a book's shard sends back.
    Book(BookId),
    /// What a tenant's own policies are asked.
    Tenant(TenantId),
}

/// A piece of work.
type Job = Box<dyn FnOnce(Turn) + Send>;

/// What a job is called with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// It is its turn.
    Yours,
    /// The lane, or all of them together, had no room for it: it runs on the thread that brought it
    /// and out of order.
    NoRoom,
}

/// How much may wait, and how many threads there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LaneLimits {
    /// Threads.
    pub threads: usize,
    /// Jobs that may wait in all.
    pub jobs: usize,
    /// Jobs that may wait in one lane.
    pub jobs_per_lane: usize,
    /// How far the threads give way to others, as `nice` counts it.
    pub nice: i32,
}

/// Threads and what waits for them. When it is dropped the threads end once nothing waits.
#[derive(Debug)]
pub(crate) struct Lanes {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    limits: LaneLimits,
    /// No other lock is taken with it, and no job runs under it.
    state: Mutex<State>,
    /// There is a lane to be served, or no more to come.
    turn: Condvar,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    /// INVARIANT: a lane is here while it has jobs or one of its jobs runs.
    lanes: HashMap<Lane, VecDeque<Job>>,
    /// Lanes that have jobs and none that runs; the next to be served first.
    ring: VecDeque<Lane>,
    waiting: usize,
    idle: usize,
    is_ending: bool,
}

impl Lanes {
    /// Starts threads called `name`.
    ///
    /// # Errors
    /// The machine gives no thread.
    pub(crate) fn start(name: &str, limits: LaneLimits) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            limits,
            state: Mutex::default(),
            turn: Condvar::new(),
        });
        let mut lanes = Self {
            threads: Vec::new(),
            shared,
        };
        for _ in 0..limits.threads.max(1) {
            let shared = Arc::clone(&lanes.shared);
            let thread = std::thread::Builder::new()
                .name(name.to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || {
                    give_way(limits.nice);
                    shared.serve();
                })?;
            lanes.threads.push(thread);
        }
        Ok(lanes)
    }

    /// Has `job` done behind everything that waits in the lane, or says at once that there is no
    /// room.
    pub(crate) fn push(&self, lane: Lane, job: impl FnOnce(Turn) + Send + 'static) {
        let mut state = self.shared.state.lock();
        if !state.has_room(lane, &self.shared.limits) {
            drop(state);
            return job(Turn::NoRoom);
        }
        let State { lanes, ring, .. } = &mut *state;
        let jobs = lanes.entry(lane).or_insert_with(|| {
            ring.push_back(lane);
            VecDeque::new()
        });
        jobs.push_back(Box::new(job));
        state.waiting += 1;
        let is_idle = state.idle > 0;
        drop(state);
        if is_idle {
            self.shared.turn.notify_one();
        }
    }

    /// Jobs that wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.shared.state.lock().waiting
    }
}

impl State {
    fn has_room(&self, lane: Lane, limits: &LaneLimits) -> bool {
        let of_lane = self.lanes.get(&lane).map_or(0, VecDeque::len);
        !self.is_ending && self.waiting < limits.jobs && of_lane < limits.jobs_per_lane
    }
}

impl Shared {
    fn serve(&self) {
        let mut state = self.state.lock();
        loop {
            let Some(lane) = state.ring.pop_front() else {
                if state.is_ending {
                    return;
                }
                state.idle += 1;
                self.turn.wait(&mut state);
                state.idle -= 1;
                continue;
            };
            let job = state.lanes.get_mut(&lane).and_then(VecDeque::pop_front);
            state.waiting -= usize::from(job.is_some());
            drop(state);
            if let Some(job) = job {
                // Whoever waits for what is lost by a panic is told so when the job is dropped; the
                // lanes go on.
                let _ = catch_unwind(AssertUnwindSafe(|| job(Turn::Yours)));
            }
            state = self.state.lock();
            let is_empty = state.lanes.get(&lane).is_none_or(VecDeque::is_empty);
            if is_empty {
                state.lanes.remove(&lane);
            } else {
                state.ring.push_back(lane);
            }
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.shared.state.lock().is_ending = true;
        self.shared.turn.notify_all();
        let this = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last owner may be a job on one of the threads.
            if thread.thread().id() != this {
                let _ = thread.join();
            }
        }
    }
}

/// Lets threads that clients wait for go first. It is a wish: a machine that does not grant it
/// judges all the same.
pub(crate) fn give_way(nice: i32) {
    if nice > 0 {
        let _ = rustix::process::setpriority_process(None, nice);
    }
}

#[cfg(test)]
mod tests;
