//! A double of AWS KMS whose signatures OpenSSL accepts, as a process on loopback.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_kms::Client;
use aws_sdk_kms::config::Credentials;
use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use secrecy::SecretString;
use signing::{KmsConfig, KmsCredentials, Patience};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use verify::PublicKey;

use crate::tool;

const REGION: &str = "eu-central-1";
const START: Duration = Duration::from_secs(30);

/// A running process, which ends with this value.
pub(crate) struct Ministack {
    process: Child,
    url: String,
    _folder: TempDir,
}

impl Ministack {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let python = tool::pinned("ministack/bin/python");
        // A port that is free now may be taken by another test before it is bound.
        for _ in 0..5 {
            let port = free_port();
            let mut process = Command::new(&python)
                .args(["-m", "ministack"])
                .current_dir(folder.path())
                .env("BIND_HOST", "127.0.0.1")
                .env("GATEWAY_PORT", port.to_string())
                .env("SERVICES", "kms")
                .env("IOT_MTLS_ENABLED", "0")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            if comes_up(&mut process, port).await {
                return Self {
                    process,
                    url: format!("http://127.0.0.1:{port}"),
                    _folder: folder,
                };
            }
        }
        panic!("ministack does not start");
    }

    pub(crate) async fn stop(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// A new key of this kind, and its id.
    pub(crate) async fn create(&self, spec: KeySpec, usage: KeyUsageType) -> String {
        let client = self.client().await;
        let created = client.create_key().key_spec(spec).key_usage(usage).send();
        let created = created.await.unwrap();
        created.key_metadata().unwrap().key_id().to_owned()
    }

    pub(crate) async fn disable(&self, key_id: &str) {
        let client = self.client().await;
        client.disable_key().key_id(key_id).send().await.unwrap();
    }

    pub(crate) async fn public(&self, key_id: &str) -> PublicKey {
        let client = self.client().await;
        let answer = client.get_public_key().key_id(key_id).send().await.unwrap();
        PublicKey::from_spki_der(answer.public_key().unwrap().as_ref()).unwrap()
    }

    pub(crate) fn config(&self, key_id: &str) -> KmsConfig {
        config(&self.url, key_id, Patience::default())
    }

    async fn client(&self) -> Client {
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .endpoint_url(&self.url)
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .load()
            .await;
        Client::new(&config)
    }
}

/// A key of a double at `url`.
pub(crate) fn config(url: &str, key_id: &str, patience: Patience) -> KmsConfig {
    KmsConfig {
        key_id: key_id.into(),
        region: Some(REGION.into()),
        endpoint_url: Some(url.into()),
        credentials: KmsCredentials::Fixed {
            access_key_id: "test".into(),
            secret_access_key: SecretString::from("test"),
            session_token: None,
        },
        patience,
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

async fn comes_up(process: &mut Child, port: u16) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < START {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        let connected = timeout(START, TcpStream::connect(("127.0.0.1", port))).await;
        if matches!(connected, Ok(Ok(_))) {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}
