//! The real signing proxy as a process, over mutual TLS, told what goes wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use reqwest::{Certificate, Client, Identity};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use signing::LocalDev;
use verify::{ChainHead, PublicKey, hex};

use super::bank::{Bank, SealKey};
use crate::harness::PATIENCE;
use crate::harness::process::Daemon;
use crate::signers::secret;

const READY: &str = "ledgerd-signing-proxy ready address=";
const FILE: &str = "proxy.toml";

/// A signing proxy of chain `bank/production`.
pub(super) struct Proxy {
    /// None while it is down.
    process: Option<Daemon>,
    port: u16,
    http: Client,
}

impl Proxy {
    /// Starts one in the folder of `bank` with an Ed25519 key for each id; gives the keys too.
    pub(super) fn start<const N: usize>(
        bank: &Bank,
        kids: [&'static str; N],
    ) -> (Self, [SealKey; N]) {
        let publics = kids.map(|kid| make_key(bank, kid));
        let sections: Vec<String> = kids.iter().map(|kid| key_section(kid)).collect();
        bank.write(FILE, &format!("{HEAD}{}", sections.concat()));
        let process = run(bank);
        let port = process.address().port();
        let mut proxy = Self {
            process: Some(process),
            port,
            http: http(bank),
        };
        // From now on it listens here, however often it is started again.
        proxy.kill();
        let text = fs::read_to_string(bank.file(FILE)).unwrap();
        let address = format!("127.0.0.1:{port}");
        bank.write(FILE, &text.replace("127.0.0.1:0", &address));
        proxy.again(bank);
        let mut publics = publics.into_iter();
        let keys = kids.map(|kid| SealKey {
            kid,
            public_key: publics.next().unwrap(),
            place: format!(
                "proxy = {{ url = \"https://localhost:{port}\", ca = \"signers.pem\", \
                 certificate = \"ledger.pem\", key = \"ledger.key\" }}"
            ),
        });
        (proxy, keys)
    }

    /// Kills it.
    pub(super) fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    /// Starts it again.
    pub(super) fn again(&mut self, bank: &Bank) {
        self.process = Some(run(bank));
    }

    /// Opens another epoch of the chain, as its operator does who approves a recovery.
    pub(super) fn open_epoch(&mut self, bank: &Bank, epoch: u64) {
        self.kill();
        let text = fs::read_to_string(bank.file(FILE)).unwrap();
        let before = format!("epoch = {}\n", epoch - 1);
        assert!(text.contains(&before));
        bank.write(FILE, &text.replace(&before, &format!("epoch = {epoch}\n")));
        self.again(bank);
    }

    /// Takes a key away, as its operator does with one that is revoked.
    pub(super) fn remove_key(&mut self, bank: &Bank, kid: &str) {
        self.kill();
        let text = fs::read_to_string(bank.file(FILE)).unwrap();
        let section = key_section(kid);
        assert!(text.contains(&section));
        bank.write(FILE, &text.replace(&section, ""));
        self.again(bank);
    }

    /// Has these things go wrong from now on.
    pub(super) async fn faults(&self, faults: &[&str]) {
        let url = format!("https://localhost:{}/faults", self.port);
        let body = json!({ "faults": faults, "seed": 7 });
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }

    /// The last place of the chain that it gave away.
    pub(super) async fn anchor(&self) -> ChainHead {
        let port = self.port;
        let url = format!("https://localhost:{port}/anchor?origin=bank%2Fproduction");
        let answer = self.http.get(url).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        ChainHead {
            seq: body["seq"].as_u64().unwrap(),
            digest: hex::digest(body["digest_hex"].as_str().unwrap()).unwrap(),
        }
    }

    /// Its audit lines so far.
    pub(super) fn audit(bank: &Bank) -> Vec<Value> {
        let text = fs::read_to_string(bank.file("proxy.jsonl")).unwrap();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Whatever went wrong: it was never asked for two digests in one place of an epoch.
    pub(super) fn was_asked_for_one_history(bank: &Bank) {
        let mut asked: BTreeMap<(String, u64), String> = BTreeMap::new();
        for line in Self::audit(bank) {
            let Some(seq) = line["seq"]
                .as_u64()
                .filter(|_| line["path"] == "/sign/seal")
            else {
                continue;
            };
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            let digest = text("digest");
            let first = asked.entry((text("origin"), seq)).or_insert(digest.clone());
            assert_eq!(*first, digest, "{line}");
        }
        assert!(!asked.is_empty());
    }
}

fn run(bank: &Bank) -> Daemon {
    let ledgerd = Path::new(env!("CARGO_BIN_EXE_ledgerd"));
    let program = ledgerd.with_file_name("ledgerd-signing-proxy");
    assert!(
        program.exists(),
        "build it: `cargo build -p ledgerd-signing-proxy`"
    );
    let mut command = Command::new(program);
    command
        .env_clear()
        .args(["run", "--config", bank.file(FILE).to_str().unwrap()]);
    Daemon::start_as(READY, command, &bank.file("proxy.log"))
}

fn http(bank: &Bank) -> Client {
    let read = |name: &str| fs::read(bank.file(name)).unwrap();
    let identity = [read("ledger.pem"), read("ledger.key")].concat();
    let client = Client::builder()
        .tls_certs_only([Certificate::from_pem(&read("signers.pem")).unwrap()])
        .identity(Identity::from_pem(&identity).unwrap())
        .no_proxy()
        .timeout(PATIENCE);
    client.build().unwrap()
}

fn make_key(bank: &Bank, kid: &str) -> PublicKey {
    let made = LocalDev::generate().unwrap();
    let pem = made.to_pkcs8_pem().unwrap();
    secret(&bank.file(&format!("{kid}.secret")), pem.expose_secret());
    let public = PublicKey::from_ed25519(&made.public_bytes()).unwrap();
    bank.write(&format!("{kid}.pub"), &public.to_spki_pem());
    public
}

fn key_section(kid: &str) -> String {
    format!(
        "[[key]]\nkid = \"{kid}\"\nusage = \"seal\"\nalgorithm = \"ed25519\"\n\
         public_key = \"{kid}.pub\"\ndeployed_at = \"2025-11-01T00:00:00Z\"\n\
         local = {{ file = \"{kid}.secret\" }}\n"
    )
}

/// Keys in files and faults are what production does not have; all else is as there.
const HEAD: &str = r#"
profile = "development"
[listen]
address = "127.0.0.1:0"
[tls]
certificate = "proxy.pem"
key = "proxy.key"
[client_ca]
file = "signers.pem"
[state]
directory = "proxy-state"
[audit]
file = "proxy.jsonl"
[signing]
allow_sign_hash = false
[[origin]]
deployment = "bank"
environment = "production"
epoch = 1
[[client]]
name = "ledger"
role = "signer"
uri = "spiffe://bank.test/ledger"
"#;
