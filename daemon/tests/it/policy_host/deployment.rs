//! A daemon whose tenants' policies run in a process of its own, both as real processes.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use client::Client;
use ledger::registry::Name as TenantName;
use ledger::{Code, Digest};
use rcgen::SigningKey as _;
use verify::approval::Content;
use verify::policy::{Manifest, PolicyAction, PolicyLimits, SignedManifest};
use verify::{Algorithm, Keyring, Name, Signature, Usage};
use wire::message as m;
use wire::{Blob, LongBlob};

use crate::daemon::command;
use crate::harness::connection;
use crate::harness::process::Daemon;
use crate::harness::world::{ACME, BOOK, create_accounts, create_book, create_tenant, usd};
use crate::pki::{Ask, Ca};
use crate::signers::{Approvers, ed25519, kid, public, request, secret};

/// Identity of the daemon on the internal plane.
pub(crate) const DAEMON: &str = "spiffe://internal.test/daemon";
/// Identity of the host on the internal plane.
pub(crate) const HOST: &str = "spiffe://internal.test/policy-host";
const READY: &str = "ledgerd policy-host ready address=";
const LIMITS: &[u8] = include_bytes!("../../../../plugins/policies/components/limits.wasm");
const DEPLOYMENT: &str = "bank";
const ENVIRONMENT: &str = "test";
const POLICY_KEY: &str = "policy-1";
const HOUR: Duration = Duration::from_secs(3_600);

/// Directories, authorities and keys of both processes.
pub(crate) struct Deployment {
    directory: tempfile::TempDir,
    approvers: Approvers,
    policy_key: rcgen::KeyPair,
    pub(crate) bank: Ca,
    pub(crate) internal: Ca,
}

impl Deployment {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let [bank, platform, internal] =
            ["bank", "platform", "internal"].map(|name| Ca::make(path, name));
        issue(&bank, "server", &[], true);
        issue(&internal, "host", &[HOST], true);
        issue(&internal, "daemon", &[DAEMON], false);
        for role in ["admin", "write"] {
            let uri = format!("spiffe://bank.test/tenant/acme/role/{role}");
            issue(&bank, &format!("acme-{role}"), &[&uri], false);
        }
        let operator = "spiffe://platform.test/platform/role/operator";
        issue(&platform, "operator", &[operator], false);
        let (seal, policy_key) = (ed25519(), ed25519());
        let mut approvers = Approvers::make(1, 1).of(DEPLOYMENT, ENVIRONMENT);
        approvers.register("seal-1", Usage::Seal, &public(&seal));
        approvers.register(POLICY_KEY, Usage::Policy, &public(&policy_key));
        approvers.write(path);
        secret(&path.join("seal.pk8"), &seal.serialize_pem());
        let made = Self {
            directory,
            approvers,
            policy_key,
            bank,
            internal,
        };
        made.listen(([127, 0, 0, 1], 0).into());
        made
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Has the host listen at `address` when it is started next.
    pub(crate) fn listen(&self, address: SocketAddr) {
        let text = HOST_FILE.replace("ADDRESS", &address.to_string());
        fs::write(self.file("policy-host.toml"), text).unwrap();
    }

    /// Starts the host. What it is started with again listens where it does.
    pub(crate) fn start_host(&self) -> Daemon {
        let file = self.file("policy-host.toml");
        let run = command(&["policy-host", "--config", file.to_str().unwrap()]);
        let host = Daemon::start_as(READY, run, &self.file("host.log"));
        self.listen(host.address());
        host
    }

    /// Configures the daemon to ask the host at `address`, with these lines of `[policy]`.
    pub(crate) fn configure(&self, host: SocketAddr, policy: &str) {
        let text = FILE
            .replace("ADDRESS", &host.to_string())
            .replace("POLICY", policy);
        fs::write(self.file("ledgerd.toml"), text).unwrap();
    }

