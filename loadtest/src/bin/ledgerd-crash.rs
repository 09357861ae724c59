//! `ledgerd-crash`: kills daemons under load, damages their files, and compares what they recover
//! with what clients were told.

use std::process::ExitCode;

use clap::Parser;
use loadtest::crash::{self, CrashArguments, Summary};
use loadtest::report::Rows;

/// Crash tester of ledgerd.
#[derive(Parser, Debug)]
#[command(name = "ledgerd-crash", version, about, after_help = EXITS)]
struct Arguments {
    #[command(flatten)]
    crash: CrashArguments,
}

const EXITS: &str = "\
Exit codes:
  0  nothing lost, nothing twice, and damage was never served
  1  something that must never happen did, or the run could not go on";

fn main() -> ExitCode {
    let arguments = Arguments::parse().crash;
    let summary = match crash::run(&arguments) {
        Ok(summary) => summary,
        Err(error) => {
            eprintln!("ledgerd-crash: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", table(&summary));
    if arguments.json {
        match serde_json::to_string(&summary) {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("ledgerd-crash: {error}"),
        }
    }
    if summary.violations == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn table(summary: &Summary) -> comfy_table::Table {
    let mut rows = Rows::default();
    rows.add("seed", summary.seed);
    rows.add("rounds", summary.rounds);
    rows.add("kills", summary.kills);
    rows.add("requests answered before a kill", summary.answered);
    rows.add("requests left open by a kill", summary.unanswered);
    rows.add("events in the end", summary.events);
    rows.add("rows of the chain in the end", summary.rows);
    rows.add("receipts before a kill, verified after", summary.receipts);
    rows.add(
        "slowest start, seconds",
        format!("{:.2}", summary.slowest_start),
    );
    rows.add("damaged copies", summary.damages);
    rows.add("… refused, with the file named", summary.refused);
    rows.add("… served as before", summary.served);
    rows.add("violations", summary.violations);
    rows.table()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
