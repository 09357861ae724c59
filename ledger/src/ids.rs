//! Recent ids in memory: what an id points to, until the index on disk covers it.
//!
//! Generations of open-addressing tables. The newest takes insertions; a generation is dropped
//! whole once every cycle it has ids of is covered by the index. Each knows the range of its ids,
//! so that ids which rise with time are found absent without a probe.

use std::collections::VecDeque;

use crate::id::{BookId, Seq};
use crate::key_table::HashSeed;
use crate::past::KeyKind;

/// Recent ids of all books.
#[derive(Clone, Debug)]
pub struct RecentIds {
    seed: HashSeed,
    generations: VecDeque<Generation>,
    slots_max: usize,
    /// The next generation's table, emptied piece by piece ahead of need: a whole table at once
    /// would make everybody wait for a tenth of a second.
    spare: Vec<Slot>,
    /// A table that was dropped, to be emptied again: its memory is there already, while the
    /// machine gives new memory at half a gigabyte per second.
    idle: Vec<Slot>,
}

#[derive(Clone, Debug)]
struct Generation {
    slots: Vec<Slot>,
    len: usize,
    lowest: u128,
    highest: u128,
    /// Last cycle that has ids in it; `u64::MAX` while it takes insertions.
    last_cycle: u64,
}

/// Low and high half of the id, sequence, then occupied bit, kind and book.
type Slot = [u64; 4];

const EMPTY: Slot = [0; 4];
/// Index of the word that is 0 in an empty slot.
const KEY: usize = 3;
const SLOTS_MIN: usize = 1 << 12;
const BYTES_PER_SLOT: usize = size_of::<Slot>();

fn key(book: BookId, kind: KeyKind) -> u64 {
    1 << 63 | (kind as u64) << 32 | u64::from(book.0)
}

fn slot(id: u128, seq: Seq, key: u64) -> Slot {
    [id as u64, (id >> 64) as u64, seq.0, key]
}

fn slot_hash(slot: &Slot, seed: HashSeed) -> u64 {
    seed.hash(u128::from(slot[1]) << 64 | u128::from(slot[0]), slot[KEY])
}

impl RecentIds {
    /// Room for ids in about `bytes` of memory, at most half of it in the newest generation.
    pub fn new(seed: HashSeed, bytes: usize) -> Self {
        let slots = (bytes / 2 / BYTES_PER_SLOT).max(SLOTS_MIN);
        let slots_max = if slots.is_power_of_two() {
            slots
        } else {
            slots.next_power_of_two() / 2
        };
        let generations = VecDeque::from([Generation::new(vec![EMPTY; SLOTS_MIN])]);
        Self {
            seed,
            generations,
            slots_max,
            spare: Vec::new(),
            idle: Vec::new(),
        }
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        self.generations
            .iter()
            .map(|g| g.slots.len() * BYTES_PER_SLOT)
            .sum()
    }

    /// Whether more ids are held than the memory given allows: the index lags behind.
    pub fn is_behind(&self) -> bool {
        self.memory_bytes() > 4 * self.slots_max * BYTES_PER_SLOT
    }

    /// What `id` points to, if it is recent.
    #[inline]
    pub fn find(&self, book: BookId, kind: KeyKind, id: u128) -> Option<Seq> {
        let mut hash = None;
        for generation in self.generations.iter().rev() {
            if id < generation.lowest || id > generation.highest {
                continue;
            }
            let hash = *hash.get_or_insert_with(|| self.hash(book, kind, id));
            if let Some(seq) = generation.find(hash, key(book, kind), id) {
                return Some(seq);
            }
        }
        None
    }

    /// Touches the memory that [`RecentIds::find`] and an insertion will need, so that the misses
    /// of a batch overlap. The result means nothing but keeps the reads from being dropped.
    #[inline]
    pub fn warm(&self, book: BookId, id: u128) -> u64 {
        let hash = self.hash(book, KeyKind::Transfer, id);
        self.generations
            .back()
            .map_or(0, |g| g.slots[hash as usize & (g.slots.len() - 1)][KEY])
    }

    /// Adds an id that is not known.
    #[inline]
    pub fn insert(&mut self, book: BookId, kind: KeyKind, id: u128, seq: Seq) {
        let hash = self.hash(book, kind, id);
        let seed = self.seed;
        let Some(newest) = self.generations.back_mut() else {
            return;
        };
        // Never refused: a cycle that opens a nearly full generation may pass the stated memory by
        // its own ids.
        if newest.is_full() {
            newest.grow(seed);
        }
        newest.insert(hash, slot(id, seq, key(book, kind)));
        newest.lowest = newest.lowest.min(id);
        newest.highest = newest.highest.max(id);
    }

