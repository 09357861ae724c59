//! The key of an emergency: nothing but an unexpired approval by the threshold, of this very public
//! key, lets it seal.

use std::path::Path;

use signing::signer::Registered;
use signing::{LocalDev, Signer, SignerConfig};
use verify::approval::{Content, Expected};
use verify::keyring::{KeyEntry, Keyring, State};
use verify::{Approval, Kid, Micros, PublicKey, Usage};

use super::config::{self, Wanted};
use super::{Emergency, registered};
use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::config::problem::Problem;
use crate::config::signing::{Emergency as Declared, EmergencyKey, Sealing};

const AT: &str = "signing.emergency";
const APPROVAL: &str = "signing.emergency.approval";

/// A key that is approved, as it is to be connected.
pub(super) struct Approved {
    kid: Kid,
    public_key: PublicKey,
    wanted: Wanted,
    place: String,
}

/// Checks the approval of what the configuration declares.
pub(super) fn check(
    declared: &Declared,
    sealing: &Sealing,
    keyring: &Keyring,
    now: Micros,
) -> Result<(Emergency, Approved), Problem> {
    let kid = declared.key.kid();
    let states = [State::Candidate, State::Active];
    let entry = registered::entry(kid, AT, Usage::Seal, &states, keyring)?;
    let file = &declared.approval;
    let approval = read(file)?;
    let refused = |fault: String| {
        let advice = "have the approvers sign a request for this key, with an expiry to come";
        Err(Problem::of_file(APPROVAL, file, fault, advice))
    };
    let expected = Expected {
        approvers: &sealing.approvers,
        keyring: Some(keyring),
        deployment: &sealing.deployment,
        environment: &sealing.environment,
        // Once the key is active, the approval was carried out and the keyring is another.
        state: (entry.state != State::Active).then(|| keyring.digest()),
        now: Some(now),
    };
    if let Err(fault) = approval.check(&expected) {
        return refused(fault.to_string());
    }
    let Content::Emergency {
        expires_at,
        kid: approved,
        public_key,
    } = &approval.request().content
    else {
        return refused("approves something else than a key of an emergency".into());
    };
    if approved != kid || *public_key != entry.public_key.fingerprint() {
        return refused(format!("approves key `{approved}`, not this one"));
    }
    if *expires_at <= now {
        return refused(format!("the emergency ended at `{expires_at}`"));
    }
    let emergency = Emergency {
        kid: kid.clone(),
        expires_at: *expires_at,
    };
    Ok((emergency, approved_key(&declared.key, entry)?))
}

/// Connects the key and has it sign something that means nothing.
pub(super) async fn connect(approved: Approved) -> Result<Signer, Problem> {
    let Approved {
        kid,
        public_key,
        wanted,
        place,
    } = approved;
    let signer = wanted.connect(kid, Registered::Public(public_key)).await;
    let signer = signer.map_err(|error| config::problem(&place, &error))?;
    let tested = signer.self_test().await;
    tested.map_err(|error| config::problem(&place, &error))?;
    Ok(signer)
}

fn read(file: &Path) -> Result<Approval, Problem> {
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| Problem::of_file(APPROVAL, file, fault.to_string(), fault.advice(file)))?;
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Approval::decode(text).map_err(|error| {
        let advice = "name the file that `ledgerctl approve` wrote";
        Problem::of_file(APPROVAL, file, error.to_string(), advice)
    })
}

fn approved_key(key: &EmergencyKey, entry: &KeyEntry) -> Result<Approved, Problem> {
    let (wanted, place) = match key {
        EmergencyKey::Deployed(key) => {
            let place = config::deployed_place(key, AT);
            (config::deployed(key), place)
        }
        EmergencyKey::Private(key) => {
            let local = LocalDev::from_pkcs8_pem(key.pem.value.expose());
            let wanted = local.map(|key| Wanted::Development(SignerConfig::LocalDev(key)));
            (wanted, key.pem.place(AT))
        }
    };
    Ok(Approved {
        kid: entry.kid.clone(),
        public_key: entry.public_key.clone(),
        wanted: wanted.map_err(|error| config::problem(&place, &error))?,
        place,
    })
}
