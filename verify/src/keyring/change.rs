use super::{Change, KeyEntry, Keyring, KeyringError, State};
use crate::approver::ApproverSet;
use crate::chain_head::ChainHead;
use crate::key::{Kid, PublicKey, Usage};
use crate::time::Micros;

/// A key that is to be registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewKey {
    /// Id of the key.
    pub kid: Kid,
    /// The key.
    pub public_key: PublicKey,
    /// What it will sign.
    pub usage: Usage,
    /// When it comes into the registry.
    pub deployed_at: Micros,
}

/// Each of these gives the keyring after a change; this one stays as it is.
impl Keyring {
    /// With another key, a candidate.
    ///
    /// # Errors
    /// Its id or the key itself is there already, or it is for approvals.
    pub fn with_key(&self, new: NewKey) -> Result<Self, KeyringError> {
        let mut next = self.successor();
        let key = KeyEntry {
            kid: new.kid,
            public_key: new.public_key,
            usage: new.usage,
            state: State::Candidate,
            deployed_at: new.deployed_at,
            valid_from_seq: 0,
            valid_to_seq: None,
            revoked: None,
        };
        if let Some(twice) = next.keys.insert(key.kid.clone(), key) {
            return Err(KeyringError::Twice(twice.kid));
        }
        next.checked()
    }

    /// With a key that may sign from row `from_seq` on. A key that was retiring keeps its range.
    ///
    /// # Errors
    /// There is no such key, or its state does not allow it.
    pub fn with_promoted(&self, kid: &Kid, from_seq: u64) -> Result<Self, KeyringError> {
        self.changed(kid, Change::Promote, |key| {
            if key.valid_from_seq == 0 {
                key.valid_from_seq = from_seq;
            }
            if from_seq < key.valid_from_seq || from_seq == 0 {
                return Err(KeyringError::Seq(from_seq));
            }
            Ok(())
        })
    }

    /// With a key that gives way to another.
    ///
    /// # Errors
    /// There is no such key, or its state does not allow it.
    pub fn with_retiring(&self, kid: &Kid) -> Result<Self, KeyringError> {
        self.changed(kid, Change::Retiring, |_| Ok(()))
    }

    /// With a key that signs no row after `to_seq`.
    ///
    /// # Errors
    /// There is no such key, its state does not allow it, or it would count for nothing.
    pub fn with_retired(&self, kid: &Kid, to_seq: u64) -> Result<Self, KeyringError> {
        self.changed(kid, Change::Retire, |key| {
            key.valid_to_seq = Some(to_seq);
            if to_seq < key.valid_from_seq {
                return Err(KeyringError::Seq(to_seq));
            }
            Ok(())
        })
    }

    /// With a key that counts no further than `trusted`; [`ChainHead::NONE`] trusts nothing of it.
    ///
    /// # Errors
    /// There is no such key, or it is revoked already.
    pub fn with_revoked(&self, kid: &Kid, trusted: ChainHead) -> Result<Self, KeyringError> {
        self.changed(kid, Change::Revoke, |key| {
            key.revoked = Some(trusted);
            Ok(())
        })
    }

    /// With other approvers.
    ///
    /// # Errors
    /// One of their keys is registered for another usage.
    pub fn with_approvers(&self, approvers: ApproverSet) -> Result<Self, KeyringError> {
        let mut next = self.successor();
        next.approvers = approvers;
        next.checked()
    }

    /// The same keyring with a revocation that stands beside it.
    pub(super) fn restricted(&self, kid: &Kid, trusted: ChainHead) -> Result<Self, KeyringError> {
        let next = self.with_revoked(kid, trusted)?;
        Ok(Self {
            serial: self.serial,
            ..next
        })
    }

    fn changed(
        &self,
        kid: &Kid,
        change: Change,
        apply: impl FnOnce(&mut KeyEntry) -> Result<(), KeyringError>,
    ) -> Result<Self, KeyringError> {
        let mut next = self.successor();
        let key = next
            .keys
            .get_mut(kid)
            .ok_or_else(|| KeyringError::UnknownKey(kid.clone()))?;
        let state = key.state.after(change).ok_or(KeyringError::Change {
            kid: kid.clone(),
            state: key.state,
            change,
        })?;
        key.state = state;
        apply(key)?;
        next.checked()
    }

    fn successor(&self) -> Self {
        let mut next = self.clone();
        next.serial += 1;
        next
    }

    fn checked(self) -> Result<Self, KeyringError> {
        self.check()?;
        Ok(self)
    }
}
