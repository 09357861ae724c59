//! `cargo xtask demo`: the main job of the product, on the embedded journal, in a minute.

mod daemon;
mod folder;
mod quoted;
mod script;

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
use script::Script;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask demo [--keep] [--dev]

Builds `ledgerd` and `ledgerctl`, starts a development daemon on a fresh folder and a free port of
the loopback interface, runs the commands of `examples/demo/run` against it, stops it, and deletes
what it left: the journal below the target folder, the keys below the system's temporary folder.

options:
  --keep  leave both folders, and say where they are
  --dev   with the dev profile, which tests have built already; its rate says nothing
";

/// Where the commands stand, and where file names in them start from.
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
    let client = Client {
        binary: &binaries.join("ledgerctl"),
        example: &example,
        profiles: daemon.profiles(),
    };
    let mut output = String::new();
    steps.run("commands", COMMANDS_BUDGET, || {
        let mut lines = script.commands().iter();
        lines.try_for_each(|line| client.run(line, &mut output))
    })?;
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
    example: &'a Path,
    profiles: &'a Path,
}

impl Client<'_> {
    /// Runs one command and shows it without what is the same for all of them; what it prints is
    /// appended to `output` too.
    fn run(&self, words: &[String], output: &mut String) -> Outcome<()> {
        let line = words.join(" ");
        println!("\n$ ledgerctl {line}");
        let mut command = shell::program(self.binary);
        let done = command
            .current_dir(self.example)
            .arg("--profile")
            .arg(self.profiles)
            .args(words)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cannot run `ledgerctl`: {error}"))?;
        let printed = String::from_utf8(done.stdout)?;
        print!("{printed}");
        output.push_str(&format!("$ ledgerctl {line}\n{printed}"));
        if done.status.success() {
            Ok(())
        } else {
            Err(format!("`ledgerctl {line}` ended with {}", done.status).into())
        }
    }
}
