//! The naive model: what a ledger should answer, written a second time from the rules alone.
//!
//! It shares ids, flags, codes, requests and the shape of events with `ledger`, and none of its
//! functions. Everything is a `BTreeMap`, sums are 256 bits wide, every check collects all codes
//! that apply and answers the lowest, and an entry set that fails is undone by putting back a copy
//! of the whole book.

mod account;
mod bounds;
mod hold;
mod post;
mod registry;
mod set;
mod settings;
mod target;

use std::collections::BTreeMap;

use ledger::event::{BookChange, BookChanged};
use ledger::{Code, Event, Nanos, Seq};

pub(crate) use account::Account;
pub(crate) use hold::{Ended, Hold};
pub(crate) use post::{Item, Posted};
pub(crate) use registry::Model;

/// The order of events of one book.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log {
    /// Events so far.
    pub(crate) next_seq: u64,
    /// Posted time of the last one.
    pub(crate) last: u64,
    /// Events that the harness has not compared yet.
    pub(crate) events: Vec<Event>,
}

impl Log {
    /// Sequence and posted time that an event decided at `now` gets.
    fn stamp(&self, now: u64) -> (Seq, Nanos) {
        (Seq(self.next_seq), Nanos(now.max(self.last + 1)))
    }

    fn push(&mut self, event: Event) {
        assert_eq!(
            event.seq().0,
            self.next_seq,
            "the model numbers its own events"
        );
        self.next_seq += 1;
        self.last = event.posted_at().0;
        self.events.push(event);
    }
}

/// One book.
#[derive(Clone, Default, Debug)]
pub(crate) struct Book {
    pub(crate) importing: bool,
    pub(crate) halted: bool,
    pub(crate) sealed: bool,
    pub(crate) lock: u64,
    pub(crate) log: Log,
    pub(crate) accounts: BTreeMap<u128, Account>,
    /// Every transfer, hold, capture, void and reversal by id.
    pub(crate) posted: BTreeMap<u128, Posted>,
    /// Every hold, open or ended, by id.
    pub(crate) holds: BTreeMap<u128, Hold>,
    /// Reversed transfer to its reversal.
    pub(crate) reversals: BTreeMap<u128, u128>,
}

impl Book {
    pub(crate) fn change(&mut self, now: u64, change: BookChange, reason: u16, lock: u64) -> Code {
        let stands = match change {
            BookChange::Halted => self.halted,
            BookChange::Resumed => !self.halted,
            BookChange::Locked => self.lock == lock,
            BookChange::Opened => !self.importing,
            BookChange::SealedRequired => self.sealed,
            BookChange::SealedNotRequired => !self.sealed,
        };
        if stands {
            return Code::Exists;
        }
        if change == BookChange::Locked && lock < self.lock {
            return Code::BookStateConflict;
        }
        let (seq, posted_at) = self.stamp(now);
        match change {
            BookChange::Halted => self.halted = true,
            BookChange::Resumed => self.halted = false,
            BookChange::Locked => self.lock = lock,
            BookChange::Opened => self.importing = false,
            BookChange::SealedRequired => self.sealed = true,
            BookChange::SealedNotRequired => self.sealed = false,
        }
        let effective_lock = Nanos(self.lock);
        let event = BookChanged {
            seq,
            posted_at,
            change,
            reason,
            effective_lock,
        };
        self.log.push(Event::BookChanged(event));
        Code::Created
    }

    /// Sequence and posted time of the next event. An import lives in its own time: the clock does
    /// not push it forward.
    fn stamp(&self, now: u64) -> (Seq, Nanos) {
        self.log.stamp(if self.importing { 0 } else { now })
    }

    /// Open holds on either side of an account.
    pub(crate) fn open_holds(&self, account: u128) -> usize {
        let touches = |hold: &&Hold| hold.debit == account || hold.credit == account;
        self.holds
            .values()
            .filter(|hold| hold.ended.is_none())
            .filter(touches)
            .count()
    }
}

/// The lowest of the codes that apply.
fn lowest(codes: &[Code]) -> Option<Code> {
    codes.iter().min_by_key(|code| code.number()).copied()
}
