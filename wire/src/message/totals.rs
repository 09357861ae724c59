//! Sums over a book, per asset.

use ledger::{AssetId, Balances, Height};

use crate::message::macros::message;

message! {
    /// Asks for the sums of the book that the frame names.
    #[derive(Copy, Default)]
    pub struct TotalsRequest {
    }

    /// Sums over the accounts of one asset.
    #[derive(Copy)]
    pub struct AssetTotals {
        /// The asset.
        pub asset: AssetId,
        /// Accounts that have it.
        pub accounts: u64,
        /// Sums of their sums. Posted debits equal posted credits, and held ones too.
        pub sums: Balances,
    }

    /// Sums over a book.
    pub struct Totals {
        /// Height of the book that the answer was read at.
        pub height: Height,
        /// Events of the book at that height.
        pub events: u64,
        /// A row for each asset, in order of its number.
        pub rows: Vec<AssetTotals>,
    }
}
