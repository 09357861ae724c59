//! Requests that wait for a cycle, served by deficit round robin over lanes, in bytes.

use std::collections::{HashMap, VecDeque};

use ledger::limits::{BATCH_TRANSFERS_MAX, BLOCK_EVENTS_MAX, EXPIRIES_PER_BATCH_MAX};
use ledger::posting::ItemResult;
use ledger::{BookId, TenantId};

use crate::slice;
use crate::submit::Submit;

/// Bytes a lane may use up before the next one is served: one slice of a batch.
const QUANTUM: usize = slice::TRANSFERS * ledger::Transfer::BYTES;

/// Where a request waits: behind others of its own, beside those of others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Lane {
    /// With what is asked of a book.
    Book(BookId),
    /// With what was refused to principals of a tenant about what is not the tenant's: nothing that
    /// others wait for waits behind it.
    Elsewhere(TenantId),
}

/// A request and how far it is decided: a large batch takes several turns.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) lane: Lane,
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
    /// The first turn of a request.
    pub(crate) fn of(lane: Lane, submit: Submit) -> Self {
        Self {
            lane,
            submit,
            results: Vec::new(),
        }
    }

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

/// Waiting requests by lane.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    lanes: HashMap<Lane, Waiting>,
    /// Lanes with requests of which none is away, the next to be served first.
    ring: VecDeque<Lane>,
}

#[derive(Debug, Default)]
struct Waiting {
    turns: VecDeque<Turn>,
    deficit: usize,
    /// Whether the first of them is being judged anew: the others wait for it.
    is_away: bool,
}

impl Queues {
    /// Whether no request waits, and none is away.
    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Whether a batch of the book is decided in part: no other event of the book may come between.
    pub(crate) fn is_in_batch(&self, book: BookId) -> bool {
        let first = self
            .lanes
            .get(&Lane::Book(book))
            .and_then(|waiting| waiting.turns.front());
        first.is_some_and(|turn| !turn.results.is_empty())
    }

    /// Batches that are decided in part.
    pub(crate) fn begun(&self) -> impl Iterator<Item = &Turn> {
        let first = self
            .lanes
            .values()
            .filter_map(|waiting| waiting.turns.front());
        first.filter(|turn| !turn.results.is_empty())
    }

    /// Adds a request behind the others of its lane.
    pub(crate) fn push(&mut self, lane: Lane, submit: Submit) {
        self.waiting(lane).turns.push_back(Turn::of(lane, submit));
    }

    /// Puts a request that is decided in part back before the others of its lane.
    pub(crate) fn put_back(&mut self, turn: Turn) {
        self.waiting(turn.lane).turns.push_front(turn);
    }

    /// The request just taken from a lane is judged anew: the lane is not served until it comes
    /// back.
    pub(crate) fn leave(&mut self, lane: Lane) {
        self.lanes.entry(lane).or_default().is_away = true;
        self.ring.retain(|each| *each != lane);
    }

    /// What was away is back, to be served first, or will not come.
    pub(crate) fn come_back(&mut self, lane: Lane, turn: Option<Turn>) {
        let Some(waiting) = self.lanes.get_mut(&lane) else {
            return;
        };
        waiting.is_away = false;
        if let Some(turn) = turn {
            waiting.turns.push_front(turn);
        }
        if waiting.turns.is_empty() {
            self.lanes.remove(&lane);
        } else {
            waiting.deficit = QUANTUM;
            self.ring.push_back(lane);
        }
    }

    fn waiting(&mut self, lane: Lane) -> &mut Waiting {
        let waiting = self.lanes.entry(lane).or_default();
        if waiting.turns.is_empty() && !waiting.is_away {
            waiting.deficit = QUANTUM;
            self.ring.push_back(lane);
        }
        waiting
    }

    /// The request whose turn it is among those that `fits` says can be taken now.
    pub(crate) fn pop(&mut self, fits: impl Fn(&Turn) -> bool) -> Option<Turn> {
        // Lanes whose next request does not fit keep their deficit. One whose next request is above
        // its deficit gains a quantum and goes to the back, so every turn of the ring brings some
        // lane nearer: the loop ends.
        let mut misfits = 0;
        while misfits < self.ring.len() {
            let lane = *self.ring.front()?;
            let waiting = self.lanes.get_mut(&lane)?;
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
                self.lanes.remove(&lane);
                self.ring.pop_front();
            }
            return Some(turn);
        }
        None
    }
}
