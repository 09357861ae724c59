//! One random ledger: a small space of ids, accounts and times, so that everything collides.

use std::collections::BTreeMap;

use ledger::event::{BookChange, Denial};
use ledger::posting::Batch;
use ledger::{BookId, Code, Digest, Operation};

use super::requests::Past;
use crate::harness::Pair;
use crate::rng::Rng;

const SECOND: u64 = 1_000_000_000;
/// Books 1 and 2 take postings from the start, book 3 imports, book 4 comes late if at all.
const BOOKS: [u32; 4] = [1, 2, 3, 4];

/// A ledger, its clock, and what was asked of it so far.
pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) pair: Pair,
    pub(crate) now: u64,
    /// Whether amounts and bounds near 2^127 are common.
    pub(crate) extreme: bool,
    pub(crate) past: BTreeMap<u32, Past>,
    pub(crate) commands: u64,
    pub(crate) seen: BTreeMap<Code, u64>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let mut world = Self {
            pair: Pair::new(),
            now: rng.pick(&[0, SECOND, 1_700_000_000 * SECOND]),
            extreme: rng.one_in(5),
            past: BTreeMap::new(),
            commands: 0,
            seen: BTreeMap::new(),
            rng,
        };
        let now = world.now;
        let created = [
            world.pair.create_tenant(now, 1, "acme"),
            world.pair.create_asset(now, 1, "USD", 2),
            world.pair.create_asset(now, 2, "BTC", 8),
            world.pair.create_book(now, 1, 1, "main", false),
            world.pair.create_book(now, 2, 1, "other", false),
            world.pair.create_book(now, 3, 1, "old", true),
        ];
        assert_eq!(created, [Code::Created; 6]);
        for book in [1, 2, 3] {
            world.first_accounts(book);
        }
        world
    }

    /// One request, and the comparison after it.
    pub(crate) fn step(&mut self) {
        self.pass_time();
        let book = self.book();
        match self.rng.below(100) {
            0..68 => self.post(book),
            68..72 => self.create_accounts(book),
            72..80 => self.change_accounts(book),
            80..84 => self.change_book(book),
            84..86 => self.register(),
            86 => self.deny(book),
            87..90 => self.pair.close(),
            90..99 => {
                let rows = 2 + self.rng.below(12);
                self.pair.take_snapshot(rows as usize);
            }
            _ if self.rng.one_in(2) => self.pair.restart(),
            _ => self.pair.restart_on_index(),
        }
        self.pair.compare();
    }

    /// Closes what is open and lets every hold that can run out do so.
    pub(crate) fn finish(&mut self) {
        self.now += 1 << 62;
        for book in BOOKS {
            self.pair.post(self.now, book, &[], &[]);
        }
        self.pair.compare();
        self.pair.close();
    }

    pub(crate) fn count(&mut self, codes: &[Code]) {
        self.commands += codes.len().max(1) as u64;
        for code in codes {
            *self.seen.entry(*code).or_insert(0) += 1;
        }
    }

    fn book(&mut self) -> u32 {
        match self.rng.below(50) {
            0..36 => BOOKS[0],
            36..41 => BOOKS[1],
            41..49 => BOOKS[2],
            _ => BOOKS[3],
        }
    }

    fn pass_time(&mut self) {
        let steps = [
            0,
            0,
            1,
            1000,
            SECOND / 16,
            SECOND / 2,
            SECOND,
            5 * SECOND,
            40 * SECOND,
        ];
        self.now += self.rng.pick(&steps);
        if self.rng.one_in(50) {
            self.now = self
                .now
                .saturating_sub(self.rng.pick(&[1, SECOND, 10 * SECOND]));
        }
    }

    fn post(&mut self, book: u32) {
        let (transfers, notes) = self.batch(book);
        let denied = self.denied(transfers.len());
        let batch = Batch {
            transfers: &transfers,
            notes: &notes,
            denied: &denied,
        };
        if self.rng.one_in(12) {
            self.dry_run(book, &batch);
        }
        let codes = self.pair.post_batch(self.now, book, &batch);
        self.count(&codes);
    }

    fn deny(&mut self, book: u32) {
        let book = self.rng.pick(&[0, book]);
        let denial = Denial {
            operation: Operation::Post,
            result: self.rng.pick(&[Code::Denied, Code::PolicyTrapped]),
            rule: self.rng.below(3) as u16,
            book: BookId(book),
            principal: Digest([1; 32]),
            request: Digest([5; 32]),
            policy: Digest([6; 32]),
            count: 1 + self.rng.below(9),
            members: self.rng.below(3),
        };
        self.pair.deny(self.now, book, denial);
    }

    /// What policy denies of a batch: mostly nothing.
    fn denied(&mut self, len: usize) -> Vec<(u32, u16)> {
        if !self.rng.one_in(8) {
            return vec![];
        }
        let at = 0..len as u32;
        at.filter(|_| self.rng.one_in(3))
            .map(|at| (at, 7))
            .collect()
    }

    fn dry_run(&mut self, book: u32, batch: &Batch<'_>) {
        let codes = self.pair.dry_run(self.now, book, batch);
        self.count(&codes);
        self.pair.compare();
        // Once again: the first run must have left nothing behind, nor may the clock have moved.
        assert_eq!(self.pair.dry_run(self.now, book, batch), codes);
    }

    fn create_accounts(&mut self, book: u32) {
        let accounts: Vec<_> = (0..1 + self.rng.below(3))
            .map(|_| self.new_account())
            .collect();
        let codes = self.pair.create_accounts(self.now, book, &accounts);
        self.count(&codes);
    }

    fn change_accounts(&mut self, book: u32) {
        let changes: Vec<_> = (0..1 + self.rng.below(3))
            .map(|_| self.change(book))
            .collect();
        let codes = self.pair.change_accounts(self.now, book, &changes);
        self.count(&codes);
    }

    fn change_book(&mut self, book: u32) {
        let halted = self
            .pair
            .model
            .books
            .get(&book)
            .is_some_and(|book| book.halted);
        let change = match self.rng.below(20) {
            _ if halted => BookChange::Resumed,
            0..3 => BookChange::Resumed,
            3..10 => BookChange::Halted,
            10..17 => BookChange::Locked,
            17 => BookChange::SealedRequired,
            18 => BookChange::SealedNotRequired,
            _ => BookChange::Opened,
        };
        let back = self.rng.pick(&[0, SECOND, 10 * SECOND, 1000 * SECOND]);
        let lock = self.now.saturating_sub(back);
        let code = self.pair.change_book(self.now, book, change, 7, lock);
        self.count(&[code]);
    }

    fn register(&mut self) {
        if self.rng.one_in(3) {
            let code = self.pair.create_book(self.now, 4, 1, "late", false);
            if code == Code::Created {
                self.first_accounts(4);
            }
            return self.count(&[code]);
        }
        let id = self.rng.below(5) as u32;
        let name = self
            .rng
            .pick(&["acme", "main", "other", "old", "bell", "", "Bell", "b_l"]);
        let code = match self.rng.below(3) {
            0 => self.pair.create_tenant(self.now, id, name),
            1 => {
                let code = self
                    .rng
                    .pick(&["USD", "BTC", "EUR", "", "usd", "THIRTEENBYTES"]);
                let exponent = self.rng.pick(&[2, 8, 18, 19]);
                self.pair.create_asset(self.now, id, code, exponent)
            }
            _ => {
                let tenant = self.rng.below(3) as u32;
                self.pair.create_book(self.now, id, tenant, name, false)
            }
        };
        self.count(&[code]);
    }
}
