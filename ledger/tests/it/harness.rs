//! The core and the model side by side: every command goes to both, and both must agree.

mod compare;
mod restart;

use std::collections::BTreeMap;

use ledger::block::{Block, Head};
use ledger::event::{BookChange, Denial, Records};
use ledger::ledger::Context;
use ledger::note::Note;
use ledger::posting::{Batch, ItemResult};
use ledger::replay::Fold;
use ledger::{
    AccountChange, AccountId, AssetId, BookId, Code, Digest, Event, Ledger, Nanos, NewAccount,
    Origin, Seq, TenantId, Transfer,
};

use crate::model::{Item, Model};
use crate::past::Closed;
use compare::{compare_book, compare_positions, flags, same_book};
use restart::Snapshot;

/// The core, the model, and everything closed so far.
pub(crate) struct Pair {
    pub(crate) core: Ledger,
    pub(crate) model: Model,
    past: Closed,
    heads: BTreeMap<BookId, Head>,
    blocks: Vec<Block>,
    /// What folding the closed blocks gives.
    folded: Ledger,
    /// Number of the next cycle.
    cycle: u64,
    snapshot: Option<Snapshot>,
    /// Snapshots that were taken whole and gone on from.
    pub(crate) snapshots: u64,
}

const SEED: [u64; 2] = [11, 17];

impl Pair {
    pub(crate) fn new() -> Self {
        Self::of(Ledger::new(SEED))
    }

    /// A ledger that keeps recent ids in about `bytes`.
    pub(crate) fn with_id_memory(bytes: usize) -> Self {
        Self::of(Ledger::with_id_memory(SEED, bytes))
    }

    fn of(core: Ledger) -> Self {
        Self {
            core,
            model: Model::default(),
            past: Closed::default(),
            heads: BTreeMap::new(),
            blocks: Vec::new(),
            folded: Ledger::new(SEED),
            cycle: 1,
            snapshot: None,
            snapshots: 0,
        }
    }

    pub(crate) fn create_tenant(&mut self, now: u64, id: u32, name: &str) -> Code {
        let code = self.core.create_tenant(&context(now), TenantId(id), name);
        assert_eq!(
            code,
            self.model.create_tenant(now, id, name),
            "tenant {id} {name}"
        );
        code
    }

    pub(crate) fn create_asset(&mut self, now: u64, id: u32, code: &str, exponent: u8) -> Code {
        let answer = self
            .core
            .create_asset(&context(now), AssetId(id), code, exponent);
        let expected = self.model.create_asset(now, id, code, exponent);
        assert_eq!(answer, expected, "asset {id} {code} {exponent}");
        answer
    }

    pub(crate) fn create_book(
        &mut self,
        now: u64,
        id: u32,
        tenant: u32,
        name: &str,
        importing: bool,
    ) -> Code {
        let ctx = context(now);
        let code = self
            .core
            .create_book(&ctx, BookId(id), TenantId(tenant), name, importing);
        let expected = self.model.create_book(now, id, tenant, name, importing);
        assert_eq!(code, expected, "book {id} {tenant} {name}");
        code
    }

    pub(crate) fn change_book(
        &mut self,
        now: u64,
        book: u32,
        change: BookChange,
        reason: u16,
        lock: u64,
    ) -> Code {
        let ctx = context(now);
        let code = self
            .core
            .change_book(&ctx, BookId(book), change, reason, Nanos(lock));
        let expected = self.model.change_book(now, book, change, reason, lock);
        assert_eq!(code, expected, "book {book} {change:?} {lock}");
        code
    }

    pub(crate) fn create_accounts(
        &mut self,
        now: u64,
        book: u32,
        accounts: &[NewAccount],
    ) -> Vec<Code> {
        let mut codes = vec![];
        self.core
            .create_accounts(&context(now), BookId(book), accounts, &mut codes);
        let expected = self.model.create_accounts(now, book, accounts);
        assert_eq!(codes, expected, "core, model at {now}: {accounts:?}");
        codes
    }

