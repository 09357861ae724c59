//! The ledger: all books, and the one place where commands become events.

use std::collections::BTreeMap;

use crate::account::{AccountChange, NewAccount};
use crate::batch::Origin;
use crate::block::OpenBlock;
use crate::book::{Book, Caps};
use crate::code::Code;
use crate::event::{Denial, Event, HoldExpired, RequestDenied};
use crate::id::{BookId, Nanos, Seq, TenantId};
use crate::ids::RecentIds;
use crate::key_table::HashSeed;
use crate::known;
use crate::limits::EXPIRIES_PER_BATCH_MAX;
use crate::past::{KeyKind, Past, PastUnreadable};
use crate::posting::{Batch, Desk, Item, ItemResult};
use crate::registry::Registry;
use crate::transfer::{Transfer, TransferFlags};

/// When a command is decided and who asked for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// The clock's reading.
    pub now: Nanos,
    /// Who asked.
    pub origin: Origin,
}

/// All books of a shard.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) seed: HashSeed,
    pub(crate) registry: Registry,
    pub(crate) books: BTreeMap<BookId, Box<Book>>,
    pub(crate) ids: RecentIds,
    /// Books with an open block, in order of their first event.
    pub(crate) moved: Vec<BookId>,
    /// Events in their open blocks.
    open_events: usize,
    pub(crate) caps: Caps,
    /// Ordinals of the batch in work, kept to be filled again.
    ordinals: Vec<(Option<u32>, Option<u32>)>,
}

/// Transfers that are looked up ahead: enough for their cache misses to overlap, few enough for
/// what was fetched to be there still when it is used.
const AHEAD: usize = 128;
/// Memory for recent ids unless said otherwise.
const IDS_BYTES: usize = 64 << 20;

impl Ledger {
    /// An empty ledger: the system book alone.
    pub fn new(hash_seed: [u64; 2]) -> Self {
        Self::with_id_memory(hash_seed, IDS_BYTES)
    }

    /// An empty ledger that keeps recent ids in about `bytes`.
    pub fn with_id_memory(hash_seed: [u64; 2], bytes: usize) -> Self {
        let seed = HashSeed(hash_seed);
        let system = Book::new(BookId::SYSTEM, TenantId::PLATFORM, false, seed);
        Self {
            seed,
            registry: Registry::default(),
            books: BTreeMap::from([(BookId::SYSTEM, Box::new(system))]),
            ids: RecentIds::new(seed, bytes),
            moved: Vec::new(),
            open_events: 0,
            caps: Caps::default(),
            ordinals: Vec::new(),
        }
    }

    /// Bounds what each book may hold in memory, those to come included. What is above already
    /// stays.
    pub fn set_caps(&mut self, caps: Caps) {
        self.caps = caps;
        for book in self.books.values_mut() {
            book.caps = caps;
        }
    }

    /// Tenants, assets and books.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The book with this number.
    pub fn book(&self, id: BookId) -> Option<&Book> {
        self.books.get(&id).map(Box::as_ref)
    }

    /// All books, the system book first.
    pub fn books(&self) -> impl Iterator<Item = &Book> {
        self.books.values().map(Box::as_ref)
    }

    /// Recent ids.
    pub fn ids(&self) -> &RecentIds {
        &self.ids
    }

    /// Recent ids, to tell them of closed cycles and of what the index covers.
    pub fn ids_mut(&mut self) -> &mut RecentIds {
        &mut self.ids
    }

    /// Books that have an open block.
    pub fn moved(&self) -> &[BookId] {
        &self.moved
    }

    /// Events in all open blocks.
    pub fn open_events(&self) -> usize {
        self.open_events
    }

    /// Runs `decide` on a book and notes its events under the asker's name.
    pub(crate) fn in_book<T>(
        &mut self,
        ctx: &Context,
        id: BookId,
        decide: impl FnOnce(&mut Book, &Registry, &mut RecentIds) -> T,
    ) -> Option<T> {
        let book = self.books.get_mut(&id)?;
        let first = book.open.count;
        let answer = decide(book, &self.registry, &mut self.ids);
        book.close_batch(&ctx.origin, first);
        self.open_events += (book.open.count - first) as usize;
        if first == 0 && book.open.count != 0 {
            self.moved.push(id);
        }
        Some(answer)
    }

    /// Creates accounts; a code for each is appended to `results`.
    pub fn create_accounts(
        &mut self,
        ctx: &Context,
        book: BookId,
        accounts: &[NewAccount],
        results: &mut Vec<Code>,
    ) {
        let done = self.in_tenant_book(ctx, book, |book, registry, _| {
            results.extend(
                accounts
                    .iter()
                    .map(|new| book.create_account(registry, ctx.now, new)),
            );
        });
        if done.is_none() {
            results.extend(accounts.iter().map(|_| Code::BookNotFound));
        }
    }

