//! What may not run, one row each: the configuration as it should be, one change, and what the
//! binary says.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::daemon::{check, command, end};
use crate::pki::{Ask, Ca};

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

[journal]
kind = "embedded"
directory = "journal"
"#;

const CLIENTS: &str = r#"[[client_ca]]
file = "bank.pem"
crl = "bank.crl"
trust_domain = "bank.test"
tenants = ["acme"]
roles = ["read", "write"]
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
        let exposed = fs::read(path.join("server.key")).unwrap();
        fs::write(path.join("exposed.key"), exposed).unwrap();
        fs::set_permissions(path.join("exposed.key"), fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(path.join("deny.list"), "# nobody\n").unwrap();
        fs::write(path.join("bad.list"), "serial 01\nserial x\n").unwrap();
        fs::write(path.join("text.pem"), "nothing\n").unwrap();
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

/// Part of `GOOD`, what stands in its place, and parts of what the binary says; nothing said means
/// that it would run.
type Row = (&'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("", "", &[]),
    // Development has no way into production.
    ("file = \"bank.pem\"\ncrl = \"bank.crl\"", "file = \"dev/ca.pem\"",
        &["client_ca[0].file: made for development", "use what your own authority issued"]),
    ("server.", "dev/server.", &["tls.key: made for development"]),
    ("trust_domain = \"bank.test\"", "trust_domain = \"dev.ledgerd.invalid\"",
        &["client_ca[0].trust_domain: made for development"]),
    // Nobody connects without a certificate.
    (CLIENTS, "", &["client_ca: no client authority is given"]),
    (CLIENTS, "client_ca = []\n", &["`client_ca`"]),
    ("[\"read\", \"write\"]", "[]", &["client_ca[0].roles = `[]`"]),
    ("[\"acme\"]", "[]", &["client_ca[0].tenants = `[]`", "none is listed"]),
    ("[\"acme\"]", "[\"*\"]", &[]),
    ("[\"acme\"]", "[\"*\", \"acme\"]", &["client_ca[0].tenants = `*`"]),
    ("[\"acme\"]", "[\"Acme\"]", &["client_ca[0].tenants = `Acme`", "not a tenant's name"]),
    ("[\"read\", \"write\"]", "[\"root\"]", &["client_ca[0].roles = `root`: unknown role"]),
    ("[\"read\", \"write\"]", "[\"operator\"]", &["belong to the platform alone"]),
    ("trust_domain = \"bank.test\"", "trust_domain = \"Bank\"", &["client_ca[0].trust_domain = `Bank`"]),
    ("file = \"bank.pem\"", "file = \"server.pem\"", &["is not one of an authority"]),
    (CLIENTS, "[[client_ca]]\nfile = \"bank.pem\"\ntrust_domain = \"a.test\"\ntenants = [\"*\"]\nroles = [\"read\"]\n\
        [[client_ca]]\nfile = \"bank.pem\"\ntrust_domain = \"b.test\"\ntenants = [\"*\"]\nroles = [\"read\"]\n",
        &["client_ca[1].file", "is listed before"]),
    // Keys and certificates.
    ("server.key", "exposed.key", &["tls.key", "mode `0644`", "run `chmod 600"]),
    ("server.key", "other.key", &["tls.key", "does not fit the certificate"]),
    ("server.key", "missing.key", &["tls.key", "missing.key`: cannot be read"]),
    ("server.key", "server.pem", &["tls.key", "open to others"]),
    ("certificate = \"server.pem\"\nkey = \"server.key\"", "certificate = \"ended.pem\"\nkey = \"ended.key\"",
        &["tls.certificate", "has expired"]),
    ("server.pem", "text.pem", &["tls.certificate", "holds no certificate"]),
    ("server.pem", "journal.nowhere/x", &["tls.certificate", "cannot be read"]),
    ("bank.crl", "bank.pem", &["client_ca[0].crl", "holds no revocation list"]),
    ("deny.list", "bad.list", &["deny_list", "line 2 says `serial x`"]),
    // Addresses.
    ("127.0.0.1:0", "localhost:7171", &["listen.address = `localhost:7171`: not an address"]),
    ("profile = \"production\"", "profile = \"development\"", &[]),
    // The shape of the file.
    ("profile = \"production\"\n", "", &["missing field `profile`"]),
    ("\"production\"", "\"prod\"", &["profile = `\"prod\"`: unknown variant `prod`"]),
    ("kind = ", "sort = ", &["journal.sort", "unknown field `sort`"]),
    ("\"embedded\"", "\"tape\"", &["journal.kind = `\"tape\"`: unknown variant"]),
    ("[\"acme\"]", "\"acme\"", &["client_ca[0].tenants = `\"acme\"`: invalid type"]),
    ("[listen]", "[listen", &["line 5 is not TOML"]),
    ("directory = \"journal\"", "directory = \"\"", &["journal.directory = ``: names no directory"]),
    ("[journal]", "[journal]\nsegment_bytes = \"1 MiB\"", &["journal.segment_bytes = `1 MiB`: out of range"]),
    ("[journal]", "[limits]\nadmission = \"64 parsecs\"\n[journal]", &["limits.admission = `\"64 parsecs\"`", "a number of bytes"]),
    ("[journal]", "[limits]\nadmission = -1\n[journal]", &["limits.admission = `-1`"]),
    ("[journal]", "[limits]\nadmission = \"1 MiB\"\n[journal]", &["limits.admission = `1 MiB`: out of range"]),
    ("[journal]", "[limits]\nadmission = \"3 MiB\"\n[journal]", &["one tenant's share of `limits.admission` would be 1536 KiB"]),
    ("[journal]", "[limits]\ntenant_share_percent = 101\n[journal]", &["limits.tenant_share_percent = `101`"]),
    ("[journal]", "[limits]\nhandshakes = 0\n[journal]", &["limits.handshakes = `0`"]),
    ("[journal]", "[clock]\nmax_step_seconds = 0\n[journal]", &["clock.max_step_seconds = `0`"]),
    // Mappings.
    ("[journal]", "[[identity]]\nrole = \"read\"\ntenant = \"acme\"\n[journal]", &["identity[0]", "names none"]),
    ("[journal]", "[[identity]]\nuri = \"http://x\"\nrole = \"read\"\ntenant = \"acme\"\n[journal]",
        &["identity[0].uri = `http://x`: not a SPIFFE ID"]),
    ("[journal]", "[[identity]]\nfingerprint = \"abc\"\nrole = \"read\"\ntenant = \"acme\"\n[journal]",
        &["identity[0].fingerprint = `abc`: not a fingerprint"]),
    ("[journal]", "[[identity]]\nuri = \"spiffe://bank.test/x\"\nrole = \"read\"\n[journal]",
        &["identity[0].tenant: role `read` belongs to a tenant"]),
    ("[journal]", "[[identity]]\nuri = \"spiffe://bank.test/x\"\nrole = \"auditor\"\ntenant = \"acme\"\n[journal]",
        &["identity[0].tenant = `acme`: role `auditor` belongs to the platform"]),
    ("[journal]", "[[identity]]\nuri = \"spiffe://bank.test/x\"\nrole = \"auditor\"\n\
        [[identity]]\nuri = \"spiffe://bank.test/x\"\nrole = \"operator\"\n[journal]",
        &["identity[1]", "is mapped before"]),
];

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
    let text = if part.is_empty() {
        GOOD.to_owned()
    } else {
        GOOD.replace(part, instead)
    };
    let file = place.write(&text);
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
fn development_is_for_this_machine_and_no_production_one() {
    let place = Place::new();
    let text = GOOD.replace("\"production\"", "\"development\"");
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
