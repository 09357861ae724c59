//! What may not run, one row each: the configuration as it should be, one change, and what the
//! binary says.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use verify::PublicKey;

use crate::daemon::{check, command, end};
use crate::pki::{Ask, Ca, write_private};
use rows::{ROWS, Row};

mod rows;

const GOOD: &str = r#"
profile = "production"

[listen]
address = "127.0.0.1:0"

[tls]
certificate = "server.pem"
key = "server.key"

[client_ca]
file = "clients.pem"

[[client]]
name = "ledger"
role = "signer"
uri = "spiffe://bank.test/ledger"

[[client]]
name = "kernel"
role = "reader"
api_key_sha256 = "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c"

[[origin]]
deployment = "bank"
environment = "production"
epoch = 1

[[key]]
kid = "seal-1"
usage = "seal"
algorithm = "ed25519"
public_key = "seal-1.pub"
deployed_at = "2025-11-01T00:00:00Z"
kms = { key_id = "alias/seal", region = "eu-central-1", endpoint = "http://127.0.0.1:1" }

[state]
directory = "state"

[audit]
file = "audit.jsonl"
"#;

/// A directory with everything that a row may name, development keys included.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let clients = Ca::make(path, "clients");
        let server = Ask {
            server: true,
            ..Ask::default()
        };
        clients.issue("server", &server);
        clients.issue("other", &server);
        clients.issue(
            "ended",
            &Ask {
                ended: true,
                ..server.clone()
            },
        );
        let organization = Some("ledgerd development, not for production");
        clients.issue(
            "marked",
            &Ask {
                organization,
                ..server
            },
        );
        fs::copy(path.join("server.key"), path.join("exposed.key")).unwrap();
        fs::set_permissions(path.join("exposed.key"), fs::Permissions::from_mode(0o644)).unwrap();
        let comment = "# ledgerd development key, not for production\n";
        let key = fs::read_to_string(path.join("server.key")).unwrap();
        write_private(&path.join("commented.key"), &format!("{comment}{key}"));
        for kid in ["seal-1", "seal-2"] {
            crate::harness::local_key(path, kid, "seal");
        }
        fs::write(path.join("text.pub"), "nothing\n").unwrap();
        fs::write(path.join("digest"), format!("{}  key\n", "ab".repeat(32))).unwrap();
        write_private(&path.join("pin"), "1234\n");
        fs::write(path.join("open-pin"), "1234\n").unwrap();
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, text: &str) -> PathBuf {
        let file = self.path().join("proxy.toml");
        fs::write(&file, text).unwrap();
        file
    }
}

