//! The key that seals while the regular one cannot: a type of its own, which nothing but an
//! approval by the threshold makes usable.

use std::path::{Path, PathBuf};

use verify::{Algorithm, Approval, Kid, PublicKey};

use super::algorithm::PublicAlgorithm;
use super::approval;
use super::key::{self, DeployedKey, Key, LocalKey, SpokenKey};
use super::raw::{RawEmergency, RawKey};
use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::config::problem::{Problem, Problems};
use crate::config::secret::Secret;
use crate::config::source::Sourced;
use crate::devca::mark;

/// The key that seals while the regular one cannot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Emergency {
    /// The approval of its public key, with an expiry.
    pub(crate) approval: Approval,
    /// Where it was read.
    pub(crate) file: PathBuf,
    /// The public half of the key; none, where the private one shows it.
    pub(crate) public_key: Option<PublicKey>,
    /// The key.
    pub(crate) key: EmergencyKey,
}

/// A key that may seal in an emergency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum EmergencyKey {
    /// One of KMS or a signing proxy.
    Deployed(DeployedKey),
    /// `AUDIT_SIGNING_PRIVATE_KEY`
    Private(LocalKey),
}

const KEY: &str = "signing.emergency";
const PUBLIC_KEY: &str = "signing.emergency.public_key";

impl Emergency {
    /// Checks the section; relative paths start at `base`.
    pub(super) fn check(
        raw: RawEmergency,
        private: Option<Sourced<Secret>>,
        is_production: bool,
        base: &Path,
        problems: &mut Problems,
    ) -> Option<Self> {
        let file = base.join(&raw.approval);
        let approval = problems.keep(approval::read("signing.emergency.approval", &file));
        let public_key = raw.public_key.as_ref().map(|file| public(&base.join(file)));
        let public_key = problems.keep(public_key.transpose());
        let is_deployed = raw.kms.is_some() || raw.proxy.is_some();
        let key = match (is_deployed, private) {
            (true, Some(private)) => {
                let place = private.place(KEY);
                let advice = format!("keep {place} or the table of `{KEY}`: one key seals");
                let fault = format!("contradicts `{KEY}`, which names another signer");
                problems.push(Problem::missing(place, fault, advice));
                return None;
            }
            (true, None) if raw.public_key.is_none() => {
                let fault = "missing; the approval names the public key, which is not in the file";
                let advice = "name a file with the public key in PEM";
                problems.push(Problem::missing(PUBLIC_KEY, fault, advice));
                return None;
            }
            (true, None) => {
                let raw = RawKey {
                    kid: raw.kid,
                    algorithm: Some(raw.algorithm),
                    kms: raw.kms,
                    proxy: raw.proxy,
                    pkcs11: None,
                    local: None,
                    hmac: None,
                };
                let spoken = SpokenKey::default();
                let key = Key::check(raw, KEY, spoken, is_production, base, problems)?;
                EmergencyKey::Deployed(problems.keep(DeployedKey::of(key, KEY))?)
            }
            (false, Some(pem)) => {
                EmergencyKey::Private(problems.keep(private_key(&raw, pem, is_production))?)
            }
            (false, None) => {
                let advice = "add `[signing.emergency.kms]` or `[signing.emergency.proxy]`, or set \
                              AUDIT_SIGNING_PRIVATE_KEY_FILE";
                problems.push(Problem::missing(KEY, "names no key", advice));
                return None;
            }
        };
        Some(Self {
            approval: approval?,
            file,
            public_key: public_key?,
            key,
        })
    }
}

impl EmergencyKey {
    /// What its place is called.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Deployed(key) => key.place.kind(),
            Self::Private(_) => "private key",
        }
    }

    /// Its id.
    pub(crate) const fn kid(&self) -> &Kid {
        match self {
            Self::Deployed(key) => &key.kid,
            Self::Private(key) => &key.kid,
        }
    }
}

fn public(file: &Path) -> Result<PublicKey, Problem> {
    let problem = |fault: String, advice: String| Problem::of_file(PUBLIC_KEY, file, fault, advice);
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| problem(fault.to_string(), fault.advice(file)))?;
    let text = String::from_utf8_lossy(&bytes);
    PublicKey::from_spki_pem(&text).map_err(|error| {
        let advice = "give a public key in PEM: BEGIN PUBLIC KEY";
        problem(error.to_string(), advice.into())
    })
}

fn private_key(
    raw: &RawEmergency,
    pem: Sourced<Secret>,
    is_production: bool,
) -> Result<LocalKey, Problem> {
    if is_production && mark::is_in_key(pem.value.expose().as_bytes()) {
        let fault = "made for development and not accepted in profile `production`";
        let advice = "use the key that the approvers approved";
        return Err(Problem::missing(pem.place(KEY), fault, advice));
    }
    let algorithm = Algorithm::from_text(&raw.algorithm);
    let algorithm = algorithm.and_then(PublicAlgorithm::of).ok_or_else(|| {
        let advice = "give `ed25519` or `rsa-sha256`, as the key is";
        let key = format!("{KEY}.algorithm");
        Problem::of(key, &raw.algorithm, "not accepted for this key", advice)
    })?;
    Ok(LocalKey {
        kid: key::kid(&raw.kid, KEY)?,
        algorithm: Sourced::file(algorithm),
        pem,
    })
}
