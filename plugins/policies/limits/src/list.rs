//! Sets of numbers that are looked up for every account of a batch.

/// A set of account ids: a table of twice as many places at least, so that a look-up is one or two
/// steps.
#[derive(Debug)]
pub(crate) struct IdSet {
    /// A power of two many; 0 is a free place.
    places: Vec<u128>,
    has_zero: bool,
}

impl IdSet {
    pub(crate) fn new(ids: impl ExactSizeIterator<Item = u128>) -> Self {
        let mut set = Self {
            places: vec![0; (ids.len() * 2 + 1).next_power_of_two()],
            has_zero: false,
        };
        for id in ids {
            if id == 0 {
                set.has_zero = true;
            } else {
                let at = set.place(id);
                set.places[at] = id;
            }
        }
        set
    }

    #[inline]
    pub(crate) fn contains(&self, id: u128) -> bool {
        if id == 0 {
            self.has_zero
        } else {
            self.places[self.place(id)] == id
        }
    }

    /// Where `id` is, or would be. There is always a free place.
    #[inline]
    fn place(&self, id: u128) -> usize {
        let mask = self.places.len() - 1;
        let mut at = spread(id) & mask;
        while self.places[at] != 0 && self.places[at] != id {
            at = (at + 1) & mask;
        }
        at
    }
}

/// Neighbouring ids land far from each other.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "only bits are wanted")]
fn spread(id: u128) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let folded = id as u64 ^ ((id >> 64) as u64).rotate_left(32);
    (folded.wrapping_mul(ODD) >> 32) as usize
}

/// A set of codes: a bit for each there can be.
#[derive(Debug)]
pub(crate) struct CodeSet(Vec<u64>);

impl CodeSet {
    pub(crate) fn new(codes: &[u16]) -> Self {
        let mut words = vec![0; (usize::from(u16::MAX) + 1) / 64];
        for code in codes {
            words[usize::from(code >> 6)] |= 1 << (code & 63);
        }
        Self(words)
    }

    #[inline]
    pub(crate) fn contains(&self, code: u16) -> bool {
        self.0[usize::from(code >> 6)] >> (code & 63) & 1 == 1
    }
}
