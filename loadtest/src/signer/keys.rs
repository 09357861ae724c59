//! Keys that a proxy of our own signs with, as verifiers need them: a keyring that one approver
//! signed, whose key is made on the way and forgotten.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer as _, SigningKey};
use verify::approval::{ApprovalSignature, Content, Expected, Nonce, Request};
use verify::keyring::NewKey;
use verify::{
    Algorithm, Approval, Approver, ApproverSet, Keyring, Kid, Micros, Name, PublicKey, Signature,
    SignedKeyring, Usage,
};

use crate::outcome::Outcome;

/// The chain that is sealed.
pub(super) const DEPLOYMENT: &str = "dev";
pub(super) const ENVIRONMENT: &str = "development";
/// Usages of the keys; a proxy calls each `dev-` and the usage.
pub(super) const USAGES: [(&str, Usage); 3] = [
    ("seal", Usage::Seal),
    ("checkpoint", Usage::Checkpoint),
    ("bundle", Usage::Bundle),
];
/// Who approves, as the configuration of a daemon lists it, beside the keyring.
pub(super) const APPROVERS_FILE: &str = "loadtest-approvers.json";
const APPROVER: (&str, &str) = ("loadtest-approver", "loadtest");
const REQUESTER: &str = "ledgerd-loadtest";
/// An approval of a load test does not run out.
const APPROVAL_MICROS: u64 = 3_600 * 1_000_000;

/// Writes a keyring with the keys of the proxy whose public keys lie in `folder`, approved, and
/// beside it the list of who approves.
///
/// # Errors
/// A key cannot be read, or the file not be written.
pub fn write_keyring(folder: &Path, file: &Path) -> Outcome<()> {
    let approver = new_key()?;
    let (kid, name) = APPROVER;
    let set = vec![Approver {
        kid: Kid::new(kid)?,
        name: Name::new(name)?,
        public_key: public_key(&approver)?,
    }];
    let set = ApproverSet::new(set, 1)?;
    let now = now()?;
    let mut keyring = Keyring::new(Name::new(DEPLOYMENT)?, Name::new(ENVIRONMENT)?, set);
    for (usage_name, usage) in USAGES {
        let kid = Kid::new(&format!("dev-{usage_name}"))?;
        let path = folder.join(format!("{kid}.pub"));
        let pem = std::fs::read_to_string(&path);
        let pem = pem.map_err(|error| format!("`{}`: {error}", path.display()))?;
        let new = NewKey {
            kid: kid.clone(),
            public_key: PublicKey::from_spki_pem(&pem)?,
            usage,
            deployed_at: now,
        };
        keyring = keyring.with_key(new)?.with_promoted(&kid, 1)?;
    }
    let list = serde_json::json!({
        "threshold": 1,
        "keys": [{
            "kid": kid,
            "name": name,
            "algorithm": Algorithm::Ed25519,
            "public_key_pem": public_key(&approver)?.to_spki_pem(),
        }],
    });
    std::fs::write(file.with_file_name(APPROVERS_FILE), list.to_string())?;
    let signed = approve(keyring, &approver, now)?;
    std::fs::write(file, signed.encode()?)?;
    Ok(())
}

/// Reads a signed keyring and trusts the approvers that it names: what they vouch for is ours to
/// measure, not to rely on.
///
/// # Errors
/// It cannot be read, or is not approved.
pub fn read_keyring(file: &Path) -> Outcome<Keyring> {
    let named = |error: &dyn std::fmt::Display| format!("`{}`: {error}", file.display());
    let bytes = std::fs::read(file).map_err(|error| named(&error))?;
    let signed = SignedKeyring::decode(&bytes).map_err(|error| named(&error))?;
    let keyring = signed.verify(signed.keyring.approvers());
    Ok(keyring.map_err(|error| named(&error))?)
}

fn approve(keyring: Keyring, approver: &SigningKey, now: Micros) -> Outcome<SignedKeyring> {
    let mut nonce = Nonce([0; 16]);
    getrandom::fill(&mut nonce.0).map_err(|error| error.to_string())?;
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
        requested_by: Kid::new(REQUESTER)?,
        state: keyring.digest(),
    };
    let signature = approver.sign(&request.digest().0).to_bytes().to_vec();
    let (kid, name) = APPROVER;
    let signature = ApprovalSignature {
        signer: Name::new(name)?,
        kid: Kid::new(kid)?,
        alg: Algorithm::Ed25519,
        signature: Signature::new(signature).ok_or("a signature of no bytes")?,
    };
    let mut approval = Approval::new(request, 1);
    approval.add(signature, &Expected::of(&keyring, now))?;
    Ok(SignedKeyring {
        keyring,
        approval,
        revocations: Vec::new(),
    })
}

/// A key from the system's randomness.
pub(super) fn new_key() -> Outcome<SigningKey> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| error.to_string())?;
    Ok(SigningKey::from_bytes(&seed))
}

/// The public key of `key`.
pub(super) fn public_key(key: &SigningKey) -> Outcome<PublicKey> {
    Ok(PublicKey::from_ed25519(&key.verifying_key().to_bytes())?)
}

fn now() -> Outcome<Micros> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let micros = u64::try_from(since.as_micros())?;
    Micros::new(micros).ok_or_else(|| "the clock shows no time that is known".into())
}
