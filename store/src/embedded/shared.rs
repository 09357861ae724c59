//! What the writer of an embedded journal shares with its readers.

use std::sync::Arc;

use ledger::block::Block;
use ledger::note::Note;
use ledger::{BookId, Height, Nanos, Seq};
use parking_lot::{Mutex, RwLock};

use super::cache::Cache;
use super::directory::{Directory, Found, Spot};
use super::erase;
use super::files::Files;
use super::frame::{self, BlockSlices, FrameFault, FrameHeader, HEADER_BYTES, NotesExtent};
use super::notes::{Entries, NotesFault};
use super::recent::Recent;
use super::shape::{Shape, Shapes};
use super::window::Window;
use crate::disk::File;
use crate::file_name::{FileName, Place};
use crate::journal::Cycle;
use crate::reader::{BookEnd, ReadError, Source};

/// The reading side of an embedded journal. Locks are taken in the order of the fields.
pub(crate) struct Shared {
    files: Files,
    // Written while a note is erased, so that no reader sees it half erased or keeps it.
    notes: RwLock<()>,
    // Written when a cycle has become durable; held only to look up.
    directory: RwLock<Directory>,
    // Held only to look up or to add.
    cache: Mutex<Cache>,
    // Likewise.
    recent: Mutex<Recent>,
    // Likewise.
    shapes: Mutex<Shapes>,
}

/// Notes of one cycle, each with the book of its event.
type Noted = Vec<(BookId, Seq, Note)>;

/// The notes of one cycle as they stand in their file.
struct Extent {
    bytes: Vec<u8>,
    file: Arc<dyn File>,
    place: Place,
}

impl Shared {
    pub(super) fn new(files: Files, directory: Directory, cache_bytes: usize) -> Self {
        Self {
            files,
            notes: RwLock::new(()),
            directory: RwLock::new(directory),
            cache: Mutex::new(Cache::new(cache_bytes)),
            recent: Mutex::new(Recent::new(cache_bytes)),
            shapes: Mutex::default(),
        }
    }

    /// The book whose block does not continue it, if there is one.
    pub(super) fn misfit(&self, cycle: &Cycle) -> Option<BookId> {
        let directory = self.directory.read();
        let misfit = cycle
            .blocks
            .iter()
            .find(|block| !directory.continues(&block.header));
        misfit.map(|block| block.header.book)
    }

    /// Lets readers see a cycle that is durable. INVARIANT: it fits, and `offsets` are those of its
    /// blocks in the frame at `spot`.
    pub(super) fn publish(&self, cycle: &Cycle, spot: Spot, offsets: &[u32], end: Spot) {
        // First the cache: once a block can be found, a note of it can be erased.
        let mut cache = self.cache.lock();
        for block in &cycle.blocks {
            cache.insert(block);
        }
        drop(cache);
        self.recent.lock().push(cycle);
        let mut directory = self.directory.write();
        for (block, offset) in cycle.blocks.iter().zip(offsets) {
            let spot = Spot {
                offset: spot.offset + offset,
                ..spot
            };
            directory.push_block(&block.header, spot);
        }
        directory.push_cycle(spot, end);
    }

    fn load(&self, book: BookId, found: Option<Found>) -> Result<Option<Arc<Block>>, ReadError> {
        let Some(found) = found else { return Ok(None) };
        if let Some(block) = self.cache.lock().get(book, found.height) {
            return Ok(Some(block));
        }
        // Held until the block is in the cache: a note erased meanwhile would come back with it.
        let _no_erasing = self.notes.read();
        let block = Arc::new(self.read_block(book, found)?);
        self.cache.lock().insert(&block);
        Ok(Some(block))
    }

