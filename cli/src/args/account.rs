//! What to do with accounts.

use clap::{Args, Subcommand, ValueEnum};

use super::LimitText;
use crate::key::AccountKey;

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Create accounts that are alike
    Create(AccountCreateArgs),
    /// List accounts in order of creation
    List {
        /// Most accounts to list; all of them without it
        #[arg(long, value_name = "N")]
        limit: Option<u64>,
    },
    /// Show accounts with their settings and balances
    Show {
        /// The accounts
        #[arg(required = true, value_name = "ACCOUNT")]
        accounts: Vec<AccountKey>,
    },
    /// Change settings of an account; what is not named stays
    Change(AccountChangeArgs),
}

/// Accounts to be created.
#[derive(Debug, Args)]
pub(crate) struct AccountCreateArgs {
    /// The accounts
    #[arg(required = true, value_name = "ACCOUNT")]
    pub(crate) accounts: Vec<AccountKey>,
    /// What their amounts are counted in, by code
    #[arg(long, value_name = "CODE")]
    pub(crate) asset: String,
    /// Your classification
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) code: u16,
    /// A number of yours
    #[arg(long, default_value_t = 0)]
    pub(crate) user_data: u64,
    /// Lowest balance; none without it
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) floor: Option<String>,
    /// Highest balance; none without it
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) ceiling: Option<String>,
    /// A rolling limit on what it gives, at most two: TIME:COUNT:AMOUNT
    #[arg(long, value_name = "LIMIT")]
    pub(crate) limit: Vec<LimitText>,
    /// A tag for policies to go by, one of the tenant's numbers from 0 to 63; may be repeated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..64))]
    pub(crate) tag: Vec<u8>,
    /// The side on which its balance is shown
    #[arg(long, value_enum, default_value_t = Normal::Credit)]
    pub(crate) normal: Normal,
}

/// An account to be changed.
#[derive(Debug, Args)]
pub(crate) struct AccountChangeArgs {
    /// The account
    pub(crate) account: AccountKey,
    /// Lowest balance, or `none`
    #[arg(long, value_name = "AMOUNT|none", allow_hyphen_values = true)]
    pub(crate) floor: Option<String>,
    /// Highest balance, or `none`
    #[arg(long, value_name = "AMOUNT|none", allow_hyphen_values = true)]
    pub(crate) ceiling: Option<String>,
    /// Rolling limits on what it gives, in place of those it has, at most two: TIME:COUNT:AMOUNT
    #[arg(long, value_name = "LIMIT", conflicts_with = "no_limits")]
    pub(crate) limit: Vec<LimitText>,
    /// Take its rolling limits away
    #[arg(long)]
    pub(crate) no_limits: bool,
    /// Give it a tag for policies to go by, from 0 to 63; may be repeated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..64))]
    pub(crate) tag: Vec<u8>,
    /// Take a tag away; may be repeated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..64))]
    pub(crate) untag: Vec<u8>,
    /// Refuse new transfers, holds and captures on a side
    #[arg(long, value_enum, value_name = "SIDES")]
    pub(crate) freeze: Option<Sides>,
    /// Take them again
    #[arg(long, value_enum, value_name = "SIDES", conflicts_with = "freeze")]
    pub(crate) unfreeze: Option<Sides>,
    /// Post nothing more to it, ever; needs zero balance and no open hold
    #[arg(long)]
    pub(crate) close: bool,
    /// The side on which its balance is shown
    #[arg(long, value_enum)]
    pub(crate) normal: Option<Normal>,
}

/// The side on which a balance is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Normal {
    /// Debits - credits
    Debit,
    /// Credits - debits
    Credit,
}

/// Sides of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Sides {
    /// What it gives
    Debits,
    /// What it receives
    Credits,
    /// Both
    Both,
}
