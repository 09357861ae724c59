//! Which filters are in memory: as many runs as fit the room, small ones first.

use super::filter::{BITS_PER_KEY, Filter, LEAST_BITS_PER_KEY};

/// How much of a run's filter is in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Held {
    /// All of it.
    Whole,
    /// Folded to half its size: still much better than nothing.
    Half,
    /// Nothing: a key that is not pruned costs the reading of a page.
    Nothing,
}

/// A filter that wants room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wish {
    keys: u64,
    whole: u64,
    pub(super) held: Held,
}

impl Wish {
    /// Of a filter that a file holds.
    pub(super) fn stored(keys: u64, bytes: u64, held: Held) -> Self {
        Self {
            keys,
            whole: bytes,
            held: if bytes == 0 { Held::Nothing } else { held },
        }
    }

    /// Of a filter that is about to be made for so many keys.
    pub(super) fn new(keys: u64) -> Self {
        let whole = Filter::blocks_for(keys, BITS_PER_KEY) * Filter::BLOCK as u64;
        Self {
            keys,
            whole,
            held: Held::Whole,
        }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        match self.held {
            Held::Whole => self.whole,
            Held::Half => self.whole / 2,
            Held::Nothing => 0,
        }
    }

    fn lower(&mut self) {
        let half_is_enough = self.whole * 8 / 2 >= self.keys * LEAST_BITS_PER_KEY;
        self.held = match self.held {
            Held::Whole if half_is_enough => Held::Half,
            _ => Held::Nothing,
        };
    }
}

/// Lowers wishes until they fit `room` bytes: the largest first, since a page read that a filter
/// saves is worth the same in every run, and a small filter costs less.
pub(super) fn fit(wishes: &mut [Wish], room: u64) {
    let mut sum: u64 = wishes.iter().map(Wish::bytes).sum();
    while sum > room {
        let Some(largest) = wishes.iter_mut().max_by_key(|w| (w.bytes(), w.keys)) else {
            return;
        };
        sum -= largest.bytes();
        largest.lower();
        sum += largest.bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_filters_give_way_first() {
        let mut wishes = [1_000_000, 2_000, 400_000, 1_000].map(Wish::new);
        let all: u64 = wishes.iter().map(Wish::bytes).sum();
        fit(&mut wishes, all);
        assert!(wishes.iter().all(|wish| wish.held == Held::Whole));
        fit(&mut wishes, all - 1);
        assert_eq!(
            wishes.map(|w| w.held),
            [Held::Half, Held::Whole, Held::Whole, Held::Whole]
        );
        let small: u64 = wishes[1..].iter().map(Wish::bytes).sum();
        fit(&mut wishes, small + 1000);
        assert_eq!(
            wishes.map(|w| w.held)[..3],
            [Held::Nothing, Held::Whole, Held::Whole]
        );
        fit(&mut wishes, 0);
        assert!(wishes.iter().all(|wish| wish.bytes() == 0));
    }
}
