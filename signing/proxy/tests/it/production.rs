//! Production as it is deployed: keys in a token, mutual TLS, and the ledger's own client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Method;
use secrecy::SecretString;
use signing::{
    Anchored, Fault, Patience, ProductionSigner, ProxyConfig, ProxyIdentity, SealRequest, Signer,
};
use verify::{Algorithm, Kid, PublicKey, Signature};

use ledger::Digest;

use crate::harness::process::Proxy;
use crate::harness::rows::{self, Row};
use crate::harness::{As, Place};
use crate::pki::write_private;

const PIN: &str = "1234";

/// A token of SoftHSM2 in a folder of its own.
struct Token {
    module: PathBuf,
    conf: PathBuf,
}

impl Token {
    fn make(folder: &Path) -> Self {
        let tokens = folder.join("tokens");
        fs::create_dir(&tokens).unwrap();
        let conf = folder.join("softhsm2.conf");
        let tokens = tokens.display();
        let text = format!("directories.tokendir = {tokens}\nobjectstore.backend = file\n");
        fs::write(&conf, text).unwrap();
        let module = [
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib64/pkcs11/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        ];
        let module = module
            .into_iter()
            .map(PathBuf::from)
            .find(|path| path.exists());
        let made = Self {
            module: module.expect("install softhsm2"),
            conf,
        };
        let free = [
            "--init-token",
            "--free",
            "--label",
            "ledger",
            "--so-pin",
            "5678",
        ];
        made.run("softhsm2-util", &[&free[..], &["--pin", PIN]].concat());
        write_private(&folder.join("pin"), PIN);
        made
    }

    /// Makes a key at run time, puts it into the token, and gives its section.
    fn key(&self, folder: &Path, kid: &str, usage: &str, algorithm: &[&str]) -> String {
        let (secret, public) = (format!("{kid}.secret"), format!("{kid}.pub"));
        let (secret, at) = (folder.join(secret), folder.join(&public));
        let (secret, at) = (secret.to_str().unwrap(), at.to_str().unwrap());
        self.run(
            "openssl",
            &[&["genpkey", "-out", secret, "-algorithm"], algorithm].concat(),
        );
        self.run("openssl", &["pkey", "-in", secret, "-pubout", "-out", at]);
        let id = kid
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        let named = [
            "--import", secret, "--token", "ledger", "--label", kid, "--id", &id,
        ];
        self.run("softhsm2-util", &[&named[..], &["--pin", PIN]].concat());
        fs::remove_file(secret).unwrap();
        let pem = fs::read_to_string(at).unwrap();
        let algorithm = PublicKey::from_spki_pem(&pem).unwrap().algorithm();
        let module = self.module.display();
        format!(
            "[[key]]\nkid = \"{kid}\"\nusage = \"{usage}\"\nalgorithm = \"{algorithm}\"\n\
             public_key = \"{public}\"\ndeployed_at = \"2025-11-01T00:00:00Z\"\n\
             [key.pkcs11]\nmodule = \"{module}\"\ntoken = \"ledger\"\nlabel = \"{kid}\"\n\
             pin_file = \"pin\"\n"
        )
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        let output = command
            .args(arguments)
            .env("SOFTHSM2_CONF", &self.conf)
            .output();
        let output = output.unwrap_or_else(|error| panic!("install {program}: {error}"));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {text}");
    }

    fn start(&self, place: &Place) -> Proxy {
        let file = place.file("proxy.toml");
        let mut run = crate::daemon::command(&["run", "--config", file.to_str().unwrap()]);
        run.env("SOFTHSM2_CONF", &self.conf)
            .env("NODE_ENV", "production");
        Proxy::start(run, &place.file("log"))
    }
}

async fn signer(place: &Place, proxy: &Proxy, kid: &str) -> Signer {
    let read = |name: &str| fs::read_to_string(place.file(name)).unwrap();
    let config = ProxyConfig {
        url: format!("https://localhost:{}", proxy.address().port()).into(),
        ca_pem: Some(read("clients.pem").into()),
        identity: ProxyIdentity::MutualTls {
            chain_pem: read("ledger.pem").into(),
            key_pem: SecretString::from(read("ledger.key")),
        },
        patience: Patience::default(),
    };
    let config = ProductionSigner::proxy(config).unwrap();
    config
        .connect(Kid::new(kid).unwrap(), place.public(kid))
        .await
        .unwrap()
}

