//! The command line.

mod check;
mod dev;
mod run;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::environment::Environment;
use crate::exit::Exit;

/// Where `dev` listens unless asked otherwise.
const DEV_ADDRESS: &str = "127.0.0.1:8443";

/// A signing proxy for ledgerd: keys behind an HTTPS API that refuses to equivocate.
#[derive(Parser, Debug)]
#[command(name = "ledgerd-signing-proxy", version, after_help = Exit::HELP)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run for development: on this machine alone, with keys made on the way.
    Dev(DevArguments),
    /// Run with a configuration file.
    Run(RunArguments),
    /// Check a configuration file and show what would run.
    Check(FileArguments),
}

#[derive(Args, Debug)]
struct FileArguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "LEDGERD_SIGNING_PROXY_CONFIG")]
    config: PathBuf,
}

#[derive(Args, Debug)]
struct RunArguments {
    #[command(flatten)]
    file: FileArguments,
    #[command(flatten)]
    faults: FaultArguments,
}

#[derive(Args, Debug)]
struct DevArguments {
    /// Directory for keys, certificates, state and audit lines, in no repository.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Address to listen on; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = DEV_ADDRESS)]
    listen: SocketAddr,
    /// Serve HTTPS, with certificates for mutual TLS made on the way; plain HTTP unless given.
    #[arg(long)]
    tls: bool,
    /// A chain to sign, `DEPLOYMENT/ENVIRONMENT`; every one unless given.
    #[arg(long, value_name = "CHAIN")]
    origin: Vec<String>,
    #[command(flatten)]
    faults: FaultArguments,
}

/// What goes wrong on purpose: not in builds for production.
#[derive(Args, Debug, Default)]
struct FaultArguments {
    /// A fault, such as `latency=50ms±20ms`, `error=0.05`, `throttle=0.1`, `wrong-key=0.01`,
    /// `garbage=0.01` or `stall=0.01`; several may be given.
    #[cfg(any(feature = "faults", debug_assertions))]
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<crate::faults::Fault>,
    /// Seed of the faults' chances.
    #[cfg(any(feature = "faults", debug_assertions))]
    #[arg(long, value_name = "NUMBER")]
    fault_seed: Option<u64>,
}

impl CommandLine {
    /// Does what was asked for.
    pub(crate) fn execute(self, environment: &Environment) -> Exit {
        match self.command {
            Command::Dev(arguments) => dev::execute(&arguments, environment),
            Command::Run(arguments) => run::execute(&arguments, environment),
            Command::Check(arguments) => check::execute(&arguments.config, environment),
        }
    }
}

/// Tells the caller a result. Where the output is closed there is nobody to tell.
fn say(text: &impl std::fmt::Display) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Tells a person what went wrong.
fn complain(error: &impl std::fmt::Display) {
    eprintln!("ledgerd-signing-proxy: {error}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::CommandLine;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
