//! Builds tiles from closed cycles.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ledger::block::Block;
use ledger::{BookId, Digest};

use super::WIDTH;
use super::book::{Book, Restored};
use super::error::TileError;
use super::files::{self, FrameWriter};
use super::hashes::FullTile;
use super::limits::TileLimits;
use super::reader::Tiles;
use super::restore;
use super::shared::Shared;
use crate::disk::Disk;
use crate::file_name::FileName;
use crate::journal::Cycle;
use crate::reader::Reader;

/// Adds closed cycles to the tiles. Owned by one thread.
pub struct TileBuilder {
    shared: Arc<Shared>,
    writer: FrameWriter,
    /// What the last cycle was that was taken in.
    mark: Digest,
    hashes: Vec<Digest>,
    stopped: bool,
}

impl TileBuilder {
    /// Opens the tiles on `disk`, or begins them. The caller then gives every cycle after
    /// [`TileBuilder::covered_cycle`], in order. `reader` is the journal's: what tiles lack is read
    /// from its blocks.
    ///
    /// # Errors
    /// A file of the tiles is missing, damaged, made from another journal or cannot be read: see
    /// [`rebuild`].
    pub fn open(
        disk: Arc<dyn Disk>,
        reader: Reader,
        limits: TileLimits,
    ) -> Result<(Self, Tiles), TileError> {
        let limits = limits.checked();
        let mut books: HashMap<BookId, Book> = HashMap::new();
        let mut slot = 0u32;
        let (frames, writer) = files::open(&disk, limits.file_bytes, &mut |entry| {
            let is_next = books
                .entry(entry.name.book)
                .or_default()
                .found(entry.name, slot);
            slot += 1;
            is_next
        })?;
        if !books.values().all(Book::is_whole) {
            return Err(files::incomplete());
        }
        let (covered, mark) = (writer.covered(), writer.mark());
        check_mark(&reader, covered, mark)?;
        let shared = Arc::new(Shared::new(reader, limits, covered, books, frames));
        let tiles = Tiles {
            shared: Arc::clone(&shared),
        };
        let builder = Self {
            shared,
            writer,
            mark,
            hashes: Vec::new(),
            stopped: false,
        };
        Ok((builder, tiles))
    }

    /// Every tile that was full with this cycle is durable: a builder that is opened again wants
    /// the cycles after it.
    pub fn covered_cycle(&self) -> u64 {
        self.writer.covered()
    }

    /// The last cycle that was taken in.
    pub fn applied_cycle(&self) -> u64 {
        self.shared.applied.load(Ordering::Acquire)
    }

    /// Takes in a durable cycle; one that was taken in before is passed over. Readers see it when
    /// this returns. Writes tiles when enough have come together.
    ///
    /// # Errors
    /// Cycles between are missing; a block cannot be read; the disk failed. Unless the builder is
    /// stopped by a failed write, the same cycle may be given again; see [`TileError::is_full`].
    pub fn apply_cycle(&mut self, cycle: &Cycle) -> Result<(), TileError> {
        self.check()?;
        let expected = self.applied_cycle() + 1;
        if cycle.number < expected {
            return Ok(());
        }
        if cycle.number > expected {
            return Err(TileError::OutOfOrder {
                expected,
                got: cycle.number,
            });
        }
        // What an interrupted try left goes first, so that memory stays bounded on a full disk.
        self.write_if(2)?;
        for block in &cycle.blocks {
            self.apply_block(block)?;
            self.write_if(2)?;
        }
        self.mark = mark(cycle);
        self.shared.applied.store(cycle.number, Ordering::Release);
        self.shared.make_room();
        Ok(())
    }

    fn check(&self) -> Result<(), TileError> {
        if self.stopped {
            Err(TileError::Stopped)
        } else {
            Ok(())
        }
    }

    fn apply_block(&mut self, block: &Block) -> Result<(), TileError> {
        let book = block.header.book;
        let (first, end) = (block.header.first_seq.0, block.header.seqs().end);
        let shared = Arc::clone(&self.shared);
        let missing = shared.with(book, |tiles| {
            tiles.is_used = true;
            tiles.missing(first, end)
        });
        let mut restored = Vec::new();
        if let Some(range) = missing.leaves {
            let full = range.start / WIDTH;
            let hashes = restore::leaves(&shared.reader, book, range)?;
            restored.push(Restored {
                level: 0,
                full,
                hashes,
            });
        }
        for level in missing.levels {
            let hashes = shared.roots(book, level)?;
            let full = shared.with(book, |tiles| tiles.full(level));
            restored.push(Restored {
                level,
                full,
                hashes,
            });
        }
        self.hashes.clear();
        restore::of_block(block, first..end, &mut self.hashes)?;
        let root_at = |index: u64| {
            let at = index.checked_sub(first / WIDTH)?;
            block.hashes.level8.get(usize::try_from(at).ok()?).copied()
        };
        shared.with(book, |tiles| {
            restored
                .into_iter()
                .for_each(|restored| tiles.restore(restored));
            // Leaves that are there already came from these blocks too.
            let known = tiles.leaves().saturating_sub(first);
            let skip = usize::try_from(known).unwrap_or(usize::MAX);
            for leaf in self.hashes.iter().skip(skip) {
                tiles.push(book, *leaf, &root_at, &mut |tile| {
                    let mut slots = shared.slots().write();
                    slots.waiting.push(Arc::new(tile));
                    // INVARIANT: slots are counted in 32 bits, enough for a trillion leaves.
                    slots.frames.slots() + slots.waiting.len() as u32 - 1
                });
            }
        });
        Ok(())
    }

