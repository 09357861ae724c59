//! Programs that tests need. A test without its program fails: it has shown nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The path of a program that the system has.
pub(crate) fn system(name: &str) -> PathBuf {
    let found = Command::new("sh")
        .args(["-c", "command -v -- \"$1\"", "sh", name])
        .output()
        .unwrap();
    let path = String::from_utf8(found.stdout).unwrap();
    assert!(
        found.status.success() && !path.trim().is_empty(),
        "`{name}` is not installed: `cargo xtask test` installs it"
    );
    PathBuf::from(path.trim())
}

/// The path of a file among the tools in the target folder.
pub(crate) fn pinned(path: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let file = target.join("tools").join(path);
    assert!(
        file.exists(),
        "`{}` is not there: `cargo xtask test` installs it",
        file.display()
    );
    file
}

/// The first of `paths` that exists.
pub(crate) fn library(paths: &[&str]) -> PathBuf {
    let found = paths.iter().map(Path::new).find(|path| path.exists());
    found
        .unwrap_or_else(|| panic!("none of {paths:?} is there: `cargo xtask test` installs it"))
        .to_owned()
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}
