//! `cargo xtask demo`: the main job of the product, on the embedded journal, in a minute.

mod daemon;
mod folder;
mod quoted;
mod script;

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::shell::{self, Binary, Profile};
use crate::step::Steps;

use daemon::Daemon;
use folder::Folders;
use script::{Line, Script};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask demo [--keep] [--dev]

Builds `ledgerd` and `ledgerctl`, starts a development daemon on a fresh folder and a free port of
the loopback interface, runs the commands of `examples/demo/run` against it in a copy of that
folder, stops it, and deletes what it left: the journal and the copy below the target folder, the
keys below the system's temporary folder.

options:
  --keep  leave all folders, and say where they are
  --dev   with the dev profile, which tests have built already; its rate says nothing
";

/// Where the commands stand, and the files that they read.
const EXAMPLE: &str = "examples/demo";

const BINARIES: [Binary; 2] = [
    Binary {
        package: "ledgerd-daemon",
        name: "ledgerd",
    },
    Binary {
        package: "ledgerd-cli",
        name: "ledgerctl",
    },
];

const COMMANDS_BUDGET: Duration = Duration::from_secs(60);

/// Runs the command.
pub(crate) fn run(mut args: Args) -> Outcome<()> {
    let keep = args.flag("--keep");
    let profile = Profile::from_args(&mut args);
    args.finish()?;

    let example = shell::root().join(EXAMPLE);
    let script = Script::read(&example.join("run"))?;
    let binaries = shell::binary_folder(profile)?;

    let mut steps = Steps::default();
    steps.run("build", Duration::from_secs(600), || {
        shell::build(profile, &BINARIES)
    })?;
    let folders = Folders::create(&shell::target_folder()?, keep)?;
    let daemon = steps.run("start", Duration::from_secs(5), || {
        Daemon::start(&binaries.join("ledgerd"), &folders)
    })?;
    let mut client = Client {
        binary: &binaries.join("ledgerctl"),
        folder: folders.files(&example)?,
        profiles: daemon.profiles(),
        output: String::new(),
    };
    steps.run("commands", COMMANDS_BUDGET, || {
        script.lines().iter().try_for_each(|line| client.run(line))
    })?;
    let output = client.output;
    steps.run("stop", Duration::from_secs(5), || daemon.stop())?;
    folders.remove()?;
    steps.summary();
    let readme = fs::read_to_string(shell::root().join("README.md"))?;
    match quoted::missing(&readme, &output).as_slice() {
        [] => Ok(()),
        lines => Err(format!("README.md quotes what was not printed: {lines:?}").into()),
    }
}

/// `ledgerctl`, run where the example's files are.
struct Client<'a> {
    binary: &'a Path,
    folder: &'a Path,
    profiles: &'a Path,
    /// All that was shown.
    output: String,
}

impl Client<'_> {
    /// Shows a line and does what it says.
    fn run(&mut self, line: &Line) -> Outcome<()> {
        println!();
        self.show(&format!("{line}\n"));
        match line {
            Line::Command { words, code } => self.command(words, *code),
            Line::Alter { file } => alter(&self.folder.join(file)),
        }
    }

    /// Runs one command; what is the same for all of them is not shown.
    fn command(&mut self, words: &[String], code: u8) -> Outcome<()> {
        let mut command = shell::program(self.binary);
        let done = command
            .current_dir(self.folder)
            .arg("--profile")
            .arg(self.profiles)
            .args(words)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cannot run `ledgerctl`: {error}"))?;
        self.show(&String::from_utf8(done.stdout)?);
        if done.status.code() == Some(i32::from(code)) {
            Ok(())
        } else {
            let line = words.join(" ");
            Err(format!("`ledgerctl {line}` ended with {}, not {code}", done.status).into())
        }
    }

    fn show(&mut self, text: &str) {
        print!("{text}");
        self.output.push_str(text);
    }
}

/// Turns one bit over in the middle of a file.
fn alter(file: &Path) -> Outcome<()> {
    let cannot = |problem: &dyn Display| format!("cannot alter `{}`: {problem}", file.display());
    let mut bytes = fs::read(file).map_err(|error| cannot(&error))?;
    let middle = bytes.len() / 2;
    let byte = bytes
        .get_mut(middle)
        .ok_or_else(|| cannot(&"it is empty"))?;
    *byte ^= 1;
    Ok(fs::write(file, bytes)?)
}

#[cfg(test)]
mod tests;
