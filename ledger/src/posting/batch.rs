//! What is asked of a book in one go.

use std::iter::Peekable;
use std::slice::Iter;

use crate::note::Note;
use crate::transfer::Transfer;

/// Transfers to decide in order, with what stands beside them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Batch<'a> {
    /// The transfers.
    pub transfers: &'a [Transfer],
    /// Notes by index of their transfer, rising.
    pub notes: &'a [(u32, Note)],
    /// Transfers that policy denies: index and number of the rule, rising. A known id answers as
    /// ever; any other of them is not posted.
    pub denied: &'a [(u32, u16)],
}

impl<'a> Batch<'a> {
    /// Transfers with nothing beside them.
    pub fn of(transfers: &'a [Transfer]) -> Self {
        Self {
            transfers,
            notes: &[],
            denied: &[],
        }
    }

    /// What stands beside the transfers, to be read in their order.
    pub(crate) fn beside(&self) -> Beside<'a> {
        Beside {
            notes: self.notes.iter().peekable(),
            denied: self.denied.iter().peekable(),
        }
    }
}

/// What stands beside the transfers that were not decided yet.
pub(crate) struct Beside<'a> {
    notes: Peekable<Iter<'a, (u32, Note)>>,
    denied: Peekable<Iter<'a, (u32, u16)>>,
}

impl<'a> Beside<'a> {
    /// The note of the transfer at `at`.
    #[inline]
    pub(crate) fn note(&mut self, at: usize) -> Option<&'a Note> {
        let next = self.notes.next_if(|(index, _)| *index as usize == at)?;
        Some(&next.1)
    }

    /// Whether policy denies the transfer at `at`.
    #[inline]
    pub(crate) fn is_denied(&mut self, at: usize) -> bool {
        let next = self.denied.next_if(|(index, _)| *index as usize == at);
        next.is_some()
    }
}
