//! Flags, variables, files of secrets and the configuration file: all that speak must agree, and
//! each value is shown with who says it.

use std::path::Path;

use serde_json::Value;

use super::{GOOD, Place};
use crate::daemon::{Ended, command, end};
use crate::signers::{ed25519, secret};

struct Ask<'a> {
    text: String,
    flags: &'a [&'a str],
    environment: &'a [(&'a str, &'a str)],
}

fn check(place: &Place, ask: &Ask<'_>) -> Ended {
    let file = place.write(&ask.text);
    let mut check = command(&["check", "--config", file.to_str().unwrap()]);
    check.args(ask.flags).envs(ask.environment.iter().copied());
    check.current_dir(place.path());
    end(check)
}

/// Flags, variables, and what is told; nothing where they agree.
type Row = (
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (&["--require-kms"], &[], &[]),
    (&["--require-kms"], &[("REQUIRE_KMS", "yes")], &[]),
    (&["--require-kms"], &[("REQUIRE_KMS", "false")],
        &["--require-kms: contradicts REQUIRE_KMS", "keep --require-kms or REQUIRE_KMS"]),
    (&["--require-kms=false"], &[("REQUIRE_KMS", "0")], &[]),
    (&["--require-signing-proxy=true"], &[],
        &["--require-signing-proxy = `true`: `signing.seal` is of kind `kms`"]),
    (&["--require-kms=perhaps"], &[], &["--require-kms = `perhaps`: neither true nor false"]),
    (&["--audit-signing-alg", "rsa-sha256"], &[("AUDIT_SIGNING_ALG", "ed25519")],
        &["--audit-signing-alg: contradicts AUDIT_SIGNING_ALG"]),
    (&["--audit-signing-alg", "rsa-sha256"], &[],
        &["--audit-signing-alg = `rsa-sha256`: contradicts the configuration file"]),
    (&["--port", "0"], &[], &["--port = `0`: not a port"]),
    (&["--signing-proxy-api-key-file", "api.key"], &[("SIGNING_PROXY_API_KEY", "0123456789abcdef")],
        &[]),
    (&["--signing-proxy-api-key-file", "api.key"], &[("SIGNING_PROXY_API_KEY", "fedcba9876543210")],
        &["--signing-proxy-api-key-file: contradicts SIGNING_PROXY_API_KEY"]),
    (&[], &[("SIGNING_PROXY_API_KEY_FILE", "api.key"), ("SIGNING_PROXY_API_KEY", "other-hush-key")],
        &["SIGNING_PROXY_API_KEY: contradicts SIGNING_PROXY_API_KEY_FILE"]),
    (&[], &[("SIGNING_PROXY_API_KEY_FILE", "missing.key")],
        &["SIGNING_PROXY_API_KEY_FILE = `missing.key`: cannot be read"]),
    (&[], &[("DATABASE_URL_FILE", "api.key")],
        &["DATABASE_URL_FILE = `api.key`: begins neither with `postgres://`"]),
    (&["--kernel-service-token", "hush-hush"], &[], &[]),
    (&[], &[("REQUIRE_KMS", "  "), ("AUDIT_SIGNING_KEY", "")], &[]),
];

