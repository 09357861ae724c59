//! Each rule is shown something bad, so that it is known to be able to fail.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::source::Source;
use super::text::File;
use super::workspace::{Crate, Dependency, Workspace, dependencies, features as features_of};
use super::{
    features, layers, licences, links, manifests, modules, owners, readers, sizes, text, versions,
};
use crate::shell;

#[test]
fn this_repository_is_tidy() {
    let findings = super::findings(shell::root()).unwrap();
    assert!(findings.is_empty(), "{}", shown(&findings).join("\n"));
}

fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(Finding::to_string).collect()
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn layers_refuse_uses_across_and_upwards() {
    let cases: &[(&str, &[&str], usize)] = &[
        ("ledger", &[], 0),
        ("ledger", &["verify"], 1),
        ("verify", &["ledger"], 0),
        ("wire", &["ledger", "verify"], 0),
        ("wire", &["store"], 1),
        ("store", &["wire", "actors"], 2),
        ("plugins/host", &["signing"], 1),
        (
            "actors",
            &[
                "ledger",
                "verify",
                "wire",
                "store",
                "signing",
                "plugins/host",
            ],
            0,
        ),
        ("actors", &["daemon", "client"], 2),
        ("client", &["wire", "ledger", "verify"], 0),
        ("client", &["store"], 1),
        ("cli", &["client", "store", "signing", "ledger"], 0),
        ("cli", &["actors", "daemon"], 2),
        ("daemon", &["actors", "plugins/host", "client"], 0),
        ("loadtest", &["client"], 0),
        ("loadtest", &["store"], 1),
        ("xtask", &["ledger"], 1),
        ("utils", &[], 1),
    ];
    for (folder, uses, expected) in cases {
        let one = Crate {
            folder: (*folder).to_owned(),
            uses: names(uses),
            ..Crate::default()
        };
        let findings = layers::check(&[one]);
        assert_eq!(
            findings.len(),
            *expected,
            "{folder} {uses:?}: {:?}",
            shown(&findings)
        );
    }
}

#[test]
fn a_finding_about_layers_says_what_is_allowed() {
    let one = Crate {
        folder: "verify".to_owned(),
        uses: names(&["wire"]),
        ..Crate::default()
    };
    assert_eq!(
        shown(&layers::check(&[one])),
        ["verify: may not use `wire`, it may use: ledger"]
    );
}

#[test]
fn heavy_dependencies_have_one_owner() {
    let cases = [
        ("actors", "actix", true),
        ("daemon", "actix", false),
        ("daemon", "actix-web", true),
        ("wire", "quinn", true),
        ("client", "quinn", false),
        ("client", "quinn-proto", false),
        ("ledger", "wasmtime-wasi", false),
        ("plugins/host", "wasmtime", true),
        ("signing", "aws-sdk-kms", true),
        ("signing", "aws-sdk-s3", false),
        ("store", "tokio-postgres-rustls", true),
        ("daemon", "tokio-postgres", false),
        ("daemon", "tokio", true),
    ];
    for (folder, name, allowed) in cases {
        let one = Crate {
            folder: folder.to_owned(),
            foreign: names(&[name]),
            ..Crate::default()
        };
        assert_eq!(owners::check(&[one]).is_empty(), allowed, "{folder} {name}");
    }
}

fn dependency(name: &str, licence: Option<&str>) -> Dependency {
    let licence = licence.map(str::to_owned);
    Dependency {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        licence,
    }
}

