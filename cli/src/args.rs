//! The command line.

mod account;
mod approve;
mod book;
mod ceremony;
mod global;
mod head;
mod import;
mod limit;
mod policy;
mod proof;
mod read;
mod signers;
mod signing_key;
mod transfer;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ledger::asset::AssetCode;
use ledger::registry::Name;

use crate::exit::Exit;
use crate::key::TransferKey;

pub(crate) use account::{AccountChangeArgs, AccountCommand, AccountCreateArgs, Normal, Sides};
pub(crate) use approve::{ApproveArgs, Request as ApproveRequest};
pub(crate) use book::{BookChangeArgs, BookCommand, Switch};
pub(crate) use ceremony::{AssembleArgs, CeremonyCommand, InitArgs, PaperArgs};
pub(crate) use global::Global;
pub(crate) use head::HeadText;
pub(crate) use import::ImportArgs;
pub(crate) use limit::LimitText;
pub(crate) use policy::{
    AuthorCommand, BenchArgs, ChangeArgs, ExplainArgs, Language, NewArgs, PolicyCommand,
    PolicyKeyArgs, ProjectArgs, PushArgs, RolloutCommand, ScopeArgs, ShadowArgs, ShowArgs,
    SignArgs,
};
pub(crate) use proof::{LedgerProofArgs, ProofCommand, RangeArgs, ReceiptArgs, StatementProofArgs};
pub(crate) use read::{BalanceArgs, ClockArg, QueryArgs, SideArg, StatementArgs, TailArgs};
pub(crate) use signers::{
    AddArgs, ApprovedArgs, AskArgs, ExportArgs, Format, FromKmsArgs, PromoteArgs, RevokeArgs,
    SignersCommand, WhyArgs,
};
pub(crate) use signing_key::ElsewhereArgs;
pub(crate) use transfer::{
    Balancing, CaptureArgs, HoldArgs, ReverseArgs, TransferArgs, VoidArgs, WriteArgs,
};
pub(crate) use verify::{ChainVerifyArgs, TrustArgs, VerifyArgs, VerifyCommand};

const KEYS_HELP: &str = "\
Ids of accounts and transfers are written in decimal, in hexadecimal (0x…), as a UUID, or as
name:TEXT, which stands for an id derived from the text. Amounts are in major units: 12.34.";

/// Command-line client of ledgerd: books, accounts, transfers and what they add up to.
#[derive(Debug, Parser)]
#[command(name = "ledgerctl", version, after_help = Exit::HELP, after_long_help = long_help())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say who you are to the server, and what its limits are
    Hello,
    /// Create and list tenants
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Create and list assets
    #[command(subcommand)]
    Asset(AssetCommand),
    /// Create, list, halt, resume, lock and open books, and have their answers wait for seals
    #[command(subcommand)]
    Book(BookCommand),
    /// Create, list, show and change accounts
    #[command(subcommand)]
    Account(AccountCommand),
    /// Move an amount from one account to another
    Transfer(TransferArgs),
    /// Hold an amount, to be captured or voided later
    Hold(HoldArgs),
    /// Post a hold, or a part of it
    Capture(CaptureArgs),
    /// Release a hold
    Void(VoidArgs),
    /// Give a transfer back, once
    Reverse(ReverseArgs),
    /// Post transfers from a file of JSON lines
    Post {
        #[command(flatten)]
        post: PostArgs,
        /// Wait until published seals cover what was posted
        #[arg(long)]
        sealed: bool,
    },
    /// Decide transfers from a file of JSON lines, and forget them
    DryRun(PostArgs),
    /// Post the rows of a CSV file as a mapping says
    Import(ImportArgs),
    /// Show balances, now or as of a point in time
    Balance(BalanceArgs),
    /// Show the postings of an account with running balances
    Statement(StatementArgs),
    /// Find transfers
    Query(QueryArgs),
    /// Show transfers by id
    Lookup(LookupArgs),
    /// Follow the events of a book
    Tail(TailArgs),
    /// Show the sums of a book, which are the same on both sides
    Totals,
    /// Fetch proofs into files
    #[command(subcommand)]
    Proof(ProofCommand),
    /// Verify files offline, from public keys alone
    #[command(subcommand)]
    Verify(VerifyCommand),
    /// List, add, promote, retire, revoke and export signing keys
    #[command(subcommand)]
    Signers(SignersCommand),
    /// List what awaits approval, or approve it with your own key
    Approve(ApproveArgs),
    /// Write, check, test, sign, push and activate policies
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Erase reference and metadata of a transfer; its amount and accounts stay
    Erase(EraseArgs),
}

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Create a tenant
    Create {
        /// Its number, 1 or above
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        id: u32,
        /// Its name: 1 to 32 of a-z, 0-9 and -
        #[arg(value_parser = name)]
        name: Name,
    },
    /// List tenants
    List,
}

/// What to do with assets.
#[derive(Debug, Subcommand)]
pub(crate) enum AssetCommand {
    /// Create an asset
    Create {
        /// Its number, 1 or above
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        id: u32,
        /// Code and digits after the point, such as USD/2
        #[arg(value_name = "CODE/DIGITS", value_parser = asset)]
        asset: (AssetCode, u8),
    },
    /// List assets
    List,
}

/// Transfers in a file.
#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    /// A file with one transfer a line as JSON, or - for standard input
    pub(crate) file: PathBuf,
    /// Asset of lines that name none
    #[arg(long, value_name = "CODE")]
    pub(crate) asset: Option<String>,
    /// Check the whole file first, and send nothing if a line is bad
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Transfers to be shown.
#[derive(Debug, Args)]
pub(crate) struct LookupArgs {
    /// The transfers
    #[arg(required = true, value_name = "TRANSFER")]
    pub(crate) transfers: Vec<TransferKey>,
}

/// A note to be erased.
#[derive(Debug, Args)]
pub(crate) struct EraseArgs {
    /// The transfer
    pub(crate) transfer: TransferKey,
}

fn long_help() -> String {
    format!("{KEYS_HELP}\n\n{}", Exit::HELP)
}

fn name(text: &str) -> Result<Name, &'static str> {
    Name::parse(text).ok_or("not a name; use 1 to 32 of a-z, 0-9 and -")
}

fn asset(text: &str) -> Result<(AssetCode, u8), &'static str> {
    let advice = "not an asset; write code and digits after the point, such as USD/2";
    let (code, digits) = text.split_once('/').ok_or(advice)?;
    let exponent: u8 = digits.parse().map_err(|_| advice)?;
    if exponent > ledger::limits::ASSET_EXPONENT_MAX {
        return Err("an asset has at most 18 digits after the point");
    }
    let code = AssetCode::parse(code);
    Ok((code.ok_or("a code is 1 to 12 of A-Z and 0-9")?, exponent))
}

#[cfg(test)]
mod tests;
