//! The handle that readers hold.

use std::sync::Arc;

use ledger::past::KeyKind;
use ledger::{BookId, Seq};

use super::error::IndexError;
use super::snapshot::Shared;

/// Reads the index while its builder adds to it. Cheap to clone; never waits for the builder to
/// write a file.
#[derive(Clone)]
pub struct Index {
    pub(super) shared: Arc<Shared>,
}

impl Index {
    /// The last cycle that queries see; every cycle up to it is seen. A balance or history is
    /// complete for what was decided in such a cycle.
    pub fn indexed_cycle(&self) -> u64 {
        self.shared.indexed()
    }

    /// Every cycle up to this one is in durable runs, and so in [`Index::find`].
    pub fn covered_cycle(&self) -> u64 {
        self.shared.covered()
    }

    /// Sequence of the event that an id points to. Exact for the cycles up to
    /// [`Index::covered_cycle`] as it was before the call; ids of later cycles may be missing.
    ///
    /// # Errors
    /// A page of a run cannot be read or is damaged.
    #[inline]
    pub fn find(&self, book: BookId, kind: KeyKind, id: u128) -> Result<Option<Seq>, IndexError> {
        Ok(self.shared.snapshot.load().find(kind, book.0, id)?.map(Seq))
    }

    /// As [`Index::find`] for many ids of one book, all asked of the same runs: hands `found` the
    /// place of each id that points somewhere, and where.
    ///
    /// # Errors
    /// As for [`Index::find`].
    pub fn find_many(
        &self,
        book: BookId,
        kind: KeyKind,
        ids: impl IntoIterator<Item = u128>,
        mut found: impl FnMut(usize, Seq),
    ) -> Result<(), IndexError> {
        let snapshot = self.shared.snapshot.load();
        for (at, id) in ids.into_iter().enumerate() {
            if let Some(seq) = snapshot.find(kind, book.0, id)? {
                found(at, Seq(seq));
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("indexed_cycle", &self.indexed_cycle())
            .field("covered_cycle", &self.covered_cycle())
            .finish_non_exhaustive()
    }
}
