//! Which crate of the workspace may use which: the dependency rule of `docs/ARCHITECTURE.md`.

use super::finding::Finding;
use super::workspace::Crate;

enum May {
    Use(&'static [&'static str]),
    UseAllBut(&'static [&'static str]),
}

/// What stands around the core: each knows the core and the verifier, none knows another.
const EDGE: May = May::Use(&["ledger", "verify"]);

/// One row for each folder that is a crate. A new crate needs a row, and a reason in `docs/adr/`
/// when it changes who knows whom.
const RULE: &[(&str, May)] = &[
    ("ledger", May::Use(&[])),
    ("verify", May::Use(&["ledger"])),
    ("wire", EDGE),
    ("store", EDGE),
    ("signing", EDGE),
    // A server of its own: what it shares with the daemon is how keys are asked to sign.
    (
        "signing/proxy",
        May::Use(&["ledger", "verify", "signing", "settings"]),
    ),
    // How servers are told what they are to do, and no more.
    ("settings", May::Use(&["ledger"])),
    ("plugins/host", EDGE),
    ("reconcile", EDGE),
    (
        "actors",
        May::Use(&[
            "ledger",
            "verify",
            "wire",
            "store",
            "signing",
            "plugins/host",
            "reconcile",
        ]),
    ),
    ("daemon", May::UseAllBut(&["xtask"])),
    ("client", May::Use(&["wire", "ledger", "verify"])),
    ("cli", May::UseAllBut(&["actors", "daemon", "xtask"])),
    // It shares the encoding of requests, and reads records as an auditor would.
    (
        "loadtest",
        May::Use(&["client", "wire", "ledger", "verify"]),
    ),
    // It measures any part by itself; nothing is built on it.
    ("bench", May::UseAllBut(&["daemon", "xtask"])),
    // It feeds hostile bytes to every decoder; nothing is built on it.
    (
        "fuzz/bodies",
        May::Use(&["ledger", "verify", "wire", "store", "plugins/host"]),
    ),
    // It must build where nothing else does.
    ("xtask", May::Use(&[])),
];

/// Every use that the rule does not allow.
pub(crate) fn check(crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for each in crates {
        let Some((_, may)) = RULE.iter().find(|(folder, _)| *folder == each.folder) else {
            let problem = "no row in the dependency rule: add one to `xtask/src/tidy/layers.rs`";
            findings.push(Finding::about(&each.folder, problem));
            continue;
        };
        for used in each.uses.iter().filter(|used| !may.allows(used)) {
            let problem = format!("may not use `{used}`, it {may}");
            findings.push(Finding::about(&each.folder, problem));
        }
    }
    findings
}

impl May {
    fn allows(&self, folder: &str) -> bool {
        match self {
            Self::Use(list) => list.contains(&folder),
            Self::UseAllBut(list) => !list.contains(&folder),
        }
    }
}

impl std::fmt::Display for May {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Use([]) => f.write_str("uses no crate of the workspace"),
            Self::Use(list) => write!(f, "may use: {}", list.join(", ")),
            Self::UseAllBut(list) => write!(f, "may use all but: {}", list.join(", ")),
        }
    }
}
