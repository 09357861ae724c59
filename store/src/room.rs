//! Room: what a cycle needs and what is reserved for it, so that a full disk shows before a cycle
//! is taken.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::BatchEntry;
use ledger::block::{Block, OpenBlock};
use ledger::note::Note;

use crate::embedded::frame;
use crate::embedded::notes;
use crate::journal::Cycle;

/// Bytes that cycles take, padding included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Need {
    /// In the file of cycles.
    pub cycle: u64,
    /// In the file of notes.
    pub notes: u64,
}

impl Need {
    /// What a cycle of these open blocks will need.
    pub fn of_open<'a>(blocks: impl IntoIterator<Item = &'a OpenBlock>) -> Self {
        let sizes = blocks.into_iter().map(|open| {
            (
                open.events.len(),
                open.batches.len() * BatchEntry::BYTES,
                open.notes.as_slice(),
            )
        });
        Self::of_sizes(sizes)
    }

    /// What `cycle` needs.
    pub fn of_cycle(cycle: &Cycle) -> Self {
        let size = |block: &Block| (block.events.len(), block.batches.len());
        Self::of_sizes(cycle.blocks.iter().map(|block| {
            let (events, batches) = size(block);
            (events, batches, block.notes.as_slice())
        }))
    }

    /// What both need together, one after the other.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cycle: self.cycle + other.cycle,
            notes: self.notes + other.notes,
        }
    }

    /// Whether both parts are at most those of `other`.
    pub fn fits(self, other: Self) -> bool {
        self.cycle <= other.cycle && self.notes <= other.notes
    }

    fn of_sizes<'a>(
        blocks: impl Iterator<Item = (usize, usize, &'a [(ledger::Seq, Note)])>,
    ) -> Self {
        let (mut body, mut noted) = (0u64, 0u64);
        for (events, batches, entries) in blocks {
            body += frame::block_bytes(batches, events);
            noted += entries
                .iter()
                .map(|(_, note)| notes::entry_bytes(note))
                .sum::<u64>();
        }
        Self {
            cycle: frame::aligned(frame::HEADER_BYTES as u64 + body),
            notes: frame::aligned(noted),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes and {} bytes of notes", self.cycle, self.notes)
    }
}

/// What a journal has reserved: asked by whoever closes cycles, kept up to date by the journal.
#[derive(Clone, Debug)]
pub struct Room(Arc<Free>);

#[derive(Debug)]
struct Free {
    cycle: AtomicU64,
    notes: AtomicU64,
    max: Need,
}

impl Room {
    pub(crate) fn new(max: Need) -> Self {
        Self(Arc::new(Free {
            cycle: AtomicU64::new(0),
            notes: AtomicU64::new(0),
            max,
        }))
    }

    /// Whether cycles that need this much in all fit for sure. Ask for the cycle about to be closed
    /// plus those whose append has not returned yet.
    pub fn has(&self, need: Need) -> bool {
        need.fits(self.free())
    }

    /// What is reserved.
    pub fn free(&self) -> Need {
        Need {
            cycle: self.0.cycle.load(Ordering::Acquire),
            notes: self.0.notes.load(Ordering::Acquire),
        }
    }

    /// What one cycle may need at most, however large the disk.
    pub fn max(&self) -> Need {
        self.0.max
    }

    pub(crate) fn set(&self, free: Need) {
        self.0.cycle.store(free.cycle, Ordering::Release);
        self.0.notes.store(free.notes, Ordering::Release);
    }
}
