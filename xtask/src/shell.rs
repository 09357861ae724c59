//! Other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::outcome::Outcome;

/// Where the repository stands.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// `cargo` itself, the same one that started xtask, at the root of the repository.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root());
    command
}

/// Another program, at the root of the repository.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Says what runs, runs it with its output shown, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Outcome<()> {
    let line = spell(command);
    eprintln!("    $ {line}");
    let status = command
        .status()
        .map_err(|error| format!("cannot run `{line}`: {error}"))?;
    ended(&line, status)
}

/// Like `run`, for what waits for others: it is killed when it takes longer than `limit`.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Outcome<()> {
    let line = spell(command);
    eprintln!("    $ {line}");
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot run `{line}`: {error}"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return ended(&line, status);
        }
        if start.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Err(format!("`{line}` took longer than {} s", limit.as_secs()).into());
        }
        thread::sleep(POLL);
    }
}

const POLL: Duration = Duration::from_millis(20);

fn ended(line: &str, status: ExitStatus) -> Outcome<()> {
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{line}` ended with {status}").into())
    }
}

/// Runs it and returns what it wrote on standard output.
pub(crate) fn read(command: &mut Command) -> Outcome<String> {
    let line = spell(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run `{line}`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{line}` ended with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether it can be run and succeeds, without a word.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn spell(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let mut line = name.to_string_lossy().into_owned();
    for word in command.get_args() {
        line.push(' ');
        line.push_str(&word.to_string_lossy());
    }
    line
}

/// How to compile what is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As it is delivered.
    Release,
    /// As tests build it: nothing more to compile after them.
    Dev,
}

impl Profile {
    /// Takes `--dev`; without it, release.
    pub(crate) fn from_args(args: &mut Args) -> Self {
        if args.flag("--dev") {
            Self::Dev
        } else {
            Self::Release
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }
}

/// A binary of the workspace.
pub(crate) struct Binary {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
}

/// Builds binaries.
///
/// In the dev profile all of them, as tests do: a choice of packages would turn on a choice of
/// features of what they depend on, and compile most of that a second time.
pub(crate) fn build(profile: Profile, binaries: &[Binary]) -> Outcome<()> {
    let mut command = cargo();
    command.args(["build", "--profile", profile.name()]);
    match profile {
        Profile::Dev => {
            command.args(["--workspace", "--bins", "--tests"]);
        }
        Profile::Release => {
            for binary in binaries {
                command.args(["--package", binary.package, "--bin", binary.name]);
            }
        }
    }
    run(&mut command)
}

/// A binary that was built.
pub(crate) fn built(profile: Profile, name: &str) -> Outcome<Command> {
    Ok(program(binary_folder(profile)?.join(name)))
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder() -> Outcome<PathBuf> {
    let mut command = cargo_metadata::MetadataCommand::new();
    let metadata = command.current_dir(root()).no_deps().exec()?;
    Ok(metadata.target_directory.into_std_path_buf())
}

/// Where cargo puts the binaries of a profile.
pub(crate) fn binary_folder(profile: Profile) -> Outcome<PathBuf> {
    let folder = match profile {
        Profile::Release => "release",
        // The folder of the dev profile has kept its older name.
        Profile::Dev => "debug",
    };
    Ok(target_folder()?.join(folder))
}

#[cfg(test)]
mod tests;
