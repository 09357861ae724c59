//! Requests that wait for a cycle, served by deficit round robin over books, in bytes.

use std::collections::{HashMap, VecDeque};

use ledger::BookId;
use ledger::limits::{BATCH_TRANSFERS_MAX, BLOCK_EVENTS_MAX, EXPIRIES_PER_BATCH_MAX};
use ledger::posting::ItemResult;

use crate::slice;
use crate::submit::Submit;

/// Bytes a book may use up before the next one is served: one slice of a batch.
const QUANTUM: usize = slice::TRANSFERS * ledger::Transfer::BYTES;

/// A request and how far it is decided: a large batch takes several turns.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) submit: Submit,
    /// Results of the items decided so far.
    pub(crate) results: Vec<ItemResult>,
}

/// Events from which on the open cycle takes no more of large batches. Larger cycles post hardly
/// faster and make everybody wait longer.
const CYCLE_EVENTS: usize = 2_048;
/// Events from which on it takes nothing more: what is kept for small requests, so that they need
/// not wait for the cycle after the one that a large batch fills.
const CYCLE_EVENTS_MAX: usize = 2 * CYCLE_EVENTS;
const _: () =
    assert!(CYCLE_EVENTS_MAX + BATCH_TRANSFERS_MAX + EXPIRIES_PER_BATCH_MAX <= BLOCK_EVENTS_MAX);

impl Turn {
    /// Events in the open cycle from which on it does not take this turn.
    pub(crate) fn cycle_events_max(&self) -> usize {
        let is_small = slice::cost(self) <= QUANTUM / 4;
        if is_small {
            CYCLE_EVENTS_MAX
        } else {
            CYCLE_EVENTS
        }
    }
}

/// Waiting requests by book.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    books: HashMap<BookId, Waiting>,
    /// Books with requests, the next to be served first.
    ring: VecDeque<BookId>,
}

#[derive(Debug, Default)]
struct Waiting {
    turns: VecDeque<Turn>,
    deficit: usize,
}

impl Queues {
    /// Whether no request waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Whether a batch of the book is decided in part: no other event of the book may come between.
    pub(crate) fn is_in_batch(&self, book: BookId) -> bool {
        let first = self
            .books
            .get(&book)
            .and_then(|waiting| waiting.turns.front());
        first.is_some_and(|turn| !turn.results.is_empty())
    }

    /// Batches that are decided in part.
    pub(crate) fn begun(&self) -> impl Iterator<Item = &Turn> {
        let first = self
            .books
            .values()
            .filter_map(|waiting| waiting.turns.front());
        first.filter(|turn| !turn.results.is_empty())
    }

    /// Adds a request behind the others of its book.
    pub(crate) fn push(&mut self, submit: Submit) {
        let waiting = self.waiting(submit.command.value().book);
        waiting.turns.push_back(Turn {
            submit,
            results: Vec::new(),
        });
    }

    /// Puts a request that is decided in part back before the others of its book.
    pub(crate) fn put_back(&mut self, turn: Turn) {
        self.waiting(turn.submit.command.value().book)
            .turns
            .push_front(turn);
    }

    fn waiting(&mut self, book: BookId) -> &mut Waiting {
        let waiting = self.books.entry(book).or_default();
        if waiting.turns.is_empty() {
            waiting.deficit = QUANTUM;
            self.ring.push_back(book);
        }
        waiting
    }

    /// The request whose turn it is among those that `fits` says can be taken now.
    pub(crate) fn pop(&mut self, fits: impl Fn(&Turn) -> bool) -> Option<Turn> {
        // Books whose next request does not fit keep their deficit. One whose next request is above
        // its deficit gains a quantum and goes to the back, so every turn of the ring brings some
        // book nearer: the loop ends.
        let mut misfits = 0;
        while misfits < self.ring.len() {
            let book = *self.ring.front()?;
            let waiting = self.books.get_mut(&book)?;
            let turn = waiting.turns.front()?;
            let bytes = slice::cost(turn);
            if !fits(turn) {
                misfits += 1;
                self.ring.rotate_left(1);
                continue;
            }
            misfits = 0;
            if bytes > waiting.deficit {
                waiting.deficit += QUANTUM;
                self.ring.rotate_left(1);
                continue;
            }
            waiting.deficit -= bytes;
            let turn = waiting.turns.pop_front()?;
            if waiting.turns.is_empty() {
                self.books.remove(&book);
                self.ring.pop_front();
            }
            return Some(turn);
        }
        None
    }
}