    fn read_block(&self, book: BookId, found: Found) -> Result<Block, ReadError> {
        let name = FileName::Segment(found.spot.segment);
        let place = Place {
            file: name,
            offset: u64::from(found.spot.offset),
        };
        let failed = |source| ReadError::Io { place, source };
        let file = self.files.get(name).map_err(failed)?;
        let mut bytes = vec![0; frame::PRELUDE_BYTES];
        file.read_exact_at(&mut bytes, place.offset)
            .map_err(failed)?;
        let damaged = |fault| ReadError::Cycle { place, fault };
        let prelude = frame::Prelude::decode(&mut ledger::fields::Reader::new(&bytes));
        let covered = prelude.map_err(|error| damaged(error.into()))?.covered();
        let left = file.len().map_err(failed)?.saturating_sub(place.offset);
        if covered as u64 > left {
            return Err(damaged(FrameFault::Short {
                need: covered as u64,
            }));
        }
        bytes.resize(frame::PRELUDE_BYTES + covered, 0);
        let rest = bytes.get_mut(frame::PRELUDE_BYTES..).unwrap_or_default();
        file.read_exact_at(rest, place.offset + frame::PRELUDE_BYTES as u64)
            .map_err(failed)?;
        let slices = frame::decode_block_at(&bytes, 0).map_err(damaged)?;
        if slices.header.book != book || slices.header.height != found.height {
            return Err(damaged(FrameFault::Link));
        }
        let noted = match self.notes_around(found.spot)? {
            Some(extent) => self.read_notes(extent)?,
            None => Vec::new(),
        };
        assemble(
            &slices,
            &mut noted.into_iter().filter(|(of, ..)| *of == book).peekable(),
            place,
        )
    }

    /// Reads one record of a block of this shape; `None` if the bytes are not what they were.
    fn read_record(
        &self,
        shape: &Shape,
        found: Found,
        seq: Seq,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let place = Place {
            file: FileName::Segment(found.spot.segment),
            offset: u64::from(found.spot.offset),
        };
        let failed = |source| ReadError::Io { place, source };
        let file = self.files.get(place.file).map_err(failed)?;
        shape.read(&*file, place.offset, seq.0).map_err(failed)
    }

    /// Where the notes stand of the cycle that holds a block.
    fn notes_around(&self, block: Spot) -> Result<Option<NotesExtent>, ReadError> {
        let Some(spot) = self.directory.read().cycle_around(block) else {
            return Ok(None);
        };
        let name = FileName::Segment(spot.segment);
        let place = Place {
            file: name,
            offset: u64::from(spot.offset),
        };
        let failed = |source| ReadError::Io { place, source };
        let file = self.files.get(name).map_err(failed)?;
        let mut bytes = [0; HEADER_BYTES];
        file.read_exact_at(&mut bytes, place.offset)
            .map_err(failed)?;
        let header = FrameHeader::decode(&bytes);
        Ok(header
            .map_err(|fault| ReadError::Cycle { place, fault })?
            .notes)
    }

    fn extent(&self, extent: NotesExtent) -> Result<Extent, ReadError> {
        let name = FileName::Notes(extent.file);
        let place = Place {
            file: name,
            offset: extent.offset,
        };
        let failed = |source| ReadError::Io { place, source };
        let file = self.files.get(name).map_err(failed)?;
        let end = extent.offset.saturating_add(u64::from(extent.bytes));
        if end > file.len().map_err(failed)? {
            let fault = NotesFault::Extent;
            return Err(ReadError::Notes { place, fault });
        }
        let mut bytes = vec![0; extent.bytes as usize];
        file.read_exact_at(&mut bytes, extent.offset)
            .map_err(failed)?;
        Ok(Extent { bytes, file, place })
    }

    fn read_notes(&self, extent: NotesExtent) -> Result<Noted, ReadError> {
        let Extent { bytes, place, .. } = self.extent(extent)?;
        let damaged = |fault| ReadError::Notes { place, fault };
        let mut noted = Vec::new();
        for entry in Entries::new(&bytes) {
            let entry = entry.map_err(damaged)?;
            if let Some(note) = entry.note().map_err(damaged)? {
                noted.push((entry.book, entry.seq, note));
            }
        }
        Ok(noted)
    }
}

impl Source for Shared {
    fn last_cycle(&self) -> u64 {
        self.directory.read().last_cycle()
    }

