use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a program says about what it was given.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It ended with 0 and printed this.
    Accepted(String),
    /// It ended with 1 and gave this reason.
    Refused(String),
}

impl Verdict {
    #[track_caller]
    pub(crate) fn accepted(self) -> String {
        match self {
            Self::Accepted(said) => said,
            Self::Refused(why) => panic!("refused: {why}"),
        }
    }

    #[track_caller]
    pub(crate) fn refused(self) -> String {
        match self {
            Self::Accepted(said) => panic!("accepted: {said}"),
            Self::Refused(why) => why,
        }
    }
}

/// Packages of npm, as `cargo xtask test --only tools` installs them.
pub(crate) fn npm() -> PathBuf {
    tools("npm/node_modules").parent().unwrap().to_owned()
}

/// A script in Node. Words in pairs: the name of an option, and its value.
pub(crate) fn node<W: AsRef<OsStr>>(script: &str, words: &[(&str, W)]) -> Verdict {
    verdict(Command::new("node"), script, words)
}

/// A script in Python, with the packages from PyPI.
pub(crate) fn python<W: AsRef<OsStr>>(script: &str, words: &[(&str, W)]) -> Verdict {
    verdict(Command::new(tools("python/bin/python")), script, words)
}

/// `openssl`, of which 1 is the code of a signature that does not verify.
pub(crate) fn openssl<W: AsRef<OsStr>>(words: &[W]) -> Verdict {
    judge(Command::new("openssl").args(words))
}

/// `openssl`, for what must succeed: what it printed.
pub(crate) fn openssl_bytes<W: AsRef<OsStr>>(words: &[W]) -> Vec<u8> {
    let output = output(Command::new("openssl").args(words));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl: {said}");
    output.stdout
}

fn verdict<W: AsRef<OsStr>>(mut program: Command, script: &str, words: &[(&str, W)]) -> Verdict {
    program.arg(script_path(script));
    for (name, value) in words {
        program.arg(format!("--{name}")).arg(value);
    }
    judge(&mut program)
}

fn judge(program: &mut Command) -> Verdict {
    let output = output(program);
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.code() {
        Some(0) => Verdict::Accepted(said),
        // Python ends with 1 for an exception too, which is no refusal.
        Some(1) if !why.contains("Traceback") => Verdict::Refused(format!("{said}{why}")),
        other => panic!("{program:?} ended with {other:?}: {why}"),
    }
}

fn output(program: &mut Command) -> Output {
    let run = program.stdin(Stdio::null()).output();
    run.unwrap_or_else(|error| panic!("cannot run {program:?}: {error}; {ADVICE}"))
}

fn script_path(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("scripts/interop").join(name)
}

/// What is installed below the target folder.
fn tools(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("tools").join(name);
    assert!(path.exists(), "no `{}`: {ADVICE}", path.display());
    path
}

const ADVICE: &str = "`cargo xtask test --only tools` installs it";