#[test]
fn all_that_speak_agree_or_are_named() {
    let place = Place::new();
    let mut wrong = Vec::new();
    for (flags, environment, told) in ROWS {
        let text = GOOD.to_owned();
        let ended = check(
            &place,
            &Ask {
                text,
                flags,
                environment,
            },
        );
        let code = if told.is_empty() { 0 } else { 64 };
        let is_told = told.iter().all(|part| ended.complaint.contains(part));
        let shown = format!("{}{}", ended.output, ended.complaint);
        let is_safe = !shown.contains("hush") && !shown.contains("0123456789abcdef");
        if ended.code != Some(code) || !is_told || !is_safe {
            wrong.push(format!("{flags:?} {environment:?}: {ended:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_secret_on_the_command_line_is_warned_about() {
    let place = Place::new();
    let ask = |flags| Ask {
        text: GOOD.to_owned(),
        flags,
        environment: &[],
    };
    let ended = check(&place, &ask(&["--kernel-service-token", "hush"]));
    let told = "--kernel-service-token shows a secret to every user of this machine: \
                give --kernel-service-token-file instead";
    assert!(ended.complaint.contains(told), "{}", ended.complaint);
    let ended = check(&place, &ask(&["--kernel-service-token-file", "api.key"]));
    assert!(
        !ended.complaint.contains("shows a secret"),
        "{}",
        ended.complaint
    );
    assert!(
        ended
            .complaint
            .contains("--kernel-service-token-file is right and not used yet")
    );
}

#[test]
fn each_value_is_shown_with_who_says_it() {
    let place = Place::new();
    let environment = [
        ("AUDIT_SIGNING_KMS_KEY_ID", "alias/seal"),
        ("SENTRY_DSN", "https://hush@errors.test/7"),
        ("PROM_ENDPOINT", "http://127.0.0.1:9090"),
    ];
    let ask = |flags| Ask {
        text: GOOD.to_owned(),
        flags,
        environment: &environment,
    };
    let flags = ["--require-kms", "--audit-signing-alg", "ed25519", "--json"];
    let ended = check(&place, &ask(&flags));
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    let rows: Value = serde_json::from_str(&ended.output).unwrap();
    let row = |key: &str| {
        let mut rows = rows.as_array().unwrap().iter();
        let row = rows.find(|row| row["key"] == key).unwrap();
        let text = |part: &str| row[part].as_str().unwrap_or_default().to_owned();
        [text("value"), text("source"), text("name")]
    };
    let table = [
        ("profile", ["production", "file", ""]),
        ("journal.segment_bytes", ["16 MiB", "file", ""]),
        ("journal.snapshot_every_bytes", ["256 MiB", "default", ""]),
        ("limits.connections", ["1024", "default", ""]),
        ("signing.seal.kid", ["seal-1", "file", ""]),
        (
            "signing.seal.kms.key_id",
            ["alias/seal", "environment", "AUDIT_SIGNING_KMS_KEY_ID"],
        ),
        (
            "signing.seal.algorithm",
            ["ed25519", "flag", "--audit-signing-alg"],
        ),
        ("signing.max_unsealed_seconds", ["60", "default", ""]),
        ("REQUIRE_KMS", ["true", "flag", "--require-kms"]),
        (
            "SENTRY_DSN",
            ["(secret), not used yet", "environment", "SENTRY_DSN"],
        ),
        (
            "PROM_ENDPOINT",
            [
                "http://127.0.0.1:9090, not used yet",
                "environment",
                "PROM_ENDPOINT",
            ],
        ),
    ];
    for (key, expected) in table {
        assert_eq!(row(key), expected.map(str::to_owned), "{key}");
    }
    let shown = check(&place, &ask(&flags[..3])).output;
    let line = shown
        .lines()
        .find(|line| line.starts_with("signing.seal.kms.key_id"));
    let words: Vec<&str> = line.unwrap().split_whitespace().collect();
    let expected = ["alias/seal", "environment", "AUDIT_SIGNING_KMS_KEY_ID"];
    assert_eq!(words[1..], expected);
    assert!(!shown.contains("hush") && !ended.output.contains("hush"));
}

#[test]
fn the_port_and_the_place_of_the_key_may_come_from_variables_alone() {
    let place = Place::new();
    let text = GOOD
        .replace("address = \"127.0.0.1:0\"\n", "")
        .replace("algorithm = \"ed25519\"\n", "")
        .replace(
            "kms = { key_id = \"alias/seal\", region = \"eu-central-1\" }",
            "",
        );
    fn ask<'a>(text: &str, environment: &'a [(&'a str, &'a str)]) -> Ask<'a> {
        Ask {
            text: text.to_owned(),
            flags: &[],
            environment,
        }
    }
    let all = [
        ("PORT", "7171"),
        ("AUDIT_SIGNING_ALG", "rsa-sha256"),
        ("AUDIT_SIGNING_KMS_KEY_ID", "alias/seal"),
        ("REQUIRE_KMS", "true"),
    ];
    let ended = check(&place, &ask(&text, &all));
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    assert!(ended.output.contains("0.0.0.0:7171"), "{}", ended.output);
    for (at, told) in [
        (0, "listen.address: missing, and so is PORT"),
        (
            1,
            "signing.seal.algorithm: missing; production has no default",
        ),
        (2, "set AUDIT_SIGNING_KMS_KEY_ID or SIGNING_PROXY_URL"),
    ] {
        let mut some = all.to_vec();
        some.remove(at);
        let ended = check(&place, &ask(&text, &some));
        assert_eq!(ended.code, Some(64));
        assert!(ended.complaint.contains(told), "{}", ended.complaint);
    }
    let proxy = [
        all[0],
        all[1],
        ("SIGNING_PROXY_URL", "https://signer.test"),
        ("SIGNING_PROXY_API_KEY_FILE", "api.key"),
        ("REQUIRE_SIGNING_PROXY", "true"),
    ];
    let ended = check(&place, &ask(&text, &proxy));
    assert!(
        ended.complaint.contains("signing.seal.proxy.ca"),
        "{}",
        ended.complaint
    );
    let plain = proxy.map(|(name, value)| (name, value.replace("https:", "http:")));
    let plain: Vec<(&str, &str)> = plain
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let ended = check(&place, &ask(&text, &plain));
    let told = "SIGNING_PROXY_URL = `http://signer.test`: plain http is not accepted";
    assert!(ended.complaint.contains(told), "{}", ended.complaint);
}

#[test]
fn development_takes_keys_that_production_does_not() {
    let place = Place::new();
    let text = development();
    let key = place.path().join("seal.key");
    secret(&key, &ed25519().serialize_pem());
    let file = path(&key);
    let rows: &[(&[(&str, &str)], &str)] = &[
        (
            &[("AUDIT_SIGNING_KEY", "sixteen bytes or more")],
            "hmac-sha256",
        ),
        (
            &[("MOCK_AUDIT_SIGNING_KEY", "sixteen bytes or more")],
            "hmac-sha256",
        ),
        (&[("AUDIT_SIGNING_PRIVATE_KEY_FILE", file)], "ed25519"),
        (
            &[
                ("AUDIT_SIGNING_KMS_KEY_ID", "alias/seal"),
                ("AUDIT_SIGNING_ALG", "hmac-sha256"),
            ],
            "hmac-sha256",
        ),
    ];
    for (environment, algorithm) in rows {
        let ended = check(
            &place,
            &Ask {
                text: text.clone(),
                flags: &[],
                environment,
            },
        );
        assert_eq!(ended.code, Some(0), "{}", ended.complaint);
        assert!(ended.output.contains(algorithm), "{}", ended.output);
        assert!(!ended.output.contains("sixteen"), "{}", ended.output);
    }
}

#[test]
fn a_key_of_this_process_satisfies_no_requirement() {
    let place = Place::new();
    let text = development();
    let key = place.path().join("seal.key");
    secret(&key, &ed25519().serialize_pem());
    let file = path(&key);
    let refused: &[(&[(&str, &str)], &str)] = &[
        (
            &[
                ("AUDIT_SIGNING_PRIVATE_KEY_FILE", file),
                ("REQUIRE_KMS", "true"),
            ],
            "REQUIRE_KMS = `true`: `signing.seal` is of kind `local`",
        ),
        (
            &[
                ("AUDIT_SIGNING_KEY", "hush"),
                ("REQUIRE_SIGNING_PROXY", "true"),
            ],
            "REQUIRE_SIGNING_PROXY = `true`: `signing.seal` is of kind `hmac`",
        ),
        (
            &[
                ("AUDIT_SIGNING_KEY", "hush"),
                ("MOCK_AUDIT_SIGNING_KEY", "other"),
            ],
            "AUDIT_SIGNING_KEY: contradicts MOCK_AUDIT_SIGNING_KEY",
        ),
        (
            &[
                ("AUDIT_SIGNING_KEY", "hush"),
                ("AUDIT_SIGNING_ALG", "ed25519"),
            ],
            "AUDIT_SIGNING_ALG = `ed25519`: does not go with `signing.seal.hmac`",
        ),
    ];
    for (environment, told) in refused {
        let ended = check(
            &place,
            &Ask {
                text: text.clone(),
                flags: &[],
                environment,
            },
        );
        assert_eq!(ended.code, Some(64));
        assert!(ended.complaint.contains(told), "{}", ended.complaint);
    }
}

/// A configuration for development that says of no key where it is.
fn development() -> String {
    GOOD.replace("profile = \"production\"", "profile = \"development\"")
        .replace("algorithm = \"ed25519\"\n", "")
        .replace(
            "kms = { key_id = \"alias/seal\", region = \"eu-central-1\" }",
            "",
        )
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}
