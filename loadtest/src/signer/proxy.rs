//! A signing proxy as a child process, and what it is told to do wrong.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use reqwest::{Certificate, StatusCode};

use super::keys;
use super::{Outage, ProxyPlan};
use crate::binary;
use crate::daemon::forward;
use crate::outcome::Outcome;

const NAME: &str = "ledgerd-signing-proxy";
/// How the line begins that says that the proxy takes connections.
const READY: &str = "ledgerd-signing-proxy ready address=";
const READY_LIMIT: Duration = Duration::from_secs(30);
/// How long the proxy may take to change what goes wrong.
const CHANGE_LIMIT: Duration = Duration::from_secs(10);
/// Nothing is signed.
const DOWN: &str = "error=1";

/// A running proxy. Dropping it kills it.
#[derive(Debug)]
pub struct Proxy {
    child: Child,
    url: String,
    folder: PathBuf,
    keyring: PathBuf,
    plan: ProxyPlan,
}

/// Changes what goes wrong in a proxy.
#[derive(Clone, Debug)]
pub struct Control {
    client: reqwest::Client,
    url: String,
    api_key: String,
    faults: Vec<String>,
}

impl Proxy {
    /// Starts a proxy with its keys in `folder`, which nobody else uses, and waits until it is
    /// ready. Nothing goes wrong yet: a daemon tests its signer when it starts.
    ///
    /// # Errors
    /// There is no program, or it does not become ready.
    pub fn start(plan: &ProxyPlan, folder: &Path, release: bool) -> Outcome<Self> {
        let binary = binary::find(NAME, plan.program.as_deref(), release)?;
        let log = folder.with_extension("log");
        let mut child = Command::new(&binary)
            .args(["dev", "--tls", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .map_err(|error| format!("cannot start `{}`: {error}", binary.display()))?;
        let output = child.stdout.take().ok_or("the proxy has no output")?;
        let mut proxy = Self {
            child,
            url: String::new(),
            keyring: folder.join("loadtest-keyring.json"),
            folder: folder.to_owned(),
            plan: plan.clone(),
        };
        let lines = forward(output);
        let limit = Instant::now() + READY_LIMIT;
        while proxy.url.is_empty() {
            match lines.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(READY) {
                        let address = rest.split(' ').next().unwrap_or(rest);
                        proxy.url = format!("https://{address}");
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err(not_ready("is not ready", &log)),
                Err(RecvTimeoutError::Disconnected) => return Err(not_ready("ended", &log)),
            }
        }
        keys::write_keyring(&proxy.folder, &proxy.keyring)?;
        Ok(proxy)
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder with its keys and certificates.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A keyring with its keys.
    pub fn keyring(&self) -> &Path {
        &self.keyring
    }

    /// The number of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What changes its faults.
    ///
    /// # Errors
    /// Its certificate or API key cannot be read.
    pub fn control(&self) -> Outcome<Control> {
        let ca = std::fs::read(self.folder.join("ca.pem"))?;
        let client = reqwest::Client::builder()
            .tls_certs_only([Certificate::from_pem(&ca)?])
            .no_proxy()
            .timeout(CHANGE_LIMIT)
            .build()?;
        let mut api_key = String::new();
        File::open(self.folder.join("api-key"))?.read_to_string(&mut api_key)?;
        Ok(Control {
            client,
            url: format!("{}/faults", self.url),
            api_key: api_key.trim().to_owned(),
            faults: self.plan.faults.clone(),
        })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Control {
    /// Has the proxy do wrong what the plan says, from now on.
    ///
    /// # Errors
    /// It does not.
    pub async fn begin(&self) -> Outcome<()> {
        if self.faults.is_empty() {
            return Ok(());
        }
        self.set(&self.faults).await
    }

    /// Takes the key away and gives it back.
    ///
    /// # Errors
    /// The proxy does not do it.
    pub async fn outage(&self, start: Instant, outage: Outage) -> Outcome<()> {
        tokio::time::sleep_until((start + outage.after).into()).await;
        let mut faults = self.faults.clone();
        faults.push(DOWN.to_owned());
        self.set(&faults).await?;
        tokio::time::sleep_until((start + outage.after + outage.lasts).into()).await;
        self.set(&self.faults).await
    }

    async fn set(&self, faults: &[String]) -> Outcome<()> {
        let body = serde_json::json!({ "faults": faults }).to_string();
        let request = self.client.post(&self.url).bearer_auth(&self.api_key);
        let answer = request.body(body).send().await?;
        match answer.status() {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => Err(format!(
                "this `{NAME}` does not fail when it is told to; build one that does with {}",
                binary::build_command(NAME)
            )
            .into()),
            status => {
                let text = answer.text().await.unwrap_or_default();
                Err(format!("the signing proxy answered with {status}: {text}").into())
            }
        }
    }
}

fn not_ready(what: &str, log: &Path) -> Box<dyn std::error::Error + Send + Sync> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    format!("the signing proxy {what}\n{}", text.trim_end()).into()
}
