//! A journal and, beside it, the trees of its books as a model keeps them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::BookId;
use ledger::event::Records;
use ledger::merkle;
use ledger::proof::{self, MemoryTree, Node, Nodes};
use store::disk::Disk;
use store::disk::sim::Random;
use store::tiles::{TileBuilder, TileLimits, Tiles};
use store::{Cycle, Journal, Reader};

use crate::books::Books;

/// Bounds that a few hundred leaves reach.
pub(crate) fn small() -> TileLimits {
    TileLimits {
        frame_tiles: 3,
        file_bytes: 40 << 10,
        cached_tiles: 2,
        edge_bytes: 20 << 10,
    }
}

pub(crate) struct Forest {
    pub(crate) books: Books,
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) cycles: Vec<Arc<Cycle>>,
    pub(crate) trees: BTreeMap<BookId, MemoryTree>,
    pub(crate) random: Random,
}

impl Forest {
    pub(crate) fn new(seed: u64, journal: Box<dyn Journal>) -> Self {
        Self {
            books: Books::new(seed),
            journal,
            cycles: Vec::new(),
            trees: BTreeMap::new(),
            random: Random::new(seed ^ 0x7ee5),
        }
    }

    pub(crate) fn reader(&self) -> Reader {
        self.journal.reader()
    }

    /// One more cycle of these books with so many events each.
    pub(crate) fn grow(&mut self, sizes: &[(u32, u64)]) -> Arc<Cycle> {
        let cycle = self.books.cycle_of(sizes, 0);
        self.add(cycle)
    }

    /// One more cycle of some books with up to `events` each.
    pub(crate) fn grow_some(&mut self, events: u64) -> Arc<Cycle> {
        let cycle = self.books.cycle(events);
        self.add(cycle)
    }

    fn add(&mut self, cycle: Cycle) -> Arc<Cycle> {
        self.journal.append(&cycle).unwrap();
        for block in &cycle.blocks {
            let tree = self.trees.entry(block.header.book).or_default();
            for record in Records(&block.events) {
                tree.push(merkle::leaf(record.unwrap()));
            }
        }
        let cycle = Arc::new(cycle);
        self.cycles.push(Arc::clone(&cycle));
        cycle
    }

    pub(crate) fn open(&self, disk: Arc<dyn Disk>, limits: TileLimits) -> (TileBuilder, Tiles) {
        TileBuilder::open(disk, self.reader(), limits).unwrap()
    }

    /// Gives a builder every cycle that it lacks, as the journal reads them.
    pub(crate) fn catch_up(&self, builder: &mut TileBuilder) {
        for cycle in self.reader().cycles(builder.covered_cycle() + 1) {
            builder.apply_cycle(&cycle.unwrap()).unwrap();
        }
        assert_eq!(builder.applied_cycle(), self.cycles.len() as u64);
    }

    /// Every tree at its size and at `sizes` others: roots, nodes and proofs are the model's.
    pub(crate) fn check(&mut self, tiles: &Tiles, sizes: u64) {
        let books: Vec<BookId> = self.trees.keys().copied().collect();
        for book in books {
            let now = self.trees[&book].size();
            self.check_at(tiles, book, now);
            for _ in 0..sizes {
                let size = self.random.below(now + 1);
                self.check_at(tiles, book, size);
            }
        }
    }

    fn check_at(&mut self, tiles: &Tiles, book: BookId, size: u64) {
        let tree = self.trees.get_mut(&book).unwrap();
        let mut view = tiles.view(book, size);
        let context = format!("book {book}, size {size}");
        assert_eq!(
            proof::root(&mut view, size).unwrap(),
            proof::root(tree, size).unwrap(),
            "{context}"
        );
        for _ in 0..20.min(size) {
            let level = self.random.below(u64::from(size.ilog2()) + 1) as u8;
            let index = self.random.below(size >> level);
            let node = Node { level, index };
            assert_eq!(view.node(node).unwrap(), tree.node(node).unwrap());
            let leaf = self.random.below(size);
            assert_eq!(
                proof::inclusion(&mut view, leaf, size).unwrap(),
                proof::inclusion(tree, leaf, size).unwrap(),
                "{context}, leaf {leaf}"
            );
            let old = 1 + self.random.below(size);
            assert_eq!(
                proof::consistency(&mut view, old, size).unwrap(),
                proof::consistency(tree, old, size).unwrap(),
                "{context}, old {old}"
            );
        }
        let outside = Node {
            level: 0,
            index: size,
        };
        assert!(view.node(outside).is_err(), "{context}");
    }
}
