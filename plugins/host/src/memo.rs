//! Verdicts that are remembered: those that follow from who asks for what, and from nothing else.
//!
//! A table belongs to one policy set and is dropped with it.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::{Digest, Operation};
use parking_lot::Mutex;

use crate::denied::Cause;
use crate::resource::Resource;

/// Verdicts that are remembered at most.
const ENTRIES_MAX: usize = 65_536;
/// Parts of the table with a lock each.
const PARTS: usize = 16;
/// Each part has a young and an old half.
const HALF: usize = ENTRIES_MAX / PARTS / 2;

/// What a verdict follows from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key {
    /// Digest of everything that policies are told of the principal.
    pub(crate) who: Digest,
    pub(crate) operation: Operation,
    pub(crate) resource: Resource,
    /// Whether there are transfers: policies that need them are not asked for a verdict to be
    /// remembered if there are.
    pub(crate) has_transfers: bool,
    /// Whether policies are told of an import.
    pub(crate) is_import: bool,
    /// Whether the tenant's own policies were asked, or the platform's.
    pub(crate) is_tenants: bool,
}

/// What was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    Allowed,
    Denied(Arc<Cause>),
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    parts: [Part; PARTS],
}

#[derive(Debug, Default)]
struct Part {
    /// No other lock is taken with it; held for one lookup.
    halves: Mutex<Halves>,
}

/// What was not asked for since the young half was begun is forgotten when it is full.
#[derive(Debug, Default)]
struct Halves {
    young: HashMap<Key, Said>,
    old: HashMap<Key, Said>,
}

impl Memo {
    /// What was said before.
    pub(crate) fn get(&self, key: &Key) -> Option<Said> {
        let mut halves = self.part(key).halves.lock();
        if let Some(said) = halves.young.get(key) {
            return Some(said.clone());
        }
        let said = halves.old.remove(key)?;
        halves.insert(*key, said.clone());
        Some(said)
    }

    /// Remembers what was said.
    pub(crate) fn insert(&self, key: Key, said: Said) {
        self.part(&key).halves.lock().insert(key, said);
    }

    /// Verdicts that are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let len = |part: &Part| {
            let halves = part.halves.lock();
            halves.young.len() + halves.old.len()
        };
        self.parts.iter().map(len).sum()
    }

    fn part(&self, key: &Key) -> &Part {
        // Spreads locks, not entries: a digest is as good as any hash for that.
        let at = usize::from(key.who.0[0] ^ key.operation as u8) % PARTS;
        &self.parts[at]
    }
}

impl Halves {
    fn insert(&mut self, key: Key, said: Said) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, said);
    }
}

#[cfg(test)]
mod tests;
