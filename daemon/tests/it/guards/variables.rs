//! The decision table of variables: what each value does to `ledgerd run` by itself, and all
//! pairs of values. The port that the configuration names is taken, so that whoever tried to open
//! it would end with another code than the one of a refusal.

use std::net::UdpSocket;
use std::path::Path;

use super::{GOOD, Place};
use crate::daemon::{Ended, command, end};

/// A variable, its value, and what is told about it by itself: nothing where it may stand.
type Say = (&'static str, &'static str, &'static [&'static str]);

/// Two values, and what is told about both of them.
type Pair = ([(&'static str, &'static str); 2], &'static [&'static str]);

/// Where values name files, this stands for the folder.
const FOLDER: &str = "{folder}";
/// Where they name the port that is configured, this stands for it.
const PORT: &str = "{port}";
/// Where nothing else is wrong, KMS is asked and does not answer.
const UNREACHABLE: &[&str] = &["kms key `alias/seal`: unavailable", "see whether it runs"];

#[rustfmt::skip]
const SAYS: &[Say] = &[
    ("NODE_ENV", "production", &[]),
    ("NODE_ENV", "development",
        &["NODE_ENV = `development`: contradicts the configuration", "set NODE_ENV to production"]),
    ("NODE_ENV", "moon", &["NODE_ENV = `moon`: not a place", "set it to production"]),
    ("PORT", PORT, &[]),
    ("PORT", "1", &["PORT = `1`: contradicts the configuration file", "remove PORT"]),
    ("PORT", "http", &["PORT = `http`: not a port", "give a number"]),
    ("DATABASE_URL", "postgres://ledgerd:hush@db/ledger", &[]),
    ("DATABASE_URL", "mysql://db/ledger", &["DATABASE_URL: begins neither", "give an address"]),
    ("REQUIRE_KMS", "true", &[]),
    ("REQUIRE_KMS", "false", &[]),
    ("REQUIRE_KMS", "maybe", &["REQUIRE_KMS = `maybe`", "set it to true or false"]),
    ("REQUIRE_SIGNING_PROXY", "1",
        &["REQUIRE_SIGNING_PROXY = `true`: `signing.seal` is of kind `kms`", "SIGNING_PROXY_URL"]),
    ("REQUIRE_SIGNING_PROXY", "no", &[]),
    ("AUDIT_SIGNING_KMS_KEY_ID", "alias/seal", &[]),
    ("AUDIT_SIGNING_KMS_KEY_ID", "alias/other",
        &["AUDIT_SIGNING_KMS_KEY_ID = `alias/other`: contradicts the configuration file",
          "`signing.seal.kms.key_id` in the file is `alias/seal`", "let both say the same"]),
    ("AUDIT_SIGNING_KMS_KEY_ID", "two words",
        &["AUDIT_SIGNING_KMS_KEY_ID = `two words`: not the name of a key", "give the id"]),
    ("AUDIT_SIGNING_ALG", "ed25519", &[]),
    ("AUDIT_SIGNING_ALG", "rsa-sha256",
        &["AUDIT_SIGNING_ALG = `rsa-sha256`: contradicts the configuration file",
          "`signing.seal.algorithm`", "let both say the same"]),
    ("AUDIT_SIGNING_ALG", "hmac-sha256",
        &["AUDIT_SIGNING_ALG = `hmac-sha256`: contradicts", "let both say the same"]),
    ("AUDIT_SIGNING_ALG", "rsa-pss", &["AUDIT_SIGNING_ALG = `rsa-pss`", "set it to ed25519"]),
    ("SIGNING_PROXY_URL", "https://signer.test",
        &["signing.seal.kms: contradicts SIGNING_PROXY_URL", "one key seals"]),
    ("SIGNING_PROXY_URL", "signer.test",
        &["SIGNING_PROXY_URL = `signer.test`: begins neither", "give an address"]),
    ("SIGNING_PROXY_API_KEY", "0123456789abcdef", &[]),
    ("SIGNING_PROXY_API_KEY", "two words", &["SIGNING_PROXY_API_KEY: has blanks", "give the key"]),
    ("SIGNING_PROXY_API_KEY_FILE", "{folder}/api.key", &[]),
    ("SIGNING_PROXY_API_KEY_FILE", "{folder}/exposed.key",
        &["SIGNING_PROXY_API_KEY_FILE", "open to others", "run `chmod 600"]),
    ("AUDIT_SIGNING_KEY", "hush", &["AUDIT_SIGNING_KEY: makes signatures that prove", "unset it"]),
    ("MOCK_AUDIT_SIGNING_KEY", "hush",
        &["MOCK_AUDIT_SIGNING_KEY: makes signatures that prove nothing", "unset it"]),
    ("AUDIT_SIGNING_PRIVATE_KEY", "hush",
        &["AUDIT_SIGNING_PRIVATE_KEY: holds no private key", "give it in PEM"]),
    ("AUDIT_SIGNING_PRIVATE_KEY_FILE", "{folder}/server.key",
        &["AUDIT_SIGNING_PRIVATE_KEY_FILE: a private key in this process", "[signing.emergency]"]),
    ("DEV_SKIP_MTLS", "true", &["DEV_SKIP_MTLS = `true`: not accepted in profile", "unset it"]),
    ("DEV_SKIP_MTLS", "false", &[]),
    ("KERNEL_API_URL", "https://kernel.test", &[]),
    ("KERNEL_API_URL", "kernel", &["KERNEL_API_URL = `kernel`", "give an address"]),
    ("KERNEL_CLIENT_CERT", "/etc/ledgerd/kernel.pem", &[]),
    ("KERNEL_CLIENT_KEY", "/etc/ledgerd/kernel.key", &[]),
    ("KERNEL_CLIENT_KEY", "-----BEGIN CERTIFICATE-----",
        &["KERNEL_CLIENT_KEY: holds something else", "give a file"]),
    ("KERNEL_SERVICE_TOKEN", "hush", &[]),
    ("KERNEL_SERVICE_TOKEN", "two words", &["KERNEL_SERVICE_TOKEN: has blanks", "give the token"]),
    ("PROM_ENDPOINT", "http://127.0.0.1:9090", &[]),
    ("PROM_ENDPOINT", "9090", &["PROM_ENDPOINT = `9090`", "give an address"]),
    ("OTEL_COLLECTOR_URL", "http://127.0.0.1:4317", &[]),
    ("OTEL_COLLECTOR_URL", "here", &["OTEL_COLLECTOR_URL = `here`", "give an address"]),
    ("SENTRY_DSN", "https://hush@errors.test/7", &[]),
    ("SENTRY_DSN", "https://errors.test/7", &["SENTRY_DSN: holds no key", "give an address"]),
];