    /// Gives accounts new settings; a code for each is appended to `results`. Due holds expire
    /// first, since they stand in the way of closing and of bounds.
    pub fn change_accounts(
        &mut self,
        ctx: &Context,
        book: BookId,
        changes: &[AccountChange],
        results: &mut Vec<Code>,
    ) {
        self.expire(book, ctx.now);
        let done = self.in_tenant_book(ctx, book, |book, _, _| {
            results.extend(
                changes
                    .iter()
                    .map(|change| book.change_account(ctx.now, change)),
            );
        });
        if done.is_none() {
            results.extend(changes.iter().map(|_| Code::BookNotFound));
        }
    }

    fn in_tenant_book<T>(
        &mut self,
        ctx: &Context,
        id: BookId,
        decide: impl FnOnce(&mut Book, &Registry, &mut RecentIds) -> T,
    ) -> Option<T> {
        if id == BookId::SYSTEM {
            return None;
        }
        self.in_book(ctx, id, decide)
    }

    /// Expires what is due in a book, as events of the daemon.
    pub fn expire(&mut self, book: BookId, now: Nanos) {
        let ctx = Context {
            now,
            origin: Origin::daemon(),
        };
        let due = self
            .book(book)
            .is_some_and(|book| book.holds.first_due(now).is_some());
        if due {
            self.in_book(&ctx, book, |book, _, ids| book.expire_due(now, ids));
        }
    }

    /// Decides a batch in order and posts what may be posted; a result for each transfer is
    /// appended to `results`.
    ///
    /// # Errors
    /// The past cannot be read; what was decided of the batch so far stands in the open block.
    pub fn post(
        &mut self,
        ctx: &Context,
        book: BookId,
        batch: &Batch<'_>,
        past: &dyn Past,
        results: &mut Vec<ItemResult>,
    ) -> Result<(), PastUnreadable> {
        self.expire(book, ctx.now);
        self.post_more(ctx, book, batch, past, results)
    }

    /// As [`Ledger::post`] without expiring anything first: for the later parts of a batch, so that
    /// no other event of the book comes between. Parts must not end inside an entry set.
    ///
    /// # Errors
    /// As for [`Ledger::post`].
    pub fn post_more(
        &mut self,
        ctx: &Context,
        book: BookId,
        batch: &Batch<'_>,
        past: &dyn Past,
        results: &mut Vec<ItemResult>,
    ) -> Result<(), PastUnreadable> {
        let mut ordinals = std::mem::take(&mut self.ordinals);
        let done = self.in_tenant_book(ctx, book, |book, _, ids| {
            let mut desk = Desk {
                now: ctx.now,
                ids,
                past,
            };
            book.post_batch(&mut desk, batch, &mut ordinals, results)
        });
        self.ordinals = ordinals;
        done.unwrap_or_else(|| {
            let refused = ItemResult::refused(Code::BookNotFound);
            results.extend(batch.transfers.iter().map(|_| refused));
            Ok(())
        })
    }

    /// Decides a batch through the same code as [`Ledger::post`] and takes everything back.
    ///
    /// # Errors
    /// The past cannot be read.
    pub fn dry_run(
        &mut self,
        ctx: &Context,
        book: BookId,
        batch: &Batch<'_>,
        past: &dyn Past,
        results: &mut Vec<ItemResult>,
    ) -> Result<(), PastUnreadable> {
        self.expire(book, ctx.now);
        let mut ordinals = std::mem::take(&mut self.ordinals);
        let done = self.in_tenant_book(ctx, book, |book, _, ids| {
            let mark = book.mark();
            let mut desk = Desk {
                now: ctx.now,
                ids,
                past,
            };
            let done = book.post_batch(&mut desk, batch, &mut ordinals, results);
            book.roll_back(&mark, desk.ids);
            done
        });
        self.ordinals = ordinals;
        done.unwrap_or_else(|| {
            let refused = ItemResult::refused(Code::BookNotFound);
            results.extend(batch.transfers.iter().map(|_| refused));
            Ok(())
        })
    }

    /// Records in a book that policy denied something; `None` if there is no such book.
    pub fn deny(&mut self, ctx: &Context, book: BookId, denial: Denial) -> Option<Seq> {
        self.in_book(ctx, book, |book, _, _| {
            let event = RequestDenied {
                seq: book.next_seq(),
                posted_at: book.next_posted_at(ctx.now),
                denial,
            };
            book.append(&Event::RequestDenied(event));
            event.seq
        })
    }