#[test]
fn every_guard_says_what_is_wrong_and_what_to_do() {
    let place = Place::new();
    let wrong: Vec<String> = ROWS
        .iter()
        .filter_map(|row| judge(&place, row).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(place: &Place, (part, instead, told): &Row) -> Result<(), String> {
    assert!(GOOD.contains(part), "{part}");
    let file = place.write(&GOOD.replace(part, instead));
    let ended = check(&file);
    let row = || {
        let (code, complaint) = (ended.code, &ended.complaint);
        format!("`{part}` -> `{instead}` gave {code:?}: {complaint}")
    };
    let code = if told.is_empty() { 0 } else { 64 };
    let named = format!("ledgerd-signing-proxy: {}: ", file.display());
    let is_told = ended.complaint.starts_with(&named) && ended.complaint.contains("; ");
    if ended.code != Some(code) || (code == 64 && !is_told) {
        return Err(row());
    }
    match told.iter().find(|part| !ended.complaint.contains(**part)) {
        Some(missing) => Err(format!("`{missing}` is not told: {}", row())),
        None => Ok(()),
    }
}

#[test]
fn what_is_right_would_run() {
    let place = Place::new();
    let ended = check(&place.write(GOOD));
    assert_eq!((ended.code, ended.complaint.as_str()), (Some(0), ""));
    assert!(
        ended
            .output
            .contains("seal-1: seal, ed25519, in KMS as alias/seal")
    );
}

#[test]
fn without_a_word_about_it_it_is_production() {
    let place = Place::new();
    let file = place.write(&GOOD.replace("profile = \"production\"\n", ""));
    let shown = check(&file).output;
    assert!(
        shown
            .lines()
            .next()
            .is_some_and(|line| line.ends_with("production")),
        "{shown}"
    );
}

#[test]
fn variables_that_have_no_place_in_production_are_named() {
    let place = Place::new();
    let file = place.write(GOOD);
    let variables = [
        "MOCK_AUDIT_SIGNING_KEY",
        "AUDIT_SIGNING_KEY",
        "AUDIT_SIGNING_PRIVATE_KEY",
        "DEV_SKIP_MTLS",
    ];
    for name in variables {
        for (value, code) in [("hush-hush", 64), ("", 0)] {
            let mut check = command(&["check", "--config", file.to_str().unwrap()]);
            check.env(name, value);
            let ended = end(check);
            assert_eq!(ended.code, Some(code), "{name}: {}", ended.complaint);
            assert_eq!(
                ended.complaint.contains(&format!("unset {name}")),
                code == 64
            );
            assert!(!ended.complaint.contains("hush-hush"));
        }
    }
    let development = GOOD.replace("\"production\"\n\n[listen]", "\"development\"\n\n[listen]");
    let file = place.write(&development);
    for (value, code) in [("production", 64), ("development", 0), ("", 0)] {
        let mut check = command(&["check", "--config", file.to_str().unwrap()]);
        check.env("NODE_ENV", value).env("DEV_SKIP_MTLS", "1");
        assert_eq!(end(check).code, Some(code));
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let place = Place::new();
    let text = GOOD
        .replace("server.key", "exposed.key")
        .replace("\"signer\"", "\"root\"")
        .replace("127.0.0.1:0", "nowhere");
    let ended = check(&place.write(&text));
    assert_eq!(ended.complaint.lines().count(), 3, "{}", ended.complaint);
}

/// A production configuration whose key cannot be reached is refused before a port is open.
#[test]
fn a_key_that_does_not_sign_is_told_before_a_port_is_open() {
    let place = Place::new();
    // The port is taken: whoever tried to open it would end with 1.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let file = place.write(&GOOD.replace("127.0.0.1:0", &address));
    let mut run = command(&["run", "--config", file.to_str().unwrap()]);
    run.env("AWS_ACCESS_KEY_ID", "none")
        .env("AWS_SECRET_ACCESS_KEY", "none");
    let ended = end(run);
    assert_eq!(ended.code, Some(64), "{}", ended.complaint);
    let told = "key[0].kms = `seal-1`: the self-test failed";
    assert!(ended.complaint.contains(told), "{}", ended.complaint);
    assert_eq!(ended.output, "");
}

#[test]
fn a_key_whose_public_half_is_another_is_refused() {
    let place = Place::new();
    let text = GOOD.replace("\"production\"\n\n[listen]", "\"development\"\n\n[listen]");
    let local = "local = { file = \"seal-2.key\" }\n";
    let start = text.find("kms = {").unwrap();
    let end_of_line = start + text[start..].find('\n').unwrap() + 1;
    let text = format!("{}{local}{}", &text[..start], &text[end_of_line..]);
    let file = place.write(&text);
    let ended = end(command(&["run", "--config", file.to_str().unwrap()]));
    assert_eq!(ended.code, Some(64), "{}", ended.complaint);
    assert!(
        ended.complaint.contains("key[0].local = `seal-1`"),
        "{}",
        ended.complaint
    );
}

#[test]
fn state_and_audit_lines_need_a_place() {
    let place = Place::new();
    fs::write(place.path().join("taken"), "").unwrap();
    let development = GOOD.replace("\"production\"\n\n[listen]", "\"development\"\n\n[listen]");
    for (part, instead, told) in [
        (
            "directory = \"state\"",
            "directory = \"taken\"",
            "state.directory = `",
        ),
        (
            "\"audit.jsonl\"",
            "\"nowhere/audit.jsonl\"",
            "audit.file = `",
        ),
        ("\"audit.jsonl\"", "\".\"", "audit.file = `"),
    ] {
        let file = place.write(&development.replace(part, instead));
        let ended = end(command(&["run", "--config", file.to_str().unwrap()]));
        assert_eq!(ended.code, Some(64), "{}", ended.complaint);
        assert!(ended.complaint.contains(told), "{}", ended.complaint);
    }
}

#[cfg(debug_assertions)]
#[test]
fn nothing_fails_on_purpose_in_production() {
    let place = Place::new();
    let file = place.write(GOOD);
    let ended = end(command(&[
        "run",
        "--config",
        file.to_str().unwrap(),
        "--fault",
        "error=1",
    ]));
    assert_eq!(ended.code, Some(64));
    assert!(
        ended.complaint.contains("`--fault` is given"),
        "{}",
        ended.complaint
    );
}

#[test]
fn a_secret_is_never_told() {
    let place = Place::new();
    let key = fs::read_to_string(place.path().join("exposed.key")).unwrap();
    let body = key.lines().nth(1).unwrap();
    for part in ["other.key", "exposed.key"] {
        let ended = check(&place.write(&GOOD.replace("server.key", part)));
        assert!(!ended.complaint.contains(body));
    }
    // Whoever writes the API key in place of its digest does not find it in a log.
    let digest = "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c";
    let ended = check(&place.write(&GOOD.replace(digest, "the-key-itself")));
    assert_eq!(ended.code, Some(64));
    assert!(
        !ended.complaint.contains("the-key-itself"),
        "{}",
        ended.complaint
    );
}

#[test]
fn a_missing_file_and_a_wrong_command_line_are_configuration_errors() {
    let ended = check(Path::new("/nonexistent/proxy.toml"));
    assert_eq!(ended.code, Some(64));
    let told = "/nonexistent/proxy.toml: cannot be read";
    assert!(ended.complaint.contains(told));
    for arguments in [&["frob"][..], &["run"], &[], &["dev", "--listen", "here"]] {
        assert_eq!(end(command(arguments)).code, Some(64), "{arguments:?}");
    }
    for arguments in [["--help"], ["--version"]] {
        assert_eq!(end(command(&arguments)).code, Some(0));
    }
}

#[test]
fn the_public_keys_of_this_table_are_what_they_say() {
    let place = Place::new();
    let pem = fs::read_to_string(place.path().join("seal-1.pub")).unwrap();
    assert!(PublicKey::from_spki_pem(&pem).is_ok());
}
