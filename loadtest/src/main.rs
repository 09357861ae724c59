//! `ledgerd-loadtest`: puts a ledger under load, measures it, and checks what it then holds.

mod anchor;
mod effective;
mod flood;
mod post;
mod proof;
mod restart;
mod workload_arguments;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use loadtest::outcome::Outcome;

/// Buffers of a whole request come and go all the time; this allocator keeps them at hand.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Load tester of ledgerd.
#[derive(Parser, Debug)]
#[command(name = "ledgerd-loadtest", version, about, after_help = EXITS)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXITS: &str = "\
Exit codes:
  0  measured, and every balance and proof is what it must be
  1  it could not be measured, or a stated bound was not held
  2  balances or totals differ from what the answers imply, or a proof does not hold";

#[derive(Subcommand, Debug)]
enum Command {
    /// Post transfers and measure rate, latency, processor time, bytes and memory.
    Post(post::PostArguments),
    /// Post and ask for proofs at given rates, and judge how long receipts and proofs take.
    Proof(Box<proof::ProofArguments>),
    /// Measure how one tenant's requests fare while another floods the daemon.
    Flood(flood::FloodArguments),
    /// Measure balances as of an effective date, on an account with very many legs.
    Effective(effective::EffectiveArguments),
    /// Measure how long a daemon takes to be ready after `kill -9` and after a clean stop.
    Restart(restart::RestartArguments),
}

/// How a measurement came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    /// Everything is as it must be.
    Right,
    /// A stated bound was not held.
    Missed,
    /// Balances or totals differ, or a proof does not hold.
    Different,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where the output is closed there is nobody to tell.
            let _ = error.print();
            // 2 would say that a balance is wrong.
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run(arguments) {
        Ok(Verdict::Right) => ExitCode::SUCCESS,
        Ok(Verdict::Missed) => ExitCode::from(1),
        Ok(Verdict::Different) => ExitCode::from(2),
        Err(error) => {
            eprintln!("ledgerd-loadtest: {error}");
            ExitCode::from(1)
        }
    }
}

fn run(arguments: Arguments) -> Outcome<Verdict> {
    match arguments.command {
        Command::Post(arguments) => post::run(&arguments),
        Command::Proof(arguments) => proof::run(&arguments),
        Command::Flood(arguments) => flood::run(&arguments),
        Command::Effective(arguments) => effective::run(&arguments),
        Command::Restart(arguments) => restart::run(&arguments),
    }
}

/// One thread for everything: the daemon needs the others.
fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

/// Prints a table for people and, last, a line for scripts.
fn show(table: &comfy_table::Table, line: &impl serde::Serialize) -> Outcome<()> {
    println!("{table}");
    println!("{}", serde_json::to_string(line)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
