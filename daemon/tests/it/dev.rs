//! `ledgerd dev` where it may not run, and what it leaves behind.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::daemon::{Ended, command, end};

fn dev(place: &Path, arguments: &[&str]) -> Ended {
    let mut dev = command(&["dev"]);
    dev.args(arguments).arg("--data").arg(place.join("data"));
    end(dev)
}

/// An address that is taken, so that a daemon on it ends.
fn taken() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

#[test]
fn it_refuses_production_others_and_repositories_before_it_makes_anything() {
    let place = tempfile::tempdir().unwrap();
    for more in [&[][..], &["issue", "--role", "operator"]] {
        let mut production = command(&["dev"]);
        production
            .args(more)
            .arg("--data")
            .arg(place.path().join("data"));
        production.env("NODE_ENV", "production");
        let ended = end(production);
        assert_eq!(ended.code, Some(64));
        assert!(ended.complaint.contains("NODE_ENV"), "{}", ended.complaint);
    }
    let ended = dev(place.path(), &["--listen", "0.0.0.0:7171"]);
    assert_eq!(ended.code, Some(64));
    assert!(
        ended.complaint.contains("`0.0.0.0:7171`"),
        "{}",
        ended.complaint
    );

    fs::create_dir(place.path().join(".git")).unwrap();
    let ended = dev(place.path(), &[]);
    assert_eq!(ended.code, Some(64));
    assert!(
        ended.complaint.contains("give `--keys DIR`"),
        "{}",
        ended.complaint
    );
    assert!(!place.path().join("data").exists());
}

#[test]
fn without_a_home_it_asks_for_a_place() {
    let ended = end(command(&["dev"]));
    assert_eq!(ended.code, Some(64));
    assert!(
        ended.complaint.contains("give `--data DIR`"),
        "{}",
        ended.complaint
    );
}

#[test]
fn keys_may_lie_elsewhere_and_are_private_wherever_they_lie() {
    let (place, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(place.path().join(".git")).unwrap();
    let keys = elsewhere.path().join("keys");
    let (_socket, address) = taken();
    let ended = dev(
        place.path(),
        &["--listen", &address, "--keys", keys.to_str().unwrap()],
    );
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    assert!(!place.path().join("data/keys").exists());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&keys), 0o700);
    for entry in fs::read_dir(&keys).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    let ended = dev(place.path(), &["--listen", &address, "--keys", "/tmp"]);
    assert_eq!(ended.code, Some(64));
    assert!(ended.complaint.contains("chmod 700"), "{}", ended.complaint);
}

#[test]
fn it_issues_to_whom_it_is_told() {
    let place = tempfile::tempdir().unwrap();
    let issue = |more: &[&str]| dev(place.path(), &[&["issue"], more].concat());
    let ended = issue(&["--tenant", "acme", "--role", "write"]);
    assert_eq!(ended.code, Some(64));
    assert!(
        ended.complaint.contains("no development authority"),
        "{}",
        ended.complaint
    );

    let (_socket, address) = taken();
    assert_eq!(dev(place.path(), &["--listen", &address]).code, Some(1));
    let ended = issue(&["--tenant", "acme", "--role", "write", "--valid-for", "90s"]);
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    let profile = fs::canonicalize(place.path())
        .unwrap()
        .join("data/keys/acme-write.toml");
    assert_eq!(ended.output, format!("{}\n", profile.display()));
    for name in ["acme-write.pem", "acme-write.key"] {
        assert!(profile.with_file_name(name).exists());
    }
    assert_eq!(
        issue(&["--role", "operator", "--name", "second"]).code,
        Some(0)
    );
    assert!(profile.with_file_name("second.toml").exists());

    for wrong in [
        &["--role", "write"][..],
        &["--tenant", "acme", "--role", "root"],
        &["--tenant", "acme", "--role", "auditor"],
        &["--tenant", "../x", "--role", "read"],
        &["--role", "operator", "--name", "ca"],
        &["--role", "operator", "--valid-for", "2y"],
    ] {
        assert_eq!(issue(wrong).code, Some(64), "{wrong:?}");
    }
}

#[test]
fn its_own_keys_satisfy_no_requirement() {
    let place = tempfile::tempdir().unwrap();
    let rows = [
        (
            "REQUIRE_KMS",
            "true",
            "REQUIRE_KMS = `true`: `signing.seal` is of kind `local`",
        ),
        (
            "REQUIRE_SIGNING_PROXY",
            "1",
            "REQUIRE_SIGNING_PROXY = `true`",
        ),
        (
            "AUDIT_SIGNING_KMS_KEY_ID",
            "alias/seal",
            "AUDIT_SIGNING_KMS_KEY_ID",
        ),
        ("NODE_ENV", "staging", "NODE_ENV"),
    ];
    let (_socket, address) = taken();
    for (name, value, told) in rows {
        let mut dev = command(&["dev", "--listen", &address]);
        dev.arg("--data").arg(place.path().join("data"));
        dev.env(name, value);
        let ended = end(dev);
        assert_eq!(ended.code, Some(64), "{}", ended.complaint);
        assert!(ended.complaint.contains(told), "{}", ended.complaint);
    }
}

#[test]
fn what_it_runs_with_is_a_configuration_like_any_other() {
    let place = tempfile::tempdir().unwrap();
    let (_socket, address) = taken();
    assert_eq!(dev(place.path(), &["--listen", &address]).code, Some(1));
    let file = place.path().join("data/keys/ledgerd.toml");
    let ended = crate::daemon::check(&file);
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"development\"", "\"production\"")).unwrap();
    let ended = crate::daemon::check(&file);
    assert_eq!(ended.code, Some(64));
    for key in ["tls.key", "client_ca[0].file"] {
        assert!(
            ended
                .complaint
                .contains(&format!("{key}: made for development")),
            "{key}"
        );
    }
}
