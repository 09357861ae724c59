//! What holds keys in tests: a double of KMS that other programs agree with, and a token of
//! SoftHSM2. A test without its program fails: it has shown nothing.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use verify::{PublicKey, base64};

use super::bank::{Bank, SealKey};
use crate::harness::PATIENCE;

const REGION: &str = "eu-central-1";
const TOKEN: &str = "ledger";

/// A double of AWS KMS; it ends with this value.
pub(super) struct Ministack {
    process: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Ministack {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let python = target.join("tools/ministack/bin/python");
        // A port that is free now may be taken by another test before it is bound.
        for _ in 0..5 {
            let port = free_port();
            let process = Command::new(&python)
                .args(["-m", "ministack"])
                .current_dir(folder.path())
                .env("BIND_HOST", "127.0.0.1")
                .env("GATEWAY_PORT", port.to_string())
                .env("SERVICES", "kms")
                .env("IOT_MTLS_ENABLED", "0")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let mut process = process.unwrap_or_else(|error| {
                let python = python.display();
                panic!("`{python}`: {error}: `cargo xtask test` installs it")
            });
            if comes_up(&mut process, port) {
                return Self {
                    process,
                    url: format!("http://127.0.0.1:{port}"),
                    _folder: folder,
                };
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("ministack does not start");
    }

    /// A new key of this spec, which signs and verifies.
    pub(super) async fn key(&self, kid: &'static str, spec: &str) -> SealKey {
        let asked = json!({ "KeySpec": spec, "KeyUsage": "SIGN_VERIFY" });
        let made = self.ask("CreateKey", &asked).await;
        let id = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
        let found = self.ask("GetPublicKey", &json!({ "KeyId": id })).await;
        let der = base64::decode(found["PublicKey"].as_str().unwrap()).unwrap();
        let url = &self.url;
        SealKey {
            kid,
            public_key: PublicKey::from_spki_der(&der).unwrap(),
            place: format!(
                "kms = {{ key_id = \"{id}\", region = \"{REGION}\", endpoint = \"{url}\" }}"
            ),
        }
    }

    async fn ask(&self, operation: &str, body: &Value) -> Value {
        let client = Client::builder().no_proxy().timeout(PATIENCE);
        let answer = client.build().unwrap().post(&self.url).json(body);
        let answer = answer
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{operation}"))
            .header(
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential=test/20250101/{REGION}/kms/aws4_request, \
                     SignedHeaders=host, Signature=00"
                ),
            );
        let answer = answer.send().await.unwrap();
        assert!(answer.status().is_success(), "{operation}: {answer:?}");
        answer.json().await.unwrap()
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn comes_up(process: &mut Child, port: u16) -> bool {
    let limit = Instant::now() + PATIENCE;
    while Instant::now() < limit {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Makes a token of SoftHSM2 in the folder of `bank` with an Ed25519 key on it, which the daemon
/// finds by its environment.
pub(super) fn token(bank: &mut Bank, kid: &'static str) -> SealKey {
    let tokens = bank.file("tokens");
    fs::create_dir(&tokens).unwrap();
    let tokens = tokens.display();
    let text = format!("directories.tokendir = {tokens}\nobjectstore.backend = file\n");
    bank.write("softhsm2.conf", &text);
    let conf = bank.file("softhsm2.conf");
    let pin = fs::read_to_string(bank.file("pin")).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let output = command.args(arguments).env("SOFTHSM2_CONF", &conf).output();
        let output = output.unwrap_or_else(|error| panic!("install `{program}`: {error}"));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {text}");
    };
    let (private, public) = (bank.file("hsm.secret"), bank.file("hsm.pub"));
    let (private, public) = (private.to_str().unwrap(), public.to_str().unwrap());
    run(
        "softhsm2-util",
        &[
            "--init-token",
            "--free",
            "--label",
            TOKEN,
            "--so-pin",
            "5678",
            "--pin",
            &pin,
        ],
    );
    run(
        "openssl",
        &["genpkey", "-algorithm", "ed25519", "-out", private],
    );
    run(
        "openssl",
        &["pkey", "-in", private, "-pubout", "-out", public],
    );
    run(
        "softhsm2-util",
        &[
            "--import", private, "--token", TOKEN, "--label", kid, "--id", "01", "--pin", &pin,
        ],
    );
    fs::remove_file(private).unwrap();
    bank.set("SOFTHSM2_CONF", conf.to_str().unwrap().to_owned());
    let module = module();
    let module = module.display();
    SealKey {
        kid,
        public_key: PublicKey::from_spki_pem(&fs::read_to_string(public).unwrap()).unwrap(),
        place: format!(
            "pkcs11 = {{ module = \"{module}\", token = \"{TOKEN}\", key_label = \"{kid}\", \
             pin_file = \"pin\" }}"
        ),
    }
}

fn module() -> PathBuf {
    let paths = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    ];
    let found = paths.into_iter().map(PathBuf::from).find(|p| p.exists());
    found.unwrap_or_else(|| panic!("none of {paths:?} is there: install softhsm2"))
}
