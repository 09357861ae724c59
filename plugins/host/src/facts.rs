//! What policies are told of accounts, and by whom.

use ledger::{AccountId, BookId};

use crate::contract::AccountColumns;

/// Moment of a book that facts are of. It rises with whatever changes a fact of the book.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FactsVersion(pub u64);

/// Facts cannot be looked up now: whoever knows them is too busy, or has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FactsUnavailable;

/// Knows the accounts of books.
pub trait Facts: Send + Sync {
    /// Appends to the columns `code`, `asset`, `state_bits` and `tag_bits` of `out` one row for
    /// each of `ids`, in their order; the columns of ids are the asker's. Zeros are an account that
    /// does not exist, or a book. What comes back is the moment that all of them are of.
    ///
    /// May wait, so it is called on no thread that must not.
    ///
    /// # Errors
    /// Nothing is known now; `out` is worth nothing.
    fn look_up(
        &self,
        book: BookId,
        ids: &[AccountId],
        out: &mut AccountColumns,
    ) -> Result<FactsVersion, FactsUnavailable>;
}

/// The facts that a permit rests on. Whoever applies it checks that none of them has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenFacts {
    /// The moment that they are of.
    pub version: FactsVersion,
    /// The accounts, rising.
    pub accounts: Box<[AccountId]>,
}
