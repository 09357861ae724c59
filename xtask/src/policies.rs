//! `cargo xtask policies`: the policies that are shipped, as components.

mod digests;
mod recipe;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::step::Steps;
use crate::{shell, toolchain};

use digests::Digests;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask policies [--check]

Builds the policies of `plugins/policies` for the sandbox and puts the components, and a list of
their digests, into `plugins/policies/components`, where they are committed: the daemon embeds them
from there. The same sources and compiler make the same bytes in every folder of every machine.

options:
  --check  change nothing: say whether building gives the committed components. With another
           compiler than they were made with that cannot be told, and is said
";

const FOLDER: &str = "plugins/policies";
const COMPONENTS: &str = "plugins/policies/components";

/// Workspaces that are not the main one's.
const WORKSPACES: [&str; 2] = ["plugins/sdk", FOLDER];

/// The policies that are shipped.
const NAMES: [&str; 3] = ["isolation", "limits", "rbac"];

/// Runs the command.
pub(crate) fn run(mut args: Args) -> Outcome<()> {
    let only_checks = args.flag("--check");
    args.finish()?;
    let work = if only_checks { compare } else { make };
    Steps::default().run("policies", Duration::from_secs(120), work)
}

/// Formatting, lints and tests of the policies and of their kit, and whether building them gives
/// what is committed.
pub(crate) fn check() -> Outcome<()> {
    let target = target_folder()?;
    for workspace in WORKSPACES {
        let cargo = |words: &[&str]| {
            let mut command = shell::cargo();
            command.current_dir(shell::root().join(workspace));
            shell::run(command.args(words).env("CARGO_TARGET_DIR", &target))
        };
        // Not `--all`, which takes in the crates of the main workspace that tests look at.
        cargo(&["fmt", "--check"])?;
        cargo(&[
            "clippy",
            "--locked",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])?;
        cargo(&["test", "--quiet", "--locked"])?;
    }
    compare()
}

/// Builds the components and puts them where they are committed.
fn make() -> Outcome<()> {
    toolchain::ensure_target(toolchain::WASM)?;
    let built = build()?;
    let folder = shell::root().join(COMPONENTS);
    for name in NAMES {
        let bytes = fs::copy(built.join(file(name)), folder.join(file(name)))?;
        eprintln!("    {name}: {bytes} bytes");
    }
    let digests = Digests::of(&toolchain::rustc_version()?, &folder, &NAMES)?;
    Ok(fs::write(folder.join(digests::FILE), digests.text())?)
}

/// Fails unless the list says what the components are, and building them gives the same bytes.
fn compare() -> Outcome<()> {
    let folder = shell::root().join(COMPONENTS);
    let listed = fs::read_to_string(folder.join(digests::FILE))?;
    let rustc = Digests::rustc(&listed)?;
    if Digests::of(&rustc, &folder, &NAMES)?.text() != listed {
        return Err(format!(
            "`{COMPONENTS}/{}` is not of these components",
            digests::FILE
        )
        .into());
    }
    let found = toolchain::rustc_version()?;
    if found != rustc {
        not_compared(&format!("they were made with {rustc}, this is {found}"));
        return Ok(());
    }
    if let Err(error) = toolchain::ensure_target(toolchain::WASM) {
        not_compared(&error.to_string());
        return Ok(());
    }
    let built = build()?;
    for name in NAMES {
        if fs::read(built.join(file(name)))? != fs::read(folder.join(file(name)))? {
            return Err(format!(
                "building `{name}` does not give the committed component: run \
                 `cargo xtask policies` and commit what it makes"
            )
            .into());
        }
    }
    eprintln!("    building gives the committed components");
    Ok(())
}

fn not_compared(why: &str) {
    eprintln!("    WARNING: whether building gives the committed components was NOT COMPARED:");
    eprintln!("    WARNING: {why}");
}

/// Builds them all, and says where they are.
fn build() -> Outcome<PathBuf> {
    let target = target_folder()?;
    let mut command = shell::cargo();
    command.args([
        "build",
        "--release",
        "--locked",
        "--target",
        toolchain::WASM,
    ]);
    command.args(["--manifest-path", &format!("{FOLDER}/Cargo.toml")]);
    command.arg("--target-dir").arg(&target);
    recipe::apply(&mut command)?;
    shell::run(&mut command)?;
    Ok(target.join(toolchain::WASM).join("release"))
}

/// A folder of their own: two builds in one would wait for each other.
fn target_folder() -> Outcome<PathBuf> {
    Ok(shell::target_folder()?.join("policies"))
}

fn file(name: &str) -> impl AsRef<Path> {
    format!("{name}.wasm")
}

#[cfg(test)]
mod tests;
