use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{self, KeyEntry};
use super::{Keyring, KeyringError};
use crate::approver::{self, Approver, ApproverSet};
use crate::jcs;
use crate::limits::{JSON_INT_MAX, KEYS_MAX};
use crate::name::Name;

const VERSION: u64 = 1;
const KIND: &str = "keyring";

/// The members of the document, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    approvers: Vec<approver::Fields>,
    deployment: Name,
    environment: Name,
    keys: Vec<entry::Fields>,
    kind: String,
    serial: u64,
    threshold: u64,
    v: u64,
}

impl Keyring {
    /// The canonical document.
    pub fn encode(&self) -> Vec<u8> {
        let fields = Fields {
            approvers: self.approvers.iter().map(approver::Fields::from).collect(),
            deployment: self.deployment.clone(),
            environment: self.environment.clone(),
            keys: self.keys().map(entry::Fields::from).collect(),
            kind: KIND.to_owned(),
            serial: self.serial,
            threshold: self.approvers.threshold() as u64,
            v: VERSION,
        };
        // Structs of texts and numbers can be written.
        serde_json::to_vec(&fields).unwrap_or_default()
    }

    /// Reads the canonical document.
    ///
    /// # Errors
    /// The bytes are no keyring, another spelling of one, or it contradicts itself.
    pub fn decode(bytes: &[u8]) -> Result<Self, KeyringError> {
        jcs::parse_canonical(bytes).map_err(KeyringError::Json)?;
        let fields: Fields =
            serde_json::from_slice(bytes).map_err(|_| KeyringError::NotAKeyring)?;
        if fields.v != VERSION || fields.kind != KIND {
            return Err(KeyringError::Version(fields.v));
        }
        let approvers = fields.approvers.into_iter().map(Approver::try_from);
        let approvers = approvers.collect::<Result<Vec<_>, _>>()?;
        let threshold = usize::try_from(fields.threshold).unwrap_or(usize::MAX);
        if fields.keys.len() > KEYS_MAX {
            return Err(KeyringError::Number(fields.keys.len()));
        }
        let mut keys = BTreeMap::new();
        for key in fields.keys {
            let key = KeyEntry::try_from(key)?;
            if let Some(twice) = keys.insert(key.kid.clone(), key) {
                return Err(KeyringError::Twice(twice.kid));
            }
        }
        let keyring = Self {
            approvers: ApproverSet::new(approvers, threshold)?,
            deployment: fields.deployment,
            environment: fields.environment,
            keys,
            serial: fields.serial,
        };
        keyring.check()?;
        // INVARIANT: keys and approvers stand sorted by id, keys in their one spelling.
        if keyring.encode() == bytes {
            Ok(keyring)
        } else {
            Err(KeyringError::NotCanonical)
        }
    }

    /// Whether every key agrees with itself and no key stands twice.
    pub(super) fn check(&self) -> Result<(), KeyringError> {
        if self.keys.len() > KEYS_MAX {
            return Err(KeyringError::Number(self.keys.len()));
        }
        let mut known: BTreeMap<_, _> = BTreeMap::new();
        for approver in self.approvers.iter() {
            known.insert(approver.public_key.fingerprint(), &approver.kid);
        }
        for key in self.keys() {
            key.check()?;
            let is_twice = self.approvers.get(&key.kid).is_some()
                || known
                    .insert(key.public_key.fingerprint(), &key.kid)
                    .is_some();
            if is_twice {
                return Err(KeyringError::Twice(key.kid.clone()));
            }
            let revoked = key.revoked.map(|head| head.seq);
            let seqs = [Some(key.valid_from_seq), key.valid_to_seq, revoked];
            if let Some(seq) = seqs.into_iter().flatten().find(|seq| *seq > JSON_INT_MAX) {
                return Err(KeyringError::Seq(seq));
            }
        }
        Ok(())
    }
}
