//! The parts of a run of legs: chunks' table, lists in a page, fences, the tail.

use ledger::fields::{DecodeError, Reader, Write};

use super::error::Damage;
use super::leg_chunk::{Chunk, Posted};
use super::leg_code::State;
use super::num::{load_leb, load64, load128};

/// What is known of a chunk in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Skip {
    /// What is known of the legs.
    pub(super) chunk: Chunk,
    /// Sums of all chunks of the list before this one.
    pub(super) before: Posted,
    /// Where its bytes stand in the file.
    pub(super) at: u64,
    /// How many bytes.
    pub(super) len: u32,
    /// Their checksum.
    pub(super) crc: u32,
}

impl Skip {
    /// Bytes, checksum included.
    pub(super) const BYTES: usize = 8 * 6 + 32 * 2 + 8 + 4 * 4;

    /// Appends the bytes.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let chunk = &self.chunk;
        out.put_u64(chunk.base.seq);
        out.put_u64(chunk.base.effective_at);
        out.put_u64(chunk.base.account_seq);
        out.put_u64(chunk.last_seq);
        out.put_u64(chunk.min_effective);
        out.put_u64(chunk.max_effective);
        for sums in [chunk.posted, self.before] {
            out.put_u128(sums.debits);
            out.put_u128(sums.credits);
        }
        out.put_u64(self.at);
        out.put_u32(self.len);
        out.put_u32(chunk.legs);
        out.put_u32(self.crc);
        let crc = crc32fast::hash(&out[start..]);
        out.put_u32(crc);
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or(Damage::Length)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return Err(Damage::Checksum);
        }
        Self::fields(&mut Reader::new(body)).map_err(|_| Damage::Malformed)
    }

    fn fields(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let base = State {
            seq: r.u64()?,
            effective_at: r.u64()?,
            account_seq: r.u64()?,
        };
        let (last_seq, min_effective, max_effective) = (r.u64()?, r.u64()?, r.u64()?);
        let posted = Posted {
            debits: r.u128()?,
            credits: r.u128()?,
        };
        let before = Posted {
            debits: r.u128()?,
            credits: r.u128()?,
        };
        let (at, len, legs, crc) = (r.u64()?, r.u32()?, r.u32()?, r.u32()?);
        let chunk = Chunk {
            base,
            last_seq,
            min_effective,
            max_effective,
            posted,
            legs,
        };
        Ok(Self {
            chunk,
            before,
            at,
            len,
            crc,
        })
    }
}

/// A long list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Extent {
    /// Where the table of chunks stands in the file.
    pub(super) skips_at: u64,
    /// Chunks.
    pub(super) chunks: u64,
    /// Sequence of the last leg.
    pub(super) last_seq: u64,
    /// Sums of all chunks.
    pub(super) posted: Posted,
}

impl Extent {
    /// Bytes in a page.
    pub(super) const BYTES: usize = 8 * 3 + 32;

    /// Appends the bytes.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u64(self.skips_at);
        out.put_u64(self.chunks);
        out.put_u64(self.last_seq);
        out.put_u128(self.posted.debits);
        out.put_u128(self.posted.credits);
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (skips_at, chunks, last_seq) = (r.u64()?, r.u64()?, r.u64()?);
        let posted = Posted {
            debits: r.u128()?,
            credits: r.u128()?,
        };
        Ok(Self {
            skips_at,
            chunks,
            last_seq,
            posted,
        })
    }
}

/// What lists are sorted by: book and account.
pub(super) type ListKey = (u32, u128);

/// An account's list in a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum List {
    /// The legs stand in the page.
    Short {
        /// Where.
        at: usize,
        /// How many bytes.
        len: usize,
    },
    /// The legs stand in chunks.
    Long(Extent),
}

/// The lists of a page, in order.
#[derive(Clone, Copy)]
pub(super) struct PageReader {
    at: usize,
    book: u32,
    account: u128,
}

impl PageReader {
    /// A reader at the start of a page, whose checksum it checks.
    pub(super) fn new(page: &[u8]) -> Result<Self, Damage> {
        let (crc, rest) = page.split_first_chunk::<4>().ok_or(Damage::Length)?;
        if crc32fast::hash(rest) != u32::from_le_bytes(*crc) {
            return Err(Damage::Checksum);
        }
        Ok(Self {
            at: 4,
            book: 0,
            account: 0,
        })
    }

