//! What may not run, one row each: the configuration as it should be, one change, and what the
//! binary says.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use verify::Usage;

use crate::daemon::{check, command, end};
use crate::pki::{Ask, Ca};
use crate::signers::{Approvers, ed25519, public, secret};
use rows::{ROWS, Row};

mod rows;
mod sources;
mod start;
mod variables;

const GOOD: &str = r#"
profile = "production"
deny_list = "deny.list"

[listen]
address = "127.0.0.1:0"

[tls]
certificate = "server.pem"
key = "server.key"

[[client_ca]]
file = "bank.pem"
crl = "bank.crl"
trust_domain = "bank.test"
tenants = ["acme"]
roles = ["read", "write"]

[signing]
deployment = "bank"
environment = "production"
keyring = "keyring.json"
approvers = "approvers.json"
anchor = { directory = "anchor" }

[signing.seal]
kid = "seal-1"
algorithm = "ed25519"
kms = { key_id = "alias/seal", region = "eu-central-1" }

[journal]
kind = "embedded"
directory = "journal"
segment_bytes = "16 MiB"
"#;

/// A directory with everything that a row may name, development keys included.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let server = Ask {
            server: true,
            ..Ask::default()
        };
        let bank = Ca::make(path, "bank");
        bank.revoke(&[]);
        bank.issue("server", &server);
        bank.issue("other", &server);
        bank.issue(
            "ended",
            &Ask {
                ended: true,
                ..server
            },
        );
        let internal = Ask {
            uris: &["spiffe://internal.test/daemon"],
            ..Ask::default()
        };
        Ca::make(path, "internal").issue("internal-daemon", &internal);
        let exposed = fs::read(path.join("server.key")).unwrap();
        fs::write(path.join("exposed.key"), exposed).unwrap();
        fs::set_permissions(path.join("exposed.key"), fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(path.join("deny.list"), "# nobody\n").unwrap();
        fs::write(path.join("bad.list"), "serial 01\nserial x\n").unwrap();
        fs::write(path.join("text.pem"), "nothing\n").unwrap();
        approvers(path);
        secret(&path.join("api.key"), "0123456789abcdef\n");
        secret(&path.join("empty.key"), "\n");
        development(path);
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, text: &str) -> PathBuf {
        let file = self.path().join("ledgerd.toml");
        fs::write(&file, text).unwrap();
        file
    }
}

/// Approvers, their keyring, and some that will not do.
fn approvers(path: &Path) {
    let mut approvers = Approvers::make(3, 5);
    approvers.register("seal-1", Usage::Seal, &public(&ed25519()));
    approvers.write(path);
    let write = |name: &str, bytes: &[u8]| fs::write(path.join(name), bytes).unwrap();
    let text = String::from_utf8(approvers.signed()).unwrap();
    let serial = format!("\"serial\":{}", approvers.keyring().serial());
    let (head, tail) = text.rsplit_once(&serial).unwrap();
    let altered = format!("{head}\"serial\":9{tail}");
    write("altered.keyring", altered.as_bytes());
    let list = approvers.list();
    write(
        "twice.json",
        list.replace("person-1", "person-2").as_bytes(),
    );
    let few = Approvers::make(2, 5);
    write("few.json", few.list().as_bytes());
    write("few.keyring", &few.signed());
    let staging = Approvers::make(3, 5).of("bank", "staging");
    write("staging.json", staging.list().as_bytes());
    write("staging.keyring", &staging.signed());
}

/// Makes development keys in `dev`, the way `ledgerd dev` does. The port is taken, so that it ends.
fn development(path: &Path) {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let keys = path.join("dev");
    let data = path.join("data");
    let arguments = [
        "dev",
        "--listen",
        &address,
        "--data",
        data.to_str().unwrap(),
    ];
    let mut dev = command(&arguments);
    dev.arg("--keys").arg(&keys);
    let ended = end(dev);
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    assert!(keys.join("ca.pem").exists());
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
        format!(
            "`{part}` -> `{instead}` gave {:?}: {}",
            ended.code, ended.complaint
        )
    };
    let code = if told.is_empty() { 0 } else { 64 };
    let named = format!("ledgerd: {}: ", file.display());
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
fn what_is_right_would_run_and_nobody_connects_without_a_certificate() {
    let place = Place::new();
    assert_eq!(check(&place.write(GOOD)).code, Some(0));
    let (head, rest) = GOOD.split_once("[[client_ca]]").unwrap();
    let (_, tail) = rest.split_once("[signing]").unwrap();
    let ended = check(&place.write(&format!("{head}[signing]{tail}")));
    assert_eq!(ended.code, Some(64));
    let told = "client_ca: no client authority is given, and nobody connects without";
    assert!(ended.complaint.contains(told), "{}", ended.complaint);
}

#[test]
fn development_is_for_this_machine_and_no_production_one() {
    let place = Place::new();
    let text = GOOD.replace("profile = \"production\"", "profile = \"development\"");
    let file = place.write(&text.replace("127.0.0.1:0", "0.0.0.0:0"));
    let ended = check(&file);
    assert_eq!(ended.code, Some(64));
    assert!(
        ended.complaint.contains("listen.address = `0.0.0.0:0`"),
        "{}",
        ended.complaint
    );

    let file = place.write(&text);
    for (value, code) in [
        ("production", 64),
        ("Production", 64),
        ("development", 0),
        ("", 0),
    ] {
        let mut check = command(&["check", "--config", file.to_str().unwrap()]);
        check.env("NODE_ENV", value);
        let ended = end(check);
        assert_eq!(ended.code, Some(code), "{}", ended.complaint);
        assert_eq!(ended.complaint.contains("NODE_ENV"), code == 64);
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let place = Place::new();
    let text = GOOD
        .replace("server.key", "exposed.key")
        .replace("\"write\"", "\"root\"")
        .replace("127.0.0.1:0", "nowhere");
    let ended = check(&place.write(&text));
    assert_eq!(ended.complaint.lines().count(), 3, "{}", ended.complaint);
}

#[test]
fn a_refused_configuration_opens_nothing() {
    let place = Place::new();
    // The port is taken: whoever tried to open it would end with 1.
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = GOOD.replace("127.0.0.1:0", &address);
    let file = place.write(&text.replace("server.key", "exposed.key"));
    let run = |file: &Path| end(command(&["run", "--config", file.to_str().unwrap()]));
    assert_eq!(run(&file).code, Some(64));
    assert!(!place.path().join("journal").exists());
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
    let ended = check(&place.write(GOOD));
    assert!(!ended.output.contains(body));
}

#[test]
fn a_missing_file_and_a_wrong_command_line_are_configuration_errors() {
    let ended = check(Path::new("/nonexistent/ledgerd.toml"));
    assert_eq!(ended.code, Some(64));
    assert!(
        ended
            .complaint
            .contains("/nonexistent/ledgerd.toml: cannot be read")
    );
    for arguments in [&["frob"][..], &["run"], &[], &["dev", "--listen", "here"]] {
        assert_eq!(end(command(arguments)).code, Some(64), "{arguments:?}");
    }
    for arguments in [["--help"], ["--version"]] {
        assert_eq!(end(command(&arguments)).code, Some(0));
    }
}
