//! The files of tiles: frames one after the other, the last of which may be torn.

use std::sync::Arc;

use ledger::Digest;

use super::error::{Damage, TileError};
use super::frame::{self, Entry, Head, TILE_BYTES, TileName};
use super::hashes::FullTile;
use crate::disk::{Disk, File};
use crate::file_name::{FileName, Place};

/// Bytes read of a head before it is known how long it is.
const HEAD_GUESS: usize = 4_096;

/// Where a frame with tiles stands.
#[derive(Clone, Copy, Debug)]
struct Spot {
    /// Slot of its first tile.
    first: u32,
    tiles: u32,
    /// Number of the file, from 1.
    file: u32,
    offset: u64,
}

/// Frames that were written, for whoever reads. A tile is found by its *slot*: how many stand
/// before it in all files.
#[derive(Default)]
pub(super) struct Frames {
    files: Vec<Arc<dyn File>>,
    spots: Vec<Spot>,
    slots: u32,
}

/// A tile in a file.
pub(super) struct TilePlace {
    file: Arc<dyn File>,
    place: Place,
    spot: Spot,
    tile: u32,
}

impl Frames {
    /// Tiles in all frames.
    pub(super) fn slots(&self) -> u32 {
        self.slots
    }

    /// Where the tile of `slot` stands.
    pub(super) fn find(&self, slot: u32) -> Option<TilePlace> {
        let after = self.spots.partition_point(|spot| spot.first <= slot);
        let spot = *self.spots.get(after.checked_sub(1)?)?;
        let tile = slot - spot.first;
        let file = self.files.get(spot.file.checked_sub(1)? as usize)?;
        (tile < spot.tiles).then(|| TilePlace {
            file: Arc::clone(file),
            place: Place {
                file: FileName::Tiles(spot.file),
                offset: spot.offset,
            },
            spot,
            tile,
        })
    }

    fn push(&mut self, file: u32, offset: u64, tiles: u32) {
        if tiles > 0 {
            self.spots.push(Spot {
                first: self.slots,
                tiles,
                file,
                offset,
            });
            self.slots += tiles;
        }
    }
}

impl TilePlace {
    /// Reads the hashes of the tile, which must be the one called `name`.
    pub(super) fn read(&self, name: TileName) -> Result<Vec<Digest>, TileError> {
        let at = self.place.offset + frame::tile_at(self.spot.tiles, self.tile);
        let mut bytes = vec![0; TILE_BYTES];
        read(&*self.file, self.place.file, &mut bytes, at)?;
        frame::decode_tile(name, &bytes).map_err(|damage| TileError::Corrupt {
            place: Place {
                offset: at,
                ..self.place
            },
            damage,
        })
    }

    /// Reads the root of the tile, which must be the one called `name`; `head` keeps the head of
    /// the frame for the next one.
    pub(super) fn root(
        &self,
        name: TileName,
        head: &mut Option<(Place, Head)>,
    ) -> Result<Digest, TileError> {
        let corrupt = |damage| TileError::Corrupt {
            place: self.place,
            damage,
        };
        if head.as_ref().is_none_or(|(place, _)| *place != self.place) {
            let len = self.file.len().map_err(TileError::io(self.place.file))?;
            let (read, _) = read_head(&*self.file, self.place, len)?.map_err(corrupt)?;
            *head = Some((self.place, read));
        }
        let entry = head
            .as_ref()
            .and_then(|(_, head)| head.entries.get(self.tile as usize));
        match entry {
            Some(entry) if entry.name == name => Ok(entry.root),
            _ => Err(corrupt(Damage::Malformed)),
        }
    }
}

/// The end of the files, where frames are added.
pub(super) struct FrameWriter {
    disk: Arc<dyn Disk>,
    file_bytes: u64,
    /// Number of the file in use; 0 before the first.
    file: u32,
    offset: u64,
    /// Number of the next frame.
    number: u64,
    /// Checksum of the head of the last one.
    previous: u32,
    covered: u64,
    mark: Digest,
    /// Room for a frame, kept from one to the next.
    out: Vec<u8>,
}

impl FrameWriter {
    /// Every tile up to this cycle is in frames.
    pub(super) fn covered(&self) -> u64 {
        self.covered
    }

    /// What that cycle was.
    pub(super) fn mark(&self) -> Digest {
        self.mark
    }

