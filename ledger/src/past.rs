//! What the ledger asks about closed blocks: older ids and the records behind them.

use crate::event::TransferPosted;
use crate::id::{BookId, Seq};
use crate::note::Note;

/// What an id of the index points to. Numbers are stored, so frozen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum KeyKind {
    /// A transfer's own id → its event.
    Transfer = 0,
    /// A hold's id → the event that ended it.
    HoldEnd = 1,
    /// A reversed transfer's id → its reversal.
    Reversal = 2,
}

/// The past could not be read; whoever asked must stop, since nothing can be decided safely.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PastUnreadable;

impl std::fmt::Display for PastUnreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed blocks or their index cannot be read")
    }
}

impl std::error::Error for PastUnreadable {}

/// Closed blocks and their index, exact for everything that the memory of recent ids has let go.
pub trait Past {
    /// Sequence that an older id points to.
    ///
    /// # Errors
    /// The index cannot be read.
    fn find(&self, book: BookId, kind: KeyKind, id: u128) -> Result<Option<Seq>, PastUnreadable>;

    /// The event with this sequence, if it is a transfer; blocks that are on their way to the
    /// journal included.
    ///
    /// # Errors
    /// The block cannot be read.
    fn transfer(&self, book: BookId, seq: Seq) -> Result<Option<TransferPosted>, PastUnreadable>;

    /// Whether the event with this sequence is a hold's expiry.
    ///
    /// # Errors
    /// The block cannot be read.
    fn is_expiry(&self, book: BookId, seq: Seq) -> Result<bool, PastUnreadable> {
        Ok(self.transfer(book, seq)?.is_none())
    }

    /// Note of the event with this sequence, if it has one that was not erased.
    ///
    /// # Errors
    /// The note cannot be read.
    fn note(&self, book: BookId, seq: Seq) -> Result<Option<Note>, PastUnreadable>;
}

/// A past in which nothing happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPast;

impl Past for NoPast {
    fn find(&self, _: BookId, _: KeyKind, _: u128) -> Result<Option<Seq>, PastUnreadable> {
        Ok(None)
    }

    fn transfer(&self, _: BookId, _: Seq) -> Result<Option<TransferPosted>, PastUnreadable> {
        Ok(None)
    }

    fn note(&self, _: BookId, _: Seq) -> Result<Option<Note>, PastUnreadable> {
        Ok(None)
    }
}
