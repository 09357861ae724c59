//! What must be on the machine before tests can run, and how it gets there.

use std::process::Command;

use crate::outcome::Outcome;
use crate::shell;

/// A compiler version: major and minor, which is all that `rust-version` can ask for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
}

/// Installs whatever is missing. On a machine that has everything it only looks.
pub(crate) fn ensure() -> Outcome<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    check_compiler(&shell::read(shell::program(rustc).arg("--version"))?)?;
    ensure_component("rustfmt", "fmt")?;
    ensure_component("clippy", "clippy")?;
    ensure_cargo_tool("cargo-nextest", "nextest")?;
    ensure_package("openssl", "openssl", "version")
}

/// Refuses a compiler that is older than the workspace asks for, and says what to do.
fn check_compiler(version: &str) -> Outcome<()> {
    let needed = env!("CARGO_PKG_RUST_VERSION");
    // `rustc 1.95.0 (…)`
    let found = version.split(' ').nth(1).unwrap_or(version);
    match (Version::parse(found), Version::parse(needed)) {
        (Some(found), Some(needed)) if found >= needed => Ok(()),
        _ => Err(format!(
            "rustc `{found}` is too old: this workspace needs {needed} or newer, \
             which `rustup update stable` brings"
        )
        .into()),
    }
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some(Self { major, minor })
    }
}

/// A component of the toolchain, known by the cargo command that it brings.
fn ensure_component(component: &str, command: &str) -> Outcome<()> {
    if shell::succeeds(shell::cargo().args([command, "--version"])) {
        return Ok(());
    }
    eprintln!("    {component} is missing, adding it");
    shell::run(shell::program("rustup").args(["component", "add", component])).map_err(|error| {
        format!("{component} is missing and could not be added to the toolchain: {error}").into()
    })
}

/// A cargo command from the registry, installed only where it is absent.
pub(crate) fn ensure_cargo_tool(package: &str, command: &str) -> Outcome<()> {
    if shell::succeeds(shell::cargo().args([command, "--version"])) {
        return Ok(());
    }
    eprintln!("    {package} is missing, installing it");
    shell::run(shell::cargo().args(["install", package, "--locked"]))
}

/// A program of the operating system, through apt where there is one.
fn ensure_package(package: &str, program: &str, probe: &str) -> Outcome<()> {
    if shell::succeeds(shell::program(program).arg(probe)) {
        return Ok(());
    }
    if !shell::succeeds(shell::program("apt-get").arg("--version")) {
        return Err(format!("`{program}` is missing and there is no apt-get: install it").into());
    }
    eprintln!("    {package} is missing, installing it");
    shell::run(apt_get()?.args(["update", "-q"]))?;
    shell::run(apt_get()?.args(["install", "-q", "-y", "--no-install-recommends", package]))
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
    Ok(command)
}

#[cfg(test)]
mod tests;
