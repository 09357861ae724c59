//! A deployment of production: authorities, approvers, a configuration, and who connects to it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use client::{Client, ClientConfig, ClientError};
use ledger::{Code, Seq, Transfer};
use verify::chain::{ChainFault, ChainReport, Start};
use verify::receipt::Receipt;
use verify::row::AuditRow;
use verify::{ChainHead, ChainVerifier, Keyring, PublicKey, SignedKeyring, Usage};
use wire::Answer;
use wire::message as m;

use crate::daemon::{Ended, command, end};
use crate::harness::connection;
use crate::harness::process::Daemon;
use crate::harness::world::{ACME, BOOK, create_accounts, create_book, create_tenant, usd};
use crate::pki::{Ask, Ca};
use crate::signers::{Approvers, secret};

/// The file of the configuration.
const FILE: &str = "ledgerd.toml";
/// How long an answer that must not come is waited for.
const MOMENT: Duration = Duration::from_millis(250);
const PIN: &str = "1234";

/// A key of seals and how the configuration says where it is.
pub(crate) struct SealKey {
    pub(crate) kid: &'static str,
    pub(crate) public_key: PublicKey,
    /// The table that says where it is, such as `kms = { … }`.
    pub(crate) place: String,
}

impl SealKey {
    /// Its section of the configuration.
    pub(crate) fn section(&self, name: &str) -> String {
        format!(
            "[signing.{name}]\nkid = \"{}\"\nalgorithm = \"{}\"\n{}\n",
            self.kid,
            self.public_key.algorithm(),
            self.place
        )
    }
}

/// A directory with everything that a deployment needs but its keys of seals.
pub(crate) struct Bank {
    directory: tempfile::TempDir,
    approvers: Approvers,
    environment: BTreeMap<&'static str, String>,
}

