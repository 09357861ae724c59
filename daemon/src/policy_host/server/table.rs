//! Policies that are held ready, by their digest.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::Digest;
use parking_lot::RwLock;
use plugins_host::Policy;

/// Policies that are held ready. Those that nobody claims any more are kept while there is room,
/// for a daemon that comes back.
#[derive(Debug)]
pub(super) struct Table {
    most: usize,
    /// Guards nothing else; held for a look-up or a change of one entry.
    held: RwLock<Held>,
}

#[derive(Debug, Default)]
struct Held {
    policies: HashMap<Digest, Entry>,
    /// Rises with every claim that ends.
    moment: u64,
}

#[derive(Debug)]
struct Entry {
    policy: Arc<Policy>,
    /// Connections that asked for it.
    claims: usize,
    /// When the last claim ended.
    left_at: u64,
}

/// The table holds as many policies as it may, and all of them are claimed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Full(pub(super) usize);

impl Table {
    /// A table of at most `most` policies.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            held: RwLock::default(),
        }
    }

    /// The policy with this digest.
    pub(super) fn get(&self, digest: &Digest) -> Option<Arc<Policy>> {
        let held = self.held.read();
        held.policies
            .get(digest)
            .map(|entry| Arc::clone(&entry.policy))
    }

    /// Claims the policy with this digest, if it is held.
    pub(super) fn claim(&self, digest: &Digest) -> Option<Arc<Policy>> {
        let mut held = self.held.write();
        let entry = held.policies.get_mut(digest)?;
        entry.claims += 1;
        Some(Arc::clone(&entry.policy))
    }

    /// Takes in a policy that is claimed once, unless it came in meanwhile, which is claimed then.
    ///
    /// # Errors
    /// There is no room.
    pub(super) fn insert(&self, digest: Digest, policy: Policy) -> Result<Arc<Policy>, Full> {
        let mut held = self.held.write();
        if let Some(entry) = held.policies.get_mut(&digest) {
            entry.claims += 1;
            return Ok(Arc::clone(&entry.policy));
        }
        if held.policies.len() >= self.most && !held.evict() {
            return Err(Full(self.most));
        }
        let policy = Arc::new(policy);
        let entry = Entry {
            policy: Arc::clone(&policy),
            claims: 1,
            left_at: 0,
        };
        held.policies.insert(digest, entry);
        Ok(policy)
    }

    /// Ends a claim.
    pub(super) fn leave(&self, digest: &Digest) {
        let mut held = self.held.write();
        held.moment += 1;
        let moment = held.moment;
        if let Some(entry) = held.policies.get_mut(digest) {
            entry.claims = entry.claims.saturating_sub(1);
            entry.left_at = moment;
        }
    }
}

impl Held {
    /// Makes room by the policy that was left longest ago.
    fn evict(&mut self) -> bool {
        let oldest = self
            .policies
            .iter()
            .filter(|(_, entry)| entry.claims == 0)
            .min_by_key(|(_, entry)| entry.left_at)
            .map(|(digest, _)| *digest);
        oldest.is_some_and(|digest| self.policies.remove(&digest).is_some())
    }
}