    pub(crate) fn start(&self) -> Daemon {
        let file = self.file("ledgerd.toml");
        let run = command(&["run", "--config", file.to_str().unwrap()]);
        Daemon::start(run, &self.file("log"))
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

    /// Connects as `name`.
    pub(crate) async fn connect(&self, daemon: &Daemon, name: &str) -> Client {
        let directory = self.directory.path();
        let config = connection(directory, "bank.pem", name, daemon.address());
        Client::connect(&config).await.unwrap()
    }

    pub(crate) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Puts a policy in force for tenant `acme`, with this configuration of `limits`.
    pub(crate) async fn activate(&self, daemon: &Daemon, config: &str) -> m::PolicyActivated {
        let operator = self.connect(daemon, "operator").await;
        let signed = self.manifest(config);
        let manifest = signed.digest();
        for (file, digest, bytes) in [
            (m::PolicyFile::Manifest, manifest, signed.encode().unwrap()),
            (
                m::PolicyFile::Component,
                Digest::of(&component()),
                component(),
            ),
        ] {
            push(&operator, file, digest, &bytes).await;
        }
        let list = m::ListPolicies {
            tenant: Some(acme()),
            manifest: Digest::ZERO,
        };
        let list = operator.list_policies(list).await.unwrap();
        let content = Content::Policy {
            action: PolicyAction::Activate,
            manifest,
            replaces: list.state,
            tenant: Some(name("acme")),
        };
        self.approve(&operator, content).await;
        let activate = m::ActivatePolicy {
            tenant: Some(acme()),
            action: m::PolicyChange::Activate,
            manifest,
        };
        operator.activate_policy(activate).await.unwrap()
    }

    fn manifest(&self, config: &str) -> SignedManifest {
        let manifest = Manifest {
            cases: "[]".into(),
            component: Digest::of(&component()),
            config: config.into(),
            config_version: 1,
            deployment: name(DEPLOYMENT),
            environment: name(ENVIRONMENT),
            limits: PolicyLimits::default(),
            name: name("limits"),
            tenant: Some(name("acme")),
        };
        let signature = self.policy_key.sign(&manifest.digest().0).unwrap();
        SignedManifest {
            alg: Algorithm::Ed25519,
            kid: kid(POLICY_KEY),
            manifest,
            signature: Signature::new(signature).unwrap(),
        }
    }

    async fn approve(&self, operator: &Client, content: Content) {
        let found = operator.keyring(m::KeyringRequest {}).await.unwrap();
        let keyring = Keyring::decode(&found.current).unwrap();
        let request = request(&keyring, content, HOUR);
        let asked = m::RequestApproval {
            request: Blob::new(request.encode()).unwrap(),
        };
        let asked = operator.request_approval(asked).await.unwrap();
        for signature in self.approvers.sign(&request) {
            let approve = m::Approve {
                request: asked.digest,
                signature: Blob::new(signature.encode().unwrap()).unwrap(),
            };
            operator.approve(approve).await.unwrap();
        }
    }
}

/// Code of a tenant: it does what `limits` does, and did not come with the daemon.
fn component() -> Vec<u8> {
    let custom_section = [0, 5, 4, b'a', b'c', b'm', b'e'];
    [LIMITS, &custom_section].concat()
}

async fn push(operator: &Client, file: m::PolicyFile, digest: Digest, bytes: &[u8]) {
    let mut offset = 0;
    for part in bytes.chunks(wire::limits::POLICY_CHUNK_BYTES_MAX) {
        let push = m::PushPolicy {
            tenant: Some(acme()),
            file,
            digest,
            total: bytes.len() as u64,
            offset,
            bytes: LongBlob::new(part.to_vec()).unwrap(),
        };
        operator.push_policy(push).await.unwrap();
        offset += part.len() as u64;
    }
}

fn issue(ca: &Ca, stem: &str, uris: &[&str], server: bool) {
    let ask = Ask {
        uris,
        server,
        ..Ask::default()
    };
    ca.issue(stem, &ask);
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn acme() -> TenantName {
    TenantName::parse("acme").unwrap()
}

const HOST_FILE: &str = r#"
profile = "development"
[listen]
address = "ADDRESS"
[tls]
certificate = "host.pem"
key = "host.key"
[daemon]
ca = "internal.pem"
id = "spiffe://internal.test/daemon"
"#;

const FILE: &str = r#"
profile = "development"
[listen]
address = "127.0.0.1:0"
[tls]
certificate = "server.pem"
key = "server.key"
[[client_ca]]
file = "bank.pem"
trust_domain = "bank.test"
tenants = ["acme"]
roles = ["read", "write", "admin"]
[[client_ca]]
file = "platform.pem"
trust_domain = "platform.test"
tenants = []
roles = ["operator"]
[journal]
kind = "embedded"
directory = "journal"
segment_bytes = "16 MiB"
[signing]
deployment = "bank"
environment = "test"
keyring = "keyring.json"
approvers = "approvers.json"
anchor = { directory = "anchor" }
[signing.seal]
kid = "seal-1"
algorithm = "ed25519"
local = { key = "seal.pk8" }
[policy]
POLICY
[policy.host]
address = "ADDRESS"
certificate = "daemon.pem"
key = "daemon.key"
ca = "internal.pem"
id = "spiffe://internal.test/policy-host"
"#;
