//! `ledgerd`: puts the parts together and runs them.

mod allocator;
mod authority;
mod clock;
mod command;
mod config;
mod devca;
mod environment;
mod exit;
mod gateway;
#[cfg(test)]
#[path = "../tests/it/pki.rs"]
mod pki;
mod policies;
mod policy_host;
mod runtime;
mod sealing;
mod signers;

use std::process::ExitCode;

use clap::Parser;

use command::CommandLine;
use environment::Environment;
use exit::Exit;

fn main() -> ExitCode {
    allocator::configure();
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
