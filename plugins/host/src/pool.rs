//! Instances that wait to be asked again, of all policies together.
//!
//! Each policy has a shelf. When all instances together take more memory than may be kept, those of
//! the policy that was not asked for the longest time go first.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::breaker::{Breaker, Outcome, Turn};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::limits;

/// The shelves of all policies, and what stands on them.
#[derive(Debug)]
pub(crate) struct Pool {
    kept_bytes: usize,
    /// Linear memory of every instance that lives, also of those that are being asked.
    bytes: AtomicUsize,
    instances: AtomicUsize,
    /// Guards the list alone, never held together with a shelf's lock except to take from it.
    shelves: Mutex<Vec<Weak<Shelf>>>,
}

/// One policy's waiting instances, and its breaker.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    /// Guards both; held for a push or a pop.
    inner: Mutex<Inner>,
    last_asked: AtomicU64,
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<Counted>,
    breaker: Breaker,
}

/// An instance whose memory is counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) instance: Instance,
    bytes: usize,
    pool: Arc<Pool>,
}

impl Pool {
    pub(crate) fn new(kept_bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            kept_bytes: usize::try_from(kept_bytes).unwrap_or(usize::MAX),
            bytes: AtomicUsize::new(0),
            instances: AtomicUsize::new(0),
            shelves: Mutex::new(Vec::new()),
        })
    }

    /// A shelf for one more policy.
    pub(crate) fn shelf(&self) -> Arc<Shelf> {
        let shelf = Arc::new(Shelf::default());
        let mut shelves = self.shelves.lock();
        shelves.retain(|shelf| shelf.strong_count() > 0);
        shelves.push(Arc::downgrade(&shelf));
        shelf
    }

    /// Linear memory of every instance that lives.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many instances live.
    pub(crate) fn instances(&self) -> usize {
        self.instances.load(Ordering::Relaxed)
    }

    /// Counts a fresh instance.
    pub(crate) fn count(self: &Arc<Self>, instance: Instance) -> Counted {
        self.instances.fetch_add(1, Ordering::Relaxed);
        let mut counted = Counted {
            instance,
            bytes: 0,
            pool: Arc::clone(self),
        };
        counted.weigh();
        counted
    }

    /// Drops waiting instances until those that live are within what may be kept, with room for
    /// one more.
    pub(crate) fn make_room(&self) {
        while self.bytes() > self.kept_bytes
            || self.instances() + limits::INSTANCES_SPARE > limits::INSTANCES_MAX as usize
        {
            if !self.drop_oldest() {
                return;
            }
        }
    }

    /// Drops one instance of the policy that was not asked for the longest time, if one waits.
    pub(crate) fn drop_oldest(&self) -> bool {
        let oldest = self
            .shelves
            .lock()
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|shelf| shelf.waiting.load(Ordering::Relaxed) > 0)
            .min_by_key(|shelf| shelf.last_asked.load(Ordering::Relaxed));
        let Some(shelf) = oldest else {
            return false;
        };
        let dropped = {
            let mut inner = shelf.inner.lock();
            let dropped = inner.waiting.pop();
            shelf.waiting.store(inner.waiting.len(), Ordering::Relaxed);
            dropped
        };
        dropped.is_some()
    }
}

impl Shelf {
    /// An instance that waits, if there is one.
    ///
    /// # Errors
    /// The breaker is open. Otherwise what comes of the call must be given to [`Shelf::put`].
    pub(crate) fn take(&self, now: u64) -> Result<Option<Counted>, Fault> {
        let mut inner = self.inner.lock();
        if !inner.breaker.lets_through(now) {
            return Err(Fault::BreakerOpen);
        }
        self.last_asked.store(now, Ordering::Relaxed);
        let taken = inner.waiting.pop();
        self.waiting.store(inner.waiting.len(), Ordering::Relaxed);
        Ok(taken)
    }

    /// Takes back an instance, unless it is spent, and what came of asking it.
    pub(crate) fn put(
        &self,
        mut counted: Option<Counted>,
        outcome: Outcome,
        now: u64,
    ) -> Option<Turn> {
        if let Some(counted) = &mut counted {
            counted.weigh();
        }
        let mut inner = self.inner.lock();
        if let Some(counted) = counted {
            inner.waiting.push(counted);
            self.waiting.store(inner.waiting.len(), Ordering::Relaxed);
        }
        inner.breaker.learn(outcome, now)
    }

    /// What `look` sees in an instance that waits.
    pub(crate) fn peek<T>(&self, look: impl FnOnce(&Instance) -> T) -> Option<T> {
        let inner = self.inner.lock();
        inner.waiting.last().map(|counted| look(&counted.instance))
    }

    /// Closes the breaker as if nothing had failed.
    pub(crate) fn forget_faults(&self) {
        self.inner.lock().breaker = Breaker::default();
    }

    /// Whether the breaker keeps calls away.
    pub(crate) fn is_open(&self) -> bool {
        self.inner.lock().breaker.is_open()
    }
}

impl Counted {
    /// Counts what its memory has become.
    fn weigh(&mut self) {
        let bytes = self.instance.bytes();
        // Memories never shrink.
        let more = bytes.saturating_sub(self.bytes);
        if more > 0 {
            self.pool.bytes.fetch_add(more, Ordering::Relaxed);
            self.bytes = bytes;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.pool.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.pool.instances.fetch_sub(1, Ordering::Relaxed);
    }
}
