//! Keys: which there are, what each may sign, and where it is held.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use verify::{Algorithm, Kid, PublicKey, Usage};

use super::files::{self, TEXT_BYTES_MAX};
use super::problem::{Problem, Problems};
use super::provenance::Provenance;
use super::raw::{RawKey, RawKms, RawLocal, RawPkcs11};
use crate::mark;

/// A key, before anybody has asked it.
#[derive(Debug)]
pub(crate) struct Key {
    /// Where it stands in the configuration.
    pub(crate) at: usize,
    /// Its id.
    pub(crate) kid: Kid,
    /// The one thing that it may sign.
    pub(crate) usage: Usage,
    /// What its signatures are checked with.
    pub(crate) public: PublicKey,
    /// Since when it is in use, as others are told.
    pub(crate) deployed_at: String,
    /// What others are told about it.
    pub(crate) description: String,
    /// Where it is held.
    pub(crate) held: Held,
}

/// Where a key is held.
#[derive(Debug)]
pub(crate) enum Held {
    /// In AWS KMS.
    Kms {
        /// Id, ARN or alias.
        key_id: String,
        /// Region; the SDK's own choice unless given.
        region: Option<String>,
        /// Another address than that of the region.
        endpoint: Option<String>,
    },
    /// In a PKCS#11 token.
    Pkcs11 {
        /// Shared library of its maker.
        module: PathBuf,
        /// Label of the token.
        token: String,
        /// Label of the key.
        label: String,
        /// PIN of the user.
        pin: SecretString,
    },
    /// In a file, for development alone.
    Local {
        /// PKCS#8 PEM.
        pem: SecretString,
    },
}

impl Key {
    /// Checks all of them.
    pub(crate) fn check_all(raw: Vec<RawKey>, base: &Path, problems: &mut Problems) -> Vec<Self> {
        if raw.is_empty() {
            problems.push(Problem {
                key: "key".into(),
                value: None,
                fault: "no key is given, so that nothing could be signed".into(),
                advice: "add a `[[key]]` that is held in KMS or in a PKCS#11 token".into(),
            });
        }
        let (mut kids, mut fingerprints) = (BTreeSet::new(), BTreeSet::new());
        let mut keys = Vec::with_capacity(raw.len());
        for (at, raw) in raw.into_iter().enumerate() {
            let Some(key) = Self::check(raw, at, base, problems) else {
                continue;
            };
            if !kids.insert(key.kid.clone()) {
                let advice = "give each key an id of its own";
                let place = format!("key[{at}].kid");
                problems.push(Problem::of(place, &key.kid, "is used before", advice));
            }
            if !fingerprints.insert(key.public.fingerprint()) {
                let advice = "a key has one usage and one id: make another key";
                let (place, kid) = (format!("key[{at}].public_key"), &key.kid);
                problems.push(Problem::of(place, kid, "is that of a key before", advice));
            }
            keys.push(key);
        }
        keys
    }

    fn check(raw: RawKey, at: usize, base: &Path, problems: &mut Problems) -> Option<Self> {
        let place = |part: &str| format!("key[{at}].{part}");
        let kid = problems.keep(Kid::new(&raw.kid).map_err(|error| {
            let advice = "give it an id that fits, the same that the registry has";
            Problem::of(place("kid"), &raw.kid, error.to_string(), advice)
        }));
        let usage = problems.keep(Usage::from_text(&raw.usage).ok_or_else(|| {
            let known: Vec<&str> = Usage::ALL.iter().map(|usage| usage.text()).collect();
            let advice = format!("use one of: {}", known.join(", "));
            Problem::of(place("usage"), &raw.usage, "unknown usage", advice)
        }));
        let algorithm = problems.keep(algorithm(&raw.algorithm, place("algorithm")));
        let file = base.join(&raw.public_key);
        let public = problems.keep(public(&file, place("public_key")));
        if let (Some(public), Some(algorithm)) = (&public, algorithm)
            && public.algorithm() != algorithm
        {
            let fault = format!("the public key is one of `{}`", public.algorithm());
            let advice = "name the algorithm of the key, or its own public key";
            problems.push(Problem::of(place("algorithm"), algorithm, fault, advice));
        }
        if !is_time(&raw.deployed_at) {
            let advice = "give a time such as `2025-11-01T00:00:00Z`";
            let key = place("deployed_at");
            problems.push(Problem::of(key, &raw.deployed_at, "not a time", advice));
        }
        let held = match (raw.kms, raw.pkcs11, raw.local) {
            (Some(kms), None, None) => problems.keep(kms_key(kms, &place("kms"))),
            (None, Some(token), None) => problems.keep(pkcs11_key(token, base, &place("pkcs11"))),
            (None, None, Some(local)) => problems.keep(local_key(&local, base, &place("local"))),
            _ => {
                problems.push(Problem::of(
                    format!("key[{at}]"),
                    &raw.kid,
                    "needs exactly one place where it is held",
                    "give one of `kms` and `pkcs11`; `local` is for development alone",
                ));
                None
            }
        };
        algorithm?;
        Some(Self {
            at,
            kid: kid?,
            usage: usage?,
            public: public?,
            deployed_at: raw.deployed_at,
            description: raw.description.unwrap_or_default(),
            held: held?,
        })
    }

