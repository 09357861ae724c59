//! Blocked Bloom filters: one cache line tells that a run does not have a key.

use super::hash::KeyHash;

/// Bits for each key of a filter that nothing presses on. Two keys in 500 are then let through,
/// each of which costs the reading of a page.
pub(super) const BITS_PER_KEY: u64 = 12;
/// A filter with fewer bits a key than this lets too much through to pay.
pub(super) const LEAST_BITS_PER_KEY: u64 = 5;

/// Bits that a key sets in its block.
const PROBES: u32 = 7;

/// 512 bits, of which a key sets seven.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Block([u64; 8]);

impl Block {
    #[inline]
    fn words(mut bits: u64) -> impl Iterator<Item = (usize, u64)> {
        (0..PROBES).map(move |_| {
            let place = bits & 511;
            bits >>= 9;
            ((place >> 6) as usize, 1 << (place & 63))
        })
    }
}

/// A blocked Bloom filter.
pub(super) struct Filter {
    blocks: Vec<Block>,
}

impl Filter {
    /// Bytes of a block.
    pub(super) const BLOCK: usize = 64;

    /// Blocks of a filter for `keys` keys with so many bits for each; even, so that it folds.
    pub(super) fn blocks_for(keys: u64, bits_per_key: u64) -> u64 {
        (keys * bits_per_key)
            .div_ceil(8 * Self::BLOCK as u64)
            .max(1)
            .next_multiple_of(2)
    }

    /// An empty filter.
    pub(super) fn new(blocks: u64) -> Self {
        Self {
            blocks: vec![Block::default(); blocks.max(1) as usize],
        }
    }

    /// Bytes in memory, and in a file.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.len() * Self::BLOCK
    }

    #[inline]
    fn place(&self, hash: KeyHash) -> usize {
        ((u128::from(hash.block) * self.blocks.len() as u128) >> 64) as usize
    }

    /// Lets a key through from now on.
    #[inline]
    pub(super) fn insert(&mut self, hash: KeyHash) {
        let place = self.place(hash);
        if let Some(block) = self.blocks.get_mut(place) {
            for (word, bit) in Block::words(hash.bits) {
                block.0[word] |= bit;
            }
        }
    }

    /// Whether a key may have been inserted; never wrong about one that was.
    #[inline]
    pub(super) fn may_have(&self, hash: KeyHash) -> bool {
        let Some(block) = self.blocks.get(self.place(hash)) else {
            return true;
        };
        Block::words(hash.bits).fold(1, |all, (word, bit)| {
            all & u64::from(block.0[word] & bit != 0)
        }) != 0
    }

    /// A word of the block that [`Filter::may_have`] is going to read, so that its memory is on its
    /// way when it is needed.
    #[inline]
    pub(super) fn touch(&self, hash: KeyHash) -> u64 {
        self.blocks
            .get(self.place(hash))
            .map_or(0, |block| block.0[0])
    }

    /// Appends the bytes of the blocks from `start` on, at most `count` of them, and says how many.
    pub(super) fn write(&self, start: usize, count: usize, out: &mut Vec<u8>) -> usize {
        let blocks = self.blocks.iter().skip(start).take(count);
        blocks
            .clone()
            .flat_map(|block| block.0)
            .for_each(|w| out.extend_from_slice(&w.to_le_bytes()));
        blocks.len()
    }

    /// Takes in the bytes of blocks of a filter that has `2^fold` times as many, the first of them
    /// being its block `start`. Folding keeps every key and lets more others through: a key's block
    /// is the high part of a product, so that neighbours fall together when there are half as many.
    pub(super) fn read(&mut self, start: usize, fold: u32, bytes: &[u8]) {
        for (at, raw) in bytes.chunks_exact(Self::BLOCK).enumerate() {
            let Some(block) = self.blocks.get_mut((start + at) >> fold) else {
                return;
            };
            for (word, raw) in block.0.iter_mut().zip(raw.as_chunks::<8>().0) {
                *word |= u64::from_le_bytes(*raw);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger::past::KeyKind;

    use super::*;
    use crate::index::hash::Seed;

    fn hash(n: u64) -> KeyHash {
        Seed([11, 13]).key(KeyKind::Transfer, 1, u128::from(n))
    }

    /// Of 1000 other keys.
    fn let_through(filter: &Filter, keys: u64) -> u64 {
        let others = (keys..keys * 11).filter(|n| filter.may_have(hash(*n)));
        others.count() as u64 * 100 / keys
    }

    #[test]
    fn keeps_every_key_also_when_folded() {
        let keys = 20_000;
        let mut filter = Filter::new(Filter::blocks_for(keys, BITS_PER_KEY));
        (0..keys).for_each(|n| filter.insert(hash(n)));
        let mut bytes = Vec::new();
        let mut start = 0;
        while start < filter.blocks.len() {
            start += filter.write(start, 100, &mut bytes);
        }
        for fold in 0..2 {
            let mut read = Filter::new(filter.blocks.len() as u64 >> fold);
            let half = Filter::BLOCK * 37;
            read.read(0, fold, &bytes[..half]);
            read.read(37, fold, &bytes[half..]);
            assert!((0..keys).all(|n| read.may_have(hash(n))));
            let through = let_through(&read, keys);
            assert!(
                (1..[7, 90][fold as usize]).contains(&through),
                "{through} of 1000"
            );
        }
    }
}
