use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::chosen;
use crate::shell;

fn names(only: &[&str], skip: &[&str]) -> Result<Vec<&'static str>, String> {
    let own = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    match chosen(&own(only), &own(skip)) {
        Ok(steps) => Ok(steps.iter().map(|step| step.name).collect()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn all_steps_run_unless_told_otherwise() {
    assert_eq!(
        names(&[], &[]).unwrap(),
        [
            "tools", "fmt", "tidy", "keys", "clippy", "release", "wasm", "policies", "authors",
            "docs", "doctests", "nextest"
        ]
    );
}

#[test]
fn a_subset_keeps_the_order() {
    assert_eq!(names(&["nextest", "fmt"], &[]).unwrap(), ["fmt", "nextest"]);
    assert_eq!(names(&["nextest", "fmt"], &["fmt"]).unwrap(), ["nextest"]);
}

#[test]
fn a_subset_of_nothing_is_an_error() {
    assert!(
        names(&["nexttest"], &[])
            .unwrap_err()
            .starts_with("no step `nexttest`")
    );
    assert!(names(&[], &["format"]).is_err());
    assert_eq!(
        names(&["fmt"], &["fmt"]).unwrap_err(),
        "no step is left to run"
    );
}

/// Runs the key check over a repository that tracks one file, and tells whether it passes and what
/// it said.
fn check_keys(name: &str, content: &str) -> (bool, String) {
    let folder = Folder::create();
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        assert!(
            shell::succeeds(git.current_dir(&folder.0).args(words)),
            "git {words:?}"
        );
    };
    git(&["init", "--quiet"]);
    fs::write(folder.0.join(name), content).unwrap();
    git(&["add", "--force", "--all"]);
    let script = shell::root().join("scripts/ci/check-no-private-keys.sh");
    let output = Command::new(script)
        .current_dir(&folder.0)
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// A temporary folder of this test alone.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ledgerd-keys-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn the_key_check_finds_every_kind_of_key() {
    let dashes = "-----";
    for kind in ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH ", "DSA "] {
        let text = format!("first\n{dashes}BEGIN {kind}PRIVATE KEY{dashes}\n");
        let (passed, said) = check_keys("a b.pem", &text);
        assert!(!passed, "{kind}");
        assert!(
            said.starts_with("a b.pem:2: private key header\n"),
            "{said}"
        );
    }
    let binary = format!("\0\0{dashes}BEGIN PGP PRIVATE KEY BLOCK{dashes}");
    assert!(!check_keys("archive.bin", &binary).0);
    for name in [".env", ".env.production", "store.p12"] {
        let (passed, said) = check_keys(name, "");
        assert!(
            !passed && said.starts_with(&format!("{name}:1: ")),
            "{said}"
        );
    }
}

#[test]
fn the_key_check_passes_what_is_public() {
    let dashes = "-----";
    for kind in ["PUBLIC KEY", "CERTIFICATE"] {
        let text = format!("{dashes}BEGIN {kind}{dashes}\n");
        assert!(check_keys("a.pem", &text).0, "{kind}");
    }
    assert!(check_keys(".env.example", "LEVEL=info").0);
    assert!(check_keys("a.md", "about a PRIVATE KEY").0);
}
