//! The command line.

mod check;
mod compile;
mod dev;
mod flags;
mod host;
mod run;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::environment::Environment;
use crate::exit::Exit;
use flags::Flags;

/// Where `ledgerd dev` listens unless asked otherwise.
const DEV_ADDRESS: &str = "127.0.0.1:7171";

/// A double-entry ledger daemon.
#[derive(Parser, Debug)]
#[command(name = "ledgerd", version, after_help = Exit::HELP)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run for development: on this machine alone, with certificates made on the way.
    Dev(DevArguments),
    /// Run with a configuration file: for production, unless the file says otherwise.
    Run(FileArguments),
    /// Check a configuration file and show what would run, and who says so.
    Check(CheckArguments),
    /// Run policies in a process of their own, which the daemon asks.
    PolicyHost(HostArguments),
    /// Compile a policy from the input to the output, and end.
    #[command(name = crate::policy_host::server::COMPILE, hide = true)]
    CompilePolicy,
}

#[derive(Args, Debug)]
struct FileArguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Args, Debug)]
struct HostArguments {
    /// The configuration file of the host.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Args, Debug)]
struct CheckArguments {
    #[command(flatten)]
    file: FileArguments,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct DevArguments {
    #[command(flatten)]
    place: Place,
    /// Address to listen on; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = DEV_ADDRESS)]
    listen: SocketAddr,
    #[command(subcommand)]
    command: Option<DevCommand>,
}

#[derive(Args, Debug)]
struct Place {
    /// Directory of the journal; `ledgerd/dev` in the user's state directory unless given.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Directory of the development CA, keys and connection profiles, in no repository; `keys` in
    /// the data directory unless given.
    #[arg(long, value_name = "DIR", global = true)]
    keys: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum DevCommand {
    /// Issue another client certificate, with its connection profile.
    Issue(IssueArguments),
}

#[derive(Args, Debug)]
struct IssueArguments {
    /// Tenant to name; none for a role of the platform.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Role to name: read, write or admin of a tenant; operator, billing or auditor of the
    /// platform.
    #[arg(long, value_name = "ROLE")]
    role: String,
    /// Another holder of the role, with an identity and files of this name: `TENANT-ROLE` unless
    /// given.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// How long it holds, such as `90s`, `15m`, `12h` or `30d`.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = life)]
    valid_for: Duration,
}

impl CommandLine {
    /// Does what was asked for.
    pub(crate) fn execute(self, environment: &Environment) -> Exit {
        match self.command {
            Command::Dev(arguments) => dev::execute(&arguments, environment),
            Command::Run(arguments) => run::execute(&arguments, environment),
            Command::Check(arguments) => check::execute(&arguments, environment),
            Command::PolicyHost(arguments) => host::execute(&arguments, environment),
            Command::CompilePolicy => compile::execute(),
        }
    }
}

/// Longest life of a certificate: what has to last longer is not for development.
const LIFE_MAX: u64 = 365 * 86_400;

fn life(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time such as `90s`, `15m`, `12h` or `30d`");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let scale = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    match count.checked_mul(scale) {
        Some(seconds @ 1..=LIFE_MAX) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("`{text}` is not between 1 second and a year")),
    }
}

/// Tells the caller a result. Where the output is closed there is nobody to tell.
fn say(text: &impl std::fmt::Display) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Tells a person what went wrong.
fn complain(error: &impl std::fmt::Display) {
    eprintln!("ledgerd: {error}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::CommandFactory;

    use super::{CommandLine, life};

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn lives_read() {
        let table = [
            ("90s", Some(90)),
            ("15m", Some(900)),
            ("12h", Some(43_200)),
            ("365d", Some(365 * 86_400)),
            ("366d", None),
            ("0s", None),
            ("90", None),
            ("s", None),
            ("", None),
            ("-1s", None),
            ("1é", None),
            ("99999999999999999999d", None),
        ];
        for (text, seconds) in table {
            assert_eq!(life(text).ok(), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
