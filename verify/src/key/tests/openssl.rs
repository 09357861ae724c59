//! Keys and signatures of a foreign program.

use std::path::Path;
use std::process::Command;

use ledger::Digest;
use tempfile::TempDir;

use crate::{PublicKey, Signature};

/// An RSA key pair that `openssl` made, which signs for us too.
pub(crate) struct RsaKey {
    pub(crate) folder: TempDir,
}

impl RsaKey {
    pub(crate) fn generate(bits: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bits = format!("rsa_keygen_bits:{bits}");
        let arguments = [
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            &bits,
            "-out",
            "key",
        ];
        openssl(folder.path(), &arguments);
        openssl(
            folder.path(),
            &["pkey", "-in", "key", "-pubout", "-out", "pub"],
        );
        Self { folder }
    }

    pub(crate) fn pem(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("pub")).unwrap()
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey::from_spki_pem(&self.pem()).unwrap()
    }

    /// What a KMS answers to `Sign` with `MessageType` `DIGEST`.
    pub(crate) fn sign_digest(&self, digest: &Digest) -> Signature {
        std::fs::write(self.folder.path().join("digest"), digest.0).unwrap();
        let arguments = [
            "pkeyutl",
            "-sign",
            "-inkey",
            "key",
            "-in",
            "digest",
            "-out",
            "signature",
            "-pkeyopt",
            "rsa_padding_mode:pkcs1",
            "-pkeyopt",
            "digest:sha256",
        ];
        openssl(self.folder.path(), &arguments);
        Signature::new(std::fs::read(self.folder.path().join("signature")).unwrap()).unwrap()
    }
}

/// Runs `openssl` in `folder`.
pub(crate) fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {complaint}"
    );
}