    /// Writes the tiles that wait if there are `frames` times what a frame should have.
    fn write_if(&mut self, frames: usize) -> Result<bool, TileError> {
        let waiting = self.shared.slots().read().waiting.len();
        if waiting < self.shared.limits().frame_tiles * frames {
            return Ok(false);
        }
        self.write()?;
        Ok(true)
    }

    /// Writes all tiles that wait, a frame at a time.
    fn write(&mut self) -> Result<(), TileError> {
        loop {
            let waiting = self.shared.slots().read().waiting.clone();
            let frame = self.shared.limits().frame_tiles;
            let cut = frame_end(&waiting, frame);
            let is_all = cut == waiting.len();
            // Before the last frame not all tiles are in files, so it covers no more than before.
            let (covered, mark) = if is_all {
                (self.applied_cycle(), self.mark)
            } else {
                (self.writer.covered(), self.writer.mark())
            };
            let tiles = waiting.get(..cut).unwrap_or_default();
            let written = self.writer.append(tiles, covered, mark);
            let written = written.inspect_err(|error| self.stopped = !error.is_full())?;
            let mut slots = self.shared.slots().write();
            written.add_to(&mut slots.frames);
            slots.waiting.drain(..cut);
            if is_all {
                return Ok(());
            }
        }
    }

    /// Writes what has come together, if that is enough for a frame: for when no cycle waits.
    /// Whether something was written.
    ///
    /// # Errors
    /// The disk failed. If it was full, nothing is lost.
    pub fn work(&mut self) -> Result<bool, TileError> {
        self.check()?;
        self.write_if(1)
    }

    /// Makes every cycle that was taken in part of what is covered.
    ///
    /// # Errors
    /// The disk failed. If it was full, nothing is lost.
    pub fn sync(&mut self) -> Result<(), TileError> {
        self.check()?;
        if self.covered_cycle() < self.applied_cycle() {
            self.write()?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for TileBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TileBuilder")
            .field("applied_cycle", &self.applied_cycle())
            .field("covered_cycle", &self.covered_cycle())
            .finish_non_exhaustive()
    }
}

/// Deletes the tiles: the next [`TileBuilder::open`] begins at the first cycle. No builder may be
/// open.
///
/// # Errors
/// The disk failed; calling again goes on.
pub fn rebuild(disk: &dyn Disk) -> Result<(), TileError> {
    let names = disk.list().map_err(TileError::io(FileName::Tiles(1)))?;
    let files = names.iter().filter_map(|name| FileName::parse(name));
    // The last goes first: those before it are whole without it.
    let mut files: Vec<FileName> = files
        .filter(|file| matches!(file, FileName::Tiles(_)))
        .collect();
    files.reverse();
    for file in &files {
        disk.remove(&file.to_string())
            .map_err(TileError::io(*file))?;
        disk.sync_names().map_err(TileError::io(*file))?;
    }
    Ok(())
}

/// How many of `waiting` go into a frame of about `tiles`: what a tile of leaves fills on the
/// levels above stands in the same frame, so that none is ever missing.
fn frame_end(waiting: &[Arc<FullTile>], tiles: usize) -> usize {
    let rest = waiting.iter().skip(tiles);
    let above = rest.take_while(|tile| tile.entry.name.level > 0).count();
    waiting.len().min(tiles + above)
}

/// What a cycle was: digest of the hashes of its blocks, in order.
fn mark(cycle: &Cycle) -> Digest {
    let hashes: Vec<&[u8]> = cycle.blocks.iter().map(|block| &block.hash.0[..]).collect();
    Digest::of_parts(&hashes)
}

/// # Errors
/// The journal's cycle is not the one that tiles were made from.
fn check_mark(reader: &Reader, covered: u64, expected: Digest) -> Result<(), TileError> {
    if covered == 0 {
        return Ok(());
    }
    let cycle = reader.cycles(covered).next().transpose()?;
    if cycle.is_some_and(|cycle| mark(&cycle) == expected) {
        Ok(())
    } else {
        Err(TileError::Stranger { cycle: covered })
    }
}