    /// Writes `tiles` and makes them durable: with them all tiles up to cycle `covered` are. The
    /// frame is then to be told to [`Written::add_to`].
    pub(super) fn append(
        &mut self,
        tiles: &[Arc<FullTile>],
        covered: u64,
        mark: Digest,
    ) -> Result<Written, TileError> {
        let file = self.file_for_frame()?;
        let head = Head {
            number: self.number,
            covered,
            mark,
            previous: self.previous,
            entries: tiles.iter().map(|tile| tile.entry).collect(),
        };
        let bytes = head.frame_bytes();
        self.out.clear();
        let crc = frame::encode(&head, tiles.iter().map(|tile| &**tile), &mut self.out);
        let failed = || TileError::io(FileName::Tiles(self.file));
        file.write_all_at(&self.out, self.offset)
            .map_err(failed())?;
        file.sync().map_err(failed())?;
        let written = Written {
            file,
            number: self.file,
            offset: self.offset,
            tiles: head.entries.len() as u32,
        };
        (self.covered, self.mark) = (covered, mark);
        self.offset += bytes;
        self.number += 1;
        self.previous = crc;
        Ok(written)
    }

    /// The file that takes the next frame, created if the one in use is long enough.
    fn file_for_frame(&mut self) -> Result<Arc<dyn File>, TileError> {
        if self.file > 0 && self.offset < self.file_bytes {
            let name = FileName::Tiles(self.file);
            return self
                .disk
                .open(&name.to_string())
                .map_err(TileError::io(name));
        }
        let name = FileName::Tiles(self.file + 1);
        let failed = || TileError::io(name);
        let file = self.disk.create(&name.to_string(), 0).map_err(failed())?;
        (self.file, self.offset) = (self.file + 1, 0);
        self.disk.sync_names().map_err(failed())?;
        Ok(file)
    }
}

/// A frame that is durable.
pub(super) struct Written {
    file: Arc<dyn File>,
    number: u32,
    offset: u64,
    tiles: u32,
}

impl Written {
    /// Lets readers find it.
    pub(super) fn add_to(self, frames: &mut Frames) {
        if frames.files.len() < self.number as usize {
            frames.files.push(self.file);
        }
        frames.push(self.number, self.offset, self.tiles);
    }
}

/// Finds every frame, tells its tiles to `take` in order of slots, and where the next one goes. A
/// last frame that is not whole is cut, since its cycles will be given again.
pub(super) fn open(
    disk: &Arc<dyn Disk>,
    file_bytes: u64,
    take: &mut dyn FnMut(&Entry) -> bool,
) -> Result<(Frames, FrameWriter), TileError> {
    let mut walk = Walk {
        frames: Frames::default(),
        writer: FrameWriter {
            disk: Arc::clone(disk),
            file_bytes,
            file: 0,
            offset: 0,
            number: 1,
            previous: 0,
            covered: 0,
            mark: Digest::ZERO,
            out: Vec::new(),
        },
        last: None,
        take,
    };
    let files = numbers(&**disk)?;
    let mut stopped = None;
    for number in 1..=files {
        stopped = walk.file(number, number == files, stopped)?;
    }
    walk.finish()?;
    if let Some((place, damage)) = stopped {
        tracing::warn!(%place, %damage, "tiles are cut here and made again from their cycles");
    }
    Ok((walk.frames, walk.writer))
}

/// Tiles are there without one that they fill, which no writer of ours leaves.
pub(super) fn incomplete() -> TileError {
    let place = Place {
        file: FileName::Tiles(1),
        offset: 0,
    };
    TileError::Corrupt {
        place,
        damage: Damage::Malformed,
    }
}

/// How many files there are, none missing.
fn numbers(disk: &dyn Disk) -> Result<u32, TileError> {
    let names = disk.list().map_err(TileError::io(FileName::Tiles(1)))?;
    let mut files = 0;
    for name in names {
        if let Some(FileName::Tiles(number)) = FileName::parse(&name) {
            files += 1;
            if number != files {
                let missing = std::io::ErrorKind::NotFound.into();
                return Err(TileError::io(FileName::Tiles(files))(missing));
            }
        }
    }
    Ok(files)
}

/// A frame that was found, and what it makes of the end.
struct Step {
    file: Arc<dyn File>,
    place: Place,
    head: Head,
    crc: u32,
}

struct Walk<'a> {
    frames: Frames,
    writer: FrameWriter,
    /// Taken only once it is known that another follows, or that it is whole.
    last: Option<Step>,
    take: &'a mut dyn FnMut(&Entry) -> bool,
}

