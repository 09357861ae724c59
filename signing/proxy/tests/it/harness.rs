//! One proxy for a test: started on a directory of its own, stopped, killed, started again.

pub(crate) mod client;
pub(crate) mod process;
pub(crate) mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ledger::Digest;
use secrecy::ExposeSecret as _;
use signing::LocalDev;
use verify::PublicKey;

use crate::pki::{Ask, Ca, write_private};
use client::Client;
use process::Proxy;

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A directory with an authority, keys and a configuration.
pub(crate) struct Place {
    directory: tempfile::TempDir,
    ca: Ca,
}

/// How a client of a test shows who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum As {
    /// It shows nothing.
    Nobody,
    /// It shows the API key `NAME-key`, which is that client's when there is one.
    Key(&'static str),
    /// It shows the certificate `STEM.pem`.
    Certificate(&'static str),
}

const HEAD: &str = r#"
profile = "development"
[listen]
address = "127.0.0.1:0"
[tls]
certificate = "server.pem"
key = "server.key"
[client_ca]
file = "clients.pem"
[state]
directory = "state"
[audit]
file = "audit.jsonl"
[[origin]]
deployment = "bank"
environment = "test"
epoch = 1
[[client]]
name = "ledger"
role = "signer"
uri = "spiffe://bank.test/ledger"
[[client]]
name = "auditor"
role = "reader"
uri = "spiffe://bank.test/auditor"
"#;

impl Place {
    /// Certificates `ledger`, `auditor` and `stranger`, API keys `kernel` and `reader`, and a key
    /// of each usage that is asked for.
    pub(crate) fn new(keys: &[(&str, &str)], more: &str) -> Self {
        let place = Self::without_api_keys(keys, more);
        let api_keys = format!(
            "[[client]]\nname = \"kernel\"\nrole = \"signer\"\napi_key_sha256 = \"{}\"\n\
             [[client]]\nname = \"reader\"\nrole = \"reader\"\napi_key_sha256 = \"{}\"\n",
            Digest::of(b"kernel-key"),
            Digest::of(b"reader-key"),
        );
        place.append(&api_keys);
        place
    }

    /// The same, where nobody connects without a certificate.
    pub(crate) fn without_api_keys(keys: &[(&str, &str)], more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let ca = Ca::make(path, "clients");
        let server = Ask {
            server: true,
            ..Ask::default()
        };
        ca.issue("server", &server);
        for name in ["ledger", "auditor", "stranger"] {
            let uri = format!("spiffe://bank.test/{name}");
            let uris: &[&str] = &[&uri];
            ca.issue(
                name,
                &Ask {
                    uris,
                    ..Ask::default()
                },
            );
        }
        let sections: Vec<String> = keys
            .iter()
            .map(|(kid, usage)| local_key(path, kid, usage))
            .collect();
        fs::write(
            path.join("proxy.toml"),
            format!("{HEAD}{}{more}\n", sections.concat()),
        )
        .unwrap();
        Self { directory, ca }
    }

    /// Adds sections to the configuration.
    pub(crate) fn append(&self, text: &str) {
        let file = self.file("proxy.toml");
        let before = fs::read_to_string(&file).unwrap();
        fs::write(&file, before + text).unwrap();
    }

    /// Changes the configuration.
    pub(crate) fn replace(&self, part: &str, instead: &str) {
        let file = self.file("proxy.toml");
        let before = fs::read_to_string(&file).unwrap();
        assert!(before.contains(part), "{part}");
        fs::write(&file, before.replace(part, instead)).unwrap();
    }

    /// Takes the section of a key away.
    pub(crate) fn remove_key(&self, kid: &str) {
        let file = self.file("proxy.toml");
        let before = fs::read_to_string(&file).unwrap();
        let start = before.find(&format!("[[key]]\nkid = \"{kid}\"")).unwrap();
        let length = before[start..].find("}\n").unwrap() + 2;
        fs::write(
            &file,
            before[..start].to_owned() + &before[start + length..],
        )
        .unwrap();
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn ca(&self) -> &Ca {
        &self.ca
    }

    /// Starts the proxy and waits until it is ready.
    pub(crate) fn start(&self) -> Proxy {
        self.start_with(&[])
    }

    /// As [`Place::start`], with more arguments.
    pub(crate) fn start_with(&self, more: &[&str]) -> Proxy {
        let file = self.file("proxy.toml");
        let mut run = crate::daemon::command(&["run", "--config", file.to_str().unwrap()]);
        run.args(more);
        Proxy::start(run, &self.file("log"))
    }

    /// How `who` asks `proxy`.
    pub(crate) fn client(&self, proxy: &Proxy, who: As) -> Client {
        Client::new(self.directory.path(), "clients.pem", proxy.address(), who)
    }

    /// The public key of `kid`.
    pub(crate) fn public(&self, kid: &str) -> PublicKey {
        let pem = fs::read_to_string(self.file(&format!("{kid}.pub"))).unwrap();
        PublicKey::from_spki_pem(&pem).unwrap()
    }

    /// The audit lines so far.
    pub(crate) fn audit(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.file("audit.jsonl")).unwrap();
        let parse = |line| serde_json::from_str(line).unwrap();
        text.lines().map(parse).collect()
    }
}

/// Makes a key in a file, and its section.
pub(crate) fn local_key(directory: &Path, kid: &str, usage: &str) -> String {
    let made = LocalDev::generate().unwrap();
    let pem = made.to_pkcs8_pem().unwrap();
    write_private(&directory.join(format!("{kid}.key")), pem.expose_secret());
    let public = PublicKey::from_ed25519(&made.public_bytes()).unwrap();
    fs::write(directory.join(format!("{kid}.pub")), public.to_spki_pem()).unwrap();
    format!(
        "[[key]]\nkid = \"{kid}\"\nusage = \"{usage}\"\nalgorithm = \"ed25519\"\n\
         public_key = \"{kid}.pub\"\ndeployed_at = \"2025-11-01T00:00:00Z\"\n\
         local = {{ file = \"{kid}.key\" }}\n"
    )
}

/// Asks again and again until `what` has come true, which `is_true` says.
pub(crate) async fn until(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !is_true().await {
        assert!(Instant::now() < limit, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