    /// What ids of a batch that is refused as a whole answer: the answer of each that was posted
    /// before, `None` for the others. Nothing is decided.
    ///
    /// # Errors
    /// The past cannot be read.
    pub fn known(
        &mut self,
        book: BookId,
        batch: &Batch<'_>,
        past: &dyn Past,
    ) -> Result<Vec<Option<ItemResult>>, PastUnreadable> {
        let Some(found) = self.books.get(&book) else {
            return Ok(vec![None; batch.transfers.len()]);
        };
        let desk = Desk {
            now: Nanos(0),
            ids: &mut self.ids,
            past,
        };
        found.known_batch(&desk, batch)
    }

    /// Ends the open block of every book that moved, in order of their first event.
    pub fn close_blocks(&mut self) -> Vec<(BookId, OpenBlock)> {
        let moved = std::mem::take(&mut self.moved);
        self.open_events = 0;
        let close = |id: BookId| Some((id, self.books.get_mut(&id)?.close_block()?));
        moved.into_iter().filter_map(close).collect()
    }
}

impl Book {
    /// Finds the accounts of some transfers ahead of deciding, so that cache misses overlap.
    fn look_up(
        &self,
        desk: &Desk<'_>,
        transfers: &[Transfer],
        ordinals: &mut Vec<(Option<u32>, Option<u32>)>,
    ) {
        ordinals.clear();
        let mut warmed = 0;
        ordinals.extend(transfers.iter().map(|t| {
            warmed ^= desk.ids.warm(self.id, t.id.0);
            (self.ordinal(t.debit), self.ordinal(t.credit))
        }));
        std::hint::black_box(warmed);
    }

    fn post_batch(
        &mut self,
        desk: &mut Desk<'_>,
        batch: &Batch<'_>,
        ordinals: &mut Vec<(Option<u32>, Option<u32>)>,
        results: &mut Vec<ItemResult>,
    ) -> Result<(), PastUnreadable> {
        let transfers = batch.transfers;
        let mut beside = batch.beside();
        let mut set = Vec::new();
        for (at, transfer) in transfers.iter().enumerate() {
            if at.is_multiple_of(AHEAD) {
                let next = &transfers[at..transfers.len().min(at + AHEAD)];
                self.look_up(desk, next, ordinals);
            }
            let (debit, credit) = ordinals[at % AHEAD];
            let item = Item {
                transfer,
                debit,
                credit,
                note: beside.note(at),
                is_denied: beside.is_denied(at),
            };
            let linked = transfer.flags.has(TransferFlags::LINKED);
            if !linked && set.is_empty() {
                results.push(self.post_one(desk, &item, false)?);
                continue;
            }
            set.push(item);
            if !linked || at + 1 == transfers.len() {
                self.post_set(desk, &set, linked, results)?;
                set.clear();
            }
        }
        Ok(())
    }

    fn known_batch(
        &self,
        desk: &Desk<'_>,
        batch: &Batch<'_>,
    ) -> Result<Vec<Option<ItemResult>>, PastUnreadable> {
        let mut beside = batch.beside();
        let answer = |(at, transfer)| {
            let item = Item {
                transfer,
                debit: None,
                credit: None,
                note: beside.note(at),
                is_denied: false,
            };
            known::check(self, desk, &item)
        };
        batch.transfers.iter().enumerate().map(answer).collect()
    }

    /// Expires due holds in order of expiry, then sequence.
    pub(crate) fn expire_due(&mut self, now: Nanos, ids: &mut RecentIds) {
        for _ in 0..EXPIRIES_PER_BATCH_MAX {
            let Some(hold) = self.holds.first_due(now) else {
                return;
            };
            let (Some(debit), Some(credit)) = (self.ordinal(hold.debit), self.ordinal(hold.credit))
            else {
                return;
            };
            let event = HoldExpired {
                seq: self.next_seq(),
                posted_at: self.next_posted_at(now),
                hold: hold.id,
                debit: hold.debit,
                credit: hold.credit,
                released: hold.remaining,
                debit_seq: self.accounts[debit as usize].seq + 1,
                credit_seq: self.accounts[credit as usize].seq + 1,
            };
            self.append(&Event::HoldExpired(event));
            self.apply_expiry(&event, debit, true);
            self.apply_expiry(&event, credit, false);
            self.holds.remove(hold.id);
            ids.insert(self.id, KeyKind::HoldEnd, hold.id.0, event.seq);
        }
    }
}

impl Ledger {
    /// Sequence of the event that an id points to, recent or old.
    ///
    /// # Errors
    /// The past cannot be read.
    pub fn find(
        &self,
        book: BookId,
        kind: KeyKind,
        id: u128,
        past: &dyn Past,
    ) -> Result<Option<Seq>, PastUnreadable> {
        match self.ids.find(book, kind, id) {
            Some(seq) => Ok(Some(seq)),
            None => past.find(book, kind, id),
        }
    }
}
