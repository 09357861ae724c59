//! The frame of a cycle: the bytes a segment holds of it. `docs/formats/journal.md` has the layout.

use std::fmt;

use ledger::Digest;
use ledger::block::BlockHeader;
use ledger::fields::{DecodeError, Reader, Write};

/// Frames start and end at multiples of this many bytes, so that no sector that holds one cycle is
/// ever written for another.
pub const ALIGN: u64 = 4_096;
/// What a disk writes whole or not at all, in bytes.
pub const SECTOR: usize = 512;
/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 88;
/// Bytes before a block's header.
pub const PRELUDE_BYTES: usize = 16;
/// What fills a frame up to its end.
pub const PADDING: u8 = 0xff;

static ZEROS: [u8; ALIGN as usize] = [0; ALIGN as usize];

const MAGIC: [u8; 8] = *b"LGRCYCLE";
const VERSION: u16 = 1;
const PRELUDE_KIND: u8 = 0xb0;
const PRELUDE_VERSION: u8 = 1;
const BLOCK_FIXED: usize = PRELUDE_BYTES + BlockHeader::BYTES;

const _: () = assert!(
    HEADER_BYTES <= SECTOR,
    "a header is written whole or not at all"
);
const _: () = assert!(ALIGN.is_multiple_of(SECTOR as u64));

/// `bytes` rounded up to whole frames' alignment.
pub fn aligned(bytes: u64) -> u64 {
    bytes.next_multiple_of(ALIGN)
}

/// Bytes of a block in a frame.
pub fn block_bytes(batches: usize, events: usize) -> u64 {
    (BLOCK_FIXED + batches + events) as u64
}

/// Whether some sector of `bytes`, counted from its start, was never written. No sector of a whole
/// frame is all zero: every record in it starts with a byte that is not zero and is shorter than a
/// sector, and padding is not zero.
pub fn has_unwritten_sector(bytes: &[u8]) -> bool {
    bytes.chunks(SECTOR).any(is_zero)
}

/// Whether all of `bytes` are zero.
pub fn is_zero(bytes: &[u8]) -> bool {
    // Whole slices are compared at once: recovery looks at every byte never written.
    bytes
        .chunks(ZEROS.len())
        .all(|chunk| ZEROS.get(..chunk.len()) == Some(chunk))
}

/// Where the notes of a cycle stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotesExtent {
    /// Number of the file of notes, from 1.
    pub file: u32,
    /// Bytes of entries, without padding, at least 1.
    pub bytes: u32,
    /// Offset of the first entry; a multiple of [`ALIGN`].
    pub offset: u64,
}

/// The header of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameHeader {
    /// The cycle's number, dense from 1.
    pub number: u64,
    /// Blocks in the body.
    pub blocks: u32,
    /// Bytes of the body, without padding.
    pub body: u64,
    /// Digest of the frame before; zero in the first.
    pub previous: Digest,
    /// Where the cycle's notes stand, if it has any.
    pub notes: Option<NotesExtent>,
    /// CRC-32 of the preludes of all blocks, each of which holds the CRC-32 of its block.
    pub body_crc: u32,
}

