//! `ledgerctl`, the command-line client of ledgerd.

mod amount;
mod args;
mod assets;
mod batch;
mod command;
mod delivery;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod examples;
mod exit;
mod fault;
mod files;
mod flight;
mod fresh_id;
mod import;
mod instant;
mod jsonl;
mod key;
mod keys;
mod lines;
mod meaning;
mod output;
mod policy;
mod profile;
mod session;
mod span;
mod table;
mod trust;
mod view;

use std::env;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::Exit;
use crate::fault::Fault;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(exit) => exit.into(),
        // Whoever reads the output has seen enough.
        Err(Fault::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Exit::Success.into(),
        Err(fault) => {
            output::note(format_args!("ledgerctl: {fault}"));
            fault.exit().into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Fault> {
    if let Some(done) = command::run_alone(cli) {
        return done;
    }
    // The connection goes on while a file is read and a terminal written to.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Fault::Runtime)?;
    runtime.block_on(command::run(cli, state_home().as_deref()))
}

/// Where `ledgerd dev` keeps what it needs again, unless told otherwise.
fn state_home() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
}
