//! Runs `ledgerd-signing-proxy` to its end.

use std::path::Path;
use std::process::Command;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) complaint: String,
}

/// The command, with an environment of its own.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledgerd-signing-proxy"));
    command.env_clear().args(arguments);
    command
}

/// Runs `command` to its end.
pub(crate) fn end(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        complaint: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `ledgerd-signing-proxy check`.
pub(crate) fn check(file: &Path) -> Ended {
    end(command(&["check", "--config", file.to_str().unwrap()]))
}
