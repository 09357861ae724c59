//! The embedded journal: cycles in preallocated segment files of one directory.
//!
//! `docs/formats/journal.md` has every byte; `docs/adr/0003-torn-writes.md` says how a torn write
//! is told from damage.

mod cache;
mod directory;
mod encoder;
mod erase;
mod files;
pub mod frame;
pub mod notes;
mod options;
mod recent;
mod recovery;
mod reel;
mod shape;
mod shared;
pub mod superblock;
pub(crate) mod window;

use std::io;
use std::sync::Arc;

use ledger::Digest;

pub use options::{LostSuperblock, Options};
pub use recovery::{Cut, OpenError, Progress, Recovered, Voucher};

use crate::disk::Disk;
use crate::file_name::FileName;
use crate::journal::{AppendError, Cycle, Journal};
use crate::reader::{Reader, Source};
use crate::room::{Need, Room};
use directory::Spot;
use encoder::Encoder;
use files::Files;
use frame::{NotesExtent, PADDING, aligned};
use reel::Reel;
use shared::Shared;
use superblock::{Superblock, SuperblockFile};

/// After so many cycles the superblock vouches for them even if nothing ever waits.
const SUPERBLOCK_CYCLES: u32 = 64;

/// Most memory kept from one cycle's notes for the next one's, in bytes.
const NOTED_KEPT: usize = 4 << 20;

/// A journal in files. Owned by the one thread that appends.
pub struct Embedded {
    disk: Arc<dyn Disk>,
    shared: Arc<Shared>,
    room: Room,
    segments: Reel,
    notes: Reel,
    superblock: SuperblockFile,
    /// Cycles since the superblock was written; none, unless it has something new to say.
    unvouched: u32,
    last: u64,
    digest: Digest,
    snapshot: u64,
    is_poisoned: bool,
    encoder: Encoder,
    noted: Vec<u8>,
}

impl Embedded {
    /// Opens the journal on `disk`, or begins one if there is none, and tells `progress` from time
    /// to time how far the check has come.
    ///
    /// # Errors
    /// The disk fails, or holds what no crash of ours leaves; the error says where.
    pub fn open(
        disk: Arc<dyn Disk>,
        options: Options,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Self, Recovered), OpenError> {
        let state = recovery::run(&disk, &options, progress)?;
        let Spot { segment, offset } = state.segment;
        let (note_file, note_at) = state.notes;
        let failed = |file| move |source| OpenError::Io { file, source };
        let superblock =
            SuperblockFile::open(&*disk, state.superblock).map_err(failed(FileName::Superblock))?;
        let open = |name: fn(u32) -> FileName, number, at, bytes| {
            Reel::open(&*disk, name, number, at, bytes).map_err(failed(name(number)))
        };
        let segments = open(
            FileName::Segment,
            segment,
            u64::from(offset),
            options.segment_bytes,
        )?;
        let notes = open(FileName::Notes, note_file, note_at, options.notes_bytes)?;
        let files = Files::new(Arc::clone(&disk));
        let last = state.recovered.last_cycle;
        let mut journal = Self {
            shared: Arc::new(Shared::new(files, state.directory, options.cache_bytes)),
            room: Room::new(options.max()),
            disk,
            segments,
            notes,
            superblock,
            unvouched: 0,
            last,
            digest: state.digest,
            snapshot: state.recovered.snapshots.first().copied().unwrap_or(0),
            is_poisoned: false,
            encoder: Encoder::default(),
            noted: Vec::new(),
        };
        journal.vouch().map_err(failed(FileName::Superblock))?;
        let reserved = journal.reserve();
        reserved.map_err(|(file, source)| OpenError::Io { file, source })?;
        Ok((journal, state.recovered))
    }

    /// Refuses what must not be written; writes nothing.
    fn check(&self, cycle: &Cycle) -> Result<Need, AppendError> {
        if self.is_poisoned {
            return Err(AppendError::Poisoned);
        }
        if cycle.number != self.last + 1 {
            return Err(AppendError::Gap {
                expected: self.last + 1,
                found: cycle.number,
            });
        }
        let misfit = cycle.repeated_book().or_else(|| self.shared.misfit(cycle));
        if let Some(book) = misfit {
            return Err(AppendError::Discontinuous(book));
        }
        let need = Need::of_cycle(cycle);
        let max = self.room.max();
        let mut noted = cycle.blocks.iter().flat_map(|block| &block.notes);
        if !need.fits(max) || !noted.all(|(_, note)| notes::is_storable(note)) {
            return Err(AppendError::TooLarge { need, max });
        }
        Ok(need)
    }

    /// Makes sure that there are files for `need`; writes nothing of it.
    fn make_room(&mut self, need: Need) -> Result<(), AppendError> {
        let is_missing = |reel: &Reel, bytes| !reel.fits(bytes) && !reel.has_spare();
        if is_missing(&self.segments, need.cycle) || is_missing(&self.notes, need.notes) {
            self.reserve_or_poison()?;
        }
        if is_missing(&self.segments, need.cycle) || is_missing(&self.notes, need.notes) {
            return Err(AppendError::Full(need));
        }
        Ok(())
    }

