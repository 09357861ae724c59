//! What every manifest of the workspace says in the same way.

use toml::{Table, Value};

use super::finding::Finding;
use super::workspace::Crate;

/// The command runner is no part of the product, so it keeps the name that cargo users expect.
const RUNNER: &str = "xtask";

const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Every manifest that goes its own way.
pub(crate) fn check(crates: &[Crate]) -> Vec<Finding> {
    crates.iter().flat_map(problems).collect()
}

fn problems(each: &Crate) -> Vec<Finding> {
    let file = format!("{}/Cargo.toml", each.folder);
    let mut problems = names(each);
    if !is_inherited(each.manifest.get("lints")) {
        problems.push("lacks `[lints] workspace = true`".to_owned());
    }
    let publish = each
        .manifest
        .get("package")
        .and_then(|package| package.get("publish"));
    if !(publish == Some(&Value::Boolean(false)) || is_inherited(publish)) {
        problems.push("lacks `publish = false`".to_owned());
    }
    problems.extend(own_versions(&each.manifest));
    problems
        .into_iter()
        .map(|problem| Finding::about(&file, problem))
        .collect()
}

/// Folder, package and library bear one name, so that each can be told from the others.
fn names(each: &Crate) -> Vec<String> {
    if each.folder == RUNNER {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let package = format!("ledgerd-{}", each.folder.replace('/', "-"));
    if each.package != package {
        problems.push(format!("package `{}` should be `{package}`", each.package));
    }
    let library = each.folder.replace(['/', '-'], "_");
    if let Some(found) = each.library.as_ref().filter(|found| **found != library) {
        problems.push(format!("library `{found}` should be `{library}`"));
    }
    problems
}

/// Dependencies whose version does not come from `[workspace.dependencies]`.
fn own_versions(manifest: &Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let per_target = targets.into_iter().flat_map(|targets| targets.values());
    std::iter::once(manifest)
        .chain(per_target.filter_map(Value::as_table))
        .flat_map(|table| {
            DEPENDENCIES
                .iter()
                .filter_map(|kind| table.get(*kind)?.as_table())
        })
        .flatten()
        .filter(|(_, dependency)| !is_inherited(Some(dependency)))
        .map(|(name, _)| format!("`{name}` should come from the workspace: `workspace = true`"))
        .collect()
}

fn is_inherited(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")) == Some(&Value::Boolean(true))
}
