//! The memory journal: what a test or a simulation keeps instead of files. Nothing outlives the
//! process.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::block::Block;
use ledger::{BookId, Height, Nanos, Seq};
use parking_lot::RwLock;

use crate::embedded::window::Window;
use crate::journal::{AppendError, Cycle, Journal};
use crate::reader::{BookEnd, ReadError, Reader, Source};
use crate::room::{Need, Room};

/// A journal in memory. Clones share their cycles, so that a clone is what a restart would find.
#[derive(Clone, Debug)]
pub struct Memory {
    // Written by the one thread that appends, read by all readers.
    state: Arc<RwLock<State>>,
    room: Room,
}

#[derive(Debug, Default)]
struct State {
    cycles: Vec<Arc<Cycle>>,
    /// Blocks by height − 1, each with its cycle's index.
    books: BTreeMap<BookId, Vec<(Arc<Block>, usize)>>,
}

impl Memory {
    /// An empty journal.
    pub fn new() -> Self {
        let all = Need {
            cycle: u64::MAX,
            notes: u64::MAX,
        };
        let room = Room::new(all);
        room.set(all);
        Self {
            state: Arc::default(),
            room,
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Journal for Memory {
    fn append(&mut self, cycle: &Cycle) -> Result<(), AppendError> {
        let mut state = self.state.write();
        let expected = state.cycles.len() as u64 + 1;
        if cycle.number != expected {
            return Err(AppendError::Gap {
                expected,
                found: cycle.number,
            });
        }
        state.check(cycle)?;
        let index = state.cycles.len();
        for block in &cycle.blocks {
            let blocks = state.books.entry(block.header.book).or_default();
            blocks.push((Arc::clone(block), index));
        }
        state.cycles.push(Arc::new(cycle.clone()));
        Ok(())
    }

    fn idle(&mut self) -> Result<(), AppendError> {
        Ok(())
    }

    fn snapshot_taken(&mut self, _: u64) {}

    fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.state) as Arc<dyn Source>)
    }

    fn room(&self) -> Room {
        self.room.clone()
    }

    fn close(self: Box<Self>) -> Result<(), AppendError> {
        Ok(())
    }
}

impl State {
    fn check(&self, cycle: &Cycle) -> Result<(), AppendError> {
        if let Some(book) = cycle.repeated_book() {
            return Err(AppendError::Discontinuous(book));
        }
        for block in &cycle.blocks {
            let header = &block.header;
            let last = self
                .books
                .get(&header.book)
                .and_then(|blocks| blocks.last());
            let (height, next_seq) = match last {
                Some((last, _)) => (last.header.height.0, last.header.seqs().end),
                None => (0, 0),
            };
            let continues =
                header.height.0 == height + 1 && header.first_seq.0 == next_seq && header.count > 0;
            if !continues {
                return Err(AppendError::Discontinuous(header.book));
            }
        }
        Ok(())
    }

    fn index_of(&self, book: BookId, seq: Seq) -> Option<usize> {
        let blocks = self.books.get(&book)?;
        let after = blocks.partition_point(|(block, _)| block.header.first_seq <= seq);
        let at = after.checked_sub(1)?;
        blocks
            .get(at)
            .is_some_and(|(block, _)| block.header.seqs().contains(&seq.0))
            .then_some(at)
    }

    fn block(&self, book: BookId, index: usize) -> Option<Arc<Block>> {
        self.books
            .get(&book)?
            .get(index)
            .map(|(block, _)| Arc::clone(block))
    }
}

impl Source for RwLock<State> {
    fn last_cycle(&self) -> u64 {
        self.read().cycles.len() as u64
    }

    fn cycle(&self, number: u64, _: &mut Window) -> Result<Option<Arc<Cycle>>, ReadError> {
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        Ok(index.and_then(|index| self.read().cycles.get(index).map(Arc::clone)))
    }

    fn block_at(&self, book: BookId, seq: Seq) -> Result<Option<Arc<Block>>, ReadError> {
        let state = self.read();
        Ok(state
            .index_of(book, seq)
            .and_then(|index| state.block(book, index)))
    }

    fn record(&self, book: BookId, seq: Seq) -> Result<Option<Vec<u8>>, ReadError> {
        let block = self.block_at(book, seq)?;
        Ok(block.and_then(|block| block.record(seq).map(<[u8]>::to_vec)))
    }

    fn block_by_height(&self, book: BookId, h: Height) -> Result<Option<Arc<Block>>, ReadError> {
        let index = usize::try_from(h.0).ok().and_then(|h| h.checked_sub(1));
        Ok(index.and_then(|index| self.read().block(book, index)))
    }

    fn block_posted(&self, book: BookId, at: Nanos) -> Result<Option<Arc<Block>>, ReadError> {
        let state = self.read();
        let Some(blocks) = state.books.get(&book) else {
            return Ok(None);
        };
        let after = blocks.partition_point(|(block, _)| block.header.first_posted_at <= at);
        Ok(after
            .checked_sub(1)
            .and_then(|index| state.block(book, index)))
    }

    fn books(&self) -> Vec<BookEnd> {
        let books: Vec<BookId> = self.read().books.keys().copied().collect();
        books
            .into_iter()
            .filter_map(|book| self.book(book))
            .collect()
    }

    fn book(&self, book: BookId) -> Option<BookEnd> {
        let state = self.read();
        let (last, _) = state.books.get(&book)?.last()?;
        Some(BookEnd {
            book,
            height: last.header.height,
            next_seq: Seq(last.header.seqs().end),
        })
    }

    fn erase_note(&self, book: BookId, seq: Seq) -> Result<bool, ReadError> {
        let state = &mut *self.write();
        let Some(index) = state.index_of(book, seq) else {
            return Ok(false);
        };
        let slot = state
            .books
            .get_mut(&book)
            .and_then(|blocks| blocks.get_mut(index));
        let Some((slot, cycle)) = slot else {
            return Ok(false);
        };
        let Ok(at) = slot.notes.binary_search_by_key(&seq, |(at, _)| *at) else {
            return Ok(false);
        };
        let mut block = Block::clone(slot);
        block.notes.remove(at);
        *slot = Arc::new(block);
        if let Some(cycle) = state.cycles.get_mut(*cycle) {
            let mut erased = Cycle::clone(cycle);
            for other in erased
                .blocks
                .iter_mut()
                .filter(|other| other.header.book == book)
            {
                *other = Arc::clone(slot);
            }
            *cycle = Arc::new(erased);
        }
        Ok(true)
    }
}
