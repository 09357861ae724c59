//! Where every block stands: the directory kept in memory, rebuilt by recovery.
//!
//! 24 bytes per block and 8 per cycle: a million blocks take 24 MB. Heights are dense, so a block's
//! height is its place in its book's list; where it ends is where the next one begins.

use std::collections::HashMap;

use ledger::block::BlockHeader;
use ledger::{BookId, Height, Nanos, Seq};

use crate::reader::BookEnd;

/// A place in a segment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Spot {
    /// Number of the segment.
    pub(crate) segment: u32,
    /// Bytes from its start.
    pub(crate) offset: u32,
}

/// What is known of one block.
#[derive(Clone, Copy, Debug)]
struct Row {
    first_seq: u64,
    first_posted_at: u64,
    spot: Spot,
}

const _: () = assert!(size_of::<Row>() == 24);
const _: () = assert!(size_of::<Spot>() == 8);

#[derive(Debug, Default)]
struct Shelf {
    /// By height − 1.
    rows: Vec<Row>,
    next_seq: u64,
}

/// Places of all blocks and cycles.
#[derive(Debug)]
pub(crate) struct Directory {
    books: HashMap<BookId, Shelf>,
    /// By number − 1.
    cycles: Vec<Spot>,
    end: Spot,
}

/// A block that was looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) height: Height,
    pub(crate) spot: Spot,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            books: HashMap::new(),
            cycles: Vec::new(),
            end: Spot {
                segment: 1,
                offset: 0,
            },
        }
    }

    /// Whether `header` continues its book.
    pub(crate) fn continues(&self, header: &BlockHeader) -> bool {
        let (height, next_seq) = match self.books.get(&header.book) {
            Some(shelf) => (shelf.rows.len() as u64, shelf.next_seq),
            None => (0, 0),
        };
        header.count > 0
            && header.height.0 == height + 1
            && header.first_seq.0 == next_seq
            && next_seq.checked_add(u64::from(header.count)).is_some()
    }

    /// Adds a block. INVARIANT: it continues its book.
    pub(crate) fn push_block(&mut self, header: &BlockHeader, spot: Spot) {
        let shelf = self.books.entry(header.book).or_default();
        shelf.rows.push(Row {
            first_seq: header.first_seq.0,
            first_posted_at: header.first_posted_at.0,
            spot,
        });
        shelf.next_seq = header.seqs().end;
    }

    /// Adds the next cycle, whose blocks were added.
    pub(crate) fn push_cycle(&mut self, spot: Spot, end: Spot) {
        self.cycles.push(spot);
        self.end = end;
    }

    /// Number of the last cycle; 0 before the first.
    pub(crate) fn last_cycle(&self) -> u64 {
        self.cycles.len() as u64
    }

    /// Where the last cycle ends.
    pub(crate) fn end(&self) -> Spot {
        self.end
    }

    /// Where a cycle stands.
    pub(crate) fn cycle(&self, number: u64) -> Option<Spot> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.cycles.get(index).copied()
    }

    /// Where the cycle stands that a block at `spot` belongs to.
    pub(crate) fn cycle_around(&self, spot: Spot) -> Option<Spot> {
        let after = self.cycles.partition_point(|cycle| *cycle <= spot);
        self.cycles.get(after.checked_sub(1)?).copied()
    }

    /// The block that holds an event.
    pub(crate) fn block_at(&self, book: BookId, seq: Seq) -> Option<Found> {
        let shelf = self.books.get(&book)?;
        if seq.0 >= shelf.next_seq {
            return None;
        }
        shelf.last(|row| row.first_seq <= seq.0)
    }

    /// The block of a height.
    pub(crate) fn block_by_height(&self, book: BookId, height: Height) -> Option<Found> {
        let index = usize::try_from(height.0).ok()?.checked_sub(1)?;
        let row = self.books.get(&book)?.rows.get(index)?;
        Some(Found {
            height,
            spot: row.spot,
        })
    }

    /// The last block whose first event was posted at `at` or before.
    pub(crate) fn block_posted(&self, book: BookId, at: Nanos) -> Option<Found> {
        self.books
            .get(&book)?
            .last(|row| row.first_posted_at <= at.0)
    }

    /// Where a book stands.
    pub(crate) fn book(&self, book: BookId) -> Option<BookEnd> {
        let shelf = self.books.get(&book)?;
        Some(BookEnd {
            book,
            height: Height(shelf.rows.len() as u64),
            next_seq: Seq(shelf.next_seq),
        })
    }

    /// Every book, in order of number.
    pub(crate) fn books(&self) -> Vec<BookEnd> {
        let mut ends: Vec<BookEnd> = self
            .books
            .keys()
            .filter_map(|book| self.book(*book))
            .collect();
        ends.sort_unstable_by_key(|end| end.book);
        ends
    }
}

impl Shelf {
    /// The last block of those, from the first on, for which `is_before` holds.
    fn last(&self, is_before: impl Fn(&Row) -> bool) -> Option<Found> {
        let after = self.rows.partition_point(is_before);
        let row = self.rows.get(after.checked_sub(1)?)?;
        Some(Found {
            height: Height(after as u64),
            spot: row.spot,
        })
    }
}
