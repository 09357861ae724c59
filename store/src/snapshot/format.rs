//! Bytes of a snapshot: a header, numbered chunks, a trailer.

use std::fmt;

use ledger::fields::{DecodeError, Reader, Write};

/// Longest chunk, in bytes.
pub const CHUNK_BYTES_MAX: usize = 64 << 20;

pub(super) const HEADER_BYTES: usize = 24;
pub(super) const MARK_BYTES: usize = 24;

const MAGIC: [u8; 8] = *b"LGRSNAPS";
const VERSION: u16 = 1;
const CHUNK: u8 = b'C';
const END: u8 = b'E';

/// What stands before a chunk, and at the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// A chunk follows.
    Chunk {
        /// Its number, from 0.
        number: u32,
        /// Its bytes.
        bytes: u32,
        /// CRC-32 of its bytes.
        crc: u32,
    },
    /// Nothing follows.
    End {
        /// How many chunks there are.
        chunks: u32,
        /// The end cycle.
        end_cycle: u64,
    },
}

pub(super) fn encode_header(begin_cycle: u64, out: &mut Vec<u8>) {
    let start = out.len();
    out.put(&MAGIC);
    out.put_u16(VERSION);
    out.put_u16(0);
    out.put_u64(begin_cycle);
    put_crc(start, out);
}

pub(super) fn decode_header(bytes: &[u8; HEADER_BYTES]) -> Result<u64, SnapshotFault> {
    let mut r = Reader::new(checked(bytes).ok_or(SnapshotFault::Header)?);
    if r.array()? != MAGIC {
        return Err(SnapshotFault::Header);
    }
    let version = r.u16()?;
    if version != VERSION {
        return Err(DecodeError::UnknownVersion(version).into());
    }
    if r.u16()? != 0 {
        return Err(DecodeError::BadField("reserved").into());
    }
    Ok(r.u64()?)
}

impl Mark {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let (kind, number, a, b) = match *self {
            Self::Chunk { number, bytes, crc } => (CHUNK, number, bytes, crc),
            Self::End { chunks, end_cycle } => {
                (END, chunks, end_cycle as u32, (end_cycle >> 32) as u32)
            }
        };
        out.put(&[kind, 0, 0, 0]);
        out.put_u32(number);
        out.put_u32(a);
        out.put_u32(b);
        out.put_u32(0);
        put_crc(start, out);
    }

    pub(super) fn decode(bytes: &[u8; MARK_BYTES]) -> Result<Self, SnapshotFault> {
        let mut r = Reader::new(checked(bytes).ok_or(SnapshotFault::Mark)?);
        let kind = r.array::<4>()?;
        let (number, a, b) = (r.u32()?, r.u32()?, r.u32()?);
        if r.u32()? != 0 {
            return Err(DecodeError::BadField("reserved").into());
        }
        match kind {
            [CHUNK, 0, 0, 0] => Ok(Self::Chunk {
                number,
                bytes: a,
                crc: b,
            }),
            [END, 0, 0, 0] => {
                let end_cycle = u64::from(b) << 32 | u64::from(a);
                Ok(Self::End {
                    chunks: number,
                    end_cycle,
                })
            }
            _ => Err(SnapshotFault::Mark),
        }
    }
}

fn put_crc(start: usize, out: &mut Vec<u8>) {
    let crc = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.put_u32(crc);
}

/// The bytes before the CRC-32 at the end, if it fits.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (covered, crc) = bytes.split_last_chunk::<4>()?;
    (crc32fast::hash(covered) == u32::from_le_bytes(*crc)).then_some(covered)
}

/// What is wrong with a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SnapshotFault {
    /// Its header is damaged.
    Header,
    /// What stands before a chunk or at the end is damaged.
    Mark,
    /// A chunk does not match its CRC-32.
    ChunkCrc(u32),
    /// A chunk is not the next one, or too long.
    Order(u32),
    /// Its end does not say what its name does, or something follows it.
    End,
    /// It is cut short.
    Short,
    /// A field holds what it may not.
    Field(DecodeError),
}

impl From<DecodeError> for SnapshotFault {
    fn from(error: DecodeError) -> Self {
        Self::Field(error)
    }
}

impl fmt::Display for SnapshotFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("header is damaged"),
            Self::Mark => f.write_str("mark before a chunk is damaged"),
            Self::ChunkCrc(number) => write!(f, "chunk `{number}` does not match its crc"),
            Self::Order(number) => write!(f, "chunk `{number}` is not the next or too long"),
            Self::End => f.write_str("end does not say what the name does"),
            Self::Short => f.write_str("file is cut short"),
            Self::Field(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for SnapshotFault {}
