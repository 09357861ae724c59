//! What the builder of tiles shares with those who read them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use ledger::{BookId, Digest};
use parking_lot::{Mutex, RwLock};

use super::WIDTH;
use super::book::{Book, Found, Restored};
use super::cache::Cache;
use super::error::TileError;
use super::files::Frames;
use super::frame::TileName;
use super::hashes::{FullTile, TileNodes};
use super::limits::TileLimits;
use super::restore;
use crate::reader::Reader;

/// All tiles. Locks: a book's may be held when that of the slots is taken; no others together.
pub(super) struct Shared {
    pub(super) reader: Reader,
    limits: TileLimits,
    /// Last cycle that was taken in.
    pub(super) applied: AtomicU64,
    // Held only to look up or to add.
    books: RwLock<HashMap<BookId, Arc<Mutex<Book>>>>,
    // Written when a tile becomes full and when full ones are in files.
    slots: RwLock<Slots>,
    // Held only to look up or to add.
    cache: Mutex<Cache>,
    /// Bytes that books could let go of.
    edge_bytes: AtomicUsize,
    /// Books that could; held only to push and to pop.
    queue: Mutex<VecDeque<BookId>>,
}

/// Where full tiles are.
pub(super) struct Slots {
    pub(super) frames: Frames,
    /// Those after them, in order of slots, which are only in memory.
    pub(super) waiting: Vec<Arc<FullTile>>,
}

impl Shared {
    pub(super) fn new(
        reader: Reader,
        limits: TileLimits,
        applied: u64,
        books: HashMap<BookId, Book>,
        frames: Frames,
    ) -> Self {
        let books = books
            .into_iter()
            .map(|(book, tiles)| (book, Arc::new(Mutex::new(tiles))));
        Self {
            reader,
            limits,
            applied: AtomicU64::new(applied),
            books: RwLock::new(books.collect()),
            slots: RwLock::new(Slots {
                frames,
                waiting: Vec::new(),
            }),
            cache: Mutex::new(Cache::new(limits.cached_tiles)),
            edge_bytes: AtomicUsize::new(0),
            queue: Mutex::new(VecDeque::new()),
        }
    }

    pub(super) fn limits(&self) -> &TileLimits {
        &self.limits
    }

    pub(super) fn slots(&self) -> &RwLock<Slots> {
        &self.slots
    }

    /// Bytes that books could let go of.
    pub(super) fn edge_bytes(&self) -> usize {
        self.edge_bytes.load(Ordering::Acquire)
    }

    fn book(&self, book: BookId) -> Arc<Mutex<Book>> {
        if let Some(found) = self.books.read().get(&book) {
            return Arc::clone(found);
        }
        Arc::clone(self.books.write().entry(book).or_default())
    }

    /// Does something with a book and counts what it then holds in memory.
    pub(super) fn with<R>(&self, book: BookId, act: impl FnOnce(&mut Book) -> R) -> R {
        let cell = self.book(book);
        let mut tiles = cell.lock();
        let before = tiles.edge_bytes();
        let result = act(&mut tiles);
        let after = tiles.edge_bytes();
        if after >= before {
            self.edge_bytes.fetch_add(after - before, Ordering::AcqRel);
        } else {
            self.edge_bytes.fetch_sub(before - after, Ordering::AcqRel);
        }
        let is_new = after > 0 && !std::mem::replace(&mut tiles.is_queued, true);
        drop(tiles);
        if is_new {
            self.queue.lock().push_back(book);
        }
        result
    }

    /// Lets go of what can be read again until memory is within its bound.
    pub(super) fn make_room(&self) {
        // Each book is looked at twice at most: once for its second chance, once to let go.
        let mut looks = self.queue.lock().len() * 2;
        while self.edge_bytes() > self.limits.edge_bytes && looks > 0 {
            looks -= 1;
            let Some(book) = self.queue.lock().pop_front() else {
                return;
            };
            self.with(book, |tiles| {
                tiles.is_queued = false;
                let was_used = std::mem::take(&mut tiles.is_used);
                tiles.let_go(!was_used);
            });
        }
    }