#[test]
fn the_tree_is_read_line_by_line() {
    let list = [
        "x v0.0.0 (/here/x)\tApache-2.0\ta",
        "quote v1.0.1 (proc-macro)\tMIT OR Apache-2.0\t",
        "",
        "y v0.1.0\t\t",
        "x v0.0.0 (/here/x)\tApache-2.0\ta (*)",
    ];
    let expected = [
        ("quote", "1.0.1", Some("MIT OR Apache-2.0")),
        ("x", "0.0.0", Some("Apache-2.0")),
        ("y", "0.1.0", None),
    ];
    let found = dependencies(&list.join("\n"));
    let found = found
        .iter()
        .map(|one| (&*one.name, &*one.version, one.licence.as_deref()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn two_versions_of_a_direct_dependency_are_one_too_many() {
    let direct = BTreeMap::from([
        ("sha2".to_owned(), names(&["0.10.9", "0.11.0"])),
        ("bytes".to_owned(), names(&["1.10.0"])),
    ]);
    let workspace = Workspace {
        direct,
        ..Workspace::default()
    };
    assert_eq!(
        shown(&versions::check(&workspace)),
        ["Cargo.toml: `sha2` is used directly in versions 0.10.9 and 0.11.0"]
    );
}

#[test]
fn ring_is_found_wherever_it_hides() {
    let tree = vec![dependency("rustls", None), dependency("ring", None)];
    let findings = versions::check(&Workspace {
        tree,
        ..Workspace::default()
    });
    assert_eq!(findings.len(), 1);
    assert!(shown(&findings)[0].starts_with("Cargo.lock: `ring` 1.0.0 is in the tree"));
}

/// The proxy with its feature, and what a plain build turns on.
fn with_proxy(manifest: &str, on: &[&str], profiles: &str) -> Vec<String> {
    let proxy = Crate {
        package: "ledgerd-signing-proxy".to_owned(),
        folder: "signing/proxy".to_owned(),
        manifest: manifest.parse().unwrap(),
        ..Crate::default()
    };
    let features = BTreeMap::from([("ledgerd-signing-proxy".to_owned(), names(on))]);
    shown(&features::check(&Workspace {
        crates: vec![proxy],
        features,
        profiles: profiles.parse().unwrap(),
        ..Workspace::default()
    }))
}

#[test]
fn failures_on_purpose_are_in_no_plain_build() {
    let manifest = "[features]\nfaults = []\n";
    let release = "[release]\noverflow-checks = true\n";
    assert!(with_proxy(manifest, &["default"], release).is_empty());
    let on = with_proxy(manifest, &["default", "faults"], release);
    assert_eq!(on.len(), 1, "{on:?}");
    assert!(on[0].starts_with("signing/proxy/Cargo.toml: `faults` is on"));
    let asserts = with_proxy(manifest, &[], "[dist]\ndebug-assertions = true\n");
    assert_eq!(asserts.len(), 1, "{asserts:?}");
    // A rule about what is not there any more would never find anything.
    assert_eq!(with_proxy("[features]\n", &[], release).len(), 1);
    assert_eq!(features::check(&Workspace::default()).len(), 1);
}

#[test]
fn features_are_read_from_the_tree() {
    let list = "ring v1.0.0\tISC\tdefault,std\nring v1.0.0\tISC\talloc (*)\nx v1.0.0\tMIT\t\n\n";
    let expected = BTreeMap::from([
        ("ring".to_owned(), names(&["alloc", "default", "std"])),
        ("x".to_owned(), names(&[])),
    ]);
    assert_eq!(features_of(list), expected);
}

#[test]
fn licences_are_read_as_expressions() {
    let cases = [
        (Some("MIT"), true),
        (Some("MIT OR Apache-2.0"), true),
        (Some("MIT/Apache-2.0"), true),
        (Some("GPL-3.0-only OR MIT"), true),
        (Some("Apache-2.0 WITH LLVM-exception"), true),
        (Some("ISC AND (Apache-2.0 OR ISC) AND OpenSSL"), true),
        (Some("(MIT OR Apache-2.0) AND Unicode-3.0"), true),
        (Some("MIT AND GPL-3.0-only"), false),
        (Some("(MIT OR Apache-2.0) AND AGPL-3.0-only"), false),
        (Some("MPL-2.0"), false),
        (Some("GPL-2.0-only WITH LLVM-exception"), false),
        (Some("MIT OR"), false),
        (Some("(MIT"), false),
        (Some("MIT Apache-2.0"), false),
        (Some(""), false),
        (None, false),
    ];
    for (licence, allowed) in cases {
        let findings = licences::check(&[dependency("x", licence)]);
        assert_eq!(
            findings.is_empty(),
            allowed,
            "{licence:?}: {:?}",
            shown(&findings)
        );
    }
}

const MANIFEST: &str = "
[package]
name = \"ledgerd-plugins-host\"
publish.workspace = true
[lints]
workspace = true
[dependencies]
ledger = { workspace = true }
bytes.workspace = true
[target.'cfg(unix)'.dev-dependencies]
tempfile = { workspace = true, features = [\"x\"] }
";

fn host(manifest: &str) -> Crate {
    Crate {
        package: "ledgerd-plugins-host".to_owned(),
        folder: "plugins/host".to_owned(),
        library: Some("plugins_host".to_owned()),
        manifest: manifest.parse().unwrap(),
        ..Crate::default()
    }
}

#[test]
fn a_manifest_that_follows_the_house_passes() {
    assert_eq!(shown(&manifests::check(&[host(MANIFEST)])), [""; 0]);
    let spelled = MANIFEST.replace("publish.workspace = true", "publish = false");
    assert_eq!(shown(&manifests::check(&[host(&spelled)])), [""; 0]);
}

#[test]
fn a_manifest_that_goes_its_own_way_is_named() {
    let cases = [
        (
            "publish.workspace = true",
            "publish = true",
            "lacks `publish = false`",
        ),
        ("publish.workspace = true", "", "lacks `publish = false`"),
        (
            "[lints]\nworkspace = true",
            "",
            "lacks `[lints] workspace = true`",
        ),
        (
            "[lints]\nworkspace = true",
            "[lints.rust]",
            "lacks `[lints] workspace = true`",
        ),
        (
            "bytes.workspace = true",
            "bytes = \"1\"",
            "`bytes` should come from the workspace",
        ),
        (
            "{ workspace = true, f",
            "{ version = \"3\", f",
            "`tempfile` should come from",
        ),
    ];
    for (old, new, expected) in cases {
        let findings = shown(&manifests::check(&[host(&MANIFEST.replace(old, new))]));
        assert_eq!(findings.len(), 1, "{new}: {findings:?}");
        assert!(findings[0].starts_with(&format!("plugins/host/Cargo.toml: {expected}")));
    }
}

#[test]
fn folder_package_and_library_bear_one_name() {
    let mut other = host(MANIFEST);
    other.package = "plugin-host".to_owned();
    other.library = Some("host".to_owned());
    assert_eq!(
        shown(&manifests::check(&[other])),
        [
            "plugins/host/Cargo.toml: package `plugin-host` should be `ledgerd-plugins-host`",
            "plugins/host/Cargo.toml: library `host` should be `plugins_host`",
        ]
    );
}

#[test]
fn clocks_and_the_environment_are_read_at_the_top_only() {
    let clock = "fn f() { let x = std::time::Instant::now(); }";
    let environment = "fn f() { std::env::var(\"X\"); }";
    let wait = "async fn f() {}";
    let cases = [
        ("ledger/src/apply.rs", clock, 1),
        ("ledger/src/apply.rs", environment, 1),
        ("ledger/src/apply.rs", wait, 1),
        (
            "ledger/src/apply.rs",
            "// Instant::now would be wrong here",
            0,
        ),
        (
            "ledger/src/apply.rs",
            "#[cfg(test)]\nmod tests { fn f() { Instant::now(); } }",
            0,
        ),
        ("ledger/src/apply/tests.rs", clock, 0),
        ("ledger/tests/it/main.rs", environment, 0),
        ("actors/src/clock.rs", clock, 0),
        ("actors/src/clock.rs", environment, 1),
        ("actors/src/shard.rs", clock, 1),
        ("actors/src/shard.rs", wait, 0),
        ("actors/src/shard/clock.rs", clock, 1),
        ("wire/src/endpoint.rs", "fn f() { SystemTime::now(); }", 1),
        ("store/build.rs", environment, 0),
        ("daemon/src/main.rs", clock, 0),
        ("cli/src/main.rs", environment, 0),
        ("loadtest/src/main.rs", clock, 0),
    ];
    for (path, text, expected) in cases {
        let findings = readers::check(&[Source::new(path, text)]);
        assert_eq!(findings.len(), expected, "{path}: {:?}", shown(&findings));
    }
}

#[test]
fn a_file_that_no_module_names_is_dead() {
    let sources = |list: &[(&str, &str)]| -> Vec<Source> {
        list.iter()
            .map(|(path, text)| Source::new(path, text))
            .collect()
    };
    let alive = sources(&[
        ("a/build.rs", ""),
        ("a/src/lib.rs", "pub mod block;"),
        ("a/src/block.rs", "mod header;\n#[cfg(test)]\nmod tests;"),
        ("a/src/block/header.rs", ""),
        ("a/src/block/tests.rs", "mod table;"),
        ("a/src/block/tests/table.rs", ""),
        ("a/src/main.rs", "mod run;"),
        ("a/src/run.rs", ""),
        ("a/src/bin/tool.rs", ""),
        ("a/tests/it/main.rs", "mod post;"),
        ("a/tests/it/post.rs", ""),
        ("a/tests/other.rs", ""),
        ("fuzz/fuzz_targets/frame.rs", ""),
    ]);
    assert_eq!(shown(&modules::check(&alive)), [""; 0]);
    let dead = sources(&[
        ("a/src/lib.rs", "// mod old;\nmod older;"),
        ("a/src/old.rs", ""),
        ("a/src/older/mod.rs", ""),
        ("a/src/older/tests/x.rs", ""),
        ("a/tests/it/post.rs", ""),
    ]);
    assert_eq!(
        shown(&modules::check(&dead)),
        [
            "a/src/old.rs: no module names this file",
            "a/src/older/mod.rs: move it to `a/src/older.rs`, so that its name can be seen",
            "a/src/older/tests/x.rs: no module names this file",
            "a/tests/it/post.rs: no module names this file",
        ]
    );
}

#[test]
fn long_files_need_a_reason() {
    let source = |lines: usize| vec![Source::new("a/src/lib.rs", &"fn f() {}\n".repeat(lines))];
    let found = |lines, ratchet| shown(&sizes::check(&source(lines), ratchet));
    assert_eq!(found(800, "# none\n"), [""; 0]);
    assert!(found(801, "")[0].starts_with("a/src/lib.rs: has 801 production lines, 800 are"));
    assert_eq!(found(900, "900 a/src/lib.rs one table\n"), [""; 0]);
    assert!(found(901, "900 a/src/lib.rs one table\n")[0].contains("has 901 production lines"));
    assert_eq!(
        found(700, "\n900 a/src/lib.rs one table\n"),
        ["xtask/ratchet.txt:2: `a/src/lib.rs` needs no exception any more"]
    );
    assert_eq!(
        found(1, "900 a/src/lib.rs\nmany a/src/lib.rs why\n"),
        [
            "xtask/ratchet.txt:1: is not `LINES PATH REASON`",
            "xtask/ratchet.txt:2: is not `LINES PATH REASON`",
        ]
    );
}

#[test]
fn lines_that_are_long_unfinished_or_of_one_machine_are_found() {
    let folder = |name: &str, tail: &str| format!("see /{name}/{tail}");
    let cases = [
        ("a/src/lib.rs", format!("// {}", "ä".repeat(97)), 0),
        ("a/src/lib.rs", format!("// {}", "ä".repeat(98)), 1),
        ("docs/a.md", "x".repeat(300), 0),
        ("a/src/lib.rs", "// TODO: later".to_owned(), 1),
        (
            "a/src/lib.rs",
            "/* FIXME */ fn f() { todo!() }".to_owned(),
            2,
        ),
        (
            "a/src/lib.rs",
            "fn f() { unimplemented!(); dbg!(1); }".to_owned(),
            2,
        ),
        (
            "a/src/lib.rs",
            "#[ignore = \"slow\"]\nfn f() {}".to_owned(),
            1,
        ),
        (
            "a/src/lib.rs",
            "fn f() { log(\"TODO list\"); }".to_owned(),
            0,
        ),
        ("a/run.sh", "# TODO: later".to_owned(), 1),
        ("docs/a.md", "What TODO means".to_owned(), 0),
        ("docs/a.md", folder("work", "main"), 1),
        (
            "a/src/lib.rs",
            format!("// {}", folder("root", ".cargo")),
            1,
        ),
        ("Cargo.lock", folder("home", "me"), 0),
        (
            "docs/a.md",
            "https://example.org/home/me and /network/x".to_owned(),
            0,
        ),
        (
            "docs/a.md",
            "the /work/ folder, an entry/root/x".to_owned(),
            0,
        ),
    ];
    for (path, line, expected) in cases {
        let findings = text::check(&[file(path, &line)]);
        assert_eq!(findings.len(), expected, "{line}: {:?}", shown(&findings));
    }
}

#[test]
fn links_that_lead_nowhere_are_found() {
    let exists = |path: &str| ["README.md", "docs/adr/README.md", "docs"].contains(&path);
    let cases = [
        (
            "docs/a.md",
            "[x](adr/README.md) and [y](../README.md#part)",
            0,
        ),
        ("docs/a.md", "[x](adr/) [y](.) [z](/README.md)", 1),
        (
            "docs/a.md",
            "[x](missing.md) [y](https://example.org/x) [z](#part)",
            1,
        ),
        ("docs/a.md", "[`code`](missing.md)", 1),
        ("docs/a.md", "`[x](missing.md)`", 0),
        ("docs/a.md", "```\n[x](missing.md)\n```\n[y](missing.md)", 1),
        ("docs/a.md", "[x]: missing.md\n[y]: https://example.org", 1),
        ("docs/a.md", "[x](../../README.md)", 1),
        ("README.md", "![picture](docs/picture.png \"title\")", 1),
        ("a/src/lib.rs", "//! [x](missing.md)", 0),
    ];
    for (path, line, expected) in cases {
        let findings = links::check(&[file(path, line)], exists);
        assert_eq!(findings.len(), expected, "{line}: {:?}", shown(&findings));
    }
    let findings = links::check(&[file("docs/a.md", "\n[x](b.md)")], exists);
    assert_eq!(
        shown(&findings),
        ["docs/a.md:2: links to `b.md`, which does not exist"]
    );
}
