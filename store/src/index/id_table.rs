//! Ids that are in no run yet. Nobody looks here: whoever asks still remembers them.

use std::sync::Arc;

use ledger::past::KeyKind;

use super::error::IndexError;
use super::id_page::{Books, IdEntry};
use super::id_run::KINDS;
use super::merge::Cursor;

/// Bytes of an entry in memory.
const ENTRY: usize = size_of::<IdEntry>();
/// The most entries sorted at once, so that no step takes long.
const MAX_CHUNK: usize = 32 << 10;

/// Ids that are in no run yet, sorted a chunk at a time.
pub(super) struct IdTable {
    chunk: usize,
    open: [Vec<IdEntry>; KINDS.len()],
    sorted: [Vec<Arc<[IdEntry]>>; KINDS.len()],
    items: u64,
    books: Books,
}

impl IdTable {
    /// An empty table that will hold about `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            chunk: (bytes / ENTRY / 8).clamp(64, MAX_CHUNK),
            open: Default::default(),
            sorted: Default::default(),
            items: 0,
            books: Books::NONE,
        }
    }

    /// Entries.
    pub(super) fn items(&self) -> u64 {
        self.items
    }

    /// Books of the entries.
    pub(super) fn books(&self) -> Books {
        self.books
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        let open: usize = self.open.iter().map(Vec::capacity).sum();
        let sorted: usize = self.sorted.iter().flatten().map(|chunk| chunk.len()).sum();
        (open + sorted) * ENTRY
    }

    /// Adds an entry.
    #[inline]
    pub(super) fn push(&mut self, kind: KeyKind, entry: IdEntry) {
        let open = &mut self.open[kind as usize];
        open.push(entry);
        self.items += 1;
        self.books = self.books.and(Books {
            min: entry.book,
            max: entry.book,
        });
        if open.len() >= self.chunk {
            self.sort(kind as usize);
        }
    }

    fn sort(&mut self, kind: usize) {
        let open = &mut self.open[kind];
        open.sort_unstable_by_key(IdEntry::key);
        self.sorted[kind].push(Arc::from(&open[..]));
        open.clear();
    }

    /// Sorts what is not; nothing is pushed any more.
    pub(super) fn freeze(&mut self) {
        for kind in 0..KINDS.len() {
            if !self.open[kind].is_empty() {
                self.sort(kind);
            }
            self.open[kind] = Vec::new();
        }
    }

    /// The entries of one kind, sorted, in cursors to be merged. Only of a frozen table.
    pub(super) fn cursors(&self, kind: usize) -> Vec<TableCursor> {
        let chunks = self.sorted[kind].iter();
        chunks
            .map(|chunk| TableCursor {
                chunk: chunk.clone(),
                at: 0,
            })
            .collect()
    }
}

/// A place in a sorted chunk.
pub(super) struct TableCursor {
    chunk: Arc<[IdEntry]>,
    at: usize,
}

impl TableCursor {
    /// The entry at this place.
    #[inline]
    pub(super) fn entry(&self) -> Option<IdEntry> {
        self.chunk.get(self.at).copied()
    }
}

impl Cursor for TableCursor {
    type Key = (u128, u32);

    #[inline]
    fn key(&self) -> Option<(u128, u32)> {
        self.chunk.get(self.at).map(IdEntry::key)
    }

    #[inline]
    fn advance(&mut self) -> Result<(), IndexError> {
        self.at += 1;
        Ok(())
    }
}