    /// Nodes of tile `index` of a level, of which the first `need` hashes are needed.
    pub(super) fn nodes(
        &self,
        name: TileName,
        need: u64,
        size: u64,
    ) -> Result<Arc<TileNodes>, TileError> {
        let (book, level, index) = (name.book, usize::from(name.level), name.index);
        let hashes = match self.with(book, |tiles| tiles.find(level, index, need)) {
            Found::Full(slot) => return self.full(name, slot),
            Found::Nodes(nodes) => return Ok(nodes),
            Found::Hashes(hashes) => hashes,
            Found::Behind => return Err(TileError::Behind { book, size }),
            Found::Away => self.read_again(name, need)?,
        };
        let nodes = Arc::new(TileNodes::new(hashes));
        self.with(book, |tiles| tiles.keep(level, index, &nodes));
        self.make_room();
        Ok(nodes)
    }

    /// Reads the hashes of a tile that is not full and keeps them.
    fn read_again(&self, name: TileName, need: u64) -> Result<Vec<Digest>, TileError> {
        let (book, level, full) = (name.book, usize::from(name.level), name.index);
        let hashes = if level == 0 {
            let first = full * WIDTH;
            let leaves = restore::leaves(&self.reader, book, first..first + need);
            leaves.map_err(|error| match error {
                TileError::NoRecord { .. } => TileError::Behind {
                    book,
                    size: first + need,
                },
                error => error,
            })?
        } else {
            self.roots(book, level)?
        };
        let restored = Restored {
            level,
            full,
            hashes: hashes.clone(),
        };
        self.with(book, |tiles| tiles.restore(restored));
        Ok(hashes)
    }

    /// Hashes that a level has beyond its full tiles: roots of tiles of the level below.
    pub(super) fn roots(&self, book: BookId, level: usize) -> Result<Vec<Digest>, TileError> {
        let below = level.saturating_sub(1);
        let (first, slots) = self.with(book, |tiles| {
            let first = tiles.full(level) * WIDTH;
            (first, tiles.slots(below, first, WIDTH))
        });
        let mut roots = Vec::with_capacity(slots.len());
        let mut head = None;
        for (index, slot) in (first..).zip(slots) {
            let name = TileName {
                book,
                level: below as u8,
                index,
            };
            let place = match self.place(slot)? {
                Place::File(place) => place,
                Place::Memory(tile) => {
                    roots.push(tile.entry.root);
                    continue;
                }
            };
            roots.push(place.root(name, &mut head)?);
        }
        Ok(roots)
    }

    fn full(&self, name: TileName, slot: u32) -> Result<Arc<TileNodes>, TileError> {
        if let Some(nodes) = self.cache.lock().get(slot) {
            return Ok(nodes);
        }
        let hashes = match self.place(slot)? {
            Place::Memory(tile) => tile.hashes.clone(),
            Place::File(place) => place.read(name)?,
        };
        let nodes = Arc::new(TileNodes::new(hashes));
        self.cache.lock().insert(slot, &nodes);
        Ok(nodes)
    }

    fn place(&self, slot: u32) -> Result<Place, TileError> {
        let slots = self.slots.read();
        if let Some(place) = slots.frames.find(slot) {
            return Ok(Place::File(place));
        }
        let waiting = slot.checked_sub(slots.frames.slots());
        let tile = waiting.and_then(|at| slots.waiting.get(at as usize));
        // Slots are given out with the lock held, so one that was found has a tile.
        tile.map(|tile| Place::Memory(Arc::clone(tile)))
            .ok_or(TileError::Stopped)
    }
}

/// Where a full tile is.
enum Place {
    Memory(Arc<FullTile>),
    File(super::files::TilePlace),
}
