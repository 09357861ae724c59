//! Cycles that no ledger made, and a model that remembers all that is in them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use ledger::block::{Block, BlockHeader};
use ledger::event::{HoldExpired, NoteErased, TransferPosted};
use ledger::id::{AccountId, AssetId, BookId, Height, Nanos, Seq, TransferId};
use ledger::past::KeyKind;
use ledger::{Code, Digest, Event, TransferFlags as F};

use crate::disk::sim::Random;
use crate::index::{HistoryLeg, Index, IndexBuilder, IndexError, Posted};
use crate::journal::Cycle;

/// How ids come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ids {
    /// Each greater than the one before, or nearly.
    Time,
    /// All over.
    Random,
    /// 1, 2, 3 in each book.
    Counted,
}

/// What the cycles are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) books: u32,
    pub(super) accounts: u64,
    /// Most events of a book in a cycle.
    pub(super) events: u64,
    pub(super) ids: Ids,
    /// One leg in so many falls on account 1.
    pub(super) hot: u64,
    /// Nanoseconds by which business dates stray.
    pub(super) stray: u64,
}

impl Default for Shape {
    fn default() -> Self {
        let (books, accounts, events) = (3, 40, 60);
        Self {
            books,
            accounts,
            events,
            ids: Ids::Random,
            hot: 3,
            stray: 1 << 40,
        }
    }
}

/// Which event a key points to, and the cycle that told.
pub(super) type Keys = BTreeMap<(u8, u32, u128), (Seq, u64)>;

/// Cycles and what is in them.
pub(super) struct World {
    pub(super) shape: Shape,
    pub(super) random: Random,
    pub(super) cycles: Vec<Vec<Arc<Block>>>,
    pub(super) keys: Keys,
    pub(super) legs: BTreeMap<(u32, u128), Vec<(HistoryLeg, u64)>>,
    seqs: Vec<u64>,
    clock: u64,
    /// Transfers that no key of another kind points to yet.
    fresh: Vec<(u32, u128)>,
}

impl World {
    pub(super) fn new(seed: u64, shape: Shape) -> Self {
        Self {
            shape,
            random: Random::new(seed),
            cycles: Vec::new(),
            keys: BTreeMap::new(),
            legs: BTreeMap::new(),
            seqs: vec![0; shape.books as usize],
            clock: 1_700_000_000_000_000_000,
            fresh: Vec::new(),
        }
    }

    /// Number of the last cycle.
    pub(super) fn last(&self) -> u64 {
        self.cycles.len() as u64
    }

    /// Makes one more cycle.
    pub(super) fn grow(&mut self) {
        let mut blocks = Vec::new();
        for book in 0..self.shape.books {
            let count = self.random.below(self.shape.events + 1);
            if count > 0 {
                let events: Vec<Event> = (0..count).map(|_| self.event(book)).collect();
                blocks.push(Arc::new(block(book, &events)));
            }
        }
        self.cycles.push(blocks);
    }

    fn id(&mut self, book: u32) -> u128 {
        let random = u128::from(self.random.next_u64());
        match self.shape.ids {
            Ids::Random => random << 64 | u128::from(self.random.next_u64()),
            Ids::Time => u128::from(self.clock - self.random.below(50_000)) << 64 | random,
            Ids::Counted => u128::from(self.seqs[book as usize] + 1),
        }
    }

    fn account(&mut self) -> u128 {
        let nth = if self.random.one_in(self.shape.hot) {
            1
        } else {
            self.random.below(self.shape.accounts) + 1
        };
        // Some ids small, some large.
        if nth.is_multiple_of(2) {
            u128::from(nth)
        } else {
            u128::from(nth) << 100 | 7
        }
    }

    fn next_seq(&mut self, book: u32) -> Seq {
        let seq = self.seqs[book as usize];
        self.seqs[book as usize] += 1;
        self.clock += 1 + self.random.below(20_000);
        Seq(seq)
    }

    fn event(&mut self, book: u32) -> Event {
        if self.random.one_in(9) {
            let seq = self.next_seq(book);
            return note_erased(seq, self.clock);
        }
        let id = self.id(book);
        let (debit, mut credit) = (self.account(), self.account());
        if credit == debit {
            credit += 1000;
        }
        let seq = self.next_seq(book);
        let event = if self.random.one_in(12) && !self.fresh.is_empty() {
            self.expiry(book, seq, debit, credit)
        } else {
            self.transfer(book, seq, id, debit, credit)
        };
        self.remember(book, &event);
        event
    }

    fn target(&mut self, book: u32) -> Option<u128> {
        let at = self.fresh.iter().rposition(|fresh| fresh.0 == book)?;
        let at = at.saturating_sub(self.random.below(30) as usize);
        (self.fresh[at].0 == book).then(|| self.fresh.remove(at).1)
    }

    fn expiry(&mut self, book: u32, seq: Seq, debit: u128, credit: u128) -> Event {
        let hold = self.target(book).unwrap_or(u128::from(seq.0) << 90);
        Event::HoldExpired(HoldExpired {
            seq,
            posted_at: Nanos(self.clock),
            hold: TransferId(hold),
            debit: AccountId(debit),
            credit: AccountId(credit),
            released: 77,
            debit_seq: self.account_seq(book, debit),
            credit_seq: self.account_seq(book, credit),
        })
    }

