//! What a policy is passed beside who asks for what.

use std::fmt;
use std::ops::BitOr;

/// The flags as the contract has them.
pub(crate) mod flags {
    wasmtime::component::flags! {
        NeedsFlags {
            #[component(name = "time")]
            const TIME;
            #[component(name = "request-id")]
            const REQUEST_ID;
            #[component(name = "accounts")]
            const ACCOUNTS;
            #[component(name = "transfers")]
            const TRANSFERS;
            #[component(name = "transfer-ids")]
            const TRANSFER_IDS;
            #[component(name = "transfer-details")]
            const TRANSFER_DETAILS;
        }
    }
}

/// What a policy is passed beside operation, resource, principal, roles, scopes and attributes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Needs(u8);

impl Needs {
    /// Nothing, so that the verdict depends on who asks for what alone.
    pub const NONE: Self = Self(0);
    /// The time.
    pub const TIME: Self = Self(1);
    /// The id of the request.
    pub const REQUEST_ID: Self = Self(1 << 1);
    /// The columns of accounts.
    pub const ACCOUNTS: Self = Self(1 << 2);
    /// Accounts, amounts, assets, codes and flags of the transfers.
    pub const TRANSFERS: Self = Self(1 << 3);
    /// The ids of the transfers.
    pub const TRANSFER_IDS: Self = Self(1 << 4);
    /// Time-outs, business dates and own numbers of the transfers.
    pub const TRANSFER_DETAILS: Self = Self(1 << 5);

    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::TIME, "time"),
        (Self::REQUEST_ID, "request-id"),
        (Self::ACCOUNTS, "accounts"),
        (Self::TRANSFERS, "transfers"),
        (Self::TRANSFER_IDS, "transfer-ids"),
        (Self::TRANSFER_DETAILS, "transfer-details"),
    ];

    /// Whether nothing is needed.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether everything of `other` is needed.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether anything of `other` is needed.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether anything of the transfers is needed, so that the policy knows how many they are.
    pub fn any_transfers(self) -> bool {
        self.intersects(Self::TRANSFERS | Self::TRANSFER_IDS | Self::TRANSFER_DETAILS)
    }

    /// One bit for each, in the order of the contract.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// What these bits stand for; bits that stand for nothing are dropped.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & ((1 << Self::NAMES.len()) - 1))
    }

    /// Names, in the order of the contract.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let needed =
            move |(need, name): &(Self, &'static str)| self.contains(*need).then_some(*name);
        Self::NAMES.iter().filter_map(needed)
    }
}

impl BitOr for Needs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl From<flags::NeedsFlags> for Needs {
    fn from(flags: flags::NeedsFlags) -> Self {
        let [bits] = flags.as_array();
        Self::from_bits((bits & 0xff) as u8)
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}
