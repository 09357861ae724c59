//! Reads.

use clap::{Args, ValueEnum};
use ledger::Nanos;

use crate::instant;
use crate::key::AccountKey;

/// Balances to be shown.
#[derive(Debug, Args)]
pub(crate) struct BalanceArgs {
    /// The accounts
    #[arg(required = true, value_name = "ACCOUNT")]
    pub(crate) accounts: Vec<AccountKey>,
    /// After the event with this sequence
    #[arg(long, value_name = "SEQ", group = "as_of")]
    pub(crate) at_seq: Option<u64>,
    /// After everything posted by then; a date means the end of its day in UTC
    #[arg(long, value_name = "DATE|TIME", group = "as_of", value_parser = instant::parse_as_of)]
    pub(crate) at_time: Option<Nanos>,
    /// After everything with an effective date by then; a date means the end of its day in UTC
    #[arg(long, value_name = "DATE|TIME", group = "as_of", value_parser = instant::parse_as_of)]
    pub(crate) effective: Option<Nanos>,
    /// With --effective: as it was known after the event with this sequence
    #[arg(long, value_name = "SEQ", requires = "effective")]
    pub(crate) known_at: Option<u64>,
}

/// A statement to be shown.
#[derive(Debug, Args)]
pub(crate) struct StatementArgs {
    /// The account
    pub(crate) account: AccountKey,
    /// What the lines are in order of, and what --from and --to count
    #[arg(long, value_enum, default_value_t = ClockArg::Seq)]
    pub(crate) by: ClockArg,
    /// At or after this sequence, date or time
    #[arg(long, value_name = "POINT")]
    pub(crate) from: Option<String>,
    /// Before this sequence, date or time
    #[arg(long, value_name = "POINT")]
    pub(crate) to: Option<String>,
    /// Most lines to show; all of them without it
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
}

/// Transfers to be found. All conditions hold together.
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// Either account is this one
    #[arg(long)]
    pub(crate) account: Option<AccountKey>,
    /// The account is on this side
    #[arg(long, value_enum, requires = "account")]
    pub(crate) side: Option<SideArg>,
    /// The classification is this
    #[arg(long)]
    pub(crate) code: Option<u16>,
    /// The reference is exactly this
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// Posted at or after
    #[arg(long, value_name = "DATE|TIME", value_parser = instant::parse)]
    pub(crate) from: Option<Nanos>,
    /// Posted before
    #[arg(long, value_name = "DATE|TIME", value_parser = instant::parse)]
    pub(crate) to: Option<Nanos>,
    /// Sequence at or after
    #[arg(long, value_name = "SEQ")]
    pub(crate) from_seq: Option<u64>,
    /// Sequence before
    #[arg(long, value_name = "SEQ")]
    pub(crate) to_seq: Option<u64>,
    /// Newest first
    #[arg(long)]
    pub(crate) newest: bool,
    /// Most transfers to show
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: u64,
}

/// Events to be followed.
#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// Sequence of the first event; what happens from now on without it
    #[arg(long, value_name = "SEQ")]
    pub(crate) from: Option<u64>,
    /// Stop after so many events
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,
}

/// A clock of the ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ClockArg {
    /// Sequence in the book
    Seq,
    /// Posted time
    Posted,
    /// Effective date
    Effective,
}

/// A side of a transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum SideArg {
    /// The account gives
    Debit,
    /// The account receives
    Credit,
}
