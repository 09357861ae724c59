//! Accounts: settings, balances and the state a shard keeps of each.

use crate::id::{AccountId, AssetId, Nanos};
use crate::window::{Window, WindowLimit};

/// Flags of an account. Bits of a `u16`; numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct AccountFlags(pub u16);

impl AccountFlags {
    /// Shown as debits − credits: display only.
    pub const DEBIT_NORMAL: u16 = 1 << 0;
    /// New transfers, holds and captures that debit the account are refused.
    pub const FROZEN_DEBITS: u16 = 1 << 1;
    /// New transfers, holds and captures that credit the account are refused.
    pub const FROZEN_CREDITS: u16 = 1 << 2;
    /// Nothing more is posted; needs zero balance and no open hold.
    pub const CLOSED: u16 = 1 << 3;
    /// The settings were changed since the account was created. Set by the ledger.
    pub const CHANGED: u16 = 1 << 13;
    /// Bits a client may set.
    pub const SETTABLE: u16 = 0x000f;
    /// In records: the floor is set.
    pub const HAS_FLOOR: u16 = 1 << 14;
    /// In records: the ceiling is set.
    pub const HAS_CEILING: u16 = 1 << 15;

    /// Whether any of `bits` is set.
    #[inline]
    pub const fn any(self, bits: u16) -> bool {
        self.0 & bits != 0
    }
}

/// What of an account can change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AccountSettings {
    /// Freeze, close, display side.
    pub flags: AccountFlags,
    /// posted − pending debits − amount must not fall below it, in minor units.
    pub floor: Option<i128>,
    /// posted + pending credits + amount must not rise above it, in minor units.
    pub ceiling: Option<i128>,
    /// Rolling limits on what the account gives.
    pub limits: [WindowLimit; 2],
    /// Bit n: tag number n of the tenant, for its policies. The ledger itself does not look.
    pub tags: u64,
}

impl AccountSettings {
    /// Flags with the bits that say which bounds are set.
    pub fn flag_bits(&self) -> u16 {
        self.flags.0
            | if self.floor.is_some() {
                AccountFlags::HAS_FLOOR
            } else {
                0
            }
            | if self.ceiling.is_some() {
                AccountFlags::HAS_CEILING
            } else {
                0
            }
    }

    /// Whether any rolling limit is set.
    pub fn has_limits(&self) -> bool {
        self.limits.iter().any(WindowLimit::is_set)
    }
}

/// An account as a client asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewAccount {
    /// The client's id.
    pub id: AccountId,
    /// What its amounts are counted in.
    pub asset: AssetId,
    /// The client's classification, not 0.
    pub code: u16,
    /// The client's own number.
    pub user_data: u64,
    /// Flags, bounds, rolling limits and tags.
    pub settings: AccountSettings,
}

/// New settings for an account: all of them, as they shall stand afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountChange {
    /// The account.
    pub id: AccountId,
    /// What its settings shall be.
    pub settings: AccountSettings,
}

/// The four sums of an account, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balances {
    /// Posted debits.
    pub debits_posted: u128,
    /// Posted credits.
    pub credits_posted: u128,
    /// Held debits.
    pub debits_pending: u128,
    /// Held credits.
    pub credits_pending: u128,
}

impl Balances {
    /// Credits − debits posted. Sums are kept at or below 2^127 − 1, so it fits.
    #[inline]
    pub fn posted(&self) -> i128 {
        (self.credits_posted as i128).wrapping_sub(self.debits_posted as i128)
    }
}

/// An account as the ledger keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Account {
    /// The client's id.
    pub id: AccountId,
    /// The four sums.
    pub balances: Balances,
    /// Lowest posted balance minus pending debits; `i128::MIN` when there is none.
    pub floor: i128,
    /// Highest posted balance plus pending credits; `i128::MAX` when there is none.
    pub ceiling: i128,
    /// Legs and changes so far.
    pub seq: u64,
    /// When it was created.
    pub created_at: Nanos,
    /// The client's own number.
    pub user_data: u64,
    /// What its amounts are counted in.
    pub asset: AssetId,
    /// 1 + index of its rolling limits in the book, 0 when it has none.
    pub limits: u32,
    /// Open holds on either side.
    pub open_holds: u32,
    /// Low 32 bits of the height of the open block that last touched it, 0 before any.
    pub touched: u32,
    /// The client's classification.
    pub code: u16,
    /// Freeze, close, display side, and which bounds are set.
    pub flags: AccountFlags,
}

/// Rolling limits of an account with what was used of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// The limits.
    pub limits: [WindowLimit; 2],
    /// What was used.
    pub windows: [Window; 2],
}
