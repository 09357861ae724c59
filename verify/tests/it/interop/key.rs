use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use ed25519_dalek::{Signer as _, SigningKey};
use ledger::Digest;
use verify::keyring::NewKey;
use verify::{
    Algorithm, Approver, ApproverSet, Keyring, Kid, Micros, Name, PublicKey, Signature, Usage,
};

use super::scratch::Scratch;
use super::tool::{Verdict, openssl, openssl_bytes};

/// A private key made for one test.
pub(crate) struct Key {
    scratch: Scratch,
    secret: Secret,
    pub(crate) kid: Kid,
    pub(crate) public: PublicKey,
}

enum Secret {
    Ed25519(Box<SigningKey>),
    /// In a file: `openssl` signs.
    Rsa(PathBuf),
}

impl Key {
    pub(crate) fn ed25519() -> Self {
        let mut seed = [0; 32];
        let mut random = File::open("/dev/urandom").unwrap();
        random.read_exact(&mut seed).unwrap();
        let secret = SigningKey::from_bytes(&seed);
        let public = PublicKey::from_ed25519(secret.verifying_key().as_bytes()).unwrap();
        Self::new(
            Scratch::new(),
            "key-ed25519",
            Secret::Ed25519(Box::new(secret)),
            public,
        )
    }

    pub(crate) fn rsa() -> Self {
        let scratch = Scratch::new();
        let path = scratch.path().join("secret.pem");
        let file = path.to_str().unwrap();
        openssl_bytes(&["genpkey", "-quiet", "-algorithm", "RSA", "-out", file]);
        let pem = openssl_bytes(&["pkey", "-pubout", "-in", file]);
        let public = PublicKey::from_spki_pem(&String::from_utf8(pem).unwrap()).unwrap();
        Self::new(scratch, "key-rsa", Secret::Rsa(path), public)
    }

    /// One of each algorithm that can prove something to others.
    pub(crate) fn one_of_each() -> [Self; 2] {
        [Self::ed25519(), Self::rsa()]
    }

    fn new(scratch: Scratch, kid: &str, secret: Secret, public: PublicKey) -> Self {
        scratch.write("public.pem", public.to_spki_pem());
        Self {
            scratch,
            secret,
            kid: Kid::new(kid).unwrap(),
            public,
        }
    }

    /// Where the public key stands.
    pub(crate) fn pem(&self) -> PathBuf {
        self.scratch.path().join("public.pem")
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    pub(crate) fn sign_digest(&self, digest: &Digest) -> Signature {
        let bytes = match &self.secret {
            Secret::Ed25519(key) => key.sign(&digest.0).to_bytes().to_vec(),
            Secret::Rsa(path) => {
                let digest = self.scratch.write("digest", digest.0);
                openssl_bytes(&[
                    "pkeyutl",
                    "-sign",
                    "-pkeyopt",
                    "digest:sha256",
                    "-inkey",
                    path.to_str().unwrap(),
                    "-in",
                    digest.to_str().unwrap(),
                ])
            }
        };
        Signature::new(bytes).unwrap()
    }

    pub(crate) fn sign_note(&self, text: &str) -> Signature {
        match &self.secret {
            Secret::Ed25519(key) => Signature::new(key.sign(text.as_bytes()).to_bytes().to_vec()),
            Secret::Rsa(_) => Some(self.sign_digest(&Digest::of(text.as_bytes()))),
        }
        .unwrap()
    }

    /// What `openssl` says about a signature over a digest.
    pub(crate) fn openssl(&self, digest: &Digest, signature: &Signature) -> Verdict {
        let pem = self.pem();
        let digest = self.scratch.write("digest", digest.0);
        let signature = self.scratch.write("signature", signature.as_bytes());
        let mut words = vec!["pkeyutl", "-verify", "-pubin"];
        match self.algorithm() {
            // The 32 bytes are the message.
            Algorithm::Ed25519 => words.push("-rawin"),
            // The 32 bytes are a SHA-256 already.
            _ => words.extend(["-pkeyopt", "digest:sha256"]),
        }
        words.extend(["-inkey", pem.to_str().unwrap()]);
        words.extend(["-in", digest.to_str().unwrap()]);
        words.extend(["-sigfile", signature.to_str().unwrap()]);
        openssl(&words)
    }
}

/// A keyring in which each key is active for a usage, of deployment and environment of the tests.
pub(crate) fn keyring(keys: &[Key], usage: Usage) -> Keyring {
    let approver = Approver {
        kid: Kid::new("approver").unwrap(),
        name: Name::new("somebody").unwrap(),
        public_key: Key::ed25519().public,
    };
    let approvers = ApproverSet::new(vec![approver], 1).unwrap();
    let (deployment, environment) = (Name::new("example").unwrap(), Name::new("dev").unwrap());
    let empty = Keyring::new(deployment, environment, approvers);
    keys.iter().fold(empty, |keyring, key| {
        let new = NewKey {
            kid: key.kid.clone(),
            public_key: key.public.clone(),
            usage,
            deployed_at: Micros::new(1_700_000_000_000_000).unwrap(),
        };
        let keyring = keyring.with_key(new).unwrap();
        keyring.with_promoted(&key.kid, 1).unwrap()
    })
}
