//! The core and the model side by side: every command goes to both, and both must agree.

use std::collections::BTreeMap;

use ledger::block::{Block, Head};
use ledger::event::{BookChange, Records};
use ledger::ledger::Context;
use ledger::note::Note;
use ledger::replay::Fold;
use ledger::snapshot::{Cursor, Heads, encode_heads};
use ledger::{
    Account, AccountChange, AccountFlags, AccountId, AssetId, BookId, Code, Digest, Event, Ledger,
    Nanos, NewAccount, Origin, Seq, TenantId, Transfer, TransferId,
};

use crate::model::{self, Item, Model};
use crate::past::Closed;

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

/// A snapshot being taken while the books go on.
struct Snapshot {
    chunks: Vec<Vec<u8>>,
    cursor: Cursor,
    /// Blocks that it covers whole.
    blocks: usize,
}

const SEED: [u64; 2] = [11, 17];

impl Pair {
    pub(crate) fn new() -> Self {
        Self {
            core: Ledger::new(SEED),
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
        let mut results = vec![];
        self.core
            .post(
                &context(now),
                BookId(book),
                transfers,
                notes,
                &self.past,
                &mut results,
            )
            .unwrap();
        let answers: Vec<Item> = results
            .iter()
            .map(|r| Item {
                code: r.code,
                seq: r.seq,
            })
            .collect();
        let expected = self.model.post(now, book, transfers, notes);
        same_items(now, transfers, &answers, &expected);
        answers.iter().map(|item| item.code).collect()
    }

    /// Decides without posting: the answers of a post, and nothing moves but what is due anyway.
    pub(crate) fn dry_run(
        &mut self,
        now: u64,
        book: u32,
        transfers: &[Transfer],
        notes: &[(u32, Note)],
    ) -> Vec<Code> {
        let mut results = vec![];
        self.core
            .dry_run(
                &context(now),
                BookId(book),
                transfers,
                notes,
                &self.past,
                &mut results,
            )
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
        let expected = self.model.clone().post(now, book, transfers, notes);
        same_items(now, transfers, &answers, &expected);
        answers.iter().map(|item| item.code).collect()
    }

    /// Compares every account, hold and sum of every book, and checks what must always hold.
    pub(crate) fn compare(&self) {
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
            let rows = self.rows(id, &events);
            assert_eq!(open.rows, rows, "rows of book {id}");
            let block = self.heads.entry(id).or_default().seal(id, open).unwrap();
            assert_eq!(block.header.rows, Digest::of(&rows));
            self.folded.replay_block(&block, Fold::Exact, true).unwrap();
            self.past.add(&block);
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
        self.past.finds = true;
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

fn same_items(now: u64, transfers: &[Transfer], answers: &[Item], expected: &[Item]) {
    let names = |items: &[Item]| -> Vec<String> {
        items
            .iter()
            .map(|item| format!("{} at {}", item.code, item.seq))
            .collect()
    };
    let asked: Vec<String> = transfers.iter().map(|t| format!("\n{t:?}")).collect();
    assert_eq!(
        names(answers),
        names(expected),
        "core, model at {now}:{}",
        asked.concat()
    );
}

/// Flags as a row shows them.
fn flags(account: &model::Account) -> u16 {
    let mut flags = account.settings.flags.0;
    for (is_set, flag) in [
        (account.settings.floor.is_some(), AccountFlags::HAS_FLOOR),
        (
            account.settings.ceiling.is_some(),
            AccountFlags::HAS_CEILING,
        ),
        (account.changed, AccountFlags::CHANGED),
    ] {
        flags |= if is_set { flag } else { 0 };
    }
    flags
}

fn compare_book(core: &ledger::Book, model: &model::Book) {
    assert_eq!(core.next_seq(), Seq(model.log.next_seq));
    assert_eq!(core.last_posted_at(), Nanos(model.log.last));
    let state = core.state();
    assert_eq!(state.importing, model.importing);
    assert_eq!(state.halted, model.halted);
    assert_eq!(state.effective_lock, Nanos(model.lock));
    assert_eq!(core.accounts().len(), model.accounts.len());
    let mut sums = BTreeMap::<u32, [u128; 4]>::new();
    for (id, expected) in &model.accounts {
        let account = core.account(AccountId(*id)).unwrap();
        compare_account(account, expected);
        assert_eq!(core.settings(account), expected.settings);
        assert_eq!(account.open_holds as usize, model.open_holds(*id));
        assert!(
            expected.keeps_floor(&expected.settings),
            "{id} is below its floor"
        );
        assert!(
            expected.keeps_ceiling(&expected.settings),
            "{id} is above its ceiling"
        );
        let sums = sums.entry(expected.asset).or_default();
        let b = &account.balances;
        let four = [
            b.debits_posted,
            b.credits_posted,
            b.debits_pending,
            b.credits_pending,
        ];
        for (sum, part) in sums.iter_mut().zip(four) {
            *sum = sum.wrapping_add(part);
        }
    }
    assert!(core.totals().is_balanced());
    for (asset, totals) in core.totals().assets() {
        let t = totals;
        let four = [
            t.debits_posted,
            t.credits_posted,
            t.debits_pending,
            t.credits_pending,
        ];
        assert_eq!(sums.remove(&asset.0), Some(four), "totals of asset {asset}");
        assert_eq!([four[0], four[2]], [four[1], four[3]], "debits are credits");
    }
    assert!(sums.is_empty());
    compare_holds(core, model);
}

fn compare_account(core: &Account, model: &model::Account) {
    let b = &core.balances;
    assert_eq!(
        [
            b.debits_posted,
            b.credits_posted,
            b.debits_pending,
            b.credits_pending
        ],
        [
            model.debits_posted,
            model.credits_posted,
            model.debits_pending,
            model.credits_pending
        ],
        "balances of {}",
        core.id
    );
    assert_eq!(
        (core.asset.0, core.code, core.user_data),
        (model.asset, model.code, model.user_data)
    );
    assert_eq!(core.seq, model.seq, "legs of {}", core.id);
    assert_eq!(core.flags.0, flags(model), "flags of {}", core.id);
}

fn compare_holds(core: &ledger::Book, model: &model::Book) {
    let open = model.holds.iter().filter(|(_, hold)| hold.ended.is_none());
    let mut count = 0;
    for (id, expected) in open {
        let hold = core.holds().get(TransferId(*id)).unwrap();
        assert_eq!(
            (hold.debit.0, hold.credit.0),
            (expected.debit, expected.credit)
        );
        assert_eq!(hold.remaining, expected.left, "what is left of hold {id}");
        assert_eq!(hold.expires_at.0, expected.expires_at.unwrap_or(0));
        assert_eq!(hold.seq.0, expected.seq);
        count += 1;
    }
    assert_eq!(core.holds().len(), count);
}

/// Two books of the core with the same state, one decided, one folded.
fn same_book(decided: &ledger::Book, folded: &ledger::Book) {
    assert_eq!(decided.state(), folded.state());
    assert_eq!(decided.next_seq(), folded.next_seq());
    assert_eq!(decided.last_posted_at(), folded.last_posted_at());
    assert_eq!(decided.height(), folded.height());
    assert_eq!(decided.totals(), folded.totals());
    assert_eq!(decided.accounts().len(), folded.accounts().len());
    for (a, b) in decided.accounts().iter().zip(folded.accounts()) {
        // `touched` tells blocks apart and `limits` is a place in a list: neither is state.
        assert_eq!(
            Account {
                touched: 0,
                limits: 0,
                ..*a
            },
            Account {
                touched: 0,
                limits: 0,
                ..*b
            }
        );
        assert_eq!(decided.settings(a), folded.settings(b));
    }
    let all = |book: &ledger::Book| {
        let mut holds: Vec<_> = book.holds().slots(0, usize::MAX).copied().collect();
        holds.sort_by_key(|hold| hold.seq);
        holds
    };
    assert_eq!(all(decided), all(folded));
}
