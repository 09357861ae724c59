//! One heavy dependency, one crate that names it.
//!
//! Whoever else needs what it does asks the owner, so it can be replaced in one place and is
//! rebuilt for one crate's sake. Tests may name it: a hostile peer has to speak for itself.

use super::finding::Finding;
use super::workspace::Crate;

/// A dependency and the folder of its owner. A name that ends in `-` stands for its family.
const OWNERS: &[(&str, &str)] = &[
    ("actix", "actors"),
    ("actix-rt", "actors"),
    ("actix-web", "daemon"),
    ("quinn", "wire"),
    ("quinn-", "wire"),
    ("wasmtime", "plugins/host"),
    ("wasmtime-", "plugins/host"),
    ("aws-sdk-kms", "signing"),
    ("cryptoki", "signing"),
    ("aws-sdk-s3", "store"),
    ("tokio-postgres", "store"),
    ("tokio-postgres-", "store"),
    ("deadpool-postgres", "store"),
];

/// Every crate that names a heavy dependency which another one owns.
pub(crate) fn check(crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for each in crates {
        for name in &each.foreign {
            match owner(name) {
                Some(owner) if owner != each.folder => {
                    let problem = format!("may not depend on `{name}`, which `{owner}` owns");
                    findings.push(Finding::about(&each.folder, problem));
                }
                _ => {}
            }
        }
    }
    findings
}

fn owner(name: &str) -> Option<&'static str> {
    let owns =
        |pattern: &str| name == pattern || (pattern.ends_with('-') && name.starts_with(pattern));
    OWNERS
        .iter()
        .find(|(pattern, _)| owns(pattern))
        .map(|(_, owner)| *owner)
}
