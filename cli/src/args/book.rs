//! What to do with books.

use clap::{Args, Subcommand, ValueEnum};
use ledger::Nanos;
use ledger::registry::Name;

use crate::instant;

/// What to do with books.
#[derive(Debug, Subcommand)]
pub(crate) enum BookCommand {
    /// Create a book for a tenant
    Create {
        /// Its number, 1 or above
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        id: u32,
        /// Its name, unique among the tenant's books
        #[arg(value_parser = super::name)]
        name: Name,
        /// Its owner, by name or number
        #[arg(long, value_name = "NAME|ID")]
        tenant: String,
        /// It takes transfers with their own posted times until it is opened
        #[arg(long)]
        importing: bool,
    },
    /// List books
    List,
    /// Refuse postings from now on
    Halt(BookChangeArgs),
    /// Take postings again
    Resume(BookChangeArgs),
    /// Refuse effective dates before a date from now on
    Lock {
        /// The earliest date that is taken
        #[arg(value_parser = instant::parse)]
        date: Nanos,
        #[command(flatten)]
        change: BookChangeArgs,
    },
    /// End the import of a book; there is no way back
    Open(BookChangeArgs),
    /// Have answers to writes wait until a published seal covers them, or no longer
    RequireSealed {
        /// Whether they wait
        #[arg(value_enum)]
        wait: Switch,
        #[command(flatten)]
        change: BookChangeArgs,
    },
}

/// Whether something is so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Switch {
    /// It is
    On,
    /// It is not
    Off,
}

/// A change of the book that `--book` names.
#[derive(Debug, Args)]
pub(crate) struct BookChangeArgs {
    /// Why, as a number of yours
    #[arg(long, default_value_t = 0)]
    pub(crate) reason: u16,
}
