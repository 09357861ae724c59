//! Going on from what is kept: from the blocks alone, or from a snapshot and the blocks after it.

use std::collections::BTreeMap;

use ledger::block::Head;
use ledger::replay::Fold;
use ledger::snapshot::{Cursor, Heads, encode_heads};
use ledger::{BookId, Ledger};

use super::compare::same_book;
use super::{Pair, SEED};

/// A snapshot being taken while the books go on.
pub(super) struct Snapshot {
    chunks: Vec<Vec<u8>>,
    cursor: Cursor,
    /// Blocks that it covers whole.
    blocks: usize,
}

impl Pair {
    /// Goes on with the folded state, as after a restart.
    pub(crate) fn restart(&mut self) {
        self.close();
        self.snapshot = None;
        self.core = self.folded.clone();
    }

    /// Goes on with a ledger that remembers no id: all are found in the index.
    pub(crate) fn restart_on_index(&mut self) {
        self.close();
        self.snapshot = None;
        self.past.covered = u64::MAX;
        let mut head = BTreeMap::<BookId, Head>::new();
        let mut fresh = Ledger::new(SEED);
        for block in &self.blocks {
            head.entry(block.header.book)
                .or_default()
                .advance(block)
                .unwrap();
            fresh.replay_block(block, Fold::Exact, false).unwrap();
        }
        assert_eq!(head, self.heads);
        self.core = fresh;
        self.folded = self.core.clone();
    }

    /// Takes a piece of a snapshot between two cycles. Once it is whole, the ledger goes on from
    /// it and the blocks since it began, which must give the state that it left.
    pub(crate) fn take_snapshot(&mut self, rows: usize) {
        self.close();
        let Some(snapshot) = &mut self.snapshot else {
            self.snapshot = Some(Snapshot {
                chunks: vec![self.core.snapshot_begin(), encode_heads(&self.heads)],
                cursor: Cursor::default(),
                blocks: self.blocks.len(),
            });
            return;
        };
        match self.core.snapshot_next(&mut snapshot.cursor, rows) {
            Some(chunk) => snapshot.chunks.push(chunk),
            None => self.restart_on_snapshot(),
        }
    }

    fn restart_on_snapshot(&mut self) {
        let snapshot = self.snapshot.take().unwrap();
        self.snapshots += 1;
        let mut fresh = Ledger::new(SEED);
        let mut heads = Heads::new();
        for chunk in &snapshot.chunks {
            fresh.load_chunk(&mut heads, chunk).unwrap();
        }
        let (covered, later) = self.blocks.split_at(snapshot.blocks);
        for block in covered {
            fresh.replay_ids(block).unwrap();
        }
        for block in later {
            heads
                .entry(block.header.book)
                .or_default()
                .advance(block)
                .unwrap();
            fresh.replay_block(block, Fold::Fuzzy, true).unwrap();
        }
        assert_eq!(heads, self.heads);
        fresh.rebuild_totals();
        for book in self.core.books() {
            same_book(book, fresh.book(book.id).unwrap());
        }
        self.core = fresh;
        self.folded = self.core.clone();
    }
}