impl Bank {
    /// With authorities `bank`, `platform` and `signers`, their certificates, and five approvers.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let [bank, platform, signers] =
            ["bank", "platform", "signers"].map(|name| Ca::make(path, name));
        bank.revoke(&[]);
        platform.revoke(&[]);
        let server = Ask {
            server: true,
            ..Ask::default()
        };
        bank.issue("server", &server);
        signers.issue("proxy", &server);
        let issue = |ca: &Ca, stem: &str, uri: &str| {
            let uris = &[uri];
            let ask = Ask {
                uris,
                ..Ask::default()
            };
            ca.issue(stem, &ask);
        };
        issue(&signers, "ledger", "spiffe://bank.test/ledger");
        for role in ["admin", "write"] {
            let uri = format!("spiffe://bank.test/tenant/acme/role/{role}");
            issue(&bank, &format!("acme-{role}"), &uri);
        }
        for role in ["operator", "auditor"] {
            let uri = format!("spiffe://platform.test/platform/role/{role}");
            issue(&platform, role, &uri);
        }
        fs::write(path.join("deny.list"), "").unwrap();
        secret(&path.join("pin"), PIN);
        let environment = BTreeMap::from([
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("NODE_ENV", "production".to_owned()),
        ]);
        Self {
            directory,
            approvers: Approvers::make(3, 5),
            environment,
        }
    }

    /// Registers `key` as the one that seals, and writes the configuration: `anchor` is where the
    /// last head is kept, `more` are further lines of `[signing]`.
    pub(crate) fn seal_with(&mut self, key: &SealKey, anchor: &str, more: &str) {
        self.register(key);
        self.approvers.write(self.directory.path());
        let (head, tail) = (HEAD, key.section("seal"));
        self.write(FILE, &format!("{head}anchor = {anchor}\n{more}\n{tail}"));
    }

    /// Registers another key that may seal.
    pub(crate) fn register(&mut self, key: &SealKey) {
        self.approvers
            .register(key.kid, Usage::Seal, &key.public_key);
    }

    /// Variables of the daemon's environment.
    pub(crate) fn set(&mut self, name: &'static str, value: String) {
        self.environment.insert(name, value);
    }

    pub(crate) fn approvers(&self) -> &Approvers {
        &self.approvers
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
    }

    /// Adds sections to the configuration.
    pub(crate) fn append(&self, text: &str) {
        let before = fs::read_to_string(self.file(FILE)).unwrap();
        self.write(FILE, &format!("{before}\n{text}"));
    }

    /// Changes the configuration.
    pub(crate) fn replace(&self, part: &str, instead: &str) {
        let before = fs::read_to_string(self.file(FILE)).unwrap();
        assert!(before.contains(part), "{part}");
        self.write(FILE, &before.replace(part, instead));
    }

    /// Has the configuration in `file` be the same with another journal.
    pub(crate) fn copy_configuration(&self, file: &str, journal: &str) {
        let text = fs::read_to_string(self.file(FILE)).unwrap();
        let part = "directory = \"journal\"";
        assert!(text.contains(part));
        self.write(
            file,
            &text.replace(part, &format!("directory = \"{journal}\"")),
        );
    }

    fn command(&self, file: &str) -> std::process::Command {
        let mut run = command(&["run", "--config", self.file(file).to_str().unwrap()]);
        run.envs(&self.environment);
        run
    }

    /// Starts the daemon and waits until it is ready.
    pub(crate) fn start(&self) -> Daemon {
        self.start_with(FILE)
    }

    /// The same with another configuration.
    pub(crate) fn start_with(&self, file: &str) -> Daemon {
        Daemon::start(self.command(file), &self.file(&format!("{file}.log")))
    }

    /// Runs the daemon, which must end by itself.
    pub(crate) fn run(&self) -> Ended {
        end(self.command(FILE))
    }

    /// What the daemon has logged so far.
    pub(crate) fn log(&self, file: &str) -> String {
        fs::read_to_string(self.file(&format!("{file}.log"))).unwrap()
    }

    /// Starts the daemon for the first time: with a tenant, an asset, a book and two accounts.
    pub(crate) async fn open(&self) -> Daemon {
        let daemon = self.start();
        let operator = self.connect(&daemon, "operator").await;
        create_tenant(&operator, ACME, "acme").await;
        let asset = m::CreateAsset { asset: usd() };
        let decided = operator.create_asset(asset).await.unwrap();
        assert_eq!(decided.code, Code::Created);
        create_book(&operator, BOOK, ACME, "main", false).await;
        let admin = self.connect(&daemon, "acme-admin").await;
        create_accounts(&admin, BOOK, 1..=2).await;
        daemon
    }

    /// How `name` connects.
    pub(crate) fn connection(&self, daemon: &Daemon, name: &str) -> ClientConfig {
        connection(self.directory.path(), "bank.pem", name, daemon.address())
    }

    /// Connects as `name`.
    pub(crate) async fn connect(&self, daemon: &Daemon, name: &str) -> Client {
        let config = self.connection(daemon, name);
        Client::connect(&config).await.unwrap()
    }

    /// The keyring that the daemon exports, as somebody sees it who trusts the approvers alone.
    pub(crate) async fn exported(&self, daemon: &Daemon) -> Keyring {
        let auditor = self.connect(daemon, "auditor").await;
        let found = auditor.keyring(m::KeyringRequest {}).await.unwrap();
        let signed = SignedKeyring::decode(&found.keyring).unwrap();
        signed.verify(self.approvers.set()).unwrap()
    }

    /// Verifies the whole chain as an auditor does, by the keyring that is exported.
    pub(crate) async fn audit(&self, daemon: &Daemon, known: Option<ChainHead>) -> ChainReport {
        self.verdict(daemon, known).await.unwrap()
    }

    /// What an auditor who knows `known` says of the chain.
    pub(crate) async fn verdict(
        &self,
        daemon: &Daemon,
        known: Option<ChainHead>,
    ) -> Result<ChainReport, ChainFault> {
        let keyring = self.exported(daemon).await;
        let mut verifier = ChainVerifier::new(&keyring, Start::Genesis, known);
        for row in self.rows(daemon).await {
            verifier.push(&row)?;
        }
        verifier.finish()
    }

    /// Every row of the chain that is shown.
    pub(crate) async fn rows(&self, daemon: &Daemon) -> Vec<AuditRow> {
        let auditor = self.connect(daemon, "auditor").await;
        let (mut rows, mut from_seq) = (Vec::new(), 1);
        while from_seq != 0 {
            let request = m::AuditRows { from_seq, limit: 0 };
            let page = auditor.audit_rows(request).await.unwrap();
            for row in page.rows {
                let mut line = row.to_vec();
                line.push(b'\n');
                rows.push(AuditRow::decode_line(&line).unwrap());
            }
            from_seq = page.next;
        }
        rows
    }

    /// Posts transfers with an answer that waits for its seal, and verifies the receipt of each
    /// offline.
    pub(crate) async fn post_and_verify(&self, daemon: &Daemon, ids: Range<u128>) -> Vec<Receipt> {
        let write = self.connect(daemon, "acme-write").await;
        let outcomes = write.post_sealed(BOOK, &transfers(ids), &[]).await.unwrap();
        let seqs: Vec<u64> = (0..outcomes.created)
            .map(|index| outcomes.seq(index).unwrap().0)
            .collect();
        let receipts = receipts(&write, &seqs).await;
        let keyring = self.exported(daemon).await;
        for (seq, receipt) in seqs.iter().zip(&receipts) {
            let verified = receipt.verify(&keyring).unwrap();
            assert_eq!((verified.book, receipt.seq), (BOOK, Seq(*seq)));
        }
        receipts
    }
}

