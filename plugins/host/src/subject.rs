//! What requests are about, as far as policies are told.

use ledger::{BookId, Transfer};

/// What a permit is asked for.
pub trait Subject {
    /// The book that its accounts are in.
    fn book(&self) -> BookId;

    /// The transfers of a post or a dry run, in order; none of anything else.
    fn transfers(&self) -> &[Transfer];
}

/// Nothing but the operation and its resource.
impl Subject for () {
    fn book(&self) -> BookId {
        BookId::SYSTEM
    }

    fn transfers(&self) -> &[Transfer] {
        &[]
    }
}
