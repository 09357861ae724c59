//! Files to be verified offline.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use verify::Name;

use super::head::HeadText;

/// Files to be verified: from public keys alone, without a connection.
#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    /// Receipts: each event stands in the sealed log
    Receipt(VerifyArgs),
    /// Proofs of any kind, told by their first bytes
    Proof(VerifyArgs),
    /// Range proofs, and the events beside them
    Range(VerifyArgs),
    /// Pages of one account's statement, in order
    Statement(VerifyArgs),
    /// Signed notes of a book's root
    Checkpoint(VerifyArgs),
    /// The audit chain, row by row, in one file or several in order
    Chain(ChainVerifyArgs),
}

/// Files, and the keys that are trusted.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Rows or events that the proof is about: of `proof ledger --rows` or `proof range --rows`
    #[arg(long, value_name = "FILE")]
    pub(crate) rows: Option<PathBuf>,
    /// A signed note that you hold from before: what a consistency proof in text begins with
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// Rows of the audit chain after the seal, in order: needed where the key that signed it was
    /// revoked since
    #[arg(long, value_name = "FILE")]
    pub(crate) chain: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// The audit chain, and the keys that are trusted.
#[derive(Debug, Args)]
pub(crate) struct ChainVerifyArgs {
    /// The files of rows, in order
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A row that is known from elsewhere and must be there: without it a tail that was cut off
    /// does not show
    #[arg(long, value_name = "ROW:DIGEST")]
    pub(crate) head: Option<HeadText>,
    /// The row before the first of the files, where they do not begin with row 1
    #[arg(long, value_name = "ROW:DIGEST")]
    pub(crate) after: Option<HeadText>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// What is trusted.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// The keyring, as `signers export` gives it
    #[arg(long, value_name = "FILE")]
    pub(crate) keyring: PathBuf,
    /// A keyring whose approvers are trusted: the one above must be signed by enough of them.
    /// Without it the keyring above is trusted as it is
    #[arg(long, value_name = "FILE")]
    pub(crate) approvers: Option<PathBuf>,
    /// The environment that it must all be of; that of the keyring without it
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<Name>,
}