fn request(row: &Row) -> SealRequest<'_> {
    SealRequest {
        canonical: row.canonical.as_bytes(),
        prev: row.prev,
        digest: row.digest,
    }
}

/// One that does not know the ledger's code says the same.
fn openssl_verifies(place: &Place, kid: &str, digest: Digest, signature: &Signature) {
    let write = |name: &str, bytes: &[u8]| {
        let path = place.file(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (message, signed) = (
        write("message", &digest.0),
        write("signed", signature.as_bytes()),
    );
    let key = place.file(&format!("{kid}.pub"));
    let mut verify = Command::new("openssl");
    verify
        .args(["pkeyutl", "-verify", "-pubin", "-inkey"])
        .arg(key);
    verify.args(["-in", &message, "-sigfile", &signed]);
    match place.public(kid).algorithm() {
        Algorithm::Ed25519 => verify.arg("-rawin"),
        _ => verify.args(["-pkeyopt", "digest:sha256"]),
    };
    let output = verify.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("Verified Successfully"),
        "{text}"
    );
}

#[tokio::test]
async fn keys_in_a_token_sign_for_the_ledgers_own_client() {
    let place = Place::without_api_keys(&[], "");
    place.replace("profile = \"development\"\n", "");
    let folder = place.file("");
    let token = Token::make(&folder);
    let rsa: &[&str] = &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    for (kid, usage, algorithm) in [
        ("seal-ed", "seal", &["ED25519"][..]),
        ("seal-rsa", "seal", rsa),
        ("note-ed", "checkpoint", &["ED25519"]),
        ("approver", "approval", rsa),
        ("bundle-ed", "bundle", &["ED25519"]),
    ] {
        place.append(&token.key(&folder, kid, usage, algorithm));
    }
    let proxy = token.start(&place);

    // Rows of one chain by two keys, as while one gives way to the other.
    let mut prev = None;
    for (seq, kid) in (1..).zip(["seal-ed", "seal-rsa", "seal-ed"]) {
        let signer = signer(&place, &proxy, kid).await;
        signer.self_test().await.unwrap();
        let mut payload = rows::seal(kid, seq, prev, 0);
        payload.alg = signer.algorithm();
        let row = rows::row(&payload);
        let signature = signer.sign_seal(request(&row)).await.unwrap();
        openssl_verifies(&place, kid, row.digest, &signature);
        let Anchored::Head(head) = signer.anchor("bank/test").await.unwrap() else {
            panic!("no anchor");
        };
        assert_eq!((head.seq, head.digest), (seq, row.digest));
        let mut other = payload.clone();
        other.lease = 2;
        let refused = signer
            .sign_seal(request(&rows::row(&other)))
            .await
            .unwrap_err();
        assert!(
            matches!(refused.fault(), Fault::Equivocation(_)),
            "{refused}"
        );
        prev = Some(row.digest);
    }
    let note = format!("bank/test/1/7\n5\n{}\n", verify::base64::encode(&[1; 32]));
    let signer_of_notes = signer(&place, &proxy, "note-ed").await;
    signer_of_notes.sign_note(note.as_bytes()).await.unwrap();
    let approver = signer(&place, &proxy, "approver").await;
    let asked = br#"{"kind":"approval_request","v":1}"#;
    let signature = approver.sign_canonical(asked).await.unwrap();
    openssl_verifies(&place, "approver", Digest::of(asked), &signature);
    let rows = Digest::of(b"the rows of a ledger proof");
    let bundle = signer(&place, &proxy, "bundle-ed").await;
    let signature = bundle.sign_digest(rows).await.unwrap();
    openssl_verifies(&place, "bundle-ed", rows, &signature);
    let elsewhere = signer(&place, &proxy, "seal-ed")
        .await
        .anchor("bank/live")
        .await;
    assert_eq!(elsewhere.unwrap(), Anchored::Nothing);

    // What production leaves out.
    let blind = approver.sign_digest(Digest::of(b"x")).await.unwrap_err();
    assert!(blind.to_string().contains("signed blindly"), "{blind}");
    let client = place.client(&proxy, As::Certificate("ledger"));
    let faults = client
        .request(Method::POST, "/faults")
        .body(r#"{"faults":["error=1"]}"#);
    assert_eq!(faults.send().await.unwrap().status().as_u16(), 404);
    proxy.stop();
}
