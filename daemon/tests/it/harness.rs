//! One daemon for a test: started on a directory of its own, stopped, killed, started again.

pub(crate) mod fold;
pub(crate) mod process;
pub(crate) mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use client::{ClientConfig, Credentials, certificates_from_pem};

use crate::pki::{Ask, Ca};
use process::Daemon;

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A directory with authorities, a configuration and a journal.
pub(crate) struct Place {
    directory: tempfile::TempDir,
    bank: Ca,
    platform: Ca,
    /// Lines of the configuration's `[limits]`.
    limits: String,
    /// Certificates issued so far, as DER bytes, by name.
    issued: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with_limits("")
    }

    /// A place whose configuration has these lines in `[limits]`.
    pub(crate) fn with_limits(limits: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let bank = Ca::make(path, "bank");
        let platform = Ca::make(path, "platform");
        bank.revoke(&[]);
        let server = Ask {
            server: true,
            ..Ask::default()
        };
        bank.issue("server", &server);
        fs::write(path.join("deny.list"), "").unwrap();
        let place = Self {
            directory,
            bank,
            platform,
            limits: limits.to_owned(),
            issued: RefCell::default(),
        };
        fs::write(place.file("ledgerd.toml"), place.configuration()).unwrap();
        place
    }

    fn configuration(&self) -> String {
        format!(
            r#"
profile = "development"
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
tenants = ["*"]
roles = ["read", "write", "admin"]
[[client_ca]]
file = "platform.pem"
trust_domain = "platform.test"
tenants = []
roles = ["operator", "billing", "auditor"]
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://platform.test/platform/role/auditor"
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://platform.test/platform/role/billing/holder/scoped"
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://platform.test/platform/role/operator/holder/scoped"
scopes = ["operator:cross-tenant-read"]
[journal]
kind = "embedded"
directory = "journal"
segment_bytes = "16 MiB"
[limits]
{}
"#,
            self.limits
        )
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Starts the daemon and waits until it is ready.
    pub(crate) fn start(&self) -> Daemon {
        self.start_with(&[])
    }

    /// As [`Place::start`], with these variables in its environment.
    pub(crate) fn start_with(&self, environment: &[(&str, &str)]) -> Daemon {
        let file = self.file("ledgerd.toml");
        let mut run = crate::daemon::command(&["run", "--config", file.to_str().unwrap()]);
        run.envs(environment.iter().copied());
        Daemon::start(run, &self.file("log"))
    }

    /// What the daemon has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap()
    }

    /// Has the daemon read its configuration and lists again.
    pub(crate) fn reload(&self, daemon: &Daemon) {
        daemon.signal(rustix::process::Signal::HUP);
    }

    /// The authority that vouches for tenants.
    pub(crate) fn bank(&self) -> &Ca {
        &self.bank
    }

    /// How `name` connects to `daemon`: a role of the platform, or tenant and role with `-` between
    /// them; in both cases another holder of the same after a `.`. Of the platform, `auditor`,
    /// `billing.scoped` and `operator.scoped` read across tenants. Its certificate is issued when
    /// it is first asked for.
    pub(crate) fn config(&self, name: &str, daemon: SocketAddr) -> ClientConfig {
        if !self.issued.borrow().contains_key(name) {
            let (who, holder) = match name.split_once('.') {
                Some((who, holder)) => (who, format!("/holder/{holder}")),
                None => (name, String::new()),
            };
            let der = match who.rsplit_once('-') {
                Some((tenant, role)) => {
                    let id = format!("spiffe://bank.test/tenant/{tenant}/role/{role}{holder}");
                    issue(&self.bank, name, &id)
                }
                None => {
                    let id = format!("spiffe://platform.test/platform/role/{who}{holder}");
                    issue(&self.platform, name, &id)
                }
            };
            self.issued.borrow_mut().insert(name.to_owned(), der);
        }
        self.connection(name, daemon)
    }

    /// How the holder of the certificate in `STEM.pem` connects.
    pub(crate) fn connection(&self, stem: &str, daemon: SocketAddr) -> ClientConfig {
        connection(self.directory.path(), "bank.pem", stem, daemon)
    }

    /// The certificate of `name`, which was issued before, as DER bytes.
    pub(crate) fn certificate(&self, name: &str) -> Vec<u8> {
        self.issued.borrow()[name].clone()
    }
}

fn issue(ca: &Ca, stem: &str, id: &str) -> Vec<u8> {
    let ask = Ask {
        uris: &[id],
        ..Ask::default()
    };
    ca.issue(stem, &ask)
}

/// How the holder of `STEM.pem` in `folder` connects to a daemon that `root` vouches for.
pub(crate) fn connection(
    folder: &Path,
    root: &str,
    stem: &str,
    daemon: SocketAddr,
) -> ClientConfig {
    let read = |name: String| fs::read(folder.join(name)).unwrap();
    let roots = certificates_from_pem(&read(root.to_owned())).unwrap();
    let credentials =
        Credentials::from_pem(&read(format!("{stem}.pem")), &read(format!("{stem}.key"))).unwrap();
    let mut config = ClientConfig::new(daemon, "localhost", roots, credentials);
    config.deadline = PATIENCE;
    config
}

/// Asks again and again until `what` has come true, which `is_true` says.
pub(crate) async fn until(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !is_true().await {
        assert!(Instant::now() < limit, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
