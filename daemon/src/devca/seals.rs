//! Keys of seals, checkpoints, bundles and policies for development, and the one developer who
//! approves them.
//!
//! They outlive the authority of certificates: the chain of seals in the journal was signed by
//! them.

use std::path::Path;

use ledger::Digest;
use secrecy::ExposeSecret as _;
use signing::{LocalDev, Signer, SignerConfig};
use verify::approval::{ApprovalSignature, Content, Expected, Nonce, Request};
use verify::keyring::NewKey;
use verify::{
    Algorithm, Approval, Approver, ApproverSet, Keyring, Kid, Micros, Name, Signature,
    SignedKeyring, Usage,
};

use super::error::DevError;
use super::folder::Folder;
use super::mark;
use crate::config::files::{self, TEXT_BYTES_MAX};

/// The signed keyring, for whoever verifies.
pub(crate) const KEYRING: &str = "keyring.json";
/// Who approves, as the configuration lists it.
pub(crate) const APPROVERS: &str = "approvers.json";
/// Name of the deployment.
pub(crate) const DEPLOYMENT: &str = "dev";
/// Name of its environment.
pub(crate) const ENVIRONMENT: &str = "development";
/// Endings of key files: others than those that a new authority clears.
const ENDING: &str = "pk8";
const APPROVER: (&str, &str, &str) = ("approver", "dev-approver-1", "developer");
/// An approval of development does not run out: nothing is done on it again.
const APPROVAL_MICROS: u64 = 3_600 * 1_000_000;

/// A key of development: the stem of its file, its id and what it signs.
pub(crate) const KEYS: [(&str, &str, Usage); 4] = [
    ("seal", "dev-seal-1", Usage::Seal),
    ("checkpoint", "dev-checkpoint-1", Usage::Checkpoint),
    ("bundle", "dev-bundle-1", Usage::Bundle),
    ("policy", "dev-policy-1", Usage::Policy),
];

/// Sees that the keys are there, with a keyring that the developer approved.
///
/// # Errors
/// A file cannot be read or written, or a key not be made.
pub(crate) fn open_or_make(folder: &Folder, now: Micros) -> Result<(), DevError> {
    let (stem, kid, name) = APPROVER;
    let approver = key(folder, stem)?;
    let keys = KEYS.map(|(stem, ..)| key(folder, stem));
    let [seal, checkpoint, bundle, policy] = keys;
    let keys = [seal?, checkpoint?, bundle?, policy?];
    let set = ApproverSet::new(
        vec![Approver {
            kid: self::kid(kid)?,
            name: self::name(name)?,
            public_key: approver.public_key()?,
        }],
        1,
    )
    .map_err(DevError::keyring)?;
    if is_approved(&folder.file(KEYRING), &set, &keys) {
        return Ok(());
    }
    folder.write(APPROVERS, &list(&set))?;
    let mut keyring = Keyring::new(self::name(DEPLOYMENT)?, self::name(ENVIRONMENT)?, set);
    for ((_, kid, usage), key) in KEYS.iter().zip(&keys) {
        let kid = self::kid(kid)?;
        let new = NewKey {
            kid: kid.clone(),
            public_key: key.public_key()?,
            usage: *usage,
            deployed_at: now,
        };
        let with_key = keyring.with_key(new).map_err(DevError::keyring)?;
        keyring = with_key.with_promoted(&kid, 1).map_err(DevError::keyring)?;
    }
    let signed = approve(keyring, &approver, now)?;
    let bytes = signed.encode().map_err(DevError::keyring)?;
    folder.write(KEYRING, &String::from_utf8_lossy(&bytes))
}

/// Whether a keyring is there that the approver signed, with these keys.
fn is_approved(file: &Path, set: &ApproverSet, keys: &[LocalDev; 4]) -> bool {
    let signed = files::read(file, TEXT_BYTES_MAX)
        .ok()
        .and_then(|bytes| SignedKeyring::decode(&bytes).ok());
    let Some(keyring) = signed.and_then(|signed| signed.verify(set).ok()) else {
        return false;
    };
    KEYS.iter().zip(keys).all(|((_, kid, _), key)| {
        let entry = Kid::new(kid).ok().and_then(|kid| keyring.key(&kid));
        entry.is_some_and(|entry| key.public_key().is_ok_and(|held| held == entry.public_key))
    })
}

/// The key in a file of this stem, made if there is none.
fn key(folder: &Folder, stem: &str) -> Result<LocalDev, DevError> {
    let name = format!("{stem}.{ENDING}");
    let file = folder.file(&name);
    if !file.exists() {
        let key = LocalDev::generate()?;
        folder.write(&name, &mark::key_file(key.to_pkcs8_pem()?.expose_secret()))?;
        return Ok(key);
    }
    let unreadable = || DevError::NoSealKey(file.clone());
    let bytes = files::read_secret(&file, TEXT_BYTES_MAX).map_err(|_| unreadable())?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable())?;
    LocalDev::from_pkcs8_pem(&text).map_err(|_| unreadable())
}

fn approve(keyring: Keyring, approver: &LocalDev, now: Micros) -> Result<SignedKeyring, DevError> {
    let (_, kid, name) = APPROVER;
    let mut nonce = Nonce([0; 16]);
    getrandom::fill(&mut nonce.0).map_err(|error| DevError::keyring(error.to_string()))?;
    let request = Request {
        content: Content::Keyring {
            keyring: keyring.digest(),
            serial: keyring.serial(),
        },
        environment: keyring.environment().clone(),
        expires_at: Micros::new(now.get() + APPROVAL_MICROS).unwrap_or(Micros::MAX),
        nonce,
        origin: keyring.deployment().clone(),
        requested_at: now,
        requested_by: self::kid("ledgerd-dev")?,
        state: keyring.digest(),
    };
    let signature = ApprovalSignature {
        signer: self::name(name)?,
        kid: self::kid(kid)?,
        alg: Algorithm::Ed25519,
        signature: sign(approver, request.digest())?,
    };
    let mut approval = Approval::new(request, 1);
    let expected = Expected::of(&keyring, now);
    approval
        .add(signature, &expected)
        .map_err(DevError::keyring)?;
    Ok(SignedKeyring {
        keyring,
        approval,
        revocations: Vec::new(),
    })
}

/// Signs as the development daemon's own keys do, with the signature verified.
fn sign(approver: &LocalDev, digest: Digest) -> Result<Signature, DevError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(DevError::keyring)?;
    let (_, kid, _) = APPROVER;
    let (kid, public_key) = (self::kid(kid)?, approver.public_key()?);
    let config = SignerConfig::LocalDev(approver.clone());
    let signed = runtime.block_on(async {
        let signer = Signer::connect(&config, kid, public_key).await?;
        signer.sign_digest(digest).await
    });
    Ok(signed?)
}

fn list(set: &ApproverSet) -> String {
    let listed: Vec<_> = set
        .iter()
        .map(|approver| {
            serde_json::json!({
                "kid": approver.kid,
                "name": approver.name,
                "algorithm": approver.public_key.algorithm(),
                "public_key_pem": approver.public_key.to_spki_pem(),
            })
        })
        .collect();
    let list = serde_json::json!({ "threshold": set.threshold(), "keys": listed });
    format!("{list:#}\n")
}

fn kid(text: &str) -> Result<Kid, DevError> {
    Kid::new(text).map_err(DevError::keyring)
}

fn name(text: &str) -> Result<Name, DevError> {
    Name::new(text).map_err(DevError::keyring)
}
