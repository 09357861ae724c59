//! Packages of Python, each list in a virtual environment of its own.

use std::path::Path;

use super::Version;
use super::pinned::{Installer, LIMIT};
use crate::outcome::Outcome;
use crate::shell;

/// Fills a virtual environment with what a list names.
pub(crate) const INSTALLER: Installer = Installer { works, install };

/// The oldest that the packages of the lists run on.
const NEEDED: &str = "3.10";

/// Refuses a Python that is too old for the lists.
pub(crate) fn check() -> Outcome<()> {
    // `Python 3.11.2`
    let version = shell::read(shell::program("python3").arg("--version"))?;
    let found = version.trim().trim_start_matches("Python ");
    if Version::is_at_least(found, NEEDED) {
        return Ok(());
    }
    Err(format!("`python3` is `{found}`, tests need {NEEDED} or newer: install it").into())
}

/// An environment breaks when the Python that made it is replaced.
fn works(folder: &Path) -> bool {
    shell::succeeds(python(folder).args(["-c", "import pip"]))
}

fn install(folder: &Path, lists: &[&str]) -> Outcome<()> {
    if !works(folder) {
        let mut venv = shell::program("python3");
        shell::run_within(LIMIT, venv.args(["-m", "venv", "--clear"]).arg(folder))?;
    }
    let mut pip = python(folder);
    pip.args(["-m", "pip", "install", "--quiet", "--no-input"]);
    // Wheels alone: nothing of a package runs before a test asks for it.
    pip.args(["--only-binary", ":all:", "--disable-pip-version-check"]);
    pip.args(["--timeout", "30", "--retries", "3"]);
    // Most of it is never imported.
    pip.arg("--no-compile");
    for list in lists {
        pip.args(["-r", list]);
    }
    shell::run_within(LIMIT, &mut pip)
}

fn python(folder: &Path) -> std::process::Command {
    shell::program(folder.join("bin/python"))
}
