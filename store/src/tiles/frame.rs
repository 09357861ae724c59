//! Frames: full tiles that were written and synced together. `docs/formats/audit.md` has the
//! layout.

use ledger::fields::{DecodeError, Reader, Write};
use ledger::{BookId, Digest};

use super::WIDTH;
use super::error::Damage;
use super::hashes::FullTile;
use super::limits::FRAME_TILES_MAX;

const MAGIC: [u8; 8] = *b"LGRTILES";
const VERSION: u16 = 1;
/// Bytes of a head before its entries.
const FIXED: usize = 8 + 2 + 2 + 4 + 8 + 8 + 32 + 4;
/// Bytes of a tile's hashes.
const HASHES: usize = WIDTH as usize * 32;
/// Bytes of a tile in a frame.
pub(super) const TILE_BYTES: usize = HASHES + 4;

/// Whose tile, and where in its tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TileName {
    pub(super) book: BookId,
    /// 0 over leaves.
    pub(super) level: u8,
    /// How many tiles of the level stand to its left.
    pub(super) index: u64,
}

impl TileName {
    const BYTES: usize = 4 + 1 + 3 + 8;

    fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.book.0);
        out.put_u8(self.level);
        out.put(&[0; 3]);
        out.put_u64(self.index);
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (book, level) = (BookId(r.u32()?), r.u8()?);
        if r.array()? != [0; 3] {
            return Err(DecodeError::BadField("reserved"));
        }
        let index = r.u64()?;
        Ok(Self { book, level, index })
    }
}

/// A tile of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) name: TileName,
    /// Root over its hashes.
    pub(super) root: Digest,
}

impl Entry {
    const BYTES: usize = TileName::BYTES + 32;

    fn encode(&self, out: &mut Vec<u8>) {
        self.name.encode(out);
        out.put(&self.root.0);
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let name = TileName::decode(r)?;
        let root = Digest(r.array()?);
        Ok(Self { name, root })
    }
}

/// What stands at the start of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Head {
    /// Dense from 1 over all files.
    pub(super) number: u64,
    /// Every tile that this cycle or an earlier one completed is in this frame or before it.
    pub(super) covered: u64,
    /// What that cycle was, see [`super::builder`]; zero if there is none.
    pub(super) mark: Digest,
    /// Checksum of the head of the frame before; 0 in the first.
    pub(super) previous: u32,
    pub(super) entries: Vec<Entry>,
}

impl Head {
    /// Appends the head; gives its checksum.
    fn encode(&self, out: &mut Vec<u8>) -> u32 {
        let start = out.len();
        out.put(&MAGIC);
        out.put_u16(VERSION);
        // INVARIANT: at most `FRAME_TILES_MAX` entries.
        out.put_u16(self.entries.len() as u16);
        out.put_u32(0);
        out.put_u64(self.number);
        out.put_u64(self.covered);
        out.put(&self.mark.0);
        out.put_u32(self.previous);
        for entry in &self.entries {
            entry.encode(out);
        }
        let crc = crc32fast::hash(out.get(start..).unwrap_or_default());
        out.put_u32(crc);
        crc
    }

    /// Bytes of the head that starts with `bytes`, as far as they tell.
    pub(super) fn bytes_of(bytes: &[u8]) -> usize {
        let count = bytes.get(10..12).and_then(|count| count.first_chunk());
        let count = count.map_or(0, |count| usize::from(u16::from_le_bytes(*count)));
        FIXED + count.min(FRAME_TILES_MAX) * Entry::BYTES + 4
    }

    /// Reads the head at the start of `bytes`, which may go on behind it, and its checksum.
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, u32), Damage> {
        let fixed = bytes.get(..FIXED).ok_or(Damage::Length)?;
        if !fixed.starts_with(&MAGIC) {
            return Err(Damage::Magic);
        }
        let malformed = |_: DecodeError| Damage::Malformed;
        let mut r = Reader::new(fixed);
        r.take(MAGIC.len()).map_err(malformed)?;
        let version = r.u16().map_err(malformed)?;
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        let count = usize::from(r.u16().map_err(malformed)?);
        let end = FIXED + count * Entry::BYTES;
        let covered = bytes.get(..end).ok_or(Damage::Length)?;
        let crc = bytes.get(end..end + 4).ok_or(Damage::Length)?;
        let crc = Reader::new(crc).u32().map_err(malformed)?;
        if crc32fast::hash(covered) != crc {
            return Err(Damage::Checksum);
        }
        let mut r = Reader::new(covered.get(12..).unwrap_or_default());
        Ok((Self::fields(&mut r, count).map_err(malformed)?, crc))
    }

    fn fields(r: &mut Reader<'_>, count: usize) -> Result<Self, DecodeError> {
        if r.u32()? != 0 {
            return Err(DecodeError::BadField("reserved"));
        }
        let (number, covered) = (r.u64()?, r.u64()?);
        let (mark, previous) = (Digest(r.array()?), r.u32()?);
        let entries = (0..count).map(|_| Entry::decode(r));
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Self {
            number,
            covered,
            mark,
            previous,
            entries,
        })
    }

    /// Bytes of the whole frame.
    pub(super) fn frame_bytes(&self) -> u64 {
        // INVARIANT: a count of two bytes.
        let tiles = self.entries.len() as u32;
        tile_at(tiles, tiles)
    }
}

/// Bytes into a frame of `tiles` tiles where tile number `tile` of it stands.
pub(super) fn tile_at(tiles: u32, tile: u32) -> u64 {
    let head = FIXED as u64 + u64::from(tiles) * Entry::BYTES as u64 + 4;
    head + u64::from(tile) * TILE_BYTES as u64
}

/// Appends a frame; gives the checksum of its head.
pub(super) fn encode<'a>(
    head: &Head,
    tiles: impl Iterator<Item = &'a FullTile>,
    out: &mut Vec<u8>,
) -> u32 {
    let crc = head.encode(out);
    for tile in tiles {
        let start = out.len();
        for hash in &tile.hashes {
            out.put(&hash.0);
        }
        let tile_crc = crc_of(tile.entry.name, out.get(start..).unwrap_or_default());
        out.put_u32(tile_crc);
    }
    crc
}

/// The hashes of the tile `name`, as they stand in a frame.
pub(super) fn decode_tile(name: TileName, bytes: &[u8]) -> Result<Vec<Digest>, Damage> {
    let (hashes, crc) = bytes.split_last_chunk::<4>().ok_or(Damage::Length)?;
    if hashes.len() != HASHES {
        return Err(Damage::Length);
    }
    if crc_of(name, hashes) != u32::from_le_bytes(*crc) {
        return Err(Damage::Checksum);
    }
    let digests = hashes.as_chunks::<32>().0.iter();
    Ok(digests.map(|bytes| Digest(*bytes)).collect())
}

/// Covers which tile it is too, so that none is taken for another.
fn crc_of(name: TileName, hashes: &[u8]) -> u32 {
    let mut bytes = Vec::with_capacity(TileName::BYTES);
    name.encode(&mut bytes);
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes);
    hasher.update(hashes);
    hasher.finalize()
}
