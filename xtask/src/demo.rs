//! `cargo xtask demo`: the main job of the product, on the embedded journal, in a minute.

mod daemon;
mod folder;
mod script;

use std::path::Path;
use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::shell::{self, Profile};
use crate::step::Steps;

use daemon::Daemon;
use folder::Folder;
use script::Script;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask demo [--keep] [--dev]

Builds `ledgerd` and `ledgerctl`, starts a development daemon on a fresh folder and a free port of
the loopback interface, runs the commands of `examples/demo/run` against it, stops it, and deletes
the folder.

options:
  --keep  leave the folder, and say where it is
  --dev   with the dev profile, which tests have built already; its rate says nothing
";

/// Where the commands stand, and where file names in them start from.
const EXAMPLE: &str = "examples/demo";

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
        shell::build(profile, "ledgerd-daemon", "ledgerd")?;
        shell::build(profile, "ledgerd-cli", "ledgerctl")
    })?;
    let folder = Folder::create(&shell::target_folder()?, keep)?;
    let daemon = steps.run("start", Duration::from_secs(5), || {
        Daemon::start(&binaries.join("ledgerd"), folder.path())
    })?;
    let client = Client {
        binary: &binaries.join("ledgerctl"),
        example: &example,
    };
    for command in script.commands() {
        let name = command.first().map_or("ledgerctl", String::as_str);
        let work = || client.run(&daemon, folder.path(), command);
        steps.run(name, Duration::from_secs(30), work)?;
    }
    steps.run("stop", Duration::from_secs(5), || daemon.stop())?;
    folder.remove()?;
    steps.summary();
    Ok(())
}

/// `ledgerctl`, run where the example's files are.
struct Client<'a> {
    binary: &'a Path,
    example: &'a Path,
}

impl Client<'_> {
    fn run(&self, daemon: &Daemon, data: &Path, words: &[String]) -> Outcome<()> {
        let mut command = shell::program(self.binary);
        command.current_dir(self.example);
        command
            .args(["--connect", daemon.address(), "--data"])
            .arg(data)
            .args(words);
        shell::run(&mut command)
    }
}
