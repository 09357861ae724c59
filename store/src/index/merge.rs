//! Several sorted sources as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::error::IndexError;

/// Something sorted, and a place in it.
pub(super) trait Cursor {
    /// What it is sorted by.
    type Key: Ord + Copy;

    /// Key at this place; `None` at the end.
    fn key(&self) -> Option<Self::Key>;

    /// Moves on by one.
    fn advance(&mut self) -> Result<(), IndexError>;
}

/// Cursors, the one with the least key first. Of equal keys the earlier cursor's comes first.
pub(super) struct Merge<C: Cursor> {
    cursors: Vec<C>,
    /// The cursors that are not at their end, without the first.
    others: BinaryHeap<Reverse<(C::Key, usize)>>,
    first: Option<usize>,
}

impl<C: Cursor> Merge<C> {
    /// Merges `cursors`.
    pub(super) fn new(cursors: Vec<C>) -> Self {
        let keys = cursors.iter().enumerate();
        let mut others: BinaryHeap<_> = keys
            .filter_map(|(at, cursor)| Some(Reverse((cursor.key()?, at))))
            .collect();
        let first = others.pop().map(|Reverse((_, at))| at);
        Self {
            cursors,
            others,
            first,
        }
    }

    /// The cursor with the least key; `None` when all are at their end.
    #[inline]
    pub(super) fn first(&mut self) -> Option<&mut C> {
        self.cursors.get_mut(self.first?)
    }

    /// Moves the first cursor on by one.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<(), IndexError> {
        let Some(at) = self.first else { return Ok(()) };
        let Some(cursor) = self.cursors.get_mut(at) else {
            return Ok(());
        };
        cursor.advance()?;
        let Some(key) = cursor.key() else {
            self.first = self.others.pop().map(|Reverse((_, at))| at);
            return Ok(());
        };
        // Sources often follow one another: stay where we are as long as the order allows.
        if let Some(mut next) = self.others.peek_mut()
            && next.0 < (key, at)
        {
            self.first = Some(next.0.1);
            *next = Reverse((key, at));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers(Vec<u32>, usize);

    impl Cursor for Numbers {
        type Key = u32;

        fn key(&self) -> Option<u32> {
            self.0.get(self.1).copied()
        }

        fn advance(&mut self) -> Result<(), IndexError> {
            self.1 += 1;
            Ok(())
        }
    }

    #[test]
    fn merges_in_order_with_earlier_sources_first() {
        let lists = [
            vec![],
            vec![1, 4, 4, 9],
            vec![2, 4, 8],
            vec![9],
            vec![0, 10, 11],
        ];
        let mut merge = Merge::new(lists.into_iter().map(|list| Numbers(list, 0)).collect());
        let mut seen = Vec::new();
        while let Some(cursor) = merge.first() {
            seen.push((cursor.key().unwrap(), cursor.0.len()));
            merge.advance().unwrap();
        }
        let expected = [
            (0, 3),
            (1, 4),
            (2, 3),
            (4, 4),
            (4, 4),
            (4, 3),
            (8, 3),
            (9, 4),
            (9, 1),
            (10, 3),
            (11, 3),
        ];
        assert_eq!(seen, expected);
    }
}
