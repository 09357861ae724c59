//! What a build is kept free of, so that every machine makes the same bytes.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::outcome::Outcome;
use crate::{shell, toolchain};

/// Makes a component of what a linker would otherwise leave as a module.
const LINKER: &str = "-Clinker=wasm-component-ld";

/// Between flags, where a path may have spaces.
const SEPARATOR: char = '\x1f';

/// Settings of the environment that change what is built.
const PREFIXES: [&str; 4] = ["CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_TARGET_", "RUSTC_"];
const NAMES: [&str; 2] = ["RUSTFLAGS", "SOURCE_DATE_EPOCH"];

/// Sets the flags of a build, and nothing but them.
pub(crate) fn apply(command: &mut Command) -> Outcome<()> {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(changes_what_is_built) {
            command.env_remove(name);
        }
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", flags()?);
    Ok(())
}

fn changes_what_is_built(name: &str) -> bool {
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The linker, and other names for what differs from machine to machine: where the sources are,
/// those of others, and those of the standard library where they are installed.
fn flags() -> Outcome<OsString> {
    let names = [
        (shell::root().to_owned(), "/ledgerd".to_owned()),
        (cargo_home()?, "/cargo".to_owned()),
        (
            toolchain::library_sources()?,
            format!("/rustc/{}", toolchain::rustc_commit()?),
        ),
    ];
    let mut flags = OsString::from(LINKER);
    for (folder, name) in names {
        flags.push(format!("{SEPARATOR}--remap-path-prefix="));
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    Ok(flags)
}

/// Where cargo keeps what comes from registries.
fn cargo_home() -> Outcome<PathBuf> {
    if let Some(folder) = std::env::var_os("CARGO_HOME") {
        return Ok(folder.into());
    }
    let home = std::env::home_dir().ok_or("neither `CARGO_HOME` nor `HOME` is set")?;
    Ok(home.join(".cargo"))
}

#[cfg(test)]
mod tests;
