//! What is compiled for tests alone and must not be in what is delivered.

use toml::Value;

use super::finding::Finding;
use super::workspace::Workspace;

/// A feature, and why nothing turns it on unless the person who builds asks for it.
const OFF: &[(&str, &str, &str)] = &[(
    "ledgerd-signing-proxy",
    "faults",
    "it makes signers fail on purpose, for load tests",
)];

/// Profiles of what is delivered. Debug assertions bring the same as the features above.
const DELIVERED: [&str; 2] = ["release", "dist"];

/// Every such feature that a plain build of the workspace has, and those that are gone.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (package, feature, reason) in OFF {
        let Some(each) = workspace
            .crates
            .iter()
            .find(|each| each.package == *package)
        else {
            let problem = format!("no package `{package}`: name the one that has `{feature}` now");
            findings.push(Finding::about("xtask/src/tidy/features.rs", problem));
            continue;
        };
        let file = format!("{}/Cargo.toml", each.folder);
        let features = each.manifest.get("features");
        if features.and_then(|all| all.get(*feature)).is_none() {
            let problem = format!("lacks the feature `{feature}` that has to be off");
            findings.push(Finding::about(&file, problem));
        }
        let on = workspace.features.get(*package);
        if on.is_some_and(|on| on.contains(*feature)) {
            let problem = format!("`{feature}` is on without being asked for: {reason}");
            findings.push(Finding::about(&file, problem));
        }
    }
    for profile in DELIVERED {
        let asserts = workspace
            .profiles
            .get(profile)
            .and_then(|profile| profile.get("debug-assertions"));
        if asserts.is_some_and(|asserts| *asserts != Value::Boolean(false)) {
            let problem = format!("profile `{profile}` has debug assertions, and what they bring");
            findings.push(Finding::about("Cargo.toml", problem));
        }
    }
    findings
}
