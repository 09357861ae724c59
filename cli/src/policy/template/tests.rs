use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ledger::operation::{Operation, OperationClass};

use super::*;

const LANGUAGES: [Language; 3] = [Language::Rust, Language::Js, Language::Python];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// A file that was added to the kit and not to the template would be missed by an author only.
#[test]
fn a_policy_in_rust_brings_the_whole_kit() {
    let folder = root().join("plugins/sdk/src");
    let mut there = Vec::new();
    walk(&folder, &mut there);
    let there: BTreeSet<PathBuf> = there
        .iter()
        .map(|path| path.strip_prefix(&folder).unwrap().to_owned())
        .collect();
    let brought = files(Language::Rust, "mine");
    let brought: BTreeSet<PathBuf> = brought
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("sdk/src/").map(PathBuf::from))
        .collect();
    assert_eq!(brought, there);
}

#[test]
fn a_new_policy_has_its_name_and_leads_nowhere_outside() {
    for language in LANGUAGES {
        for (path, text) in files(language, "mine") {
            assert!(!text.contains("\"spending\""), "{path}");
            assert!(!text.contains("'spending'"), "{path}");
            if path.ends_with(".toml") {
                assert!(!text.contains("../"), "{path}");
            }
        }
        let source = match language {
            Language::Rust => "src/lib.rs",
            Language::Js => "policy.js",
            Language::Python => "policy.py",
        };
        for path in ["policy.toml", source] {
            let files = files(language, "mine");
            let (_, text) = files.iter().find(|(found, _)| *found == path).unwrap();
            assert!(
                text.contains("\"mine\"") || text.contains("'mine'"),
                "{path}"
            );
        }
    }
}

/// A policy that denied an operation of its tenant for want of knowing it would lock it out.
#[test]
fn the_examples_know_every_operation_of_a_tenant() {
    let examples = ["rust/src/lib.rs", "js/policy.js", "python/policy.py"];
    let examples = examples.map(|path| {
        let text = fs::read_to_string(root().join("examples/policies").join(path)).unwrap();
        (path, text)
    });
    for operation in Operation::ALL {
        let of_platform = matches!(operation.class(), OperationClass::Operate);
        for (path, text) in &examples {
            let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
            let is_known = words.into_iter().any(|word| word == operation.name());
            assert!(is_known || of_platform, "{path}: {}", operation.name());
        }
    }
}
