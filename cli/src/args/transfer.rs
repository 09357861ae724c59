//! Single transfers.

use clap::{Args, ValueEnum};
use ledger::Nanos;

use crate::instant;
use crate::key::{AccountKey, TransferKey};
use crate::span::Span;

/// What every single transfer may carry.
#[derive(Debug, Args)]
pub(crate) struct WriteArgs {
    /// The transfer's id: a retry carries the same. Made and printed without it
    #[arg(long, value_name = "TRANSFER")]
    pub(crate) id: Option<TransferKey>,
    /// Business date; the posted time without it
    #[arg(long, value_name = "DATE|TIME", value_parser = instant::parse)]
    pub(crate) effective: Option<Nanos>,
    /// Your reference, at most 128 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// Anything of yours, at most 4096 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) metadata: Option<String>,
    /// A number of yours
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) user_data: u64,
    /// Decide it and forget it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Wait until a published seal covers it
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) sealed: bool,
}

/// A transfer.
#[derive(Debug, Args)]
pub(crate) struct TransferArgs {
    /// Account that gives
    pub(crate) debit: AccountKey,
    /// Account that receives
    pub(crate) credit: AccountKey,
    /// How much, in major units
    pub(crate) amount: String,
    /// Your classification
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) code: u16,
    /// Move at most what the floor of the debit or the ceiling of the credit account allows
    #[arg(long, value_enum, value_name = "SIDE")]
    pub(crate) balancing: Vec<Balancing>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// A hold.
#[derive(Debug, Args)]
pub(crate) struct HoldArgs {
    #[command(flatten)]
    pub(crate) transfer: TransferArgs,
    /// When it runs out, such as 15m or 7d; never without it
    #[arg(long, value_name = "TIME")]
    pub(crate) expires_in: Option<Span>,
}

/// A capture.
#[derive(Debug, Args)]
pub(crate) struct CaptureArgs {
    /// The hold
    pub(crate) hold: TransferKey,
    /// How much, in major units; all that is held without it
    pub(crate) amount: Option<String>,
    /// What is left stays held
    #[arg(long)]
    pub(crate) keep_open: bool,
    /// Your classification; that of the hold without it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) code: Option<u16>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// A void.
#[derive(Debug, Args)]
pub(crate) struct VoidArgs {
    /// The hold
    pub(crate) hold: TransferKey,
    /// Your classification; that of the hold without it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) code: Option<u16>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// A reversal.
#[derive(Debug, Args)]
pub(crate) struct ReverseArgs {
    /// The transfer that is given back
    pub(crate) transfer: TransferKey,
    /// Your classification; that of the transfer without it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) code: Option<u16>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// The account whose bound says how much moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Balancing {
    /// The debit account's floor
    Debit,
    /// The credit account's ceiling
    Credit,
}
