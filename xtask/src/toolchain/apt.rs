//! Programs of the operating system, through apt where there is one.

use std::process::Command;
use std::time::Duration;

use crate::outcome::Outcome;
use crate::shell;

/// A package, and a command that succeeds where it is installed.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) probe: &'static [&'static str],
}

const LIMIT: Duration = Duration::from_secs(300);

/// Installs those that are missing, all in one go.
pub(crate) fn ensure(packages: &[Package]) -> Outcome<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|package| !package.is_there())
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !shell::succeeds(shell::program("apt-get").arg("--version")) {
        return Err(format!("missing, and there is no apt-get: install `{list}`").into());
    }
    eprintln!("    missing, installing: {list}");
    shell::run_within(LIMIT, apt_get()?.args(["update", "-q"]))?;
    let words = ["install", "-q", "-y", "--no-install-recommends"];
    shell::run_within(LIMIT, apt_get()?.args(words).args(missing)).map_err(|error| {
        format!("`{list}` could not be installed: {error}; install it by hand").into()
    })
}

impl Package {
    fn is_there(&self) -> bool {
        let Some((program, words)) = self.probe.split_first() else {
            return false;
        };
        shell::succeeds(shell::program(program).args(words))
    }
}

/// An apt that never asks: as it is for root, through `sudo -n` for anyone else.
fn apt_get() -> Outcome<Command> {
    let is_root = shell::read(shell::program("id").arg("-u"))?.trim() == "0";
    let mut command = shell::program(if is_root { "env" } else { "sudo" });
    if !is_root {
        // `env` goes behind sudo, which hands on no variable of the caller.
        command.args(["-n", "env"]);
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    // Somebody else's apt is waited for, but not for ever.
    command.args(["-o", "DPkg::Lock::Timeout=120"]);
    Ok(command)
}

#[cfg(test)]
mod tests;
