//! The example and the page about it say what the binary takes.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{KeyPair, PKCS_RSA_SHA256};
use toml::{Table, Value};
use verify::Usage;

use crate::daemon::{check, command};
use crate::harness::process::Daemon;
use crate::pki::{Ask, Ca};
use crate::signers::{Approvers, ed25519, public};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn example() -> String {
    fs::read_to_string(repository("deploy/config/production.example.toml")).unwrap()
}

#[test]
fn the_example_would_run() {
    let place = tempfile::tempdir().unwrap();
    let tls = place.path().join("tls");
    fs::create_dir(&tls).unwrap();
    let settlement = Ca::make(&tls, "settlement-ca");
    settlement.revoke(&[]);
    settlement.issue(
        "server",
        &Ask {
            server: true,
            ..Ask::default()
        },
    );
    Ca::make(&tls, "operations-ca");
    internal(&tls);
    fs::write(place.path().join("deny.list"), "").unwrap();
    let signing = place.path().join("signing");
    fs::create_dir(&signing).unwrap();
    let mut approvers = Approvers::make(3, 5).of("settlement", "production");
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    approvers.register("seal-2026-1", Usage::Seal, &public(&ed25519()));
    approvers.register("checkpoint-2026-1", Usage::Checkpoint, &public(&ed25519()));
    approvers.register("bundle-2026-1", Usage::Bundle, &public(&rsa));
    approvers.write(&signing);
    let file = place.path().join("ledgerd.toml");
    fs::write(&file, example()).unwrap();
    let ended = check(&file);
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    assert_eq!(ended.complaint, "");

    // What the example says about limits and the clock are the defaults.
    let text = example();
    let (required, _) = text.split_once("# Everything below").unwrap();
    fs::write(&file, required).unwrap();
    assert_eq!(values(&check(&file).output), values(&ended.output));
}

/// What both ends of the internal plane show.
fn internal(tls: &Path) {
    let internal = Ca::make(tls, "internal-ca");
    internal.revoke(&[]);
    for (stem, uri, server) in [
        ("policy-client", "spiffe://internal.example/ledgerd", false),
        ("policy-host", "spiffe://internal.example/policy-host", true),
    ] {
        let ask = Ask {
            uris: &[uri],
            server,
            ..Ask::default()
        };
        internal.issue(stem, &ask);
    }
}

#[test]
fn the_example_of_a_host_would_run() {
    let place = tempfile::tempdir().unwrap();
    let tls = place.path().join("tls");
    fs::create_dir(&tls).unwrap();
    internal(&tls);
    let example = fs::read_to_string(repository("deploy/config/policy-host.example.toml")).unwrap();
    let file = place.path().join("policy-host.toml");
    fs::write(&file, example.replace("0.0.0.0:7272", "127.0.0.1:0")).unwrap();
    let run = command(&["policy-host", "--config", file.to_str().unwrap()]);
    let ready = "ledgerd policy-host ready address=";
    Daemon::start_as(ready, run, &place.path().join("log")).stop();

    let page = fs::read_to_string(repository("docs/operate/policy-host.md")).unwrap();
    let mut keys = Vec::new();
    collect(&example.parse().unwrap(), "", &mut keys);
    for (key, value) in &keys {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("no row for `{key}`"));
        if key.starts_with("limits.") {
            let shown = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            assert!(row.contains(&format!("| `{shown}` |")), "{row}");
        }
    }
}

/// What `ledgerd check` shows, without who says so.
fn values(shown: &str) -> Vec<&str> {
    let without = |line: &'_ str| line.rsplit_once("  ").unwrap().0.trim().len();
    shown.lines().map(|line| &line[..without(line)]).collect()
}

#[test]
fn the_page_names_every_key_with_its_default() {
    let page = fs::read_to_string(repository("docs/operate/configuration.md")).unwrap();
    let table: Table = example().parse().unwrap();
    let mut keys = Vec::new();
    collect(&table, "", &mut keys);
    assert!(keys.len() > 20, "{keys:?}");
    for (key, value) in &keys {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("no row for `{key}`"));
        let has_default = [
            "limits.",
            "clock.",
            "signing.seal_",
            "signing.max_",
            "policy.host.silence_",
        ];
        if has_default.iter().any(|start| key.starts_with(start)) {
            let shown = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            assert!(row.contains(&format!("| `{shown}` |")), "{row}");
        }
    }
}

fn collect(table: &Table, prefix: &str, keys: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        match value {
            Value::Table(inner) => collect(inner, &format!("{key}."), keys),
            Value::Array(list) if list.iter().any(Value::is_table) => {
                let tables = list.iter().filter_map(Value::as_table);
                tables.for_each(|inner| collect(inner, &format!("{key}."), keys));
            }
            _ => keys.push((key, value.clone())),
        }
    }
}
