//! The key of an emergency: nothing but an unexpired approval by the threshold, of this very public
//! key, lets it seal.

use signing::{EmergencyKey as Key, EmergencySigner, Fault, PemKey, Signer, SignerError};
use verify::approval::Expected;
use verify::keyring::{Keyring, State};
use verify::{Approval, Kid, Micros, PublicKey, Usage};

use super::config;
use crate::config::problem::Problem;
use crate::config::signing::{Emergency as Declared, EmergencyKey, Sealing};

/// An emergency that the threshold approved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Emergency {
    /// The key that seals meanwhile.
    pub(crate) kid: Kid,
    /// Its public half.
    pub(crate) public_key: PublicKey,
    /// It seals nothing from then on.
    pub(crate) expires_at: Micros,
    /// Who says so.
    pub(crate) approval: Approval,
}

const AT: &str = "signing.emergency";

/// Connects what the configuration declares, if its approval lets it seal, and has it sign
/// something that means nothing.
pub(super) async fn connect(
    declared: &Declared,
    sealing: &Sealing,
    keyring: &Keyring,
    now: Micros,
) -> Result<(Emergency, Signer), Problem> {
    let kid = declared.key.kid();
    let (key, place) = key(&declared.key)?;
    let bad = |error: SignerError| match error.fault() {
        Fault::NotApproved(why) => {
            let advice = "have the approvers sign a request for this key, with an expiry to come";
            let key = "signing.emergency.approval";
            Problem::of_file(key, &declared.file, why.to_string(), advice)
        }
        _ => config::problem(&place, &error),
    };
    let public_key = match (&declared.public_key, &key) {
        (Some(public_key), _) => public_key.clone(),
        (None, Key::Pem(pem)) => pem.public_key().map_err(bad)?,
        (None, Key::Remote(_)) => return Err(unknown()),
    };
    let is_registered = is_registered(kid, &public_key, keyring)?;
    let expected = Expected {
        approvers: &sealing.approvers,
        keyring: Some(keyring),
        deployment: &sealing.deployment,
        environment: &sealing.environment,
        // Once it is registered, the approval was carried out and the keyring is another.
        state: (!is_registered).then(|| keyring.digest()),
        now: (!is_registered).then_some(now),
    };
    let approval = &declared.approval;
    let connected = EmergencySigner::connect(
        &key,
        kid.clone(),
        public_key.clone(),
        approval,
        &expected,
        now,
    );
    let connected = connected.await.map_err(bad)?;
    let emergency = Emergency {
        kid: kid.clone(),
        public_key,
        expires_at: connected.expires_at(),
        approval: approval.clone(),
    };
    let signer = connected.into_signer();
    signer.self_test().await.map_err(bad)?;
    Ok((emergency, signer))
}

/// Whether the registry has this key, which is then active for seals.
fn is_registered(kid: &Kid, public_key: &PublicKey, keyring: &Keyring) -> Result<bool, Problem> {
    let Some(entry) = keyring.key(kid) else {
        return Ok(false);
    };
    let key = format!("{AT}.kid");
    if entry.public_key != *public_key || entry.usage != Usage::Seal {
        let fault = "the id of another key in the keyring";
        return Err(Problem::of(
            key,
            kid,
            fault,
            "give the key of the emergency an id of its own",
        ));
    }
    if entry.state != State::Active {
        let fault = format!("`{}` in the keyring", entry.state);
        let advice = "a key that is registered is promoted, not declared; give another one";
        return Err(Problem::of(key, kid, fault, advice));
    }
    Ok(true)
}

fn unknown() -> Problem {
    let advice = "name a file with the public key in PEM";
    Problem::missing("signing.emergency.public_key", "missing", advice)
}

fn key(key: &EmergencyKey) -> Result<(Key, String), Problem> {
    let (key, place) = match key {
        EmergencyKey::Deployed(key) => {
            let place = config::deployed_place(key, AT);
            (config::production(key).map(Key::Remote), place)
        }
        EmergencyKey::Private(key) => {
            let pem = PemKey::parse(&key.pem.value.get());
            (pem.map(Key::Pem), key.pem.place(AT))
        }
    };
    let key = key.map_err(|error| config::problem(&place, &error))?;
    Ok((key, place))
}
