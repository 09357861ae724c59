//! Who owns which book, for those who judge requests before the shard sees them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use ledger::registry::{Name, Registry};
use ledger::{BookId, TenantId};
use plugins_host::Owner;

/// The registry as the shard last published it.
#[derive(Clone, Debug, Default)]
pub struct Directory(Arc<ArcSwap<Registry>>);

impl Directory {
    /// A directory of `registry`.
    pub(crate) fn of(registry: &Registry) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(registry.clone())))
    }

    /// Takes a changed registry. Before the answer is released, so that whoever got it is known.
    pub(crate) fn publish(&self, registry: &Registry) {
        self.0.store(Arc::new(registry.clone()));
    }

    /// The tenant with this name.
    pub fn tenant(&self, name: Name) -> Option<TenantId> {
        self.0.load().tenant_named(name).map(|tenant| tenant.id)
    }

    /// Whose book it is.
    pub fn owner(&self, book: BookId) -> Option<Owner> {
        if book == BookId::SYSTEM {
            return Some(Owner::PLATFORM);
        }
        let registry = self.0.load();
        let tenant = registry.books.get(&book)?.tenant;
        let name = registry.tenants.get(&tenant)?.name;
        Some(Owner::tenant(tenant, name))
    }

    /// The book's fixed position in the tree of heads.
    pub(crate) fn position(&self, book: BookId) -> Option<u32> {
        if book == BookId::SYSTEM {
            return Some(0);
        }
        self.0.load().books.get(&book).map(|info| info.position)
    }

    /// Every book in order of its position.
    pub(crate) fn in_order(&self) -> Vec<BookId> {
        let registry = self.0.load();
        let mut books: Vec<_> = registry.books.values().collect();
        books.sort_unstable_by_key(|info| info.position);
        let books = books.into_iter().map(|info| info.id);
        std::iter::once(BookId::SYSTEM).chain(books).collect()
    }
}
