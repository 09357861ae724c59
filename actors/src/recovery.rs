//! Recovery: from what is durable to a ledger that goes on, checked on the way.
//!
//! The newest complete snapshot, then the fold of every cycle behind it; ids come from cycles that
//! the index does not cover.

use std::fmt;
use std::sync::Arc;

use ledger::block::BlockFault;
use ledger::event::{Records, kind};
use ledger::fields::DecodeError;
use ledger::registry::Name;
use ledger::replay::Fold;
use ledger::snapshot::Heads;
use ledger::{BookId, Event, Height, Ledger, TenantId};
use store::disk::Disk;
use store::index::{self, Index, IndexBuilder, IndexError, IndexLimits};
use store::snapshot::{self, SnapshotError};
use store::{Cycle, Journal, ReadError, Reader};

/// What recovery starts from.
pub struct Sources {
    /// The journal, opened: its tail is cut or vouched for.
    pub journal: Box<dyn Journal>,
    /// Where snapshots and indexes stand.
    pub disk: Arc<dyn Disk>,
    /// Memory of the index.
    pub index: IndexLimits,
    /// Memory for recent ids, in bytes.
    pub recent_id_bytes: usize,
    /// Seeds of the hashes of this process.
    pub hash_seed: [u64; 2],
}

/// A ledger that goes on where the journal ends.
pub struct Recovered {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) index_limits: IndexLimits,
    pub(crate) builder: IndexBuilder,
    pub(crate) index: Index,
    pub(crate) ledger: Ledger,
    pub(crate) heads: Heads,
    pub(crate) last_cycle: u64,
    /// Bytes of events behind the snapshot.
    pub(crate) tail_bytes: u64,
}

impl Recovered {
    /// The tenant of this name.
    pub fn tenant(&self, name: Name) -> Option<TenantId> {
        let tenants = self.ledger.registry().tenants.values();
        let mut named = tenants.filter(|tenant| tenant.name == name);
        named.next().map(|tenant| tenant.id)
    }
}

/// How far recovery has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Folded {
    /// The cycle.
    pub cycle: u64,
    /// The last cycle there is.
    pub of: u64,
}

/// Why the journal cannot be gone on with. Nothing was changed.
#[derive(Debug)]
pub enum RecoveryError {
    /// A cycle cannot be read.
    Read(ReadError),
    /// A snapshot cannot be read.
    Snapshot(SnapshotError),
    /// A chunk of the snapshot is none.
    Chunk(DecodeError),
    /// The index cannot be opened.
    Index(IndexError),
    /// A block does not follow from those before it.
    Block {
        /// Its cycle.
        cycle: u64,
        /// Its book.
        book: BookId,
        /// Its height.
        height: Height,
        /// What does not fit.
        fault: BlockFault,
    },
    /// Debits do not equal credits in this book.
    Unbalanced(BookId),
    /// What accounts of this book hold is not what its open holds say.
    Held(BookId),
}

impl fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "journal: {error}"),
            Self::Snapshot(error) => write!(f, "snapshot: {error}"),
            Self::Chunk(error) => write!(f, "chunk of the snapshot: {error}"),
            Self::Index(error) => write!(f, "index: {error}"),
            Self::Block {
                cycle,
                book,
                height,
                fault,
            } => {
                write!(
                    f,
                    "cycle `{cycle}`, block `{height}` of book `{book}`: {fault}"
                )
            }
            Self::Unbalanced(book) => write!(f, "debits do not equal credits in book `{book}`"),
            Self::Held(book) => {
                write!(f, "accounts and open holds of book `{book}` do not agree")
            }
        }
    }
}

impl std::error::Error for RecoveryError {}

