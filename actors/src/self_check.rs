//! The self-checker: a child that folds the journal by itself and compares what the shard has.
//!
//! It shares no code with the fold of `ledger` beyond the records: it sums legs. It works on a
//! slice of the accounts at a time, so that its memory does not grow with their number, and at a
//! few percent of one core. A book that it finds wrong is halted.

use std::collections::HashMap;
use std::time::Duration;

use actix::{Addr, Message};
use ledger::leg::{Side, legs};
use ledger::{AccountId, Balances, BookId, Event, Ledger, Seq};
use store::Reader;
use tokio::sync::oneshot;

use crate::child::Stop;
use crate::fault::Trap;
use crate::progress::Progress;
use crate::shard::Shard;

/// Accounts of one slice: about 100 bytes each.
const SLICE_ACCOUNTS: u32 = 65_536;
/// Share of one core that it may use: it rests this many times as long as it worked.
const REST: u32 = 19;
/// How long it rests between passes.
const BETWEEN_PASSES: Duration = Duration::from_secs(5);

/// Asks the shard for balances of a slice of a book's accounts.
#[derive(Debug)]
pub(crate) struct Compare {
    book: BookId,
    from: u32,
    reply: oneshot::Sender<Option<Shown>>,
}

impl Message for Compare {
    type Result = ();
}

/// Halts a book that was found wrong.
#[derive(Debug)]
pub(crate) struct Halt {
    pub(crate) book: BookId,
}

impl Message for Halt {
    type Result = ();
}

/// What the shard has, at one point of the book.
#[derive(Debug)]
struct Shown {
    /// Sequence of the next event.
    next_seq: Seq,
    /// Whether debits equal credits for every asset.
    is_balanced: bool,
    rows: Vec<(AccountId, Balances)>,
}

impl Compare {
    pub(crate) fn answer(self, ledger: &Ledger) {
        let shown = ledger.book(self.book).map(|book| {
            let accounts = book.accounts();
            let from = (self.from as usize).min(accounts.len());
            let to = accounts.len().min(from + SLICE_ACCOUNTS as usize);
            Shown {
                next_seq: book.next_seq(),
                is_balanced: book.totals().is_balanced(),
                rows: accounts[from..to]
                    .iter()
                    .map(|a| (a.id, a.balances))
                    .collect(),
            }
        });
        let _ = self.reply.send(shown);
    }
}

/// What the checker works with.
pub(crate) struct SelfChecker {
    pub(crate) reader: Reader,
    pub(crate) shard: Addr<Shard>,
    pub(crate) durable: Progress,
    pub(crate) stop: Stop,
    pub(crate) trap: Trap,
}

impl SelfChecker {
    /// Checks slice after slice of book after book until told to stop.
    pub(crate) fn run(&self) -> Result<(), String> {
        let mut checked = 0;
        while !self.stop.is_set() {
            // Nothing moved since the last pass: nothing new can be wrong.
            let last = self.durable.get();
            if last != checked {
                for book in self.reader.books() {
                    self.trap.spring();
                    self.check_book(book.book)?;
                }
                checked = last;
            }
            self.stop.pause(BETWEEN_PASSES);
        }
        Ok(())
    }

    pub(crate) fn check_book(&self, book: BookId) -> Result<(), String> {
        let mut from = 0;
        while !self.stop.is_set() {
            let Some(shown) = self.ask(book, from) else {
                return Ok(());
            };
            let Some(folded) = self.fold(book, &shown)? else {
                return Ok(());
            };
            let wrong = shown
                .rows
                .iter()
                .find(|(id, has)| folded.get(id) != Some(has));
            if let Some((id, has)) = wrong {
                let should = folded.get(id);
                tracing::error!(%book, account = %id, ?has, ?should, "balance is not the fold");
            }
            if !shown.is_balanced {
                tracing::error!(%book, "debits do not equal credits");
            }
            if wrong.is_some() || !shown.is_balanced {
                let halted = self.shard.try_send(Halt { book });
                return halted.map_err(|error| format!("book `{book}` cannot be halted: {error}"));
            }
            if shown.rows.len() < SLICE_ACCOUNTS as usize {
                return Ok(());
            }
            from += SLICE_ACCOUNTS;
        }
        Ok(())
    }

    fn ask(&self, book: BookId, from: u32) -> Option<Shown> {
        let (reply, shown) = oneshot::channel();
        self.shard.try_send(Compare { book, from, reply }).ok()?;
        shown.blocking_recv().ok()?
    }

    /// Sums the legs of the shown accounts up to the point shown; `None` if told to stop.
    fn fold(
        &self,
        book: BookId,
        shown: &Shown,
    ) -> Result<Option<HashMap<AccountId, Balances>>, String> {
        let mut sums: HashMap<AccountId, Balances> = shown
            .rows
            .iter()
            .map(|(id, _)| (*id, Balances::default()))
            .collect();
        let mut next = Seq(0);
        while next < shown.next_seq {
            if self.stop.is_set() {
                return Ok(None);
            }
            let began = crate::clock::moment();
            let block = self
                .reader
                .block_at(book, next)
                .map_err(|error| error.to_string())?;
            let Some(block) = block else {
                // Shown, but not yet durable.
                let seen = self.durable.get();
                if self
                    .durable
                    .wait_above(seen, Duration::from_secs(1))
                    .is_err()
                {
                    return Ok(None);
                }
                continue;
            };
            for record in ledger::event::Records(&block.events) {
                let event = record
                    .and_then(Event::decode)
                    .map_err(|error| error.to_string())?;
                if event.seq() < shown.next_seq {
                    add(&mut sums, &event);
                }
            }
            next = Seq(block.header.seqs().end);
            self.stop.pause(began.elapsed() * REST);
        }
        Ok(Some(sums))
    }
}

fn add(sums: &mut HashMap<AccountId, Balances>, event: &Event) {
    for leg in legs(event).into_iter().flatten() {
        let Some(sum) = sums.get_mut(&leg.account) else {
            continue;
        };
        let (posted, pending) = match leg.side {
            Side::Debit => (&mut sum.debits_posted, &mut sum.debits_pending),
            Side::Credit => (&mut sum.credits_posted, &mut sum.credits_pending),
        };
        *posted = posted.wrapping_add(leg.posted);
        *pending = pending.wrapping_add(leg.held).wrapping_sub(leg.released);
    }
}
