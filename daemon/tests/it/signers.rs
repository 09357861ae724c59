//! Who approves and signs in tests: keys, keyrings and approvals, made at run time.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{KeyPair, PKCS_ED25519, SigningKey as _};
use serde_json::json;
use verify::approval::{ApprovalSignature, Content, Expected, Nonce, Request};
use verify::keyring::{NewKey, SignersJson};
use verify::{
    Algorithm, Approval, Approver, ApproverSet, Keyring, Kid, Micros, Name, PublicKey, Signature,
    SignedKeyring, Usage,
};

/// Approvers of deployment `bank` in environment `production`, and its first keyring.
pub(crate) struct Approvers {
    keys: Vec<KeyPair>,
    set: ApproverSet,
    keyring: Keyring,
}

impl Approvers {
    /// Makes so many approvers.
    pub(crate) fn make(threshold: usize, count: usize) -> Self {
        let keys: Vec<KeyPair> = (0..count).map(|_| ed25519()).collect();
        let approver = |(at, key): (usize, &KeyPair)| Approver {
            kid: kid(&format!("approver-{at}")),
            name: name(&format!("person-{at}")),
            public_key: public(key),
        };
        let approvers = keys.iter().enumerate().map(approver).collect();
        let set = ApproverSet::new(approvers, threshold).unwrap();
        let keyring = Keyring::new(name("bank"), name("production"), set.clone());
        Self { keys, set, keyring }
    }

    /// The same of another deployment and environment.
    pub(crate) fn of(mut self, deployment: &str, environment: &str) -> Self {
        self.keyring = Keyring::new(name(deployment), name(environment), self.set.clone());
        self
    }

    /// Registers an active key.
    pub(crate) fn register(&mut self, id: &str, usage: Usage, key: &PublicKey) {
        self.candidate(id, usage, key);
        self.keyring = self.keyring.with_promoted(&kid(id), 1).unwrap();
    }

    /// Registers a key that is not active yet.
    pub(crate) fn candidate(&mut self, id: &str, usage: Usage, key: &PublicKey) {
        let new = NewKey {
            kid: kid(id),
            public_key: key.clone(),
            usage,
            deployed_at: now(),
        };
        self.keyring = self.keyring.with_key(new).unwrap();
    }

    /// The keyring as it stands.
    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Who approves.
    pub(crate) fn set(&self) -> &ApproverSet {
        &self.set
    }

    /// The approvers as the configuration lists them.
    pub(crate) fn list(&self) -> String {
        let listed: Vec<_> = self
            .set
            .iter()
            .map(|approver| {
                json!({
                    "kid": approver.kid,
                    "name": approver.name,
                    "algorithm": approver.public_key.algorithm(),
                    "public_key_pem": approver.public_key.to_spki_pem(),
                })
            })
            .collect();
        json!({ "threshold": self.set.threshold(), "keys": listed }).to_string()
    }

    /// The keyring with the approval of as many approvers as are needed.
    pub(crate) fn signed(&self) -> Vec<u8> {
        let content = Content::Keyring {
            keyring: self.keyring.digest(),
            serial: self.keyring.serial(),
        };
        let signed = SignedKeyring {
            approval: self.approve(content, Duration::from_secs(3_600)),
            keyring: self.keyring.clone(),
            revocations: Vec::new(),
        };
        signed.encode().unwrap()
    }

    /// The list of signers that others verify by.
    pub(crate) fn kernel_signers(&self) -> Vec<u8> {
        SignersJson::export(&self.keyring).encode().unwrap()
    }

    /// Writes `approvers.json`, `keyring.json` and `signers.json` to `directory`.
    pub(crate) fn write(&self, directory: &Path) {
        fs::write(directory.join("approvers.json"), self.list()).unwrap();
        fs::write(directory.join("keyring.json"), self.signed()).unwrap();
        fs::write(directory.join("signers.json"), self.kernel_signers()).unwrap();
    }

    /// An approval of `content` by as many approvers as are needed, that lasts for `lasts`.
    pub(crate) fn approve(&self, content: Content, lasts: Duration) -> Approval {
        let keyring = &self.keyring;
        let mut approval = Approval::new(request(keyring, content, lasts), self.set.threshold());
        for signature in self.sign(approval.request()) {
            let expected = Expected::of(keyring, now());
            approval.add(signature, &expected).unwrap();
        }
        approval
    }

    /// Signatures of `request` by as many approvers as are needed.
    pub(crate) fn sign(&self, request: &Request) -> Vec<ApprovalSignature> {
        let digest = request.digest();
        let signed = |(at, key): (usize, &KeyPair)| ApprovalSignature {
            signer: name(&format!("person-{at}")),
            kid: kid(&format!("approver-{at}")),
            alg: Algorithm::Ed25519,
            signature: Signature::new(key.sign(&digest.0).unwrap()).unwrap(),
        };
        let keys = self.keys.iter().enumerate();
        keys.take(self.set.threshold()).map(signed).collect()
    }
}

/// A request by somebody who is no approver, while the keyring is `keyring`.
pub(crate) fn request(keyring: &Keyring, content: Content, lasts: Duration) -> Request {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).unwrap();
    Request {
        content,
        environment: keyring.environment().clone(),
        expires_at: later(lasts),
        nonce: Nonce(nonce),
        origin: keyring.deployment().clone(),
        requested_at: now(),
        requested_by: kid("somebody-else"),
        state: keyring.digest(),
    }
}

/// A new key.
pub(crate) fn ed25519() -> KeyPair {
    KeyPair::generate_for(&PKCS_ED25519).unwrap()
}

/// Its public half.
pub(crate) fn public(key: &KeyPair) -> PublicKey {
    PublicKey::from_spki_pem(&key.public_key_pem()).unwrap()
}

/// Writes a file that only its owner may open.
pub(crate) fn secret(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// So long from now on.
pub(crate) fn later(by: Duration) -> Micros {
    Micros::new(now().get() + u64::try_from(by.as_micros()).unwrap()).unwrap()
}

/// A key id.
pub(crate) fn kid(text: &str) -> Kid {
    Kid::new(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Micros::new(u64::try_from(since.as_micros()).unwrap()).unwrap()
}
