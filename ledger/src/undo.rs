//! Undoing what was decided since a mark: an entry set that fails, a dry run that ends.

use crate::account::{Account, Limits};
use crate::book::Book;
use crate::hold::Hold;
use crate::id::TransferId;
use crate::ids::RecentIds;
use crate::past::KeyKind;
use crate::totals::Totals;

/// What a book looked like before; empty while nothing may have to be undone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Undo {
    /// How many marks are open.
    depth: u32,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Account(u32, Account),
    Limits(u32, Box<Limits>),
    HoldAdded(TransferId),
    HoldWas(Hold),
    Id(KeyKind, u128),
}

/// A point to go back to.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    steps: usize,
    next_seq: u64,
    last_posted_at: u64,
    events: usize,
    count: u32,
    block_posted_at: u64,
    notes: usize,
    touched: usize,
    totals: Totals,
}

impl Book {
    /// Remembers everything from now on until the mark is committed or rolled back.
    pub(crate) fn mark(&mut self) -> Mark {
        self.undo.depth += 1;
        Mark {
            steps: self.undo.steps.len(),
            next_seq: self.next_seq,
            last_posted_at: self.last_posted_at,
            events: self.open.events.len(),
            count: self.open.count,
            block_posted_at: self.open.last_posted_at,
            notes: self.open.notes.len(),
            touched: self.touched.len(),
            totals: self.totals.clone(),
        }
    }

    /// Lets everything since the innermost mark stand.
    pub(crate) fn commit(&mut self) {
        self.undo.depth -= 1;
        if self.undo.depth == 0 {
            self.undo.steps.clear();
        }
    }

    /// Takes back everything since `mark`.
    pub(crate) fn roll_back(&mut self, mark: &Mark, ids: &mut RecentIds) {
        while self.undo.steps.len() > mark.steps {
            match self.undo.steps.pop() {
                Some(Step::Account(ordinal, was)) => self.accounts[ordinal as usize] = was,
                Some(Step::Limits(slot, was)) => self.limits[slot as usize] = *was,
                Some(Step::HoldAdded(id)) => drop(self.holds.remove(id)),
                Some(Step::HoldWas(was)) => {
                    self.holds.remove(was.id);
                    self.holds.insert(was);
                }
                Some(Step::Id(kind, id)) => ids.remove(self.id, kind, id),
                None => break,
            }
        }
        self.next_seq = mark.next_seq;
        self.last_posted_at = mark.last_posted_at;
        self.open
            .truncate(mark.count, mark.events, mark.block_posted_at);
        self.open.notes.truncate(mark.notes);
        self.touched.truncate(mark.touched);
        self.totals = mark.totals.clone();
        self.commit();
    }

    #[inline]
    pub(crate) fn will_change_account(&mut self, ordinal: u32) {
        if self.undo.depth == 0 {
            return;
        }
        let was = self.accounts[ordinal as usize];
        self.undo.steps.push(Step::Account(ordinal, was));
        if let Some(slot) = was.limits.checked_sub(1) {
            let limits = Box::new(self.limits[slot as usize]);
            self.undo.steps.push(Step::Limits(slot, limits));
        }
    }

    pub(crate) fn will_add_hold(&mut self, id: TransferId) {
        if self.undo.depth != 0 {
            self.undo.steps.push(Step::HoldAdded(id));
        }
    }

    pub(crate) fn will_change_hold(&mut self, id: TransferId) {
        if self.undo.depth != 0
            && let Some(was) = self.holds.get(id)
        {
            self.undo.steps.push(Step::HoldWas(*was));
        }
    }

    #[inline]
    pub(crate) fn added_id(&mut self, kind: KeyKind, id: u128) {
        if self.undo.depth != 0 {
            self.undo.steps.push(Step::Id(kind, id));
        }
    }
}
