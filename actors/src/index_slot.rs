//! Where the index of the moment is found: the indexer puts a new one here when it starts again.

use std::sync::Arc;

use arc_swap::ArcSwap;
use store::index::Index;

/// The index of the moment.
#[derive(Clone, Debug)]
pub(crate) struct IndexSlot(Arc<ArcSwap<Index>>);

impl IndexSlot {
    pub(crate) fn of(index: Index) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(index)))
    }

    pub(crate) fn load(&self) -> Arc<Index> {
        self.0.load_full()
    }

    pub(crate) fn replace(&self, index: Index) {
        self.0.store(Arc::new(index));
    }
}