    fn account_seq(&mut self, book: u32, account: u128) -> u64 {
        let last = self.legs.get(&(book, account)).and_then(|legs| legs.last());
        // Changes of the account take numbers too.
        last.map_or(0, |(leg, _)| leg.account_seq) + 1 + u64::from(self.random.one_in(20))
    }

    fn transfer(&mut self, book: u32, seq: Seq, id: u128, debit: u128, credit: u128) -> Event {
        let kinds = [
            F::NONE,
            F::NONE,
            F::HOLD,
            F::CAPTURE,
            F::CAPTURE.with(F::KEEP_OPEN),
            F::VOID,
            F::REVERSAL,
        ];
        let mut flags = kinds[self.random.below(kinds.len() as u64) as usize];
        let mut target = 0;
        if flags.any(F::CAPTURE.with(F::VOID).with(F::REVERSAL)) {
            match self.target(book) {
                Some(id) => target = id,
                None => flags = F::NONE,
            }
        }
        let amount = 1 + u128::from(self.random.next_u64() >> (self.random.below(60)));
        Event::Transfer(TransferPosted {
            flags,
            code: 1,
            result: Code::Created,
            asset: AssetId(1),
            timeout: 0,
            seq,
            posted_at: Nanos(self.clock),
            effective_at: Nanos(self.clock - self.random.below(self.shape.stray + 1)),
            user_data: 0,
            debit_seq: self.account_seq(book, debit),
            credit_seq: self.account_seq(book, credit),
            id: TransferId(id),
            debit: AccountId(debit),
            credit: AccountId(credit),
            amount: if flags.has(F::VOID) { 0 } else { amount },
            requested: amount,
            released: if flags.any(F::VOID.with(F::CAPTURE)) {
                amount + 5
            } else {
                0
            },
            target: TransferId(target),
            commitments: None,
        })
    }

    fn remember(&mut self, book: u32, event: &Event) {
        let cycle = self.last() + 1;
        for leg in ledger::leg::legs(event).unwrap() {
            let history = self.legs.entry((book, leg.account.0)).or_default();
            history.push((HistoryLeg::from(&leg), cycle));
        }
        let mut keys = Vec::new();
        match event {
            Event::HoldExpired(e) => keys.push((KeyKind::HoldEnd, e.hold)),
            Event::Transfer(t) => {
                keys.push((KeyKind::Transfer, t.id));
                let capture = t.flags.has(F::CAPTURE) && !t.flags.has(F::KEEP_OPEN);
                if capture || t.flags.has(F::VOID) {
                    keys.push((KeyKind::HoldEnd, t.target));
                } else if t.flags.has(F::REVERSAL) {
                    keys.push((KeyKind::Reversal, t.target));
                }
                self.fresh.push((book, t.id.0));
            }
            _ => {}
        }
        for (kind, id) in keys {
            let old = self
                .keys
                .insert((kind as u8, book, id.0), (event.seq(), cycle));
            assert_eq!(old, None, "the model made a key twice");
        }
    }

    /// Gives the builder every cycle that it lacks.
    pub(super) fn feed(&self, builder: &mut IndexBuilder) -> Result<(), IndexError> {
        while builder.indexed_cycle() < self.last() {
            self.feed_one(builder)?;
        }
        Ok(())
    }

    /// Gives the builder the next cycle.
    pub(super) fn feed_one(&self, builder: &mut IndexBuilder) -> Result<(), IndexError> {
        let number = builder.indexed_cycle() + 1;
        let blocks = self.cycles[builder.indexed_cycle() as usize].clone();
        builder.apply_cycle(&Cycle { number, blocks })
    }

    /// Asks for keys, and for keys that are not there.
    pub(super) fn check_ids(&mut self, index: &Index) {
        let covered = index.covered_cycle();
        let every = self.keys.len() as u64 / 400 + 1;
        let skipped = self.random.below(every) as usize;
        for ((kind, book, id), (seq, cycle)) in
            self.keys.iter().skip(skipped).step_by(every as usize)
        {
            let kind = [KeyKind::Transfer, KeyKind::HoldEnd, KeyKind::Reversal][*kind as usize];
            let found = index.find(BookId(*book), kind, *id).unwrap();
            if *cycle <= covered {
                assert_eq!(found, Some(*seq), "{kind:?} {id} of book {book}");
            } else {
                assert_eq!(found, None, "nothing that is not covered is in a run");
            }
            let elsewhere = (KeyKind::Transfer as u8, book + 1, *id);
            let other = index
                .find(BookId(book + 1), KeyKind::Transfer, *id)
                .unwrap();
            let expected = self
                .keys
                .get(&elsewhere)
                .filter(|(_, cycle)| *cycle <= covered);
            assert_eq!(other, expected.map(|(seq, _)| *seq));
        }
        for _ in 0..50 {
            let book = self.random.below(u64::from(self.shape.books)) as u32;
            let id = self.id(book) ^ 1 << 127;
            assert_eq!(
                index.find(BookId(book), KeyKind::Transfer, id).unwrap(),
                None
            );
        }
    }