/// A small transfer for each id.
pub(crate) fn transfers(ids: Range<u128>) -> Vec<Transfer> {
    ids.map(|id| Transfer::new(id, 1, 2, 10, 1)).collect()
}

/// Receipts of events, each of which must have one.
pub(crate) async fn receipts(client: &Client, seqs: &[u64]) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for seqs in seqs.chunks(wire::limits::RECEIPTS_MAX) {
        let found = client.receipts(BOOK, asked(seqs)).await.unwrap();
        for row in found.rows {
            assert_eq!(row.code, Code::Created);
            receipts.push(Receipt::decode(&row.receipt).unwrap());
        }
    }
    receipts
}

/// Nobody gets a receipt of this event, which is durable and not sealed.
pub(crate) async fn has_no_receipt(client: &Client, seq: u64) {
    let request = wire::Request::Receipts(asked(&[seq]));
    match client.call(BOOK, &request, MOMENT).await {
        Err(error) => {
            let code = error.code();
            let fits = matches!(code, Code::NotSealed | Code::DeadlineExceeded);
            assert!(fits && error.is_retryable(), "{error}");
        }
        Ok(Answer::Receipts(found)) => panic!("a receipt of what is not sealed: {found:?}"),
        Ok(other) => panic!("{other:?}"),
    }
}

/// The code that a request was refused with.
pub(crate) fn refusal(error: &ClientError) -> Code {
    match error {
        ClientError::Refused(failure) => failure.code,
        other => panic!("{other}"),
    }
}

fn asked(seqs: &[u64]) -> m::Receipts {
    m::Receipts {
        seqs: seqs.iter().copied().map(Seq).collect(),
        ids: Vec::new(),
    }
}

const HEAD: &str = r#"
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
roles = ["read", "write", "admin"]
[[client_ca]]
file = "platform.pem"
crl = "platform.crl"
trust_domain = "platform.test"
tenants = []
roles = ["operator", "auditor"]
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://platform.test/platform/role/auditor"
scopes = ["operator:cross-tenant-read"]
[journal]
kind = "embedded"
directory = "journal"
segment_bytes = "16 MiB"
[signing]
deployment = "bank"
environment = "production"
keyring = "keyring.json"
approvers = "approvers.json"
"#;
