//! The reading side of a journal.

use std::fmt;
use std::io;
use std::sync::Arc;

use ledger::block::{Block, BlockFault};
use ledger::event::Records;
use ledger::note::Note;
use ledger::{BookId, Event, Height, Nanos, Seq};

use crate::embedded::frame::FrameFault;
use crate::embedded::notes::NotesFault;
use crate::embedded::window::Window;
use crate::file_name::Place;
use crate::journal::Cycle;

/// Reads what is durable. Cheap to clone; all clones see a cycle as soon as its append returned.
#[derive(Clone)]
pub struct Reader(Arc<dyn Source>);

/// Where a book stands in the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookEnd {
    /// The book.
    pub book: BookId,
    /// Height of its last block.
    pub height: Height,
    /// Sequence that its next event will have.
    pub next_seq: Seq,
}

/// What a journal lets be read; [`Reader`] is its face.
pub(crate) trait Source: Send + Sync {
    fn last_cycle(&self) -> u64;
    fn cycle(&self, number: u64, window: &mut Window) -> Result<Option<Arc<Cycle>>, ReadError>;
    fn block_at(&self, book: BookId, seq: Seq) -> Result<Option<Arc<Block>>, ReadError>;
    fn record(&self, book: BookId, seq: Seq) -> Result<Option<Vec<u8>>, ReadError>;
    fn block_by_height(&self, book: BookId, h: Height) -> Result<Option<Arc<Block>>, ReadError>;
    /// The last block whose first event was posted at `at` or before.
    fn block_posted(&self, book: BookId, at: Nanos) -> Result<Option<Arc<Block>>, ReadError>;
    fn books(&self) -> Vec<BookEnd>;
    fn book(&self, book: BookId) -> Option<BookEnd>;
    fn erase_note(&self, book: BookId, seq: Seq) -> Result<bool, ReadError>;
}

impl Reader {
    pub(crate) fn new(source: Arc<dyn Source>) -> Self {
        Self(source)
    }

    /// Number of the last cycle; 0 before the first.
    pub fn last_cycle(&self) -> u64 {
        self.0.last_cycle()
    }

    /// Cycles from number `from` on, in order; memory holds one at a time. After the last the
    /// iterator gives `None`, and goes on when asked again once there are more.
    pub fn cycles(&self, from: u64) -> Cycles {
        Cycles {
            source: Arc::clone(&self.0),
            next: from.max(1),
            window: Window::new(),
        }
    }

    /// The block that holds the event with this sequence, its notes included as far as they were
    /// not erased. Recent blocks come from memory.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn block_at(&self, book: BookId, seq: Seq) -> Result<Option<Arc<Block>>, ReadError> {
        self.0.block_at(book, seq)
    }

    /// The record with this sequence. Costs less than its block where the block is large.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn record(&self, book: BookId, seq: Seq) -> Result<Option<Vec<u8>>, ReadError> {
        self.0.record(book, seq)
    }

    /// The block of this height.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn block_by_height(
        &self,
        book: BookId,
        height: Height,
    ) -> Result<Option<Arc<Block>>, ReadError> {
        self.0.block_by_height(book, height)
    }

    /// Note of the event with this sequence, if it has one that was not erased.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn note(&self, book: BookId, seq: Seq) -> Result<Option<Note>, ReadError> {
        let Some(block) = self.block_at(book, seq)? else {
            return Ok(None);
        };
        let found = block.notes.binary_search_by_key(&seq, |(at, _)| *at);
        Ok(found
            .ok()
            .and_then(|at| block.notes.get(at))
            .map(|(_, note)| note.clone()))
    }

    /// Overwrites the note of the event with this sequence; it is gone for good when this returns.
    /// False if there is none, or none any more.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged; to be called again until it succeeds.
    pub fn erase_note(&self, book: BookId, seq: Seq) -> Result<bool, ReadError> {
        self.0.erase_note(book, seq)
    }

    /// Sequence of the last event of the book that was posted at `at` or before.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn seq_at_time(&self, book: BookId, at: Nanos) -> Result<Option<Seq>, ReadError> {
        let Some(block) = self.0.block_posted(book, at)? else {
            return Ok(None);
        };
        if block.header.last_posted_at <= at {
            return Ok(Some(Seq(block.header.seqs().end - 1)));
        }
        let mut last = None;
        for record in Records(&block.events) {
            let event = record
                .and_then(Event::decode)
                .map_err(|_| ReadError::Events {
                    book,
                    height: block.header.height,
                })?;
            if event.posted_at() > at {
                break;
            }
            last = Some(event.seq());
        }
        Ok(last)
    }

    /// Where a book stands; `None` before its first block.
    pub fn book(&self, book: BookId) -> Option<BookEnd> {
        self.0.book(book)
    }

    /// Every book with a block, in order of number, and where it stands.
    pub fn books(&self) -> Vec<BookEnd> {
        self.0.books()
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("last_cycle", &self.last_cycle())
            .finish()
    }
}

/// Cycles in order; see [`Reader::cycles`].
pub struct Cycles {
    source: Arc<dyn Source>,
    next: u64,
    window: Window,
}

impl Iterator for Cycles {
    type Item = Result<Arc<Cycle>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let cycle = self.source.cycle(self.next, &mut self.window).transpose()?;
        if cycle.is_ok() {
            self.next += 1;
        }
        Some(cycle)
    }
}

impl fmt::Debug for Cycles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cycles").field("next", &self.next).finish()
    }
}

/// Why durable bytes cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// The disk failed.
    Io {
        /// Where.
        place: Place,
        /// What it said.
        source: io::Error,
    },
    /// The bytes of a cycle are damaged.
    Cycle {
        /// Where.
        place: Place,
        /// What is wrong.
        fault: FrameFault,
    },
    /// The bytes of a cycle's notes are damaged.
    Notes {
        /// Where.
        place: Place,
        /// What is wrong.
        fault: NotesFault,
    },
    /// A block is not what its header says.
    Block {
        /// Where its cycle stands.
        place: Place,
        /// What is wrong.
        fault: BlockFault,
    },
    /// The events of a block are not whole records.
    Events {
        /// The book.
        book: BookId,
        /// The block.
        height: Height,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { place, source } => write!(f, "{place}: {source}"),
            Self::Cycle { place, fault } => write!(f, "{place}: {fault}"),
            Self::Notes { place, fault } => write!(f, "{place}: {fault}"),
            Self::Block { place, fault } => write!(f, "{place}: {fault}"),
            Self::Events { book, height } => {
                write!(
                    f,
                    "events of block `{height}` of book `{book}` are not whole records"
                )
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
