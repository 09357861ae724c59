//! The writing side of a journal.

use std::fmt;
use std::io;
use std::sync::Arc;

use ledger::BookId;
use ledger::block::Block;

use crate::file_name::FileName;
use crate::reader::Reader;
use crate::room::{Need, Room};

/// What becomes durable at once: the blocks of all books that moved since the cycle before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle {
    /// Position in the journal, dense from 1.
    pub number: u64,
    /// At most one block per book. Shared, so that the cache of recent blocks copies nothing.
    pub blocks: Vec<Arc<Block>>,
}

impl Cycle {
    /// A book with more than one block in the cycle, which none may have.
    pub(crate) fn repeated_book(&self) -> Option<BookId> {
        let mut books: Vec<BookId> = self.blocks.iter().map(|block| block.header.book).collect();
        books.sort_unstable();
        books
            .windows(2)
            .find(|pair| pair.first() == pair.last())?
            .first()
            .copied()
    }
}

/// A journal: cycles in order, each durable when [`Journal::append`] returns.
pub trait Journal: Send {
    /// Makes `cycle` durable. It is, when this returns `Ok`, whatever happens next; readers see it
    /// from then on.
    ///
    /// # Errors
    /// [`AppendError::leaves_journal_usable`] tells the errors that refused the cycle before
    /// anything was written from those after which only recovery can say what is durable.
    fn append(&mut self, cycle: &Cycle) -> Result<(), AppendError>;

    /// Does what can wait until no cycle does: vouches for what is durable, reserves room. To be
    /// called when nothing waits, and again and again (every second, say) while [`Room::has`] says
    /// no: it is what notices that there is room again.
    ///
    /// # Errors
    /// As for [`Journal::append`]; a full disk is not one, [`Room`] tells it.
    fn idle(&mut self) -> Result<(), AppendError>;

    /// Notes down that a snapshot with this end cycle is complete; vouched for from the next
    /// [`Journal::idle`] on.
    fn snapshot_taken(&mut self, end_cycle: u64);

    /// The reading side.
    fn reader(&self) -> Reader;

    /// How much can be appended for sure.
    fn room(&self) -> Room;

    /// Vouches for everything appended and ends the journal.
    ///
    /// # Errors
    /// As for [`Journal::idle`].
    fn close(self: Box<Self>) -> Result<(), AppendError>;
}

/// Why a cycle was not appended.
#[derive(Debug)]
pub enum AppendError {
    /// There is no reserved room and the disk gives none. Nothing was written: the same cycle can
    /// be appended once there is room.
    Full(Need),
    /// The cycle is larger than a file of the journal. Nothing was written.
    TooLarge {
        /// What the cycle needs.
        need: Need,
        /// What a cycle may need.
        max: Need,
    },
    /// The cycle's number is not the next. Nothing was written.
    Gap {
        /// The next number.
        expected: u64,
        /// The cycle's.
        found: u64,
    },
    /// The block of this book does not continue the book. Nothing was written.
    Discontinuous(BookId),
    /// A write or sync failed: what is durable is unknown until the journal is opened anew.
    Failed {
        /// The file.
        file: FileName,
        /// What the disk said.
        source: io::Error,
    },
    /// A write or sync failed before; nothing was tried.
    Poisoned,
}

impl AppendError {
    /// Whether nothing was written, so that the journal can be used further.
    pub fn leaves_journal_usable(&self) -> bool {
        match self {
            Self::Full(_) | Self::TooLarge { .. } | Self::Gap { .. } | Self::Discontinuous(_) => {
                true
            }
            Self::Failed { .. } | Self::Poisoned => false,
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(need) => write!(f, "disk is full: no room for a cycle of {need}"),
            Self::TooLarge { need, max } => {
                write!(
                    f,
                    "cycle of {need} is larger than the journal's files, which take {max}"
                )
            }
            Self::Gap { expected, found } => {
                write!(f, "cycle `{found}` where `{expected}` is the next")
            }
            Self::Discontinuous(book) => {
                write!(f, "block of book `{book}` does not continue it")
            }
            Self::Failed { file, source } => write!(f, "write or sync of file `{file}`: {source}"),
            Self::Poisoned => f.write_str("an earlier write or sync of the journal failed"),
        }
    }
}

impl std::error::Error for AppendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed { source, .. } => Some(source),
            _ => None,
        }
    }
}
