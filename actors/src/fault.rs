//! Faults on purpose: a thread that panics once, so that tests can see what follows. In release
//! builds nothing asks for one and nothing strikes.

#[cfg(debug_assertions)]
use std::sync::Arc;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::Options;

/// The thread that panics, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The shard, when it closes a cycle.
    Shard,
    /// The hashing thread, before it seals a cycle.
    Hasher,
    /// The journal thread, once a cycle is durable and before its answers are released.
    Journal,
    /// The indexer, before it takes a cycle in.
    Indexer,
    /// The self-checker, before it looks at a book.
    SelfCheck,
    /// The snapshotter, before a snapshot counts.
    Snapshotter,
}

impl Fault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[
        Self::Shard,
        Self::Hasher,
        Self::Journal,
        Self::Indexer,
        Self::SelfCheck,
        Self::Snapshotter,
    ];

    /// Name of the thread.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shard => "shard",
            Self::Hasher => "hasher",
            Self::Journal => "journal",
            Self::Indexer => "indexer",
            Self::SelfCheck => "self-check",
            Self::Snapshotter => "snapshotter",
        }
    }

    /// The fault of the thread with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

/// A place where a thread may be made to panic, once. Clones stand for the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trap {
    #[cfg(debug_assertions)]
    is_set: Arc<AtomicBool>,
}

#[cfg(debug_assertions)]
impl Trap {
    /// The trap of a thread, set if its fault is asked for.
    pub(crate) fn of(fault: Fault, options: &Options) -> Self {
        let is_set = Arc::new(AtomicBool::new(options.fault == Some(fault)));
        Self { is_set }
    }

    /// Panics if it is set; it is not any more.
    #[expect(clippy::panic, reason = "that a thread panics is what it is for")]
    pub(crate) fn spring(&self) {
        if self.is_set.swap(false, Ordering::AcqRel) {
            panic!("a fault on purpose");
        }
    }
}

#[cfg(not(debug_assertions))]
impl Trap {
    pub(crate) fn of(_: Fault, _: &Options) -> Self {
        Self {}
    }

    pub(crate) fn spring(&self) {}
}