    /// Takes back an id that was just added: its entry set failed.
    pub fn remove(&mut self, book: BookId, kind: KeyKind, id: u128) {
        let hash = self.hash(book, kind, id);
        let seed = self.seed;
        if let Some(newest) = self.generations.back_mut() {
            newest.remove(seed, hash, key(book, kind), id);
        }
    }

    /// Marks the end of cycle `number`: a generation that is half full takes no ids of later ones.
    pub fn cycle_closed(&mut self, number: u64) {
        let Some(newest) = self.generations.back_mut() else {
            return;
        };
        let next = (2 * newest.slots.len()).min(self.slots_max);
        // In step with the ids that came, so that it is done when half of the slots are taken.
        let half = newest.slots.len() / 2;
        let emptied = if newest.len > half {
            newest.last_cycle = number;
            next
        } else {
            (next * newest.len).div_ceil(half)
        };
        if self.spare.is_empty() && self.idle.capacity() >= next {
            self.spare = std::mem::take(&mut self.idle);
        }
        self.spare
            .reserve_exact(next.saturating_sub(self.spare.len()));
        self.spare.resize(emptied.max(self.spare.len()), EMPTY);
        if newest.last_cycle == number {
            let slots = std::mem::take(&mut self.spare);
            self.generations.push_back(Generation::new(slots));
        }
    }

    /// Drops what the index on disk covers up to and including cycle `covered`.
    pub fn forget(&mut self, covered: u64) {
        while self.generations.len() > 1
            && self
                .generations
                .front()
                .is_some_and(|g| g.last_cycle <= covered)
        {
            let oldest = self.generations.pop_front();
            if let Some(oldest) = oldest
                && self.idle.capacity() == 0
                && oldest.slots.len() == self.slots_max
            {
                self.idle = oldest.slots;
                self.idle.clear();
            }
        }
    }

    #[inline]
    fn hash(&self, book: BookId, kind: KeyKind, id: u128) -> u64 {
        self.seed.hash(id, key(book, kind))
    }
}

impl Generation {
    fn new(slots: Vec<Slot>) -> Self {
        Self {
            slots,
            len: 0,
            lowest: u128::MAX,
            highest: 0,
            last_cycle: u64::MAX,
        }
    }

    fn is_full(&self) -> bool {
        self.len * 4 >= self.slots.len() * 3
    }

    #[inline]
    fn find(&self, hash: u64, key: u64, id: u128) -> Option<Seq> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = &self.slots[at];
            if slot[KEY] == 0 {
                return None;
            }
            if is_of(slot, key, id) {
                return Some(Seq(slot[2]));
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    fn insert(&mut self, hash: u64, slot: Slot) {
        // INVARIANT: there is an empty slot, since a table grows at three quarters.
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at][KEY] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
        self.len += 1;
    }

    fn grow(&mut self, seed: HashSeed) {
        let doubled = vec![EMPTY; self.slots.len() * 2];
        self.len = 0;
        for slot in std::mem::replace(&mut self.slots, doubled) {
            if slot[KEY] != 0 {
                self.insert(slot_hash(&slot, seed), slot);
            }
        }
    }

    /// Backward-shift deletion: later entries of the run move up, so that no tombstone stays.
    fn remove(&mut self, seed: HashSeed, hash: u64, key: u64, id: u128) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while !is_of(&self.slots[at], key, id) {
            if self.slots[at][KEY] == 0 {
                return;
            }
            at = (at + 1) & mask;
        }
        let mut next = (at + 1) & mask;
        while self.slots[next][KEY] != 0 {
            let home = slot_hash(&self.slots[next], seed) as usize & mask;
            let from_home = next.wrapping_sub(home) & mask;
            if from_home >= (next.wrapping_sub(at) & mask) {
                self.slots[at] = self.slots[next];
                at = next;
            }
            next = (next + 1) & mask;
        }
        self.slots[at] = EMPTY;
        self.len -= 1;
    }
}

#[inline]
fn is_of(slot: &Slot, key: u64, id: u128) -> bool {
    slot[0] == id as u64 && slot[1] == (id >> 64) as u64 && slot[KEY] == key
}
