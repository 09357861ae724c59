//! The scan of all segments, from the first byte to the first one never written.

use std::io;
use std::sync::Arc;

use ledger::Digest;

use super::error::{OpenError, Voucher};
use super::{Cut, Progress, wipe};
use crate::disk::File;
use crate::embedded::directory::{Directory, Spot};
use crate::embedded::erase;
use crate::embedded::files::Files;
use crate::embedded::frame::{self, ALIGN, Frame, FrameFault, FrameHeader, NotesExtent};
use crate::embedded::notes::{Entries, NotesFault};
use crate::embedded::superblock::Superblock;
use crate::embedded::window::Window;
use crate::file_name::{FileName, Place};

const AHEAD: usize = 4 << 20;
/// How often progress is told, in bytes.
const PROGRESS_BYTES: u64 = 16 << 20;

/// Goes through segments in order and builds the directory.
pub(super) struct Scan<'a> {
    files: &'a Files,
    superblock: Option<Superblock>,
    segments: Vec<Segment>,
    directory: Directory,
    digest: Digest,
    notes: (u32, u64),
    notes_window: Window,
    told: u64,
}

struct Segment {
    number: u32,
    file: Arc<dyn File>,
    len: u64,
    /// Bytes of all segments before.
    before: u64,
}

/// Where a scan ended.
pub(super) struct End {
    pub(super) directory: Directory,
    pub(super) digest: Digest,
    pub(super) segment: Spot,
    pub(super) notes: (u32, u64),
}

/// How a segment ends.
enum Tail {
    /// After its last cycle nothing was ever written.
    Clean,
    /// A cycle that starts here was not written whole.
    Torn(u64),
}

impl<'a> Scan<'a> {
    /// A scan of the segments among `names`.
    pub(super) fn new(
        files: &'a Files,
        superblock: Option<Superblock>,
        names: &[FileName],
    ) -> Result<Self, OpenError> {
        let mut segments = Vec::new();
        let mut before = 0;
        for name in names {
            let FileName::Segment(number) = *name else {
                continue;
            };
            let expected = segments.len() as u32 + 1;
            if number != expected {
                return Err(OpenError::MissingFile(FileName::Segment(expected)));
            }
            let failed = |source| OpenError::Io {
                file: *name,
                source,
            };
            let file = files.get(*name).map_err(failed)?;
            let len = file.len().map_err(failed)?;
            if superblock.is_none_or(|superblock| number >= superblock.segment) {
                // What is read here is taken for durable, so it must be what the disk has.
                file.sync_and_forget().map_err(failed)?;
            }
            segments.push(Segment {
                number,
                file,
                len,
                before,
            });
            before += len;
        }
        let scan = Self {
            files,
            superblock,
            segments,
            directory: Directory::new(),
            digest: Digest::ZERO,
            notes: (1, 0),
            notes_window: Window::with_ahead(AHEAD),
            told: 0,
        };
        scan.check_segment_in_use()?;
        Ok(scan)
    }

    /// The segment that the superblock says is written to must be there, as long as it was.
    fn check_segment_in_use(&self) -> Result<(), OpenError> {
        let Some(superblock) = self.superblock else {
            return Ok(());
        };
        let file = FileName::Segment(superblock.segment);
        let in_use = self
            .segments
            .iter()
            .find(|segment| segment.number == superblock.segment);
        match in_use {
            None => Err(OpenError::MissingFile(file)),
            Some(segment) if segment.len != superblock.segment_bytes => {
                let (expected, found) = (superblock.segment_bytes, segment.len);
                Err(OpenError::Length {
                    file,
                    expected,
                    found,
                })
            }
            Some(_) => Ok(()),
        }
    }

    /// # Errors
    /// There is no superblock though something was written.
    pub(super) fn refuse_unless_empty(&self) -> Result<(), OpenError> {
        for segment in &self.segments {
            let file = FileName::Segment(segment.number);
            let remains = wipe::remains(&*segment.file, 0);
            if remains
                .map_err(|source| OpenError::Io { file, source })?
                .is_some()
            {
                return Err(OpenError::SuperblockLost);
            }
        }
        Ok(())
    }

