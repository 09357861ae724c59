use std::process::Command;

use ledger::Digest;
use secrecy::SecretString;
use signing::{Hmac, Registered, Signer, SignerConfig};

use crate::keys::kid;
use crate::tool;

#[tokio::test]
async fn openssl_computes_the_same_code() {
    let secret = "a shared secret for continuous integration";
    let config = SignerConfig::Hmac(Hmac::new(&SecretString::from(secret)).unwrap());
    let signer = Signer::connect(&config, kid("ci"), Registered::Shared)
        .await
        .unwrap();
    signer.self_test().await.unwrap();
    let digest = Digest::of(b"a row");
    let code = signer.sign_digest(digest).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("digest");
    std::fs::write(&file, digest.0).unwrap();
    let mut command = Command::new(tool::system("openssl"));
    command.args(["dgst", "-sha256", "-hmac", secret]).arg(file);
    let (has_run, text) = tool::run(&mut command);
    assert!(has_run, "{text}");
    let expected = verify::hex::encode(code.as_bytes());
    assert!(text.trim().ends_with(&expected), "{text}");
}
