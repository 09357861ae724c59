use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Installer, Pinned, STAMP};
use crate::outcome::Outcome;

/// Counts in the folder itself how often it was filled.
const COUNTING: Installer = Installer {
    works: |folder| folder.join("works").exists(),
    install: |folder, _| {
        fs::write(folder.join("works"), "")?;
        Ok(fs::write(
            folder.join("count"),
            (count(folder) + 1).to_string(),
        )?)
    },
};

fn count(folder: &Path) -> u32 {
    let text = fs::read_to_string(folder.join("count")).unwrap_or_default();
    text.parse().unwrap_or(0)
}

fn fails(_: &Path, _: &[&str]) -> Outcome<()> {
    Err("no network".into())
}

fn pinned(installer: Installer) -> Pinned {
    Pinned {
        folder: "some",
        spec: &["scripts/tools/python.txt"],
        installer,
    }
}

/// A temporary folder of this test alone.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ledgerd-tools-{}-{number}", std::process::id());
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
fn what_is_there_is_left_alone_and_what_is_not_comes_anew() {
    let tools = Folder::create();
    let some = tools.0.join("some");
    let pinned = pinned(COUNTING);
    pinned.ensure(&tools.0).unwrap();
    pinned.ensure(&tools.0).unwrap();
    assert_eq!(count(&some), 1);
    fs::write(some.join(STAMP), "another version").unwrap();
    pinned.ensure(&tools.0).unwrap();
    assert_eq!(count(&some), 2);
    fs::remove_file(some.join("works")).unwrap();
    pinned.ensure(&tools.0).unwrap();
    assert_eq!(count(&some), 3);
}

#[test]
fn a_failure_says_what_to_do_and_is_tried_again() {
    let tools = Folder::create();
    let broken = Installer {
        install: fails,
        ..COUNTING
    };
    let error = pinned(broken).ensure(&tools.0).unwrap_err().to_string();
    assert!(error.contains("`scripts/tools/python.txt`"), "{error}");
    assert!(error.contains("no network; see that"), "{error}");
    assert!(error.contains("`cargo xtask test --only tools`"), "{error}");
    pinned(COUNTING).ensure(&tools.0).unwrap();
    assert_eq!(count(&tools.0.join("some")), 1);
}

#[test]
fn every_version_is_pinned() {
    for each in &super::super::PINNED {
        let wanted = each.wanted().unwrap();
        let names = wanted
            .lines()
            .filter(|line| each.folder != "npm" && !line.starts_with('#'));
        for line in names {
            assert!(line.contains("=="), "{line}");
        }
        // Where packages come from is the business of the machine.
        assert!(!wanted.contains("://"), "{:?}", each.spec);
        assert!(!wanted.contains("\"resolved\""), "{:?}", each.spec);
    }
}