/// What two values do together that neither does alone.
#[rustfmt::skip]
const TOGETHER: &[Pair] = &[
    ([("REQUIRE_KMS", "true"), ("REQUIRE_SIGNING_PROXY", "1")],
        &["REQUIRE_KMS = `true`: contradicts REQUIRE_SIGNING_PROXY", "keep REQUIRE_KMS or"]),
    ([("REQUIRE_KMS", "true"), ("SIGNING_PROXY_URL", "https://signer.test")],
        &["REQUIRE_KMS = `true`: `signing.seal` does not say of one key", "unset the requirement"]),
    ([("REQUIRE_SIGNING_PROXY", "1"), ("SIGNING_PROXY_URL", "https://signer.test")],
        &["REQUIRE_SIGNING_PROXY = `true`: `signing.seal` does not say of one key"]),
];

/// What hides what: a key that is in two places at once is of no kind, and has no id there.
const HIDDEN: &[(&str, &str)] = &[
    (
        "SIGNING_PROXY_URL=https://signer.test",
        "AUDIT_SIGNING_KMS_KEY_ID=alias/other",
    ),
    (
        "SIGNING_PROXY_URL=https://signer.test",
        "REQUIRE_SIGNING_PROXY=1",
    ),
];

/// Tests that share the pairs, so that they run beside each other.
const SHARES: usize = 6;

struct Table {
    place: Place,
    file: String,
    address: String,
    _taken: UdpSocket,
}

impl Table {
    fn new() -> Self {
        let place = Place::new();
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        // Nobody listens on port 1, and a connection is refused at once.
        let text = GOOD.replace("127.0.0.1:0", &address).replace(
            "region = \"eu-central-1\"",
            "region = \"eu-central-1\", endpoint = \"http://127.0.0.1:1\"",
        );
        let file = place.write(&text).display().to_string();
        Self {
            place,
            file,
            address,
            _taken: taken,
        }
    }

