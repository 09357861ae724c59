//! `ledgerd-bench`: the anchor that figures are given as ratios to, and micro-benchmarks.

mod anchor;
mod core;
mod proofs;
mod timing;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use loadtest::outcome::Outcome;

/// The allocator of the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anchors and micro-benchmarks of ledgerd.
#[derive(Parser, Debug)]
#[command(name = "ledgerd-bench", version, about)]
struct Arguments {
    /// What to measure; everything with its defaults if left out.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// What one core allows: a naive single-threaded program that does what a ledger must.
    Anchor(AnchorArguments),
    /// The core by itself: deciding transfers, then hashing and linking their blocks.
    Core(CoreArguments),
    /// Seals and proofs by themselves: tiles, receipts, ranges, the tree of heads, the chain.
    Proofs(ProofsArguments),
}

/// How the anchor runs.
#[derive(Args, Clone, Debug)]
struct AnchorArguments {
    /// Transfers to post.
    #[arg(long, default_value_t = 2_000_000)]
    transfers: u64,
    /// Accounts they are among.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..))]
    accounts: u32,
    /// Transfers written and synced at once.
    #[arg(long, default_value_t = 8_190, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Random ids instead of time-ordered ones.
    #[arg(long)]
    random_ids: bool,
    /// Folder on a real file system for its file, which is deleted; beside this program if left
    /// out.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// One line of JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// How the core is measured.
#[derive(Args, Clone, Debug)]
struct CoreArguments {
    /// Transfers per run.
    #[arg(long, default_value_t = 1_000_000)]
    transfers: u64,
    /// Runs of each case; the median is shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Transfers in a request.
    #[arg(long, default_value_t = 8_190, value_parser = clap::value_parser!(u32).range(1..=8_190))]
    batch: u32,
    /// Requests that a cycle takes.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=7))]
    cycle: u32,
    /// Only the case with this name.
    #[arg(long)]
    case: Option<String>,
}

/// How seals and proofs are measured.
#[derive(Args, Clone, Debug)]
struct ProofsArguments {
    /// Events of the book.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2..))]
    events: u64,
    /// Events of a range.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    range: u64,
    /// Receipts; a hundredth as many ranges.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    proofs: u32,
    /// Books that have a head.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    books: u32,
    /// Books that move between two seals.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    moving: u32,
    /// Rows of the audit chain.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(2..))]
    rows: u32,
    /// Folder on a real file system for the journal, which is deleted; beside this program if left
    /// out.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// One line of JSON instead of a table.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ledgerd-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Outcome<()> {
    match arguments.command {
        Some(Command::Anchor(arguments)) => anchor::show(&arguments),
        Some(Command::Core(arguments)) => core::show(&arguments),
        Some(Command::Proofs(arguments)) => proofs::show(&arguments),
        None => {
            for name in ["anchor", "core", "proofs"] {
                run(Arguments::parse_from(["ledgerd-bench", name]))?;
            }
            Ok(())
        }
    }
}