    fn cycle(&self, number: u64, window: &mut Window) -> Result<Option<Arc<Cycle>>, ReadError> {
        let (spot, end) = {
            let directory = self.directory.read();
            let Some(spot) = directory.cycle(number) else {
                return Ok(None);
            };
            (spot, directory.end())
        };
        if let Some(cycle) = self.recent.lock().get(number) {
            return Ok(Some(cycle));
        }
        let name = FileName::Segment(spot.segment);
        let place = Place {
            file: name,
            offset: u64::from(spot.offset),
        };
        let failed = |source| ReadError::Io { place, source };
        let file = self.files.get(name).map_err(failed)?;
        let limit = if end.segment == spot.segment {
            u64::from(end.offset)
        } else {
            file.len().map_err(failed)?
        };
        let damaged = |fault| ReadError::Cycle { place, fault };
        let head = window
            .get(name, &*file, place.offset, HEADER_BYTES, limit)
            .map_err(failed)?;
        let extent = FrameHeader::decode(head).map_err(damaged)?.extent() as usize;
        let bytes = window
            .get(name, &*file, place.offset, extent, limit)
            .map_err(failed)?;
        let frame = frame::decode(bytes).map_err(damaged)?;
        if frame.header.number != number {
            return Err(damaged(FrameFault::Link));
        }
        let noted = match frame.header.notes {
            Some(extent) => {
                let _no_erasing = self.notes.read();
                self.read_notes(extent)?
            }
            None => Vec::new(),
        };
        let mut noted = noted.into_iter().peekable();
        let mut blocks = Vec::with_capacity(frame.blocks.len());
        for slices in &frame.blocks {
            blocks.push(Arc::new(assemble(slices, &mut noted, place)?));
        }
        window.shrink();
        Ok(Some(Arc::new(Cycle { number, blocks })))
    }

    fn block_at(&self, book: BookId, seq: Seq) -> Result<Option<Arc<Block>>, ReadError> {
        let found = self.directory.read().block_at(book, seq);
        self.load(book, found)
    }

    fn record(&self, book: BookId, seq: Seq) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.directory.read().block_at(book, seq);
        let Some(found) = found else { return Ok(None) };
        if let Some(block) = self.cache.lock().get(book, found.height) {
            return Ok(block.record(seq).map(<[u8]>::to_vec));
        }
        let shape = self.shapes.lock().get(book, found.height);
        if let Some(shape) = shape
            && let Some(record) = self.read_record(&shape, found, seq)?
        {
            return Ok(Some(record));
        }
        let Some(block) = self.load(book, Some(found))? else {
            return Ok(None);
        };
        if let Some(shape) = Shape::of(&block) {
            self.shapes.lock().insert(book, found.height, shape);
        }
        Ok(block.record(seq).map(<[u8]>::to_vec))
    }

    fn block_by_height(&self, book: BookId, h: Height) -> Result<Option<Arc<Block>>, ReadError> {
        let found = self.directory.read().block_by_height(book, h);
        self.load(book, found)
    }

    fn block_posted(&self, book: BookId, at: Nanos) -> Result<Option<Arc<Block>>, ReadError> {
        let found = self.directory.read().block_posted(book, at);
        self.load(book, found)
    }

    fn books(&self) -> Vec<BookEnd> {
        self.directory.read().books()
    }

    fn book(&self, book: BookId) -> Option<BookEnd> {
        self.directory.read().book(book)
    }

    fn erase_note(&self, book: BookId, seq: Seq) -> Result<bool, ReadError> {
        let found = self.directory.read().block_at(book, seq);
        let Some(found) = found else { return Ok(false) };
        let Some(extent) = self.notes_around(found.spot)? else {
            return Ok(false);
        };
        let _alone = self.notes.write();
        let Extent { bytes, file, place } = self.extent(extent)?;
        for entry in Entries::new(&bytes) {
            let entry = entry.map_err(|fault| ReadError::Notes { place, fault })?;
            if entry.book != book || entry.seq != seq {
                continue;
            }
            if erase::is_done(&entry) {
                return Ok(false);
            }
            erase::run(&*file, extent.offset, &entry)
                .map_err(|source| ReadError::Io { place, source })?;
            self.cache.lock().remove(book, found.height);
            self.recent.lock().clear();
            return Ok(true);
        }
        Ok(false)
    }
}

/// Puts a block together from its bytes and those of `noted` that are of its events, which come in
/// order of blocks.
fn assemble(
    slices: &BlockSlices<'_>,
    noted: &mut std::iter::Peekable<impl Iterator<Item = (BookId, Seq, Note)>>,
    place: Place,
) -> Result<Block, ReadError> {
    let header = slices.header;
    let mut notes = Vec::new();
    let is_of_block = |(book, seq, _): &(BookId, Seq, Note)| {
        *book == header.book && header.seqs().contains(&seq.0)
    };
    while let Some((_, seq, note)) = noted.next_if(is_of_block) {
        notes.push((seq, note));
    }
    let (batches, events) = (slices.batches.to_vec(), slices.events.to_vec());
    let block = Block::assemble(header, batches, events, notes);
    block.map_err(|fault| ReadError::Block { place, fault })
}
