//! The last cycles, for those who follow close behind: as they were appended, with the hashes that
//! their blocks remember.

use std::collections::VecDeque;
use std::sync::Arc;

use super::cache::bytes_of;
use crate::journal::Cycle;

/// The last cycles, as many as fit into so many bytes. Their blocks are mostly those that the cache
/// of blocks holds too.
pub(crate) struct Recent {
    cycles: VecDeque<(Arc<Cycle>, usize)>,
    bytes: usize,
    bytes_max: usize,
}

impl Recent {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            cycles: VecDeque::new(),
            bytes: 0,
            bytes_max,
        }
    }

    /// Adds the cycle after the last.
    pub(crate) fn push(&mut self, cycle: &Cycle) {
        let bytes = cycle.blocks.iter().map(|block| bytes_of(block)).sum();
        self.cycles.push_back((Arc::new(cycle.clone()), bytes));
        self.bytes += bytes;
        while self.bytes > self.bytes_max {
            let Some((_, bytes)) = self.cycles.pop_front() else {
                return;
            };
            self.bytes -= bytes;
        }
    }

    /// The cycle of this number, if it is one of the last.
    pub(crate) fn get(&self, number: u64) -> Option<Arc<Cycle>> {
        let (first, _) = self.cycles.front()?;
        let at = usize::try_from(number.checked_sub(first.number)?).ok()?;
        let (cycle, _) = self.cycles.get(at)?;
        Some(Arc::clone(cycle))
    }

    /// Forgets all, since something of one was erased.
    pub(crate) fn clear(&mut self) {
        self.cycles.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle(number: u64) -> Cycle {
        use ledger::BookId;
        use ledger::block::{Head, OpenBlock};
        let block = Head::default().seal(BookId(1), OpenBlock::default());
        Cycle {
            number,
            blocks: vec![Arc::new(block.unwrap())],
        }
    }

    #[test]
    fn it_has_the_last_ones_and_never_too_much() {
        let mut recent = Recent::new(5_000);
        for number in 1..=50 {
            recent.push(&cycle(number));
            assert!(recent.bytes <= 5_000);
        }
        assert_eq!(recent.get(50).unwrap().number, 50);
        assert_eq!(recent.get(45).unwrap().number, 45);
        assert!(recent.get(30).is_none() && recent.get(51).is_none());
        recent.clear();
        assert!(recent.get(50).is_none());
        recent.push(&cycle(51));
        assert_eq!(recent.get(51).unwrap().number, 51);
        let mut none = Recent::new(0);
        none.push(&cycle(1));
        assert!(none.get(1).is_none());
    }
}
