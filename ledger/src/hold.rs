//! Open holds of a book.
//!
//! A slab, so that a snapshot can walk it in pieces while it changes, with one map by id and one
//! order by expiry.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hasher};

use crate::id::{AccountId, Nanos, Seq, TransferId};
use crate::key_table::HashSeed;

/// A hold that was neither captured whole, voided nor expired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hold {
    /// The transfer that made it.
    pub id: TransferId,
    /// Account that would give.
    pub debit: AccountId,
    /// Account that would receive.
    pub credit: AccountId,
    /// Minor units still held.
    pub remaining: u128,
    /// When it runs out; 0 means never.
    pub expires_at: Nanos,
    /// Event that made it.
    pub seq: Seq,
    /// Last event that changed it.
    pub last_seq: Seq,
}

/// The open holds of a book.
#[derive(Clone, Debug)]
pub struct Holds {
    slab: Vec<Option<Hold>>,
    free: Vec<u32>,
    by_id: HashMap<u128, u32, HashSeed>,
    by_expiry: BTreeSet<(Nanos, Seq, u32)>,
}

impl Holds {
    /// No holds.
    pub fn new(seed: HashSeed) -> Self {
        Self {
            slab: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::with_hasher(seed),
            by_expiry: BTreeSet::new(),
        }
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The open hold with this id.
    pub fn get(&self, id: TransferId) -> Option<&Hold> {
        self.slab.get(*self.by_id.get(&id.0)? as usize)?.as_ref()
    }

    /// Adds a hold.
    pub fn insert(&mut self, hold: Hold) {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slab.push(None);
                (self.slab.len() - 1) as u32
            }
        };
        self.slab[slot as usize] = Some(hold);
        self.by_id.insert(hold.id.0, slot);
        if hold.expires_at.0 != 0 {
            self.by_expiry.insert((hold.expires_at, hold.seq, slot));
        }
    }

    /// Changes what is left of a hold.
    pub fn set_remaining(&mut self, id: TransferId, remaining: u128, last_seq: Seq) {
        let Some(slot) = self.by_id.get(&id.0) else {
            return;
        };
        if let Some(Some(hold)) = self.slab.get_mut(*slot as usize) {
            hold.remaining = remaining;
            hold.last_seq = last_seq;
        }
    }

    /// Ends a hold and gives what it was.
    pub fn remove(&mut self, id: TransferId) -> Option<Hold> {
        let slot = self.by_id.remove(&id.0)?;
        let hold = self.slab.get_mut(slot as usize)?.take()?;
        if hold.expires_at.0 != 0 {
            self.by_expiry.remove(&(hold.expires_at, hold.seq, slot));
        }
        self.free.push(slot);
        Some(hold)
    }

    /// The hold that runs out first, if that is at or before `now`.
    pub fn first_due(&self, now: Nanos) -> Option<Hold> {
        let (expires_at, _, slot) = *self.by_expiry.first()?;
        if expires_at > now {
            return None;
        }
        *self.slab.get(slot as usize)?
    }

    /// When the next hold runs out.
    pub fn next_expiry(&self) -> Option<Nanos> {
        self.by_expiry.first().map(|(expires_at, _, _)| *expires_at)
    }

    /// Slots of the slab, open or free: the bound of [`Holds::slots`].
    pub fn slot_count(&self) -> usize {
        self.slab.len()
    }

    /// Open holds in slots `from..to`.
    pub fn slots(&self, from: usize, to: usize) -> impl Iterator<Item = &Hold> {
        let to = to.min(self.slab.len());
        self.slab.get(from..to).unwrap_or(&[]).iter().flatten()
    }
}

impl BuildHasher for HashSeed {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher {
            seed: *self,
            hash: 0,
        }
    }
}

/// Hasher of 128-bit ids.
#[derive(Clone, Copy, Debug)]
pub struct IdHasher {
    seed: HashSeed,
    hash: u64,
}

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.hash
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(16) {
            let mut word = [0; 16];
            word[..chunk.len()].copy_from_slice(chunk);
            self.hash = self.seed.hash(u128::from_le_bytes(word), self.hash);
        }
    }

    fn write_u128(&mut self, id: u128) {
        self.hash = self.seed.hash(id, self.hash);
    }
}
