//! Proofs to be fetched.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger::Nanos;

use crate::instant;
use crate::key::{AccountKey, TransferKey};

/// Proofs to be fetched, each verifiable offline with `verify`.
#[derive(Debug, Subcommand)]
pub(crate) enum ProofCommand {
    /// How far seals cover the book, which key seals, and whether postings wait for it
    Status,
    /// Receipts of events: each stands in the sealed log
    Receipt(ReceiptArgs),
    /// A range of events is complete and in order
    Range(RangeArgs),
    /// Postings of an account, without gaps
    Statement(StatementProofArgs),
    /// The log of a size that you know is the beginning of what is sealed
    Consistency(ConsistencyArgs),
    /// A signed note of the book's root
    Checkpoint(CheckpointArgs),
    /// An event stands in the log of a signed note
    Inclusion(InclusionArgs),
    /// What the book posted between two dates
    Ledger(LedgerProofArgs),
    /// Rows of the deployment's audit chain, a line each
    Chain(ChainArgs),
}

/// Receipts to be fetched.
#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// Transfers
    #[arg(value_name = "TRANSFER", required_unless_present = "seq")]
    pub(crate) transfers: Vec<TransferKey>,
    /// Events by their sequence
    #[arg(long, value_name = "SEQ")]
    pub(crate) seq: Vec<u64>,
    /// Where the receipt goes; a folder if there are several
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,
}

/// A range to be proven.
#[derive(Debug, Args)]
pub(crate) struct RangeArgs {
    /// At or after this sequence
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub(crate) from: u64,
    /// Before this sequence; the end of what is sealed without it
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) to: Option<u64>,
    /// Where the proof goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Where the events go, if they are wanted: their records, one after the other
    #[arg(long, value_name = "FILE")]
    pub(crate) rows: Option<PathBuf>,
}

/// A statement to be proven.
#[derive(Debug, Args)]
pub(crate) struct StatementProofArgs {
    /// The account
    pub(crate) account: AccountKey,
    /// At or after this change of the account, which its creation is the first of, with 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) from: u64,
    /// Before this change of the account; the end of what is sealed without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) to: Option<u64>,
    /// Where the proof goes; a long one goes on in FILE.2, FILE.3 …
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// An earlier size of a log.
#[derive(Debug, Args)]
pub(crate) struct ConsistencyArgs {
    /// The earlier size: that of a signed note that you hold
    #[arg(long, value_name = "SIZE", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) from: u64,
    /// What must be sealed at least
    #[arg(long, value_name = "SIZE", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) to: Option<u64>,
    /// Where the proof goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// A checkpoint to be fetched.
#[derive(Debug, Args)]
pub(crate) struct CheckpointArgs {
    /// A size that a seal covered exactly; the newest without it
    #[arg(long, value_name = "SIZE", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) size: Option<u64>,
    /// Where the note goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// An event whose inclusion is to be proven.
#[derive(Debug, Args)]
pub(crate) struct InclusionArgs {
    /// The event's sequence
    pub(crate) seq: u64,
    /// Where the proof goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Where the event's record goes, which the proof is about
    #[arg(long, value_name = "FILE")]
    pub(crate) rows: Option<PathBuf>,
}

/// A time whose postings are to be proven.
#[derive(Debug, Args)]
pub(crate) struct LedgerProofArgs {
    /// Posted at or after
    #[arg(long, value_name = "DATE|TIME", value_parser = instant::parse)]
    pub(crate) from: Nanos,
    /// Posted before; a date means the end of its day in UTC
    #[arg(long, value_name = "DATE|TIME", value_parser = instant::parse_end)]
    pub(crate) to: Nanos,
    /// Where the proof goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Where the rows go, if they are wanted: a line of JSON for each event
    #[arg(long, value_name = "FILE")]
    pub(crate) rows: Option<PathBuf>,
}

/// Rows of the audit chain to be fetched.
#[derive(Debug, Args)]
pub(crate) struct ChainArgs {
    /// The first row
    #[arg(long, value_name = "ROW", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) from: u64,
    /// Where the rows go
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}
