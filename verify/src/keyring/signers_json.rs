use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Keyring, State};
use crate::jcs::JcsError;
use crate::key::{Algorithm, Kid, PublicKey, Usage};
use crate::limits::{JSON_BYTES_MAX, KEYS_MAX};

/// The registry in the shape that the verifier of the audit table reads: no states, no ranges, and
/// names of members as they are there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignersJson {
    /// The keys.
    pub signers: Vec<SignerEntry>,
}

/// A key in that shape.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignerEntry {
    /// Id of the key.
    pub signer_kid: Kid,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The key.
    pub public_key_pem: String,
    /// When it came into use.
    #[serde(rename = "deployedAt", default)]
    pub deployed_at: String,
    /// For people.
    #[serde(default)]
    pub description: String,
}

/// Why a file is no list of signers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignersError {
    /// The bytes are not `{"signers":[…]}`.
    NotSigners,
    /// A key id that stands twice.
    Twice(Kid),
    /// The file does not name this key.
    Missing(Kid),
    /// The file has another key under this id.
    AnotherKey(Kid),
}

impl SignersJson {
    /// Every key that signed or signs rows, whatever its state.
    pub fn export(keyring: &Keyring) -> Self {
        let is_exported = |state| state != State::Candidate;
        let keys = keyring.keys();
        let keys = keys.filter(|key| key.usage == Usage::Seal && is_exported(key.state));
        Self {
            signers: keys
                .map(|key| SignerEntry {
                    signer_kid: key.kid.clone(),
                    algorithm: key.public_key.algorithm(),
                    public_key_pem: key.public_key.to_spki_pem(),
                    deployed_at: key.deployed_at.to_string(),
                    description: match (key.revoked, key.valid_to_seq) {
                        (Some(head), _) => format!("seal, revoked, trusted to row {}", head.seq),
                        (None, Some(to)) => format!("seal, {}, to row {to}", key.state),
                        (None, None) => {
                            format!("seal, {}, from row {}", key.state, key.valid_from_seq)
                        }
                    },
                })
                .collect(),
        }
    }

    /// Reads a file. Members that are not known here are let be: the file is not ours.
    ///
    /// # Errors
    /// It has another shape, or a key id stands twice.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignersError> {
        if bytes.len() > JSON_BYTES_MAX {
            return Err(SignersError::NotSigners);
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|_| SignersError::NotSigners)?;
        if file.signers.len() > KEYS_MAX {
            return Err(SignersError::NotSigners);
        }
        let mut kids = BTreeSet::new();
        for signer in &file.signers {
            if !kids.insert(&signer.signer_kid) {
                return Err(SignersError::Twice(signer.signer_kid.clone()));
            }
        }
        Ok(file)
    }

    /// The file, indented, with a line feed at its end.
    ///
    /// # Errors
    /// None for texts.
    pub fn encode(&self) -> Result<Vec<u8>, JcsError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|_| JcsError::NotJson)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Whether the file names this key under this id.
    ///
    /// # Errors
    /// It does not, or has another key there.
    pub fn check(&self, kid: &Kid, public_key: &PublicKey) -> Result<(), SignersError> {
        let signer = self.signers.iter().find(|signer| signer.signer_kid == *kid);
        let signer = signer.ok_or_else(|| SignersError::Missing(kid.clone()))?;
        let is_same = PublicKey::from_spki_pem(signer.public_key_pem.trim())
            .is_ok_and(|key| key == *public_key)
            && signer.algorithm == public_key.algorithm();
        if is_same {
            Ok(())
        } else {
            Err(SignersError::AnotherKey(kid.clone()))
        }
    }
}

impl fmt::Display for SignersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigners => f.write_str("not a list of signers: write `{\"signers\":[…]}`"),
            Self::Twice(kid) => write!(f, "signer `{kid}` stands twice"),
            Self::Missing(kid) => write!(f, "signer `{kid}` is not listed: publish it first"),
            Self::AnotherKey(kid) => write!(f, "signer `{kid}` is listed with another key"),
        }
    }
}

impl std::error::Error for SignersError {}
