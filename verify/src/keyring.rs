//! The registry of keys: whose signatures count, for what, and from where to where in the chain.
//!
//! A keyring is trusted when the approvers signed a request that names its digest; see
//! [`SignedKeyring`].

mod change;
mod document;
mod entry;
mod error;
mod signed;
mod signers_json;
mod state;
mod trust;

use std::collections::BTreeMap;

use ledger::Digest;

use crate::approver::ApproverSet;
use crate::key::{Kid, Usage};
use crate::name::Name;

pub use change::NewKey;
pub use entry::KeyEntry;
pub use error::KeyringError;
pub use signed::{SignedKeyring, SignedKeyringError};
pub use signers_json::{SignerEntry, SignersError, SignersJson};
pub use state::{Change, State};
pub use trust::{KeyFault, RowFault, Standing};

/// The keys and approvers of one deployment in one environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keyring {
    approvers: ApproverSet,
    deployment: Name,
    environment: Name,
    keys: BTreeMap<Kid, KeyEntry>,
    serial: u64,
}

impl Keyring {
    /// The first keyring of a deployment, without keys.
    pub fn new(deployment: Name, environment: Name, approvers: ApproverSet) -> Self {
        Self {
            approvers,
            deployment,
            environment,
            keys: BTreeMap::new(),
            serial: 1,
        }
    }

    /// Who may approve.
    pub fn approvers(&self) -> &ApproverSet {
        &self.approvers
    }

    /// The deployment whose rows these keys sign.
    pub fn deployment(&self) -> &Name {
        &self.deployment
    }

    /// Its environment.
    pub fn environment(&self) -> &Name {
        &self.environment
    }

    /// Rises with every change.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The key with this id.
    pub fn key(&self, kid: &Kid) -> Option<&KeyEntry> {
        self.keys.get(kid)
    }

    /// Every key, by id.
    pub fn keys(&self) -> impl Iterator<Item = &KeyEntry> {
        self.keys.values()
    }

    /// The keys that sign what `usage` says.
    pub fn active(&self, usage: Usage) -> impl Iterator<Item = &KeyEntry> {
        self.keys()
            .filter(move |key| key.usage == usage && key.state == State::Active)
    }

    /// SHA-256 of the canonical document: what an approval names.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.encode())
    }
}

#[cfg(test)]
pub(crate) mod tests;
