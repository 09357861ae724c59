//! Files that nothing compiles, and modules that hide their name.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::source::{self, Source};

/// Every `.rs` file that no module names, and every `mod.rs`.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let by_path: BTreeMap<&str, &Source> = sources
        .iter()
        .map(|source| (source.path.as_str(), source))
        .collect();
    let mut findings = Vec::new();
    for source in sources {
        let Some((folder, name)) = source.path.strip_suffix(".rs").and_then(split_last) else {
            continue;
        };
        if name == "mod" {
            let problem = format!("move it to `{folder}.rs`, so that its name can be seen");
            findings.push(Finding::about(&source.path, problem));
        } else if !is_root(folder, name) {
            let parents = [
                format!("{folder}.rs"),
                format!("{folder}/main.rs"),
                root_of(folder),
            ];
            let declaration = format!("mod {name}");
            let is_named = parents
                .iter()
                .filter_map(|parent| by_path.get(parent.as_str()))
                .any(|parent| !source::find(&parent.code, &[declaration.as_str()]).is_empty());
            if !is_named {
                findings.push(Finding::about(&source.path, "no module names this file"));
            }
        }
    }
    findings
}

fn root_of(folder: &str) -> String {
    format!("{folder}/lib.rs")
}

fn split_last(path: &str) -> Option<(&str, &str)> {
    path.rsplit_once('/')
}

/// Whether cargo finds the file by itself.
fn is_root(folder: &str, name: &str) -> bool {
    const OF_CARGO: [&str; 5] = ["bin", "tests", "benches", "examples", "fuzz_targets"];
    let last = folder.rsplit('/').next().unwrap_or(folder);
    // `src/x/tests/a.rs` is a module of `src/x/tests.rs`; `x/tests/a.rs` is a test of cargo's.
    let is_below_src = folder.contains("/src/") && last != "bin";
    matches!(name, "main" | "lib" | "build") || (OF_CARGO.contains(&last) && !is_below_src)
}
