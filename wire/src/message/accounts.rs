//! Accounts: created, changed, looked up, listed.

use ledger::account::AccountSettings;
use ledger::fields::Reader;
use ledger::{AccountChange, AccountId, AssetId, Balances, Height, Nanos, NewAccount};

use crate::field::{Field, MessageError};
use crate::message::macros::{fields, message};

/// Settings have the encoding that records give them.
impl Field for AccountSettings {
    const MIN_BYTES: usize = Self::BYTES;
    const FIXED: bool = true;

    fn kind() -> String {
        "AccountSettings".to_owned()
    }

    fn put(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        Ok(Self::decode(r)?)
    }
}

fields! {
    /// An account as it is asked for.
    NewAccount as NewAccount {
        /// The client's id, not 0 and not 2^128 - 1.
        id: AccountId,
        /// What its amounts are counted in.
        asset: AssetId,
        /// The client's classification, not 0.
        code: u16,
        /// The client's own number.
        user_data: u64,
        /// Flags, bounds, rolling limits and tags.
        settings: AccountSettings,
    }

    /// New settings of an account: all of them, as they shall stand.
    AccountChange as AccountChange {
        /// The account.
        id: AccountId,
        /// What its settings shall be.
        settings: AccountSettings,
    }

    /// The four sums of an account, in minor units.
    Balances as Balances {
        /// Posted debits.
        debits_posted: u128,
        /// Posted credits.
        credits_posted: u128,
        /// Held debits.
        debits_pending: u128,
        /// Held credits.
        credits_pending: u128,
    }
}

message! {
    /// Creates accounts, each on its own.
    pub struct CreateAccounts {
        /// The accounts.
        pub accounts: Vec<NewAccount>,
    }

    /// Changes accounts, each on its own.
    pub struct ChangeAccounts {
        /// The changes.
        pub changes: Vec<AccountChange>,
    }

    /// Looks accounts up.
    pub struct LookupAccounts {
        /// The accounts.
        pub ids: Vec<AccountId>,
    }

    /// An account as it stands.
    #[derive(Copy)]
    pub struct AccountRow {
        /// Identity and settings.
        pub account: NewAccount,
        /// The four sums.
        pub balances: Balances,
        /// Legs and changes so far.
        pub seq: u64,
        /// When it was created.
        pub created_at: Nanos,
        /// Open holds on either side.
        pub open_holds: u32,
    }

    /// The accounts asked for.
    pub struct AccountsFound {
        /// Height of the book that the answer was read at.
        pub height: Height,
        /// A row for each id, in their order; absent where there is no such account.
        pub rows: Vec<Option<AccountRow>>,
    }

    /// Accounts in order of creation.
    pub struct AccountList {
        /// Height of the book that the answer was read at.
        pub height: Height,
        /// The accounts.
        pub rows: Vec<AccountRow>,
        /// Where the next page starts; 0 at the end.
        pub next: u64,
    }
}
