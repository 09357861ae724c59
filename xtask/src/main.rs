//! Every command that a person or CI runs on this repository: `cargo xtask <command>`.
//!
//! It is compiled before anything else on a new machine, so it depends on next to nothing and on
//! no crate of the workspace.

mod args;
mod authors;
mod bench;
mod crash;
mod demo;
mod docs;
mod fuzz;
mod outcome;
mod policies;
mod shell;
mod step;
mod suite;
mod tidy;
mod toolchain;

use std::process::ExitCode;

use args::Args;
use outcome::Outcome;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Some(name) = words.next() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "-h" | "--help" | "help") {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("error: no command `{name}`\n\n{}", usage());
        return ExitCode::from(2);
    };
    let args = Args::new(words);
    if args.asks_for_help() {
        print!("{}", command.help);
        return ExitCode::SUCCESS;
    }
    match (command.run)(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Command {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(Args) -> Outcome<()>,
}

const COMMANDS: [Command; 8] = [
    Command {
        name: "demo",
        summary: "start a daemon, post the bundled example, show balances and the rate",
        help: demo::HELP,
        run: demo::run,
    },
    Command {
        name: "test",
        summary: "install what tests need, then run every check and test",
        help: suite::HELP,
        run: suite::run,
    },
    Command {
        name: "tidy",
        summary: "check the dependency rule, licences, sources and links",
        help: tidy::HELP,
        run: tidy::run,
    },
    Command {
        name: "crash",
        summary: "kill the daemon under load, restart it and compare with what was acked",
        help: crash::HELP,
        run: crash::run,
    },
    Command {
        name: "fuzz",
        summary: "feed every decoder with hostile bytes",
        help: fuzz::HELP,
        run: fuzz::run,
    },
    Command {
        name: "bench",
        summary: "run the anchors and micro-benchmarks in release",
        help: bench::HELP,
        run: bench::run,
    },
    Command {
        name: "policies",
        summary: "build the shipped policies as components, or check the committed ones",
        help: policies::HELP,
        run: policies::run,
    },
    Command {
        name: "docs",
        summary: "make anew what documents quote from the code",
        help: docs::HELP,
        run: docs::run,
    },
];

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <command> [options]\n\ncommands:\n");
    for command in &COMMANDS {
        text.push_str(&format!("  {:<8} {}\n", command.name, command.summary));
    }
    text.push_str("\n`cargo xtask <command> --help` describes its options\n");
    text
}