impl Walk<'_> {
    /// Goes through a file; where and why it stopped before the file's end. `before` is that of the
    /// file before, which the first frame of this one either excuses or not.
    fn file(
        &mut self,
        number: u32,
        is_last: bool,
        before: Option<(Place, Damage)>,
    ) -> Result<Option<(Place, Damage)>, TileError> {
        let name = FileName::Tiles(number);
        let failed = || TileError::io(name);
        let file = self.writer.disk.open(&name.to_string()).map_err(failed())?;
        if is_last {
            // What is read here is taken for durable, so it must be what the disk has.
            file.sync_and_forget().map_err(failed())?;
        }
        let len = file.len().map_err(failed())?;
        self.frames.files.push(Arc::clone(&file));
        let mut place = Place {
            file: name,
            offset: 0,
        };
        while place.offset < len {
            let head = read_head(&*file, place, len)?.and_then(|(head, crc)| self.check(head, crc));
            let (head, crc) = match head {
                Ok(found) => found,
                Err(damage) if place.offset > 0 || (is_last && damage != Damage::Link) => {
                    return Ok(Some((place, damage)));
                }
                Err(damage) => {
                    let (place, damage) = before.unwrap_or((place, damage));
                    return Err(TileError::Corrupt { place, damage });
                }
            };
            let bytes = head.frame_bytes();
            if place.offset + bytes > len {
                return Ok(Some((place, Damage::Length)));
            }
            self.take_last()?;
            self.last = Some(Step {
                file: Arc::clone(&file),
                place,
                head,
                crc,
            });
            place.offset += bytes;
        }
        Ok(None)
    }

    /// Whether a head continues the frames before it.
    fn check(&self, head: Head, crc: u32) -> Result<(Head, u32), Damage> {
        let (number, previous) = match &self.last {
            Some(last) => (self.writer.number + 1, last.crc),
            None => (self.writer.number, self.writer.previous),
        };
        if head.number == number && head.previous == previous {
            Ok((head, crc))
        } else {
            Err(Damage::Link)
        }
    }

    fn take_last(&mut self) -> Result<(), TileError> {
        let Some(Step {
            place, head, crc, ..
        }) = self.last.take()
        else {
            return Ok(());
        };
        if !head.entries.iter().all(|entry| (self.take)(entry)) {
            let damage = Damage::Malformed;
            return Err(TileError::Corrupt { place, damage });
        }
        let FileName::Tiles(number) = place.file else {
            return Ok(());
        };
        self.frames
            .push(number, place.offset, head.entries.len() as u32);
        let writer = &mut self.writer;
        (writer.covered, writer.mark) = (head.covered, head.mark);
        (writer.file, writer.offset) = (number, place.offset + head.frame_bytes());
        writer.number += 1;
        writer.previous = crc;
        Ok(())
    }

    /// Takes the last frame if it is whole, and goes on in the last file there is.
    fn finish(&mut self) -> Result<(), TileError> {
        if let Some(step) = &self.last {
            match is_whole(step) {
                Ok(()) => self.take_last()?,
                Err(TileError::Corrupt { place, damage }) => {
                    tracing::warn!(%place, %damage, "last tiles are cut and made again");
                    let FileName::Tiles(number) = step.place.file else {
                        return Ok(());
                    };
                    (self.writer.file, self.writer.offset) = (number, step.place.offset);
                    self.last = None;
                }
                Err(error) => return Err(error),
            }
        }
        let files = self.frames.files.len() as u32;
        if self.writer.file < files {
            (self.writer.file, self.writer.offset) = (files, 0);
        }
        Ok(())
    }
}

/// Checks every tile of a frame.
fn is_whole(step: &Step) -> Result<(), TileError> {
    let tiles = step.head.entries.len() as u32;
    for (tile, entry) in (0..).zip(&step.head.entries) {
        let place = TilePlace {
            file: Arc::clone(&step.file),
            place: step.place,
            spot: Spot {
                first: 0,
                tiles,
                file: 0,
                offset: step.place.offset,
            },
            tile,
        };
        place.read(entry.name)?;
    }
    Ok(())
}

/// Reads the head at `place` of a file of `len` bytes: what is wrong with it, unless the disk
/// fails.
fn read_head(
    file: &dyn File,
    place: Place,
    len: u64,
) -> Result<Result<(Head, u32), Damage>, TileError> {
    let left = usize::try_from(len.saturating_sub(place.offset)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; HEAD_GUESS.min(left)];
    read(file, place.file, &mut bytes, place.offset)?;
    let whole = Head::bytes_of(&bytes).min(left);
    if whole > bytes.len() {
        bytes.resize(whole, 0);
        read(file, place.file, &mut bytes, place.offset)?;
    }
    Ok(Head::decode(&bytes))
}

/// A file that ends too early is damaged; anything else is the disk's.
fn read(file: &dyn File, name: FileName, buf: &mut [u8], offset: u64) -> Result<(), TileError> {
    file.read_exact_at(buf, offset)
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::UnexpectedEof => TileError::Corrupt {
                place: Place { file: name, offset },
                damage: Damage::Length,
            },
            _ => TileError::Io { file: name, source },
        })
}
