//! One version of what is used directly, and nothing that must not be there at all.

use super::finding::Finding;
use super::workspace::Workspace;

/// Crates that may not be anywhere in the tree, and why.
const BANNED: &[(&str, &str)] = &[(
    "ring",
    "aws-lc-rs is the one crypto provider: two would disagree about what is strict",
)];

/// Every direct dependency with two versions, and every banned crate.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, versions) in workspace
        .direct
        .iter()
        .filter(|(_, versions)| versions.len() > 1)
    {
        let list: Vec<&str> = versions.iter().map(String::as_str).collect();
        let problem = format!(
            "`{name}` is used directly in versions {}",
            list.join(" and ")
        );
        findings.push(Finding::about("Cargo.toml", problem));
    }
    for (name, reason) in BANNED {
        for found in workspace
            .tree
            .iter()
            .filter(|dependency| dependency.name == *name)
        {
            let problem = format!("`{name}` {} is in the tree: {reason}", found.version);
            findings.push(Finding::about("Cargo.lock", problem));
        }
    }
    findings
}
