use ledger::Digest;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Manifest, ManifestError, ManifestFault};
use crate::jcs;
use crate::key::{Algorithm, BadSignature, Kid, Signature, Usage};
use crate::keyring::{KeyEntry, Keyring, State};
use crate::limits::SIGNED_MANIFEST_BYTES_MAX;

/// A manifest and the signature of a policy key over its digest. SHA-256 of its bytes is its name
/// wherever it is spoken of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedManifest {
    /// How it is signed.
    pub alg: Algorithm,
    /// The key that signed.
    pub kid: Kid,
    /// What was signed.
    pub manifest: Manifest,
    /// The signature over the digest of the manifest.
    pub signature: Signature,
}

/// The members of the file, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    alg: Algorithm,
    kid: Kid,
    manifest: Box<RawValue>,
    signature: Signature,
}

impl SignedManifest {
    /// The canonical bytes.
    ///
    /// # Errors
    /// None for texts and numbers.
    pub fn encode(&self) -> Result<Vec<u8>, ManifestError> {
        let manifest = String::from_utf8(self.manifest.encode())
            .ok()
            .and_then(|text| RawValue::from_string(text).ok())
            .ok_or(ManifestError::NotAManifest)?;
        let fields = Fields {
            alg: self.alg,
            kid: self.kid.clone(),
            manifest,
            signature: self.signature.clone(),
        };
        serde_json::to_vec(&fields).map_err(|_| ManifestError::NotSigned)
    }

    /// Name of the signed manifest: SHA-256 of its canonical bytes.
    pub fn digest(&self) -> Digest {
        // Texts and numbers can be written.
        Digest::of(&self.encode().unwrap_or_default())
    }

    /// Reads canonical bytes. Nothing in them is trusted yet.
    ///
    /// # Errors
    /// They are no signed manifest, another spelling of one, or beyond a limit.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > SIGNED_MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLong(bytes.len()));
        }
        jcs::parse_canonical(bytes)?;
        let fields: Fields = serde_json::from_slice(bytes).map_err(|_| ManifestError::NotSigned)?;
        let signed = Self {
            alg: fields.alg,
            kid: fields.kid,
            manifest: Manifest::decode(fields.manifest.get().as_bytes())?,
            signature: fields.signature,
        };
        if signed.encode()? == bytes {
            Ok(signed)
        } else {
            Err(ManifestError::NotCanonical)
        }
    }

    /// Whether it may be put in force under `keyring`: it is for its deployment and environment,
    /// and a policy key that signs signed it.
    ///
    /// # Errors
    /// It may not.
    pub fn verify(&self, keyring: &Keyring) -> Result<(), ManifestFault> {
        let key = self.key(keyring)?;
        let kid = || self.kid.clone();
        match key.state {
            State::Active | State::Retiring => {}
            State::Candidate => return Err(ManifestFault::Candidate(kid())),
            State::Retired => return Err(ManifestFault::Retired(kid())),
            State::Revoked => return Err(ManifestFault::Revoked(kid())),
        }
        self.verify_by(key)
    }

    /// Whether it was put in force rightly, as a row says that it was: its key may have stopped
    /// signing since. The state that the key is in now.
    ///
    /// # Errors
    /// It was not.
    pub fn verify_recorded(&self, keyring: &Keyring) -> Result<State, ManifestFault> {
        let key = self.key(keyring)?;
        self.verify_by(key)?;
        Ok(key.state)
    }

    /// The key, if it is one of policies and the manifest is for where it is registered.
    fn key<'a>(&self, keyring: &'a Keyring) -> Result<&'a KeyEntry, ManifestFault> {
        let manifest = &self.manifest;
        if manifest.deployment != *keyring.deployment() {
            return Err(ManifestFault::Deployment(manifest.deployment.clone()));
        }
        if manifest.environment != *keyring.environment() {
            return Err(ManifestFault::Environment(manifest.environment.clone()));
        }
        let kid = self.kid.clone();
        let Some(key) = keyring.key(&kid) else {
            return Err(if keyring.approvers().get(&kid).is_some() {
                let is = Usage::Approval;
                ManifestFault::Usage { kid, is }
            } else {
                ManifestFault::Unknown(kid)
            });
        };
        if key.usage != Usage::Policy {
            let is = key.usage;
            return Err(ManifestFault::Usage { kid, is });
        }
        Ok(key)
    }

    fn verify_by(&self, key: &KeyEntry) -> Result<(), ManifestFault> {
        // The algorithm is that of the registry; what the file says is only compared with it.
        if key.public_key.algorithm() != self.alg {
            return Err(ManifestFault::Algorithm {
                kid: self.kid.clone(),
                claimed: self.alg,
            });
        }
        key.public_key
            .verify_digest(&self.manifest.digest(), &self.signature)
            .map_err(|BadSignature| ManifestFault::Signature(self.kid.clone()))
    }
}