    pub(crate) fn change_accounts(
        &mut self,
        now: u64,
        book: u32,
        changes: &[AccountChange],
    ) -> Vec<Code> {
        let mut codes = vec![];
        self.core
            .change_accounts(&context(now), BookId(book), changes, &mut codes);
        let expected = self.model.change_accounts(now, book, changes);
        assert_eq!(codes, expected, "core, model at {now}: {changes:?}");
        codes
    }

    pub(crate) fn post(
        &mut self,
        now: u64,
        book: u32,
        transfers: &[Transfer],
        notes: &[(u32, Note)],
    ) -> Vec<Code> {
        let batch = Batch {
            notes,
            ..Batch::of(transfers)
        };
        self.post_batch(now, book, &batch)
    }

    pub(crate) fn post_batch(&mut self, now: u64, book: u32, batch: &Batch<'_>) -> Vec<Code> {
        let (ctx, id) = (context(now), BookId(book));
        self.compare_known(book, batch);
        let mut results = vec![];
        self.core
            .post(&ctx, id, batch, &self.past, &mut results)
            .unwrap();
        let answers: Vec<Item> = results
            .iter()
            .map(|r| Item {
                code: r.code,
                seq: r.seq,
            })
            .collect();
        let expected = self.model.post(now, book, batch);
        same_items(now, batch, &answers, &expected);
        answers.iter().map(|item| item.code).collect()
    }

    /// What was posted before answers so without being decided, too.
    fn compare_known(&mut self, book: u32, batch: &Batch<'_>) {
        let known = self.core.known(BookId(book), batch, &self.past).unwrap();
        let known = known.into_iter().map(|result| {
            let ItemResult { code, seq } = result?;
            Some(Item { code, seq })
        });
        let known: Vec<Option<Item>> = known.collect();
        let expected = match self.model.books.get(&book) {
            Some(book) => book.known_items(batch),
            None => vec![None; batch.transfers.len()],
        };
        assert_eq!(known, expected, "known ids of {:?}", batch.transfers);
    }

    /// Decides without posting: the answers of a post, and nothing moves but what is due anyway.
    pub(crate) fn dry_run(&mut self, now: u64, book: u32, batch: &Batch<'_>) -> Vec<Code> {
        let (ctx, id) = (context(now), BookId(book));
        let mut results = vec![];
        self.core
            .dry_run(&ctx, id, batch, &self.past, &mut results)
            .unwrap();
        let answers: Vec<Item> = results
            .iter()
            .map(|r| Item {
                code: r.code,
                seq: r.seq,
            })
            .collect();
        if let Some(book) = self.model.books.get_mut(&book) {
            book.expire(now);
        }
        let expected = self.model.clone().post(now, book, batch);
        same_items(now, batch, &answers, &expected);
        answers.iter().map(|item| item.code).collect()
    }

    /// Records a denial, which changes nothing else.
    pub(crate) fn deny(&mut self, now: u64, book: u32, denial: Denial) {
        let seq = self.core.deny(&context(now), BookId(book), denial);
        assert_eq!(seq, self.model.deny(now, book, denial), "denial at {now}");
    }

    /// Compares every account, hold and sum of every book, and checks what must always hold.
    pub(crate) fn compare(&self) {
        compare_positions(self.core.registry(), &self.model.created);
        for (id, book) in &self.model.books {
            compare_book(self.core.book(BookId(*id)).unwrap(), book);
        }
    }

