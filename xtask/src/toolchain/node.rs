//! Packages of Node.

use std::fs;
use std::path::Path;

use super::Version;
use super::pinned::{Installer, LIMIT};
use crate::outcome::Outcome;
use crate::shell;

/// Fills a folder with what a `package.json` and its lock name.
pub(crate) const INSTALLER: Installer = Installer { works, install };

/// The oldest that the packages run on.
const NEEDED: &str = "18.17";

/// Refuses a Node that is too old for the packages.
pub(crate) fn check() -> Outcome<()> {
    // `v18.20.4`
    let version = shell::read(shell::program("node").arg("--version"))?;
    let found = version.trim().trim_start_matches('v');
    if Version::is_at_least(found, NEEDED) {
        return Ok(());
    }
    Err(format!("`node` is `{found}`, tests need {NEEDED} or newer: install it").into())
}

fn works(folder: &Path) -> bool {
    folder.join("node_modules").is_dir()
}

fn install(folder: &Path, files: &[&str]) -> Outcome<()> {
    for file in files {
        let name = Path::new(file).file_name().unwrap_or_default();
        fs::copy(shell::root().join(file), folder.join(name))?;
    }
    let mut npm = shell::program("npm");
    npm.current_dir(folder);
    // No scripts: nothing of a package runs before a test asks for it.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm.args(["--fetch-timeout=30000", "--fetch-retries=3"]);
    shell::run_within(LIMIT, &mut npm)
}