    /// Asks for histories and balances.
    pub(super) fn check_legs(&mut self, index: &Index) {
        let indexed = index.indexed_cycle();
        let every = self.legs.len() / 30 + 1;
        let skipped = self.random.below(every as u64) as usize;
        for ((book, account), legs) in self.legs.iter().skip(skipped).step_by(every) {
            let (book, account) = (BookId(*book), AccountId(*account));
            let legs = legs.iter().filter(|(_, cycle)| *cycle <= indexed);
            let legs: Vec<HistoryLeg> = legs.map(|(leg, _)| *leg).collect();
            assert_eq!(read(index, book, account, 0..u64::MAX, usize::MAX), legs);
            check_ranges(&mut self.random, index, book, account, &legs);
            let last = legs.last().map_or(0, |leg| leg.seq.0);
            for _ in 0..3 {
                let known = Seq(self.random.below(last + 3));
                let date = Nanos(self.clock - self.random.below(self.shape.stray * 2 + 2));
                let all = Nanos(u64::MAX);
                assert_eq!(
                    index.posted_at(book, account, known).unwrap(),
                    sum(&legs, all, known)
                );
                let got = index.posted_by(book, account, date, known).unwrap();
                assert_eq!(got, sum(&legs, date, known), "{account} {date} {known}");
            }
        }
        let nobody = index
            .posted_at(BookId(0), AccountId(3), Seq(u64::MAX))
            .unwrap();
        assert_eq!(nobody, Posted::default());
    }

    /// Asks for the balances of account 1 in book 0, on which most legs fall.
    pub(super) fn check_hot(&self, index: &Index) {
        let account = 1 << 100 | 7;
        let Some(legs) = self.legs.get(&(0, account)) else {
            return;
        };
        let legs = legs
            .iter()
            .filter(|(_, cycle)| *cycle <= index.indexed_cycle());
        let legs: Vec<HistoryLeg> = legs.map(|(leg, _)| *leg).collect();
        let (account, last) = (AccountId(account), Seq(u64::MAX));
        for date in [Nanos(u64::MAX), Nanos(self.clock - self.shape.stray / 2)] {
            let got = index.posted_by(BookId(0), account, date, last).unwrap();
            assert_eq!(got, sum(&legs, date, last));
        }
    }

    pub(super) fn check(&mut self, index: &Index) {
        self.check_ids(index);
        self.check_legs(index);
    }
}

fn check_ranges(
    random: &mut Random,
    index: &Index,
    book: BookId,
    account: AccountId,
    legs: &[HistoryLeg],
) {
    let last = legs.last().map_or(0, |leg| leg.seq.0);
    for most in [usize::MAX, 5] {
        let start = random.below(last + 2);
        let end = start + random.below(last + 2 - start.min(last + 1));
        let expected = legs.iter().filter(|leg| (start..end).contains(&leg.seq.0));
        let expected: Vec<HistoryLeg> = expected.take(most).copied().collect();
        let got = read(index, book, account, start..end, most);
        assert_eq!(got, expected, "{account} {start}..{end}");
    }
}

fn read(
    index: &Index,
    book: BookId,
    account: AccountId,
    seqs: std::ops::Range<u64>,
    most: usize,
) -> Vec<HistoryLeg> {
    let mut got = Vec::new();
    let visit = |leg: &HistoryLeg| {
        got.push(*leg);
        if got.len() == most {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    index.legs(book, account, seqs, visit).unwrap();
    got
}

fn sum(legs: &[HistoryLeg], date: Nanos, known: Seq) -> Posted {
    let mut sum = Posted::default();
    for leg in legs
        .iter()
        .filter(|leg| leg.effective_at <= date && leg.seq <= known)
    {
        match leg.side {
            ledger::leg::Side::Debit => sum.debits += leg.posted,
            ledger::leg::Side::Credit => sum.credits += leg.posted,
        }
    }
    sum
}

fn note_erased(seq: Seq, clock: u64) -> Event {
    Event::NoteErased(NoteErased {
        seq,
        posted_at: Nanos(clock),
        target: Seq(0),
    })
}

/// A block with these events; nothing else of it is looked at.
pub(super) fn block(book: u32, events: &[Event]) -> Block {
    let mut bytes = Vec::new();
    events.iter().for_each(|event| event.encode(&mut bytes));
    let first = events.first().map_or(Seq(0), Event::seq);
    block_of(book, first, events.len() as u32, bytes)
}

/// A block with these bytes of events.
pub(super) fn block_of(book: u32, first_seq: Seq, count: u32, events: Vec<u8>) -> Block {
    let header = BlockHeader {
        book: BookId(book),
        height: Height(1),
        previous: Digest::ZERO,
        first_seq,
        count,
        first_posted_at: Nanos(0),
        last_posted_at: Nanos(0),
        tree_size: 0,
        root: Digest::ZERO,
        rows: Digest::ZERO,
        batches: Digest::ZERO,
    };
    Block::assemble(header, Vec::new(), events, Vec::new()).unwrap()
}
