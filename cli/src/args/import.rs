//! An import.

use std::path::PathBuf;

use clap::Args;

/// An import.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file
    pub(crate) file: PathBuf,
    /// What its rows mean; docs/use/import.md describes it
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: PathBuf,
    /// Check the whole file first, and post nothing if a row is bad
    #[arg(long)]
    pub(crate) strict: bool,
    /// Keep how far the import is in this file, and go on from there
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
}
