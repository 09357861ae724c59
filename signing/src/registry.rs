//! Who may sign: the registry of keys, folded from the rows of the chain that change it.

mod error;
mod event;
mod record;

use std::collections::BTreeMap;

use verify::keyring::{KeyEntry, NewKey, State};
use verify::{Keyring, Kid, Micros, Usage};

pub use error::RegistryError;
pub use event::KeyEvent;
pub use record::{KeyRecord, NotARecord};

#[cfg(test)]
mod tests;

/// The keys of a deployment as of a row of its chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registry {
    keyring: Keyring,
    /// When emergency keys stop signing.
    expiries: BTreeMap<Kid, Micros>,
    seq: u64,
}

impl Registry {
    /// The registry that a chain begins with.
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            expiries: BTreeMap::new(),
            seq: 0,
        }
    }

    /// Takes the event that row `seq` tells of. When it is refused, nothing has changed.
    ///
    /// # Errors
    /// The row does not come after the last one, or the keys do not allow the change.
    pub fn apply(&mut self, seq: u64, event: &KeyEvent) -> Result<(), RegistryError> {
        if seq <= self.seq {
            return Err(RegistryError::Order {
                seq,
                last: self.seq,
            });
        }
        self.keyring = self.after(event)?;
        if let KeyEvent::Emergency {
            kid, expires_at, ..
        } = event
        {
            self.expiries.insert(kid.clone(), *expires_at);
        }
        self.seq = seq;
        Ok(())
    }

    /// The keyring after `event`, which is not taken: what an approval is asked for.
    ///
    /// # Errors
    /// The keys do not allow the change.
    pub fn after(&self, event: &KeyEvent) -> Result<Keyring, RegistryError> {
        let keyring = &self.keyring;
        let next = match event {
            KeyEvent::Added {
                kid,
                public_key,
                usage,
                deployed_at,
            } => keyring.with_key(NewKey {
                kid: kid.clone(),
                public_key: public_key.clone(),
                usage: *usage,
                deployed_at: *deployed_at,
            }),
            KeyEvent::Promoted { kid, from_seq } => keyring.with_promoted(kid, *from_seq),
            KeyEvent::Retiring { kid } => keyring.with_retiring(kid),
            KeyEvent::Retired { kid, to_seq } => keyring.with_retired(kid, *to_seq),
            KeyEvent::Revoked { kid, trusted } => keyring.with_revoked(kid, *trusted),
            KeyEvent::Emergency {
                kid,
                public_key,
                usage,
                deployed_at,
                from_seq,
                ..
            } => keyring
                .with_key(NewKey {
                    kid: kid.clone(),
                    public_key: public_key.clone(),
                    usage: *usage,
                    deployed_at: *deployed_at,
                })
                .and_then(|keyring| keyring.with_promoted(kid, *from_seq)),
        };
        next.map_err(RegistryError::Keyring)
    }

    /// The keyring: what is exported, and signed by the approvers.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The last row that changed it; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Keys that may sign something new of `usage` at `now`, the one to be asked first: active ones
    /// before those that give way, and of several the one that came last.
    pub fn signers(&self, usage: Usage, now: Micros) -> Vec<&KeyEntry> {
        let fits = |key: &&KeyEntry| key.usage == usage && self.signs(key, now);
        let mut keys: Vec<&KeyEntry> = self.keyring.keys().filter(fits).collect();
        keys.sort_by(|a, b| {
            let is_giving_way = |key: &KeyEntry| key.state == State::Retiring;
            is_giving_way(a)
                .cmp(&is_giving_way(b))
                .then(b.valid_from_seq.cmp(&a.valid_from_seq))
                .then(a.kid.cmp(&b.kid))
        });
        keys
    }

    /// Whether this key may sign row `seq`, or something of another usage while that is the next
    /// row, at `now`.
    ///
    /// # Errors
    /// It may not.
    pub fn may_sign(
        &self,
        kid: &Kid,
        usage: Usage,
        seq: u64,
        now: Micros,
    ) -> Result<&KeyEntry, RegistryError> {
        let key = self
            .keyring
            .key(kid)
            .ok_or_else(|| RegistryError::Unknown(kid.clone()))?;
        if key.usage != usage {
            return Err(RegistryError::Usage {
                kid: kid.clone(),
                is: key.usage,
            });
        }
        if !key.state.signs() {
            return Err(RegistryError::State {
                kid: kid.clone(),
                state: key.state,
            });
        }
        if seq < key.valid_from_seq {
            return Err(RegistryError::Early {
                kid: kid.clone(),
                from: key.valid_from_seq,
            });
        }
        match self.expiries.get(kid) {
            Some(at) if now >= *at => Err(RegistryError::Expired {
                kid: kid.clone(),
                at: *at,
            }),
            _ => Ok(key),
        }
    }

    /// When an emergency key stops signing; other keys do not.
    pub fn expiry(&self, kid: &Kid) -> Option<Micros> {
        self.expiries.get(kid).copied()
    }

    fn signs(&self, key: &KeyEntry, now: Micros) -> bool {
        key.state.signs() && self.expiry(&key.kid).is_none_or(|at| now < at)
    }
}
