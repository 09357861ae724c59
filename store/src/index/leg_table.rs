//! Histories that are in no run yet: a list of legs for each account, readable as it grows.

use std::hint::black_box;

use super::hash::Seed;
use super::leg_arena::{Arena, Mark};
use super::leg_chunk::{self, Bound, CHUNK, Chunk, Posted, Share};
use super::leg_code::{Cut, HistoryLeg, State, encode};

/// Histories that are in no run yet.
pub(super) struct LegTable {
    seed: Seed,
    /// Hash of the account in the high half, 1 + its place in `lists` in the low half; 0 if free.
    slots: Vec<u64>,
    lists: Vec<List>,
    arena: Arena,
    long: Vec<Long>,
    /// Business date of the first leg, which all lists start from.
    start: Option<u64>,
    sealed: usize,
    scratch: Vec<u8>,
}

/// The legs of an account: one cache line.
#[repr(align(64))]
struct List {
    account: u128,
    state: State,
    end: Mark,
    head: u32,
    book: u32,
    legs: u32,
    /// 1 + its place in `long`; 0 if it has no full chunk.
    long: u32,
}

/// Full chunks of a list, and where the one after them starts.
struct Long {
    chunks: Vec<MemoryChunk>,
    open: Mark,
    base: State,
}

struct MemoryChunk {
    chunk: Chunk,
    start: Mark,
    end: Mark,
}

/// A chunk of a list and its bytes.
pub(super) struct Piece {
    /// What the first leg is told by.
    pub(super) base: State,
    /// What is known of a chunk that is full.
    pub(super) chunk: Option<Chunk>,
}

impl LegTable {
    const LEAST_SLOTS: usize = 1024;
    /// So many lists are in the caches anyway.
    const NEARBY: usize = 8 << 10;
    /// The most accounts expected at once.
    pub(super) const EXPECTED: usize = 32;

