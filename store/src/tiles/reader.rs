//! The reading side of tiles.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ledger::BookId;

use super::shared::Shared;
use super::view::TilesView;

/// Gives the nodes of every book's tree. Cheap to clone; all clones see a cycle as soon as it was
/// taken in.
#[derive(Clone)]
pub struct Tiles {
    pub(super) shared: Arc<Shared>,
}

impl Tiles {
    /// The last cycle that was taken in: trees can be looked at up to the sizes they had with it.
    pub fn applied_cycle(&self) -> u64 {
        self.shared.applied.load(Ordering::Acquire)
    }

    /// The tree of the first `size` leaves of a book, to make proofs from.
    pub fn view(&self, book: BookId, size: u64) -> TilesView {
        TilesView::new(Arc::clone(&self.shared), book, size)
    }

    /// Bytes of memory for what books have beyond their full tiles.
    pub fn edge_bytes(&self) -> usize {
        self.shared.edge_bytes()
    }
}

impl std::fmt::Debug for Tiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tiles")
            .field("applied_cycle", &self.applied_cycle())
            .finish_non_exhaustive()
    }
}
