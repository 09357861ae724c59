//! Requests that wait for a cycle, served by deficit round robin over books, in bytes.

use std::collections::{HashMap, VecDeque};

use ledger::BookId;

use crate::submit::Submit;

/// Bytes a book may use up before the next one is served.
const QUANTUM: usize = 256 << 10;

/// Waiting requests by book.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    books: HashMap<BookId, Waiting>,
    /// Books with requests, the next to be served first.
    ring: VecDeque<BookId>,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: VecDeque<(usize, Submit)>,
    deficit: usize,
}

impl Queues {
    /// Whether no request waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Adds a request that costs about `bytes`.
    pub(crate) fn push(&mut self, book: BookId, bytes: usize, submit: Submit) {
        let waiting = self.books.entry(book).or_default();
        if waiting.requests.is_empty() {
            waiting.deficit = QUANTUM;
            self.ring.push_back(book);
        }
        waiting.requests.push_back((bytes, submit));
    }

    /// The request whose turn it is, if `fits` says that it can be taken now; one that does not
    /// fit keeps its turn.
    pub(crate) fn pop(&mut self, fits: impl Fn(&Submit) -> bool) -> Option<Submit> {
        // A book whose next request is above its deficit gains a quantum and goes to the back, so
        // every turn of the ring brings some book nearer: the loop ends.
        loop {
            let book = *self.ring.front()?;
            let waiting = self.books.get_mut(&book)?;
            let (bytes, submit) = waiting.requests.front()?;
            if *bytes > waiting.deficit {
                waiting.deficit += QUANTUM;
                self.ring.rotate_left(1);
                continue;
            }
            if !fits(submit) {
                return None;
            }
            waiting.deficit -= *bytes;
            let (_, submit) = waiting.requests.pop_front()?;
            if waiting.requests.is_empty() {
                self.books.remove(&book);
                self.ring.pop_front();
            }
            return Some(submit);
        }
    }
}
