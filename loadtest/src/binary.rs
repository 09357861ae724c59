//! Where the programs are that are started as children.

use std::path::{Path, PathBuf};

use crate::outcome::Outcome;

/// Finds the program `name`: `given` if there is one, else the one built beside this program, or
/// with `release` the one that was built optimised if there is one.
///
/// # Errors
/// There is none, said with the command that builds it.
pub fn find(name: &str, given: Option<&Path>, release: bool) -> Outcome<PathBuf> {
    if let Some(path) = given {
        let is_file = path.is_file();
        return is_file
            .then(|| path.to_owned())
            .ok_or_else(|| missing(path, name));
    }
    let program = std::env::current_exe()?;
    let beside = program.parent().ok_or("this program is in no folder")?;
    // target/debug/deps/PROGRAM for a test.
    let beside = if beside.ends_with("deps") {
        beside.parent().unwrap_or(beside)
    } else {
        beside
    };
    let mut folders = vec![beside.to_owned()];
    if release && beside.ends_with("debug") {
        folders.insert(0, beside.with_file_name("release"));
    }
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let found = folders
        .iter()
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file());
    found.ok_or_else(|| missing(&beside.join(file), name))
}

/// What builds a program.
pub fn build_command(name: &str) -> String {
    let package = match name {
        "ledgerd" => "ledgerd-daemon",
        // Only then can it be told to fail.
        "ledgerd-signing-proxy" => "ledgerd-signing-proxy --features faults",
        other => other,
    };
    format!("`cargo build --release -p {package}`")
}

fn missing(path: &Path, name: &str) -> Box<dyn std::error::Error + Send + Sync> {
    let (path, command) = (path.display(), build_command(name));
    format!("there is no `{path}`; build it with {command}").into()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn what_is_not_there_is_said_with_its_remedy() {
        let error = find("no-such-program", None, true).unwrap_err().to_string();
        assert!(
            error.contains("cargo build --release -p no-such-program"),
            "{error}"
        );
        let here = std::env::current_exe().unwrap();
        assert_eq!(find("ledgerd", Some(&here), true).unwrap(), here);
    }
}