    fn run(&self, says: &[&Say]) -> Ended {
        let mut run = command(&["run", "--config", &self.file]);
        credentials(&mut run);
        let folder = self.place.path().display().to_string();
        let (_, port) = self.address.rsplit_once(':').unwrap();
        for (name, value, _) in says {
            run.env(name, value.replace(FOLDER, &folder).replace(PORT, port));
        }
        end(run)
    }

    fn judge(&self, says: &[&Say]) -> Result<(), String> {
        let ended = self.run(says);
        let mut told: Vec<&str> = says
            .iter()
            .flat_map(|(.., told)| told.iter().copied())
            .collect();
        told.extend(together(says));
        if told.is_empty() {
            told.extend(UNREACHABLE);
        }
        let hidden = hidden(says);
        let missing = told
            .iter()
            .find(|part| !ended.complaint.contains(**part) && !hidden.contains(part));
        let shown: Vec<String> = says.iter().map(|say| show(say)).collect();
        let shown = shown.join(" ");
        if ended.code != Some(64) {
            return Err(format!(
                "{shown} gave {:?}: {}",
                ended.code, ended.complaint
            ));
        }
        if ended.complaint.contains("hush") || ended.complaint.contains("0123456789abcdef") {
            return Err(format!("{shown} tells a secret: {}", ended.complaint));
        }
        match missing {
            Some(part) => Err(format!(
                "{shown}: `{part}` is not told: {}",
                ended.complaint
            )),
            None => Ok(()),
        }
    }
}

/// What the SDK would look for elsewhere.
pub(super) fn credentials(run: &mut std::process::Command) {
    run.env("AWS_ACCESS_KEY_ID", "test");
    run.env("AWS_SECRET_ACCESS_KEY", "test");
    run.env("AWS_EC2_METADATA_DISABLED", "true");
}

fn show((name, value, _): &Say) -> String {
    format!("{name}={value}")
}

fn together(says: &[&Say]) -> Vec<&'static str> {
    let is_said = |(name, value): &(&str, &str)| {
        says.iter()
            .any(|(said, with, _)| said == name && with == value)
    };
    let both = TOGETHER.iter().filter(|(both, _)| both.iter().all(is_said));
    both.flat_map(|(_, told)| told.iter().copied()).collect()
}

fn hidden(says: &[&Say]) -> Vec<&'static str> {
    let shown: Vec<String> = says.iter().map(|say| show(say)).collect();
    let hides = |(by, what): &&(&str, &str)| {
        shown.iter().any(|say| say == by) && shown.iter().any(|say| say == what)
    };
    let whats = HIDDEN.iter().filter(hides).map(|(_, what)| *what);
    let says = whats.filter_map(|what| says.iter().find(|say| show(say) == what));
    says.flat_map(|(.., told)| told.iter().copied()).collect()
}

#[test]
fn each_value_by_itself() {
    let table = Table::new();
    let alone = SAYS.iter().filter_map(|say| table.judge(&[say]).err());
    let mut wrong: Vec<String> = alone.collect();
    wrong.extend(table.judge(&[]).err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn share(at: usize) {
    let table = Table::new();
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for (first, one) in SAYS.iter().enumerate() {
        for other in SAYS[..first].iter().filter(|other| other.0 != one.0) {
            pairs += 1;
            if pairs % SHARES == at {
                wrong.extend(table.judge(&[other, one]).err());
            }
        }
    }
    assert!(pairs > 800, "{pairs}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!has_blocks(&table.place.path().join("journal")));
}

#[test]
fn all_pairs_of_values_0() {
    share(0);
}

#[test]
fn all_pairs_of_values_1() {
    share(1);
}

#[test]
fn all_pairs_of_values_2() {
    share(2);
}

#[test]
fn all_pairs_of_values_3() {
    share(3);
}

#[test]
fn all_pairs_of_values_4() {
    share(4);
}

#[test]
fn all_pairs_of_values_5() {
    share(5);
}

/// Whether anything was posted into a journal: an empty one is made before signers are asked, since
/// their registry is in it.
fn has_blocks(journal: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(journal) else {
        return false;
    };
    let mut names = entries.map(|entry| entry.unwrap().file_name());
    names.any(|name| name.to_string_lossy().contains("snapshot"))
}