    /// The next list of `page`, the page this reader was made for, and whose it is.
    #[inline]
    pub(super) fn next(&mut self, page: &[u8]) -> Result<Option<(ListKey, List)>, Damage> {
        if self.at == page.len() {
            return Ok(None);
        }
        self.step(page).map(Some).ok_or(Damage::Malformed)
    }

    #[inline]
    fn step(&mut self, page: &[u8]) -> Option<(ListKey, List)> {
        let control = *page.get(self.at)?;
        let mut at = self.at + 1;
        let book_len = BOOK_LENS[usize::from(control >> 6)];
        if book_len > 0 {
            self.book = self.book.wrapping_add(load64(page, at, book_len)? as u32);
            self.account = 0;
            at += book_len;
        }
        let account_len = usize::from(control & 31);
        self.account = self.account.wrapping_add(load128(page, at, account_len)?);
        at += account_len;
        let list = if control & LONG != 0 {
            let mut r = Reader::new(page.get(at..at + Extent::BYTES)?);
            at += Extent::BYTES;
            List::Long(Extent::decode(&mut r).ok()?)
        } else {
            let len = load_leb(page, &mut at)? as usize;
            let list = List::Short { at, len };
            page.get(at..)?.get(..len)?;
            at += len;
            list
        };
        self.at = at;
        Some(((self.book, self.account), list))
    }
}

/// Bytes of a book's difference, by the two high bits of the control byte.
pub(super) const BOOK_LENS: [usize; 4] = [0, 1, 2, 4];
/// Bit of the control byte: the list stands in chunks.
pub(super) const LONG: u8 = 1 << 5;

/// The first list of a page, and the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fence {
    pub(super) account: u128,
    pub(super) book: u32,
    pub(super) len: u32,
    pub(super) at: u64,
}

impl Fence {
    /// Bytes in the file.
    pub(super) const BYTES: usize = 32;

    /// Appends the bytes.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u128(self.account);
        out.put_u32(self.book);
        out.put_u32(self.len);
        out.put_u64(self.at);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            account: r.u128()?,
            book: r.u32()?,
            len: r.u32()?,
            at: r.u64()?,
        })
    }
}

/// What stands at the end of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tail {
    pub(super) number: u64,
    pub(super) first_cycle: u64,
    pub(super) last_cycle: u64,
    /// Business date that every short list starts from.
    pub(super) start: u64,
    pub(super) legs: u64,
    pub(super) fences: u64,
    pub(super) fences_crc: u32,
}

impl Tail {
    /// Bytes, checksum included.
    pub(super) const BYTES: usize = 8 + 2 + 8 * 6 + 4 + 4;
    const MAGIC: [u8; 8] = *b"LDGLEGRN";
    const VERSION: u16 = 1;

    /// The bytes, and their checksum, which ends them.
    pub(super) fn encode(&self) -> (Vec<u8>, u32) {
        let mut out = Vec::with_capacity(Self::BYTES);
        out.put(&Self::MAGIC);
        out.put_u16(Self::VERSION);
        out.put_u64(self.number);
        out.put_u64(self.first_cycle);
        out.put_u64(self.last_cycle);
        out.put_u64(self.start);
        out.put_u64(self.legs);
        out.put_u64(self.fences);
        out.put_u32(self.fences_crc);
        let crc = crc32fast::hash(&out);
        out.put_u32(crc);
        (out, crc)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let malformed = |_: DecodeError| Damage::Malformed;
        let mut r = Reader::new(bytes);
        if r.array().map_err(malformed)? != Self::MAGIC {
            return Err(Damage::Magic);
        }
        let version = r.u16().map_err(malformed)?;
        if version != Self::VERSION {
            return Err(Damage::Version(version));
        }
        Self::fields(&mut r).map_err(malformed)
    }

    fn fields(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            number: r.u64()?,
            first_cycle: r.u64()?,
            last_cycle: r.u64()?,
            start: r.u64()?,
            legs: r.u64()?,
            fences: r.u64()?,
            fences_crc: r.u32()?,
        })
    }
}