    /// Closes the open blocks: their events must be the model's, and folding them must give the
    /// rows and the state that deciding gave.
    pub(crate) fn close(&mut self) {
        for (id, open) in self.core.close_blocks() {
            let log = match id {
                BookId::SYSTEM => &mut self.model.system,
                BookId(book) => &mut self.model.books.get_mut(&book).unwrap().log,
            };
            let expected = std::mem::take(&mut log.events);
            let events: Vec<Event> = Records(&open.events)
                .map(|r| Event::decode(r.unwrap()).unwrap())
                .collect();
            assert_eq!(events, expected, "events of book {id}");
            assert_eq!(open.count as usize, events.len());
            let mut covered = 0;
            for batch in &open.batches {
                assert_eq!(batch.first, covered, "batches follow one another");
                assert_ne!(batch.count, 0);
                covered += batch.count;
            }
            assert_eq!(covered, open.count, "every event has its batch");
            assert_eq!(open.notes, self.notes(id, &events), "notes of book {id}");
            let rows = self.rows(id, &events);
            assert_eq!(open.rows, rows, "rows of book {id}");
            let block = self.heads.entry(id).or_default().seal(id, open).unwrap();
            assert_eq!(block.header.rows, Digest::of(&rows));
            self.folded.replay_block(&block, Fold::Exact, true).unwrap();
            self.past.add(self.cycle, &block);
            self.blocks.push(block);
        }
        let logs = self.model.books.values().map(|book| &book.log);
        for log in logs.chain([&self.model.system]) {
            assert!(
                log.events.is_empty(),
                "events that the core did not write: {:?}",
                log.events
            );
        }
        self.core.ids_mut().cycle_closed(self.cycle);
        self.folded.ids_mut().cycle_closed(self.cycle);
        self.cycle += 1;
        for book in self.core.books() {
            same_book(book, self.folded.book(book.id).unwrap());
        }
    }

    /// The index has come to where the ledger was `lag` cycles ago: memory may forget that far.
    pub(crate) fn index_follows(&mut self, lag: u64) {
        self.past.covered = self.cycle.saturating_sub(1 + lag);
        self.core.ids_mut().forget(self.past.covered);
    }

    /// Notes that stand beside `events`, as the model keeps them.
    fn notes(&self, book: BookId, events: &[Event]) -> Vec<(Seq, Note)> {
        let noted = |event: &Event| match event {
            Event::Transfer(t) if t.commitments.is_some() => Some((
                t.seq,
                self.model.books[&book.0].posted[&t.id.0].note.clone(),
            )),
            _ => None,
        };
        events.iter().filter_map(noted).collect()
    }

    /// Rows of the accounts that `events` touch, in order of first touch, as the model sees them.
    fn rows(&self, book: BookId, events: &[Event]) -> Vec<u8> {
        let mut touched: Vec<AccountId> = vec![];
        for event in events {
            let accounts = match event {
                Event::AccountCreated(e) => vec![e.id],
                Event::AccountChanged(e) => vec![e.id],
                Event::Transfer(e) => vec![e.debit, e.credit],
                Event::HoldExpired(e) => vec![e.debit, e.credit],
                _ => vec![],
            };
            for account in accounts {
                if !touched.contains(&account) {
                    touched.push(account);
                }
            }
        }
        let mut rows = vec![];
        for id in touched {
            let account = &self.model.books[&book.0].accounts[&id.0];
            rows.extend(id.0.to_le_bytes());
            rows.extend(account.debits_posted.to_le_bytes());
            rows.extend(account.credits_posted.to_le_bytes());
            rows.extend(account.debits_pending.to_le_bytes());
            rows.extend(account.credits_pending.to_le_bytes());
            rows.extend(account.seq.to_le_bytes());
            rows.extend(flags(account).to_le_bytes());
        }
        rows
    }
}

fn context(now: u64) -> Context {
    let origin = Origin {
        principal: Digest([1; 32]),
        fingerprint: Digest([2; 32]),
        request_id: 3,
        policy_set: Digest([4; 32]),
    };
    Context {
        now: Nanos(now),
        origin,
    }
}

fn same_items(now: u64, batch: &Batch<'_>, answers: &[Item], expected: &[Item]) {
    let names = |items: &[Item]| -> Vec<String> {
        items
            .iter()
            .map(|item| format!("{} at {}", item.code, item.seq))
            .collect()
    };
    let asked: Vec<String> = batch.transfers.iter().map(|t| format!("\n{t:?}")).collect();
    assert_eq!(
        names(answers),
        names(expected),
        "core, model at {now}, denied {:?}:{}",
        batch.denied,
        asked.concat()
    );
}
