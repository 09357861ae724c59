//! What moved since the last seal was begun: the journal thread notes it, the signer takes it.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::block::BlockHeader;
use ledger::{BookId, Digest, Height};
use parking_lot::Mutex;
use store::Cycle;

/// Where a book stands: what a seal says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookHead {
    /// The book.
    pub book: BookId,
    /// Height of its last block.
    pub height: Height,
    /// Events of the book: leaves of its tree.
    pub size: u64,
    /// Root of its tree.
    pub root: Digest,
    /// Hash of its last block.
    pub block_hash: Digest,
}

impl BookHead {
    /// The head that a block's header leaves.
    pub(crate) fn of(header: &BlockHeader, block_hash: Digest) -> Self {
        Self {
            book: header.book,
            height: header.height,
            size: header.tree_size,
            root: header.root,
            block_hash,
        }
    }

    /// The head of a book that has no block yet.
    pub(crate) fn empty(book: BookId) -> Self {
        Self {
            book,
            height: Height(0),
            size: 0,
            root: Digest::of(b""),
            block_hash: Digest::ZERO,
        }
    }
}

/// Heads that moved; clones share them. Bounded by the number of books.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moved {
    /// Guards the heads only; no other lock is taken with it.
    shared: Arc<Mutex<Heads>>,
}

/// Heads that moved together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Heads {
    pub(crate) heads: HashMap<BookId, BookHead>,
    /// Events that moved them.
    pub(crate) events: u64,
    /// The last cycle that moved one of them.
    pub(crate) cycle: u64,
}

/// Events of a cycle.
pub(crate) fn events(cycle: &Cycle) -> u64 {
    let counts = cycle.blocks.iter().map(|block| block.header.count);
    counts.map(u64::from).sum()
}

impl Moved {
    /// Notes down a durable cycle.
    pub(crate) fn note(&self, cycle: &Cycle) {
        let mut shared = self.shared.lock();
        for block in &cycle.blocks {
            let head = BookHead::of(&block.header, block.hash);
            shared.heads.insert(head.book, head);
        }
        shared.events += events(cycle);
        shared.cycle = cycle.number;
    }

    /// Puts heads back that were taken, in any order: the highest of each book counts.
    pub(crate) fn put_back(&self, heads: Heads) {
        let mut shared = self.shared.lock();
        for (book, head) in heads.heads {
            let kept = shared.heads.entry(book).or_insert(head);
            if head.height > kept.height {
                *kept = head;
            }
        }
        shared.events += heads.events;
        shared.cycle = shared.cycle.max(heads.cycle);
    }

    /// Takes what moved; `None` if nothing did.
    pub(crate) fn take(&self) -> Option<Heads> {
        let mut shared = self.shared.lock();
        (!shared.heads.is_empty()).then(|| std::mem::take(&mut *shared))
    }

    /// Events that moved and were not taken.
    pub(crate) fn events(&self) -> u64 {
        self.shared.lock().events
    }
}