    /// Checks every segment and cuts what was never written whole.
    pub(super) fn run(
        &mut self,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Option<Cut>, OpenError> {
        let segments = std::mem::take(&mut self.segments);
        let mut cut = None;
        for (index, segment) in segments.iter().enumerate() {
            let Tail::Torn(at) = self.segment(segment, &segments, progress)? else {
                continue;
            };
            let later = segments.get(index + 1..).unwrap_or_default();
            cut = Some(self.cut(segment, at, later)?);
            break;
        }
        self.segments = segments;
        self.check_vouched()?;
        let total = total(&self.segments);
        progress(Progress {
            bytes: total,
            total,
            cycle: self.directory.last_cycle(),
        });
        Ok(cut)
    }

    /// Where the next cycle goes, and all that was found.
    pub(super) fn finish(self) -> End {
        let last = self.directory.end();
        // A segment is announced before it is written to.
        let announced = self.superblock.map_or(1, |superblock| superblock.segment);
        let segment = if announced > last.segment {
            Spot {
                segment: announced,
                offset: 0,
            }
        } else {
            last
        };
        End {
            directory: self.directory,
            digest: self.digest,
            segment,
            notes: self.notes,
        }
    }

    fn next(&self) -> u64 {
        self.directory.last_cycle() + 1
    }

    fn segment(
        &mut self,
        segment: &Segment,
        all: &[Segment],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Tail, OpenError> {
        let file = FileName::Segment(segment.number);
        let failed = |source| OpenError::Io { file, source };
        let mut window = Window::with_ahead(AHEAD);
        let mut at = 0;
        while at + ALIGN <= segment.len {
            let place = Place { file, offset: at };
            let head = window.get(file, &*segment.file, at, ALIGN as usize, segment.len);
            let header = match FrameHeader::decode(head.map_err(failed)?) {
                Ok(header) => header,
                Err(FrameFault::Unwritten) => return unwritten(segment, at).map_err(failed),
                Err(fault) => return Err(self.damaged(place, fault)),
            };
            self.check_link(place, &header)?;
            let extent = header.extent();
            if extent > segment.len - at {
                return Err(self.damaged(place, FrameFault::Short { need: extent }));
            }
            let bytes = window.get(file, &*segment.file, at, extent as usize, segment.len);
            let bytes = bytes.map_err(failed)?;
            match frame::decode(bytes) {
                Ok(frame) => self.accept(place, segment.number, &frame)?,
                Err(_) if frame::has_unwritten_sector(bytes) => return Ok(Tail::Torn(at)),
                Err(fault) => return Err(self.damaged(place, fault)),
            }
            at += extent;
            self.tell_at(segment.before + at, total(all), progress);
        }
        Ok(Tail::Clean)
    }

    fn check_link(&self, place: Place, header: &FrameHeader) -> Result<(), OpenError> {
        if header.number > self.next() {
            let end = self.directory.end();
            return Err(OpenError::Missing {
                place: Place {
                    file: FileName::Segment(end.segment),
                    offset: u64::from(end.offset),
                },
                cycle: self.next(),
                voucher: Voucher::Later(place),
            });
        }
        if header.number < self.next() || header.previous != self.digest {
            return Err(self.damaged(place, FrameFault::Link));
        }
        Ok(())
    }

    /// Takes a cycle that is whole.
    fn accept(&mut self, place: Place, segment: u32, frame: &Frame<'_>) -> Result<(), OpenError> {
        let digest = frame.header.digest();
        let vouched = self
            .superblock
            .filter(|known| known.durable == frame.header.number);
        if vouched.is_some_and(|known| known.digest != digest) {
            return Err(self.damaged(place, FrameFault::Link));
        }
        if let Some(extent) = frame.header.notes {
            self.check_notes(frame.header.number, extent)?;
        }
        // INVARIANT: segments are at most 2 GiB, so offsets fit.
        let spot = Spot {
            segment,
            offset: place.offset as u32,
        };
        for block in &frame.blocks {
            if !self.directory.continues(&block.header) {
                return Err(self.damaged(place, FrameFault::Link));
            }
            let offset = spot.offset + block.offset as u32;
            self.directory
                .push_block(&block.header, Spot { segment, offset });
        }
        let end = Spot {
            segment,
            offset: spot.offset + frame.header.extent() as u32,
        };
        self.directory.push_cycle(spot, end);
        self.digest = digest;
        Ok(())
    }

    fn check_notes(&mut self, cycle: u64, extent: NotesExtent) -> Result<(), OpenError> {
        let name = FileName::Notes(extent.file);
        let place = Place {
            file: name,
            offset: extent.offset,
        };
        let damaged = |fault| OpenError::DamagedNotes {
            place,
            cycle,
            fault,
        };
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => damaged(NotesFault::Missing),
            _ => OpenError::Io { file: name, source },
        };
        let file = self.files.get(name).map_err(failed)?;
        let len = file.len().map_err(failed)?;
        let end = extent.offset.saturating_add(u64::from(extent.bytes));
        if (extent.file, extent.offset) < self.notes || end > len {
            return Err(damaged(NotesFault::Extent));
        }
        let bytes = extent.bytes as usize;
        let bytes = self
            .notes_window
            .get(name, &*file, extent.offset, bytes, len);
        for entry in Entries::new(bytes.map_err(failed)?) {
            let entry = entry.map_err(damaged)?;
            entry.note().map_err(damaged)?;
            if entry.is_erased && !erase::is_done(&entry) {
                erase::run(&*file, extent.offset, &entry).map_err(failed)?;
            }
        }
        self.notes = (extent.file, frame::aligned(end));
        Ok(())
    }

    /// Cuts the cycle that starts at `at`, unless something shows that it had been durable.
    fn cut(&self, segment: &Segment, at: u64, later: &[Segment]) -> Result<Cut, OpenError> {
        let file = FileName::Segment(segment.number);
        let place = Place { file, offset: at };
        if let Some(voucher) = self.voucher(segment, at, later)? {
            return Err(OpenError::Missing {
                place,
                cycle: self.next(),
                voucher,
            });
        }
        let bytes = wipe::wipe(&*segment.file, at);
        let bytes = bytes.map_err(|source| OpenError::Io { file, source })?;
        Ok(Cut {
            place,
            bytes,
            cycle: self.next(),
        })
    }

    fn voucher(
        &self,
        segment: &Segment,
        at: u64,
        later: &[Segment],
    ) -> Result<Option<Voucher>, OpenError> {
        let is_known =
            |known: Superblock| known.durable >= self.next() || known.segment > segment.number;
        if self.superblock.is_some_and(is_known) {
            return Ok(Some(Voucher::Superblock));
        }
        let file = FileName::Segment(segment.number);
        let failed = |source| OpenError::Io { file, source };
        let mut window = Window::new();
        let mut offset = at + ALIGN;
        while offset + ALIGN <= segment.len {
            let head = window.get(file, &*segment.file, offset, ALIGN as usize, segment.len);
            let header = FrameHeader::decode(head.map_err(failed)?);
            if header.is_ok_and(|header| header.number > self.next()) {
                return Ok(Some(Voucher::Later(Place { file, offset })));
            }
            offset += ALIGN;
        }
        for segment in later {
            let file = FileName::Segment(segment.number);
            let remains = wipe::remains(&*segment.file, 0);
            let remains = remains.map_err(|source| OpenError::Io { file, source })?;
            if let Some((offset, _)) = remains {
                return Ok(Some(Voucher::Later(Place { file, offset })));
            }
        }
        Ok(None)
    }

    /// What the superblock vouches for must have been found.
    fn check_vouched(&self) -> Result<(), OpenError> {
        let durable = self.superblock.map_or(0, |superblock| superblock.durable);
        if durable < self.next() {
            return Ok(());
        }
        let end = self.directory.end();
        Err(OpenError::Missing {
            place: Place {
                file: FileName::Segment(end.segment),
                offset: u64::from(end.offset),
            },
            cycle: self.next(),
            voucher: Voucher::Superblock,
        })
    }

    fn damaged(&self, place: Place, fault: FrameFault) -> OpenError {
        OpenError::Damaged {
            place,
            cycle: self.next(),
            fault,
        }
    }

    fn tell_at(&mut self, bytes: u64, total: u64, progress: &mut dyn FnMut(Progress)) {
        if bytes >= self.told + PROGRESS_BYTES {
            self.told = bytes;
            progress(Progress {
                bytes,
                total,
                cycle: self.directory.last_cycle(),
            });
        }
    }
}

fn total(segments: &[Segment]) -> u64 {
    segments.last().map_or(0, |last| last.before + last.len)
}

/// What follows a place where nothing was written.
fn unwritten(segment: &Segment, at: u64) -> io::Result<Tail> {
    Ok(match wipe::remains(&*segment.file, at)? {
        Some(_) => Tail::Torn(at),
        None => Tail::Clean,
    })
}