    /// Reserves the files after the current ones, as far as the disk has room.
    fn reserve(&mut self) -> Result<(), (FileName, io::Error)> {
        for reel in [&mut self.segments, &mut self.notes] {
            match reel.reserve(&*self.disk) {
                Ok(()) => {}
                Err(error) if is_full(&error) => {
                    tracing::warn!(file = %reel.next_name(), "disk is full: file not reserved");
                }
                Err(error) => return Err((reel.next_name(), error)),
            }
        }
        self.room.set(Need {
            cycle: self.segments.free(),
            notes: self.notes.free(),
        });
        Ok(())
    }

    fn reserve_or_poison(&mut self) -> Result<(), AppendError> {
        self.reserve()
            .map_err(|(file, source)| self.poisoned(file, source))
    }

    /// Writes the superblock: everything appended so far is durable.
    fn vouch(&mut self) -> io::Result<()> {
        let (segment, segment_bytes) = (self.segments.place().0, self.segments.file_bytes());
        self.vouch_in(segment, segment_bytes)
    }

    fn vouch_in(&mut self, segment: u32, segment_bytes: u64) -> io::Result<()> {
        self.superblock.write(Superblock {
            sequence: 0,
            durable: self.last,
            digest: self.digest,
            segment,
            segment_bytes,
            snapshot: self.snapshot,
        })?;
        self.unvouched = 0;
        Ok(())
    }

    fn vouch_or_poison(&mut self) -> Result<(), AppendError> {
        self.vouch()
            .map_err(|source| self.poisoned(FileName::Superblock, source))
    }

    /// Writes the notes of `cycle`; durable when this returns.
    fn write_notes(&mut self, cycle: &Cycle, need: u64) -> Result<NotesExtent, AppendError> {
        if !self.notes.fits(need) {
            self.notes.advance();
            self.reserve_or_poison()?;
        }
        self.noted.clear();
        self.noted.shrink_to(NOTED_KEPT);
        notes::encode(cycle, &mut self.noted);
        let bytes = self.noted.len() as u32;
        self.noted
            .resize(aligned(u64::from(bytes)) as usize, PADDING);
        let (file, offset) = self.notes.place();
        let written = self.notes.file().write_all_at(&self.noted, offset);
        let synced = written.and_then(|()| self.notes.file().sync());
        synced.map_err(|source| self.poisoned(FileName::Notes(file), source))?;
        self.notes.wrote(self.noted.len() as u64);
        Ok(NotesExtent {
            file,
            bytes,
            offset,
        })
    }

    /// Goes on to the next segment. The superblock first says so, and vouches for all before.
    fn advance(&mut self) -> Result<(), AppendError> {
        if let Some((segment, bytes)) = self.segments.next() {
            let vouched = self.vouch_in(segment, bytes);
            vouched.map_err(|source| self.poisoned(FileName::Superblock, source))?;
            self.segments.advance();
        }
        // At once, not when it is needed: whoever closes cycles goes by what is reserved.
        self.reserve_or_poison()
    }

    /// Writes the frame of `cycle`; durable when this returns.
    fn write_frame(
        &mut self,
        cycle: &Cycle,
        notes: Option<NotesExtent>,
    ) -> Result<(), AppendError> {
        let header = self.encoder.encode(cycle, self.digest, notes);
        let slices = self.encoder.slices(cycle);
        let (segment, at) = self.segments.place();
        let file = self.segments.file();
        let written = file.write_all_vectored_at(&slices, at);
        let synced = written.and_then(|()| file.sync());
        drop(slices);
        synced.map_err(|source| self.poisoned(FileName::Segment(segment), source))?;
        self.segments.wrote(header.extent());
        // INVARIANT: files are at most 2 GiB, so offsets fit.
        let spot = Spot {
            segment,
            offset: at as u32,
        };
        let end = Spot {
            segment,
            offset: (at + header.extent()) as u32,
        };
        self.shared
            .publish(cycle, spot, self.encoder.offsets(), end);
        self.last = cycle.number;
        self.digest = header.digest();
        self.unvouched += 1;
        Ok(())
    }

    fn poisoned(&mut self, file: FileName, source: io::Error) -> AppendError {
        self.is_poisoned = true;
        self.room.set(Need::default());
        AppendError::Failed { file, source }
    }
}

impl Journal for Embedded {
    fn append(&mut self, cycle: &Cycle) -> Result<(), AppendError> {
        let need = self.check(cycle)?;
        self.make_room(need)?;
        let extent = if need.notes > 0 {
            Some(self.write_notes(cycle, need.notes)?)
        } else {
            None
        };
        if !self.segments.fits(need.cycle) {
            self.advance()?;
        } else if self.unvouched >= SUPERBLOCK_CYCLES {
            self.vouch_or_poison()?;
        }
        self.write_frame(cycle, extent)?;
        self.room.set(Need {
            cycle: self.segments.free(),
            notes: self.notes.free(),
        });
        Ok(())
    }

    fn idle(&mut self) -> Result<(), AppendError> {
        if self.is_poisoned {
            return Err(AppendError::Poisoned);
        }
        if self.unvouched > 0 {
            self.vouch_or_poison()?;
        }
        self.reserve_or_poison()
    }

    fn snapshot_taken(&mut self, end_cycle: u64) {
        self.snapshot = end_cycle;
        self.unvouched += 1;
    }

    fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared) as Arc<dyn Source>)
    }

    fn room(&self) -> Room {
        self.room.clone()
    }

    fn close(mut self: Box<Self>) -> Result<(), AppendError> {
        if self.is_poisoned {
            return Err(AppendError::Poisoned);
        }
        if self.unvouched > 0 {
            self.vouch_or_poison()
        } else {
            Ok(())
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
