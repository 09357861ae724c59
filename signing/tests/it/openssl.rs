//! A second opinion on signatures that shares no code with ours.

use std::path::Path;
use std::process::Command;

use ledger::Digest;
use verify::{Algorithm, PublicKey, Signature};

use crate::tool;

/// Whether OpenSSL accepts a signature over a digest: the message of Ed25519, the hash of RSA.
pub(crate) fn accepts_digest(key: &PublicKey, digest: Digest, signature: &Signature) -> bool {
    accepts(key, &digest.0, signature)
}

/// Whether OpenSSL accepts a signature over a text: the message of Ed25519, hashed for RSA.
pub(crate) fn accepts_note(key: &PublicKey, text: &[u8], signature: &Signature) -> bool {
    match key.algorithm() {
        Algorithm::RsaSha256 => accepts(key, &Digest::of(text).0, signature),
        _ => accepts(key, text, signature),
    }
}

fn accepts(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let pem = write("key.pem", key.to_spki_pem().as_bytes());
    let message = write("message", message);
    let signature = write("signature", signature.as_bytes());
    let mut command = verifier(&pem, &message, &signature);
    match key.algorithm() {
        Algorithm::RsaSha256 => command.args([
            "-pkeyopt",
            "rsa_padding_mode:pkcs1",
            "-pkeyopt",
            "digest:sha256",
        ]),
        _ => command.arg("-rawin"),
    };
    let (is_valid, text) = tool::run(&mut command);
    assert_eq!(is_valid, text.contains("Verified Successfully"), "{text}");
    is_valid
}

fn verifier(pem: &Path, message: &Path, signature: &Path) -> Command {
    let mut command = Command::new(tool::system("openssl"));
    command
        .args(["pkeyutl", "-verify", "-pubin", "-inkey"])
        .arg(pem);
    command
        .arg("-in")
        .arg(message)
        .arg("-sigfile")
        .arg(signature);
    command
}