impl FrameHeader {
    /// Appends the header.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let none = NotesExtent {
            file: 0,
            bytes: 0,
            offset: 0,
        };
        let notes = self.notes.unwrap_or(none);
        out.put(&MAGIC);
        out.put_u16(VERSION);
        out.put_u16(0);
        out.put_u32(self.blocks);
        out.put_u64(self.number);
        out.put_u64(self.body);
        out.put(&self.previous.0);
        out.put_u32(notes.file);
        out.put_u32(notes.bytes);
        out.put_u64(notes.offset);
        out.put_u32(self.body_crc);
        let crc = crc32fast::hash(out.get(start..).unwrap_or_default());
        out.put_u32(crc);
    }

    /// Reads the header at the start of `bytes`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameFault> {
        let (head, crc) = match (bytes.get(..HEADER_BYTES - 4), bytes.get(..HEADER_BYTES)) {
            (Some(head), Some(whole)) => (head, crc_at_end(whole)),
            _ => {
                return Err(FrameFault::Short {
                    need: HEADER_BYTES as u64,
                });
            }
        };
        if bytes.get(..SECTOR).is_some_and(is_zero) {
            return Err(FrameFault::Unwritten);
        }
        if !head.starts_with(&MAGIC) {
            return Err(FrameFault::Magic);
        }
        if crc32fast::hash(head) != crc {
            return Err(FrameFault::HeaderCrc);
        }
        Self::decode_fields(head)
    }

    fn decode_fields(head: &[u8]) -> Result<Self, FrameFault> {
        let mut r = Reader::new(head);
        r.take(MAGIC.len())?;
        let version = r.u16()?;
        if version != VERSION {
            return Err(FrameFault::Version(version));
        }
        if r.u16()? != 0 {
            return Err(DecodeError::BadField("reserved").into());
        }
        let (blocks, number, body) = (r.u32()?, r.u64()?, r.u64()?);
        let previous = Digest(r.array()?);
        let notes = NotesExtent {
            file: r.u32()?,
            bytes: r.u32()?,
            offset: r.u64()?,
        };
        let body_crc = r.u32()?;
        r.end()?;
        let has_notes = notes.file != 0;
        let is_whole = if has_notes {
            notes.bytes != 0 && notes.offset.is_multiple_of(ALIGN)
        } else {
            notes.bytes == 0 && notes.offset == 0
        };
        if !is_whole {
            return Err(DecodeError::BadField("notes").into());
        }
        if body > u64::from(u32::MAX) || u64::from(blocks) * BLOCK_FIXED as u64 > body {
            return Err(DecodeError::BadField("body").into());
        }
        let notes = has_notes.then_some(notes);
        Ok(Self {
            number,
            blocks,
            body,
            previous,
            notes,
            body_crc,
        })
    }

    /// SHA-256 of the encoded header: what the next frame continues.
    pub fn digest(&self) -> Digest {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        self.encode(&mut bytes);
        Digest::of(&bytes)
    }

    /// Bytes of the whole frame: header, body and padding.
    pub fn extent(&self) -> u64 {
        aligned(HEADER_BYTES as u64 + self.body)
    }
}

fn crc_at_end(bytes: &[u8]) -> u32 {
    bytes
        .last_chunk::<4>()
        .map_or(0, |crc| u32::from_le_bytes(*crc))
}

/// A block as it stands in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockSlices<'a> {
    /// Offset of its prelude in what was decoded.
    pub offset: usize,
    /// Its header.
    pub header: BlockHeader,
    /// Its encoded batch list.
    pub batches: &'a [u8],
    /// Its encoded events.
    pub events: &'a [u8],
}

/// A frame that was read whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// Its header.
    pub header: FrameHeader,
    /// Its blocks, in order.
    pub blocks: Vec<BlockSlices<'a>>,
}

/// Reads the frame at the start of `bytes`, which may go on behind it. Every byte of the frame is
/// checked, padding included.
///
/// # Errors
/// What is wrong with it; a frame that is wrong may also be one that was never written whole.
pub fn decode(bytes: &[u8]) -> Result<Frame<'_>, FrameFault> {
    let header = FrameHeader::decode(bytes)?;
    let extent = header.extent();
    let short = FrameFault::Short { need: extent };
    let frame = usize::try_from(extent)
        .ok()
        .and_then(|extent| bytes.get(..extent));
    let frame = frame.ok_or(short)?;
    // INVARIANT: the extent fits, so the body does.
    let end = HEADER_BYTES + usize::try_from(header.body).unwrap_or(usize::MAX);
    let (body, padding) = frame.split_at_checked(end).ok_or(short)?;
    if padding.iter().any(|byte| *byte != PADDING) {
        return Err(FrameFault::Padding);
    }
    let mut blocks = Vec::with_capacity(header.blocks as usize);
    let mut crc = crc32fast::Hasher::new();
    let mut offset = HEADER_BYTES;
    for _ in 0..header.blocks {
        let block = decode_block_at(body, offset)?;
        crc.update(body.get(offset..offset + PRELUDE_BYTES).unwrap_or_default());
        offset += BLOCK_FIXED + block.batches.len() + block.events.len();
        blocks.push(block);
    }
    if offset != body.len() {
        return Err(DecodeError::TrailingBytes(body.len() - offset).into());
    }
    if crc.finalize() != header.body_crc {
        return Err(FrameFault::BodyCrc);
    }
    Ok(Frame { header, blocks })
}

