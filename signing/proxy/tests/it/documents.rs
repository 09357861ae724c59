//! The example, the page about it and the manifest say what the binary takes.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::daemon::check;
use crate::pki::{Ask, Ca, write_private};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn example() -> String {
    fs::read_to_string(repository("deploy/config/signing-proxy.example.toml")).unwrap()
}

fn page() -> String {
    fs::read_to_string(repository("docs/operate/signing-proxy.md")).unwrap()
}

#[test]
fn the_example_would_run() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path();
    for folder in ["tls", "keys"] {
        fs::create_dir(path.join(folder)).unwrap();
    }
    let ca = Ca::make(&path.join("tls"), "clients-ca");
    let server = Ask {
        server: true,
        ..Ask::default()
    };
    ca.issue("server", &server);
    for kid in ["seal-2025-11", "checkpoint-2025-11"] {
        crate::harness::local_key(&path.join("keys"), kid, "seal");
    }
    write_private(&path.join("keys/token.pin"), "1234\n");
    fs::write(path.join("kernel-key.sha256"), "ab".repeat(32)).unwrap();
    let file = path.join("signing-proxy.toml");
    fs::write(&file, example()).unwrap();
    let ended = check(&file);
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    assert_eq!(ended.complaint, "");

    // What the example says below that line are the defaults.
    let text = example();
    let (required, _) = text.split_once("# Everything below").unwrap();
    fs::write(&file, required).unwrap();
    assert_eq!(check(&file).output, ended.output);
}

#[test]
fn the_page_names_every_key_with_its_default() {
    let page = page();
    let table: Table = example().parse().unwrap();
    let mut keys = Vec::new();
    collect(&table, "", &mut keys);
    assert!(keys.len() > 25, "{keys:?}");
    for (key, value) in &keys {
        let start = format!("| `{key}` |");
        let row = page.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row for `{key}`"));
        if key.starts_with("limits.") || key.starts_with("signing.") || key == "audit.stdout" {
            assert!(row.contains(&format!("| `{value}` |")), "{row}");
        }
    }
}

#[test]
fn the_page_names_every_path() {
    let page = page();
    for path in [
        "GET /health",
        "GET /keys",
        "GET /anchor",
        "POST /verify",
        "POST /sign/seal",
        "POST /sign/note",
        "POST /sign/canonical",
        "POST /sign/hash",
    ] {
        assert!(page.contains(&format!("| `{path}")), "{path}");
    }
}

/// Failures on purpose are never in a build that nobody asked them for.
#[test]
fn faults_are_not_among_the_default_features() {
    let manifest: Table = include_str!("../../Cargo.toml").parse().unwrap();
    let features = manifest["features"].as_table().unwrap();
    assert_eq!(features["default"].as_array().unwrap().len(), 0);
    assert!(features.contains_key("faults"));
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
