//! Who may read clocks, the environment and the world outside.
//!
//! What is decided from arguments alone is decided alike at every replay. A clippy ban cannot tell
//! one crate from another, so the rule stands here.

use super::finding::Finding;
use super::source::{self, Source};

struct Rule {
    what: &'static str,
    words: &'static [&'static str],
    applies: fn(&str) -> bool,
    instead: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        what: "reads a clock",
        words: &[
            "SystemTime::now",
            "Instant::now",
            "Timestamp::now",
            "Zoned::now",
            "Utc::now",
        ],
        applies: |path| !is_top(path) && path != "actors/src/clock.rs",
        instead: "take the time as an argument",
    },
    Rule {
        what: "reads the environment",
        words: &[
            "env::var",
            "env::vars",
            "env::var_os",
            "env::vars_os",
            "env::args",
            "env::args_os",
            "env::current_dir",
            "env::home_dir",
        ],
        applies: |path| !is_top(path),
        instead: "take the setting as an argument",
    },
    Rule {
        what: "does I/O, waits or draws randomness",
        words: &[
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "async fn",
            "async move",
            ".await",
            "getrandom",
        ],
        applies: |path| is_in(path, &["ledger", "verify", "reconcile"]),
        instead: "this crate is pure: leave it to the caller",
    },
];

/// The composition root and the tools, at the top of the dependency rule.
fn is_top(path: &str) -> bool {
    // What a build script reads is the build's, not the product's.
    is_in(
        path,
        &[
            "daemon",
            "signing/proxy",
            "cli",
            "bench",
            "loadtest",
            "xtask",
            "fuzz",
        ],
    ) || path.ends_with("/build.rs")
}

fn is_in(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| {
        path.strip_prefix(folder)
            .is_some_and(|tail| tail.starts_with('/'))
    })
}

/// Every line of production code that reads what it should be given.
pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        for rule in RULES.iter().filter(|rule| (rule.applies)(&source.path)) {
            for (line, word) in source::find(&source.production, rule.words) {
                let problem = format!("`{word}` {}: {}", rule.what, rule.instead);
                findings.push(Finding::at(&source.path, line, problem));
            }
        }
    }
    findings
}