/// Reads one block whose prelude stands at `offset` of `bytes`.
///
/// # Errors
/// What is wrong with it.
pub fn decode_block_at(bytes: &[u8], offset: usize) -> Result<BlockSlices<'_>, FrameFault> {
    let mut r = Reader::new(bytes.get(offset..).unwrap_or_default());
    let prelude = Prelude::decode(&mut r)?;
    let covered = r.take(prelude.covered())?;
    if crc32fast::hash(covered) != prelude.crc {
        return Err(FrameFault::BlockCrc {
            offset: offset as u64,
        });
    }
    let mut r = Reader::new(covered);
    let header = BlockHeader::decode(&mut r)?;
    let batches = r.take(prelude.batches as usize)?;
    Ok(BlockSlices {
        offset,
        header,
        batches,
        events: r.rest(),
    })
}

/// What stands before a block's header: how long the block is, and its CRC-32.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prelude {
    /// Bytes of the batch list.
    pub batches: u32,
    /// Bytes of the events.
    pub events: u32,
    /// CRC-32 of block header, batch list and events.
    pub crc: u32,
}

impl Prelude {
    /// Appends the prelude.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[PRELUDE_KIND, PRELUDE_VERSION, 0, 0]);
        out.put_u32(self.batches);
        out.put_u32(self.events);
        out.put_u32(self.crc);
    }

    /// Reads what [`Prelude::encode`] writes.
    ///
    /// # Errors
    /// Bytes run out, or kind or version is not known.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match r.array::<4>()? {
            [PRELUDE_KIND, PRELUDE_VERSION, 0, 0] => {}
            [PRELUDE_KIND, version, 0, 0] => {
                return Err(DecodeError::UnknownVersion(u16::from(version)));
            }
            [kind, ..] => return Err(DecodeError::UnknownKind(kind)),
        }
        Ok(Self {
            batches: r.u32()?,
            events: r.u32()?,
            crc: r.u32()?,
        })
    }

    /// Bytes that follow the prelude and belong to the block.
    pub fn covered(&self) -> usize {
        BlockHeader::BYTES + self.batches as usize + self.events as usize
    }
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameFault {
    /// The first sector is all zero: no frame starts here, or its start was never written.
    Unwritten,
    /// Fewer bytes than the frame has.
    Short {
        /// Bytes it has.
        need: u64,
    },
    /// It does not start as a frame does.
    Magic,
    /// This build does not know its version.
    Version(u16),
    /// The header does not have its CRC-32.
    HeaderCrc,
    /// A block does not have its CRC-32.
    BlockCrc {
        /// Where its prelude stands in the frame.
        offset: u64,
    },
    /// The preludes do not have their CRC-32.
    BodyCrc,
    /// The padding is not what it must be.
    Padding,
    /// A field holds what it may not.
    Field(DecodeError),
    /// It does not continue the frame or the blocks before it.
    Link,
}

impl fmt::Display for FrameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwritten => f.write_str("nothing was written here"),
            Self::Short { need } => write!(f, "file ends inside a cycle of {need} bytes"),
            Self::Magic => f.write_str("no cycle starts here, nor is it empty"),
            Self::Version(version) => write!(f, "cycle has unknown version `{version}`"),
            Self::HeaderCrc => f.write_str("header of the cycle does not match its crc"),
            Self::BlockCrc { offset } => {
                write!(
                    f,
                    "block at {offset} bytes into the cycle does not match its crc"
                )
            }
            Self::BodyCrc => f.write_str("body of the cycle does not match its crc"),
            Self::Padding => f.write_str("padding of the cycle is damaged"),
            Self::Field(error) => write!(f, "cycle: {error}"),
            Self::Link => f.write_str("cycle does not continue what is before it"),
        }
    }
}

impl std::error::Error for FrameFault {}

impl From<DecodeError> for FrameFault {
    fn from(error: DecodeError) -> Self {
        Self::Field(error)
    }
}

#[cfg(test)]
mod tests;
