//! A table from 128-bit ids to ordinals, with keys held by the caller.
//!
//! Open addressing with linear probing at a load of at most one half: 16 bytes per id. Each slot
//! has 32 bits of the hash, so that another id's entry is nearly never followed.

use crate::id::AccountId;

/// Seeds of a hash, drawn per process so that clients cannot choose colliding ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashSeed(pub [u64; 2]);

impl HashSeed {
    /// Hash of a 128-bit id: a folded 64 × 64 multiplication keyed on both sides.
    #[inline]
    pub fn hash(self, id: u128, salt: u64) -> u64 {
        let low = (id as u64) ^ self.0[0];
        let high = ((id >> 64) as u64) ^ self.0[1] ^ salt.rotate_left(32);
        let first = fold(low, high ^ 0x9e37_79b9_7f4a_7c15);
        fold(first ^ self.0[1], low ^ 0xd6e8_feb8_6659_fd93)
    }
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Ordinals by id.
#[derive(Clone, Debug)]
pub(crate) struct KeyTable {
    seed: HashSeed,
    /// (tag, ordinal + 1); ordinal 0 means an empty slot.
    slots: Vec<(u32, u32)>,
    len: usize,
}

impl KeyTable {
    pub(crate) fn new(seed: HashSeed) -> Self {
        Self {
            seed,
            slots: vec![(0, 0); 16],
            len: 0,
        }
    }

    /// Ordinal of `id`, where `key_of` gives the id of an ordinal.
    #[inline]
    pub(crate) fn get(&self, id: AccountId, key_of: impl Fn(u32) -> AccountId) -> Option<u32> {
        let hash = self.seed.hash(id.0, 0);
        let mask = self.slots.len() - 1;
        let tag = (hash >> 32) as u32;
        let mut at = hash as usize & mask;
        loop {
            let (slot_tag, ordinal) = self.slots[at];
            if ordinal == 0 {
                return None;
            }
            if slot_tag == tag && key_of(ordinal - 1) == id {
                return Some(ordinal - 1);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds an id that is not in the table.
    pub(crate) fn insert(
        &mut self,
        id: AccountId,
        ordinal: u32,
        key_of: impl Fn(u32) -> AccountId,
    ) {
        if (self.len + 1) * 2 > self.slots.len() {
            self.grow(&key_of);
        }
        self.place(id, ordinal);
        self.len += 1;
    }

    fn place(&mut self, id: AccountId, ordinal: u32) {
        let hash = self.seed.hash(id.0, 0);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = ((hash >> 32) as u32, ordinal + 1);
    }

    fn grow(&mut self, key_of: &impl Fn(u32) -> AccountId) {
        let doubled = vec![(0, 0); self.slots.len() * 2];
        for (_, ordinal) in std::mem::replace(&mut self.slots, doubled) {
            if ordinal != 0 {
                self.place(key_of(ordinal - 1), ordinal - 1);
            }
        }
    }
}
