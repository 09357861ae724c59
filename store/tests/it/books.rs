//! Makes cycles such as a shard makes: blocks of real records, hashed and linked.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::block::{Head, OpenBlock};
use ledger::event::TransferPosted;
use ledger::note::Note;
use ledger::{
    AccountId, AssetId, BatchEntry, BookId, Code, Event, Nanos, Origin, Seq, TransferFlags,
    TransferId,
};
use store::Cycle;
use store::disk::sim::Random;

/// Several books and the last cycle that was made of them.
pub(crate) struct Books {
    random: Random,
    heads: BTreeMap<BookId, Head>,
    number: u64,
    now: u64,
}

impl Books {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            heads: BTreeMap::new(),
            number: 0,
            now: 1_000,
        }
    }

    /// A cycle of up to four of six books, each with up to `events` events, one in four noted.
    pub(crate) fn cycle(&mut self, events: u64) -> Cycle {
        let first = self.random.below(6);
        let books = 1 + self.random.below(4);
        let sizes: Vec<(u32, u64)> = (first..first + books)
            .map(|book| (book as u32 % 6 + 1, 1 + self.random.below(events)))
            .collect();
        self.cycle_of(&sizes, 4)
    }

    /// A cycle of these books with so many events each; one in `noted` has a note, none if it is 0.
    pub(crate) fn cycle_of(&mut self, sizes: &[(u32, u64)], noted: u64) -> Cycle {
        self.number += 1;
        let mut blocks = Vec::new();
        for (book, events) in sizes {
            let open = self.open(BookId(*book), *events, noted);
            let head = self.heads.entry(BookId(*book)).or_default();
            blocks.push(Arc::new(head.seal(BookId(*book), open).unwrap()));
        }
        Cycle {
            number: self.number,
            blocks,
        }
    }

    /// Takes the last cycle back: it never was.
    pub(crate) fn forget(&mut self, before: &Self) {
        self.number = before.number;
        self.heads.clone_from(&before.heads);
    }

    /// Goes on from `cycle`, which was forgotten and is there after all.
    pub(crate) fn remember(&mut self, cycle: &Cycle) {
        self.number = cycle.number;
        for block in &cycle.blocks {
            self.now = self.now.max(block.header.last_posted_at.0);
            self.heads
                .entry(block.header.book)
                .or_default()
                .advance(block)
                .unwrap();
        }
    }

    fn open(&mut self, book: BookId, events: u64, noted: u64) -> OpenBlock {
        let mut open = OpenBlock::default();
        let first = self.heads.get(&book).map_or(0, |head| head.frontier.size());
        for seq in first..first + events {
            self.now += 1 + self.random.below(3);
            let note = (noted > 0 && self.random.one_in(noted)).then(|| self.note());
            if let Some(note) = &note {
                open.notes.push((Seq(seq), note.clone()));
            }
            open.push(&Event::Transfer(self.transfer(seq, note.as_ref())));
        }
        let origin = Origin {
            request_id: u128::from(self.random.next_u64()),
            ..Origin::daemon()
        };
        open.batches.push(BatchEntry {
            origin,
            first: 0,
            count: open.count,
        });
        open
    }

    fn transfer(&mut self, seq: u64, note: Option<&Note>) -> TransferPosted {
        TransferPosted {
            flags: TransferFlags(0),
            code: 7,
            result: Code::from_number(0).unwrap(),
            asset: AssetId(1),
            timeout: 0,
            seq: Seq(seq),
            posted_at: Nanos(self.now),
            effective_at: Nanos(self.now),
            user_data: 0,
            debit_seq: seq + 1,
            credit_seq: seq + 1,
            id: TransferId(u128::from(self.random.next_u64())),
            debit: AccountId(1),
            credit: AccountId(2),
            amount: u128::from(self.random.below(1_000)),
            requested: 0,
            released: 0,
            target: TransferId(0),
            commitments: note.map(Note::commitments),
        }
    }

    fn note(&mut self) -> Note {
        let mut bytes = |most: u64| -> Vec<u8> {
            let len = self.random.below(most);
            (0..len).map(|_| self.random.next_u64() as u8).collect()
        };
        let (reference, metadata) = (bytes(129), bytes(600));
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.random.next_u64().to_le_bytes());
        Note {
            salt,
            reference,
            metadata,
        }
    }
}

impl Clone for Books {
    fn clone(&self) -> Self {
        Self {
            random: self.random.clone(),
            heads: self.heads.clone(),
            number: self.number,
            now: self.now,
        }
    }
}