impl From<ReadError> for RecoveryError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<SnapshotError> for RecoveryError {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

impl From<IndexError> for RecoveryError {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

/// Recovers the ledger; `progress` is called behind every cycle.
///
/// # Errors
/// What is durable cannot be read, or does not follow from what stands before it.
pub fn recover(
    sources: Sources,
    mut progress: impl FnMut(Folded),
) -> Result<Recovered, RecoveryError> {
    let reader = sources.journal.reader();
    let last_cycle = reader.last_cycle();
    let mut fold = Folding::begin(&sources, last_cycle)?;
    let (builder, index) = open_index(&sources, last_cycle)?;
    let covered = builder.covered_cycle();
    for cycle in reader.cycles(covered.min(fold.begin) + 1) {
        let cycle = cycle?;
        fold.cycle(&cycle, covered)?;
        erase_again(&reader, &cycle)?;
        progress(Folded {
            cycle: cycle.number,
            of: last_cycle,
        });
    }
    let (ledger, heads, tail_bytes) = fold.end()?;
    Ok(Recovered {
        journal: sources.journal,
        disk: sources.disk,
        index_limits: sources.index,
        builder,
        index,
        ledger,
        heads,
        last_cycle,
        tail_bytes,
    })
}

/// Erases what the cycle says is erased: the daemon may have ended between the two.
fn erase_again(reader: &Reader, cycle: &Cycle) -> Result<(), RecoveryError> {
    for block in &cycle.blocks {
        for record in Records(&block.events).map_while(Result::ok) {
            if record.first() == Some(&kind::NOTE_ERASED)
                && let Ok(Event::NoteErased(erased)) = Event::decode(record)
            {
                reader.erase_note(block.header.book, erased.target)?;
            }
        }
    }
    Ok(())
}

/// Opens the index, or begins it anew if it is damaged or ahead of the journal: everything in it
/// can be told from closed blocks again.
fn open_index(sources: &Sources, last_cycle: u64) -> Result<(IndexBuilder, Index), RecoveryError> {
    let open = || IndexBuilder::open(Arc::clone(&sources.disk), sources.index);
    match open() {
        Ok((builder, index)) if builder.covered_cycle() <= last_cycle => {
            return Ok((builder, index));
        }
        Ok((builder, _)) => {
            tracing::warn!(
                covered = builder.covered_cycle(),
                last_cycle,
                "index is ahead"
            );
        }
        Err(error) => tracing::warn!(%error, "index cannot be used"),
    }
    tracing::warn!("building the index anew from closed blocks");
    index::rebuild(sources.disk.as_ref())?;
    Ok(open()?)
}

struct Folding {
    ledger: Ledger,
    heads: Heads,
    /// Cycles of the snapshot: exact up to `begin`, fuzzy up to `end`.
    begin: u64,
    end: u64,
    tail_bytes: u64,
}

impl Folding {
    fn begin(sources: &Sources, last_cycle: u64) -> Result<Self, RecoveryError> {
        let mut ledger = Ledger::with_id_memory(sources.hash_seed, sources.recent_id_bytes);
        let mut heads = Heads::new();
        let (mut begin, mut end) = (0, 0);
        if let Some(snapshot) = snapshot::newest_complete(&*sources.disk, last_cycle)? {
            (begin, end) = (snapshot.begin_cycle, snapshot.end_cycle);
            for chunk in snapshot.chunks() {
                ledger
                    .load_chunk(&mut heads, &chunk?)
                    .map_err(RecoveryError::Chunk)?;
            }
        }
        Ok(Self {
            ledger,
            heads,
            begin,
            end,
            tail_bytes: 0,
        })
    }

    fn cycle(&mut self, cycle: &Cycle, covered: u64) -> Result<(), RecoveryError> {
        let number = cycle.number;
        for block in &cycle.blocks {
            let (book, height) = (block.header.book, block.header.height);
            let wrong = |fault| RecoveryError::Block {
                cycle: number,
                book,
                height,
                fault,
            };
            if number <= self.begin {
                self.ledger.replay_ids(block).map_err(wrong)?;
                continue;
            }
            self.tail_bytes += block.events.len() as u64;
            let head = self.heads.entry(book).or_default();
            head.advance(block).map_err(wrong)?;
            let fold = if number <= self.end {
                Fold::Fuzzy
            } else {
                Fold::Exact
            };
            self.ledger
                .replay_block(block, fold, number > covered)
                .map_err(wrong)?;
        }
        self.ledger.ids_mut().cycle_closed(number);
        Ok(())
    }

    fn end(mut self) -> Result<(Ledger, Heads, u64), RecoveryError> {
        self.ledger.rebuild_totals();
        let unbalanced = self
            .ledger
            .books()
            .find(|book| !book.totals().is_balanced());
        if let Some(book) = unbalanced {
            return Err(RecoveryError::Unbalanced(book.id));
        }
        // Folding all blocks makes them agree; a snapshot may have been written by anybody.
        if self.end != 0
            && let Some(book) = self.ledger.books().find(|book| !book.holds_add_up())
        {
            return Err(RecoveryError::Held(book.id));
        }
        Ok((self.ledger, self.heads, self.tail_bytes))
    }
}