    /// An empty table.
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            seed,
            slots: vec![0; Self::LEAST_SLOTS],
            lists: Vec::new(),
            arena: Arena::default(),
            long: Vec::new(),
            start: None,
            sealed: 0,
            scratch: Vec::new(),
        }
    }

    /// Where every list starts.
    pub(super) fn start(&self) -> State {
        State::start(self.start.unwrap_or_default())
    }

    /// Bytes of memory, the keys that a flush sorts included.
    pub(super) fn memory_bytes(&self) -> usize {
        self.slots.len() * 8
            + self.lists.len() * (size_of::<List>() + size_of::<Key>())
            + self.arena.memory_bytes()
            + self.long.len() * size_of::<Long>()
            + self.sealed * size_of::<MemoryChunk>()
    }

    /// Adds a leg, which must follow all others of the account.
    #[inline]
    pub(super) fn push(&mut self, book: u32, account: u128, leg: &HistoryLeg) {
        let hash = self.seed.account(book, account);
        let start = *self.start.get_or_insert(leg.effective_at.0);
        let at = match self.place(hash, book, account) {
            Ok(at) => at,
            Err(slot) => self.insert(hash, slot, book, account, start),
        };
        let Some(list) = self.lists.get_mut(at) else {
            return;
        };
        let packed = encode(&mut list.state, leg);
        self.arena.append(&mut list.end, &packed);
        list.legs += 1;
        if list.legs.is_multiple_of(CHUNK) {
            self.seal(at, start);
        }
    }

    /// Touches what [`LegTable::push`] is going to read for these accounts, all at once, so that
    /// the memory is on its way when it is needed.
    #[inline]
    pub(super) fn expect(&self, book: u32, accounts: impl Iterator<Item = u128>) {
        if self.lists.len() < Self::NEARBY {
            return;
        }
        let mask = self.slots.len() - 1;
        let mut lists = [u32::MAX; Self::EXPECTED];
        for (list, account) in lists.iter_mut().zip(accounts) {
            let held = self.slots[self.seed.account(book, account) as usize & mask];
            *list = (held as u32).wrapping_sub(1);
        }
        self.touch(&lists);
    }

    /// Reads a byte of the end of each of these lists; those that do not exist are passed over.
    #[inline]
    fn touch(&self, lists: &[u32; Self::EXPECTED]) {
        let mut ends = [Mark::start_of(0); Self::EXPECTED];
        for (end, list) in ends.iter_mut().zip(lists) {
            if let Some(list) = self.lists.get(*list as usize) {
                *end = list.end;
            }
        }
        let mut sum = 0;
        for end in ends {
            sum ^= self.arena.touch(end);
        }
        black_box(sum);
    }

    /// Where the account's list is, or the slot that is free for it.
    #[inline]
    fn place(&self, hash: u64, book: u32, account: u128) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let held = self.slots[slot];
            if held == 0 {
                return Err(slot);
            }
            if held >> 32 == hash >> 32 {
                let at = (held as u32 - 1) as usize;
                let list = &self.lists[at];
                if list.account == account && list.book == book {
                    return Ok(at);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    fn insert(&mut self, hash: u64, slot: usize, book: u32, account: u128, start: u64) -> usize {
        let at = self.lists.len();
        let end = self.arena.begin();
        let state = State::start(start);
        self.lists.push(List {
            account,
            state,
            end,
            head: end.block(),
            book,
            legs: 0,
            long: 0,
        });
        self.slots[slot] = hash >> 32 << 32 | (at as u64 + 1);
        if self.lists.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        at
    }

    fn grow(&mut self) {
        let len = self.slots.len() * 2;
        let mut slots = vec![0; len];
        for (at, list) in self.lists.iter().enumerate() {
            let hash = self.seed.account(list.book, list.account);
            let mut slot = hash as usize & (len - 1);
            while slots[slot] != 0 {
                slot = (slot + 1) & (len - 1);
            }
            slots[slot] = hash >> 32 << 32 | (at as u64 + 1);
        }
        self.slots = slots;
    }

    /// Notes what is to be known of the chunk that just became full.
    fn seal(&mut self, at: usize, start: u64) {
        let list = &mut self.lists[at];
        if list.long == 0 {
            let base = State::start(start);
            self.long.push(Long {
                chunks: Vec::new(),
                open: Mark::start_of(list.head),
                base,
            });
            list.long = self.long.len() as u32;
        }
        let long = &mut self.long[list.long as usize - 1];
        self.scratch.clear();
        self.arena.copy(long.open, list.end, &mut self.scratch);
        // These are the bytes that `push` wrote, so they scan.
        let chunk = Chunk::scan(long.base, &self.scratch).unwrap_or(Chunk::new(long.base));
        long.chunks.push(MemoryChunk {
            chunk,
            start: long.open,
            end: list.end,
        });
        long.open = list.end;
        long.base = list.state;
        self.sealed += 1;
    }

    fn list(&self, book: u32, account: u128) -> Option<&List> {
        let at = self
            .place(self.seed.account(book, account), book, account)
            .ok()?;
        self.lists.get(at)
    }

    fn long(&self, list: &List) -> Option<&Long> {
        self.long.get((list.long as usize).checked_sub(1)?)
    }

    /// Appends the bytes of the account's chunk with this number to `out`; `None` if there is no
    /// such chunk.
    pub(super) fn piece(
        &self,
        book: u32,
        account: u128,
        number: usize,
        out: &mut Vec<u8>,
    ) -> Option<Piece> {
        self.piece_of(self.list(book, account)?, number, out)
    }

    fn piece_of(&self, list: &List, number: usize, out: &mut Vec<u8>) -> Option<Piece> {
        let long = self.long(list);
        let full = long.map_or(0, |long| long.chunks.len());
        if let Some(sealed) = long.and_then(|long| long.chunks.get(number)) {
            self.arena.copy(sealed.start, sealed.end, out);
            return Some(Piece {
                base: sealed.chunk.base,
                chunk: Some(sealed.chunk),
            });
        }
        if number > full || list.legs as usize == full * CHUNK as usize {
            return None;
        }
        let head = (Mark::start_of(list.head), self.start());
        let (open, base) = long.map_or(head, |long| (long.open, long.base));
        self.arena.copy(open, list.end, out);
        Some(Piece { base, chunk: None })
    }

    /// Number of the first chunk of the account that may have legs at or after `seq`.
    pub(super) fn seek(&self, book: u32, account: u128, seq: u64) -> usize {
        let long = self.list(book, account).and_then(|list| self.long(list));
        long.map_or(0, |long| {
            long.chunks.partition_point(|c| c.chunk.last_seq < seq)
        })
    }

    /// Adds up the legs of the account that count, from the chunk `number` on, reading the legs of
    /// at most `most` chunks; the chunk to go on with, if there is one.
    pub(super) fn fold(
        &self,
        (book, account): (u32, u128),
        mut number: usize,
        most: usize,
        bound: Bound,
        posted: &mut Posted,
    ) -> Result<Option<usize>, Cut> {
        let Some(list) = self.list(book, account) else {
            return Ok(None);
        };
        let chunks = self.long(list).map_or(&[][..], |long| &long.chunks);
        let mut bytes = Vec::new();
        let mut read = 0;
        loop {
            let share = chunks
                .get(number)
                .map_or(Share::Some, |sealed| sealed.chunk.share(bound));
            match (share, chunks.get(number)) {
                (Share::All, Some(sealed)) => posted.add(sealed.chunk.posted),
                (Share::None, Some(sealed)) if sealed.chunk.base.seq > bound.seq => {
                    return Ok(None);
                }
                (Share::None, _) => {}
                _ if read == most => return Ok(Some(number)),
                _ => {
                    bytes.clear();
                    let Some(piece) = self.piece_of(list, number, &mut bytes) else {
                        return Ok(None);
                    };
                    leg_chunk::fold(piece.base, &bytes, bound, posted)?;
                    read += 1;
                }
            }
            number += 1;
        }
    }

    /// How many accounts have lists.
    pub(super) fn lists(&self) -> usize {
        self.lists.len()
    }

    /// Keys of the lists `range`, sorted.
    pub(super) fn sorted_keys(&self, range: std::ops::Range<usize>) -> Vec<Key> {
        let lists = self.lists.get(range.clone()).unwrap_or_default();
        let keys = lists.iter().zip(range);
        let mut keys: Vec<Key> = keys
            .map(|(list, at)| Key {
                account: list.account,
                book: list.book,
                list: at as u32,
            })
            .collect();
        keys.sort_unstable_by_key(|key| (key.book, key.account));
        keys
    }

    /// Touches what is about to be read of these lists, as [`LegTable::expect`] does.
    pub(super) fn expect_keys(&self, keys: &[Key]) {
        let mut lists = [u32::MAX; Self::EXPECTED];
        lists
            .iter_mut()
            .zip(keys)
            .for_each(|(list, key)| *list = key.list);
        self.touch(&lists);
    }

    /// Legs of the list `key`.
    pub(super) fn legs_at(&self, key: Key) -> u64 {
        self.lists
            .get(key.list as usize)
            .map_or(0, |list| u64::from(list.legs))
    }

    /// Appends the bytes of a chunk of the list `key` to `out`; `None` if there is no such chunk.
    pub(super) fn piece_at(&self, key: Key, number: usize, out: &mut Vec<u8>) -> Option<Piece> {
        self.piece_of(self.lists.get(key.list as usize)?, number, out)
    }
}

/// An account and the place of its list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub(super) account: u128,
    pub(super) book: u32,
    list: u32,
}

#[cfg(test)]
mod tests;
