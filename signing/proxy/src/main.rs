//! The signing proxy: keys behind an HTTPS API that refuses to sign two rows for one place.
//!
//! It is a process of its own so that whoever takes over the ledger's machine does not take over
//! the keys, and so that what was signed is known outside of the ledger.

mod audit;
mod caller;
mod clock;
mod command;
mod config;
mod dev;
mod environment;
mod exit;
mod fatal;
#[cfg(any(feature = "faults", debug_assertions))]
mod faults;
mod keys;
mod rates;
mod refusal;
mod request;
mod runtime;
mod server;
mod shared;
mod state;

use settings::mark;

use std::process::ExitCode;

use clap::Parser as _;

use command::CommandLine;
use environment::Environment;
use exit::Exit;

fn main() -> ExitCode {
    let arguments = match CommandLine::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where the output is closed there is nobody to tell.
            let _ = error.print();
            let exit = if error.use_stderr() {
                Exit::Configuration
            } else {
                Exit::Success
            };
            return exit.into();
        }
    };
    // Whoever installed one before us installed the same: the tree has no other.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    arguments.execute(&Environment::read()).into()
}