    /// The key in the configuration that says where it is held.
    pub(crate) fn place(&self) -> String {
        let part = match &self.held {
            Held::Kms { .. } => "kms",
            Held::Pkcs11 { .. } => "pkcs11",
            Held::Local { .. } => "local",
        };
        format!("key[{}].{part}", self.at)
    }
}

impl Provenance for Key {
    fn development_mark(&self) -> Option<&'static str> {
        matches!(self.held, Held::Local { .. }).then_some("local")
    }
}

fn algorithm(text: &str, key: String) -> Result<Algorithm, Problem> {
    let advice = "use `ed25519` or `rsa-sha256`";
    match Algorithm::from_text(text) {
        Some(Algorithm::HmacSha256) => {
            let fault = "proves nothing to others, and is not held here";
            Err(Problem::of(key, text, fault, advice))
        }
        Some(algorithm) => Ok(algorithm),
        None => Err(Problem::of(key, text, "unknown algorithm", advice)),
    }
}

fn public(file: &Path, key: String) -> Result<PublicKey, Problem> {
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| Problem::of_file(&key, file, fault.to_string(), fault.advice(file)))?;
    PublicKey::from_spki_pem(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        let advice = "give the public key of this key in PEM, as KMS or the token tells it";
        Problem::of_file(key, file, error.to_string(), advice)
    })
}

/// `2025-11-01T00:00:00Z`, with or without a fraction.
fn is_time(text: &str) -> bool {
    let Some(whole) = text.strip_suffix('Z') else {
        return false;
    };
    let (seconds, fraction) = whole.split_once('.').unwrap_or((whole, "0"));
    let is_fraction = (1..=6).contains(&fraction.len());
    is_fraction
        && format!("{seconds}.{fraction:0<6}Z")
            .parse::<verify::Micros>()
            .is_ok()
}

fn kms_key(raw: RawKms, key: &str) -> Result<Held, Problem> {
    if raw.key_id.is_empty() {
        let advice = "give the key's id, ARN or alias";
        let place = format!("{key}.key_id");
        return Err(Problem::of(place, &raw.key_id, "names no key", advice));
    }
    Ok(Held::Kms {
        key_id: raw.key_id,
        region: raw.region,
        endpoint: raw.endpoint,
    })
}

fn pkcs11_key(raw: RawPkcs11, base: &Path, key: &str) -> Result<Held, Problem> {
    for (part, value) in [("token", &raw.token), ("label", &raw.label)] {
        if value.is_empty() {
            let place = format!("{key}.{part}");
            return Err(Problem::of(place, value, "names nothing", "give its label"));
        }
    }
    Ok(Held::Pkcs11 {
        module: base.join(raw.module),
        token: raw.token,
        label: raw.label,
        pin: secret(&base.join(raw.pin_file), &format!("{key}.pin_file"))?,
    })
}

fn local_key(raw: &RawLocal, base: &Path, key: &str) -> Result<Held, Problem> {
    let pem = secret(&base.join(&raw.file), &format!("{key}.file"))?;
    Ok(Held::Local { pem })
}

fn secret(file: &Path, key: &str) -> Result<SecretString, Problem> {
    let bad = |fault: String, advice: String| Problem::of_file(key, file, fault, advice);
    let bytes = files::read_secret(file, TEXT_BYTES_MAX)
        .map_err(|fault| bad(fault.to_string(), fault.advice(file)))?;
    let text =
        String::from_utf8(bytes).map_err(|_| bad("not UTF-8".into(), "write it as text".into()))?;
    // The mark of development is a comment, which readers of PEM need not know.
    let without_mark = text.strip_prefix(&mark::key_file("")).unwrap_or(&text);
    Ok(SecretString::from(without_mark.trim_end().to_owned()))
}
