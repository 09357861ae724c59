use serde::{Deserialize, Serialize};

use super::{KeyringError, State};
use crate::chain_head::ChainHead;
use crate::key::{Algorithm, Kid, PublicKey, Usage};
use crate::serde_hex::Hex;
use crate::time::Micros;

/// A key, and how far it is trusted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyEntry {
    /// Id of the key.
    pub kid: Kid,
    /// The key.
    pub public_key: PublicKey,
    /// What it signs.
    pub usage: Usage,
    /// Where it stands in its life.
    pub state: State,
    /// When it came into the registry.
    pub deployed_at: Micros,
    /// First row of the chain from which on it counts; 0 for a candidate.
    pub valid_from_seq: u64,
    /// Last row of the chain up to which it counts, once it is retired.
    pub valid_to_seq: Option<u64>,
    /// The head up to which it counts, once it is revoked.
    pub revoked: Option<ChainHead>,
}

/// The members of a key in JSON, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    algorithm: Algorithm,
    deployed_at: Micros,
    kid: Kid,
    public_key_pem: String,
    revoked: Option<Revoked>,
    state: State,
    usage: Usage,
    valid_from_seq: u64,
    valid_to_seq: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    trusted_digest: Hex<32>,
    trusted_seq: u64,
}

impl KeyEntry {
    /// Whether state, range and revocation agree.
    pub(super) fn check(&self) -> Result<(), KeyringError> {
        let (from, to) = (self.valid_from_seq, self.valid_to_seq);
        let is_range = from > 0 && to.is_none_or(|to| to >= from);
        let agrees = match self.state {
            State::Candidate => from == 0 && to.is_none(),
            State::Active | State::Retiring => is_range && to.is_none(),
            State::Retired => is_range && to.is_some(),
            State::Revoked => is_range || (from == 0 && to.is_none()),
        };
        let is_revoked = self.state == State::Revoked;
        if !agrees || self.revoked.is_some() != is_revoked {
            return Err(KeyringError::Contradiction(self.kid.clone()));
        }
        // Approvers stand in a list of their own.
        if self.usage == Usage::Approval {
            return Err(KeyringError::Usage(self.kid.clone()));
        }
        Ok(())
    }
}

impl From<&KeyEntry> for Fields {
    fn from(key: &KeyEntry) -> Self {
        Self {
            algorithm: key.public_key.algorithm(),
            deployed_at: key.deployed_at,
            kid: key.kid.clone(),
            public_key_pem: key.public_key.to_spki_pem(),
            revoked: key.revoked.map(|trusted| Revoked {
                trusted_digest: trusted.digest.into(),
                trusted_seq: trusted.seq,
            }),
            state: key.state,
            usage: key.usage,
            valid_from_seq: key.valid_from_seq,
            valid_to_seq: key.valid_to_seq,
        }
    }
}

impl TryFrom<Fields> for KeyEntry {
    type Error = KeyringError;

    fn try_from(fields: Fields) -> Result<Self, KeyringError> {
        let public_key = match PublicKey::from_spki_pem(&fields.public_key_pem) {
            Ok(public_key) if public_key.algorithm() == fields.algorithm => public_key,
            Ok(_) => return Err(KeyringError::Algorithm(fields.kid)),
            Err(error) => return Err(KeyringError::Key(fields.kid, error)),
        };
        Ok(Self {
            kid: fields.kid,
            public_key,
            usage: fields.usage,
            state: fields.state,
            deployed_at: fields.deployed_at,
            valid_from_seq: fields.valid_from_seq,
            valid_to_seq: fields.valid_to_seq,
            revoked: fields.revoked.map(|revoked| ChainHead {
                seq: revoked.trusted_seq,
                digest: revoked.trusted_digest.into(),
            }),
        })
    }
}
