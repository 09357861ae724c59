//! A run of legs: an immutable file of lists, sorted by book and account.
//!
//! Short lists stand in pages, one after the other; a long list stands before its page in chunks,
//! with a table of what is known of each, so that a balance reads few of them.

use std::sync::Arc;

use ledger::fields::{DecodeError, Reader, Write};

use crate::disk::{Disk, File};

use super::error::{Damage, IndexError};
use super::input::{self, Input, read_checked};
use super::leg_chunk::{Chunk, Posted};
use super::leg_code::State;
use super::manifest::RunMeta;
use super::merge::Cursor;
use super::names;
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

    fn decode(bytes: &[u8]) -> Result<Self, Damage> {
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
struct PageReader {
    at: usize,
    book: u32,
    account: u128,
}

impl PageReader {
    /// A reader at the start of a page, whose checksum it checks.
    fn new(page: &[u8]) -> Result<Self, Damage> {
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
    fn next(&mut self, page: &[u8]) -> Result<Option<(ListKey, List)>, Damage> {
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

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

    fn decode(bytes: &[u8]) -> Result<Self, Damage> {
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

/// A run of legs, its lists excepted, which stay in the file.
pub(super) struct LegRun {
    pub(super) meta: RunMeta,
    pub(super) tail: Tail,
    pub(super) file: Arc<dyn File>,
    pub(super) name: Box<str>,
    pub(super) fences: Vec<Fence>,
}

/// An account's list, found.
pub(super) enum Found {
    /// The bytes of the legs.
    Short(Vec<u8>),
    /// Where the chunks are.
    Long(Extent),
}

impl LegRun {
    /// Opens the run that `meta` names and checks everything but the lists.
    pub(super) fn open(disk: &dyn Disk, meta: RunMeta) -> Result<Self, IndexError> {
        let name = names::legs(meta.name.number);
        let file = disk.open(&name).map_err(IndexError::io(&name))?;
        let at = meta.tail_at(Tail::BYTES)?;
        let raw = read_checked(&*file, &name, at, Tail::BYTES - 4, meta.tail_crc)?;
        let damaged = |damage| IndexError::corrupt(&name, at, damage);
        let tail = Tail::decode(&raw).map_err(damaged)?;
        let cycles = (tail.first_cycle, tail.last_cycle);
        if tail.number != meta.name.number
            || cycles != (meta.name.first_cycle, meta.name.last_cycle)
            || tail.legs != meta.items
        {
            return Err(damaged(Damage::Stranger));
        }
        let fences_bytes = tail.fences.saturating_mul(Fence::BYTES as u64);
        let fences_at = at
            .checked_sub(fences_bytes)
            .ok_or(damaged(Damage::Malformed))?;
        let raw = read_checked(
            &*file,
            &name,
            fences_at,
            fences_bytes as usize,
            tail.fences_crc,
        )?;
        let mut r = Reader::new(&raw);
        let fences: Result<_, _> = (0..tail.fences).map(|_| Fence::decode(&mut r)).collect();
        let fences = fences.map_err(|_| damaged(Damage::Malformed))?;
        Ok(Self {
            meta,
            tail,
            file,
            name: name.into(),
            fences,
        })
    }

    /// Where every short list starts.
    pub(super) fn start(&self) -> State {
        State::start(self.tail.start)
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        self.fences.capacity() * size_of::<Fence>()
    }

    pub(super) fn damaged(&self, at: u64, damage: Damage) -> IndexError {
        IndexError::corrupt(&self.name, at, damage)
    }

    /// The account's list, if it has one here. Reads one page.
    pub(super) fn find(&self, book: u32, account: u128) -> Result<Option<Found>, IndexError> {
        let key = (book, account);
        let after = self
            .fences
            .partition_point(|fence| (fence.book, fence.account) <= key);
        let Some(fence) = after.checked_sub(1).and_then(|at| self.fences.get(at)) else {
            return Ok(None);
        };
        let mut page = vec![0; fence.len as usize];
        let read = self.file.read_exact_at(&mut page, fence.at);
        read.map_err(|error| input::unreadable(&self.name, fence.at, error))?;
        let damaged = |damage| self.damaged(fence.at, damage);
        let mut reader = PageReader::new(&page).map_err(damaged)?;
        while let Some((found, list)) = reader.next(&page).map_err(damaged)? {
            if found >= key {
                return Ok((found == key).then(|| match list {
                    List::Short { at, len } => {
                        page.truncate(at + len);
                        Found::Short(page.split_off(at))
                    }
                    List::Long(extent) => Found::Long(extent),
                }));
            }
        }
        Ok(None)
    }

    /// Where the chunks of a list, and the tables of them, end at the latest.
    fn lists_end(&self) -> u64 {
        let after = Tail::BYTES + self.fences.len() * Fence::BYTES;
        self.meta.bytes.saturating_sub(after as u64)
    }

    /// The chunk of a long list with this number.
    pub(super) fn skip(&self, extent: &Extent, number: u64) -> Result<Skip, IndexError> {
        let at = extent.skips_at + number * Skip::BYTES as u64;
        let mut bytes = [0; Skip::BYTES];
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map_err(|error| input::unreadable(&self.name, at, error))?;
        Skip::decode(&bytes).map_err(|damage| self.damaged(at, damage))
    }

    /// Number of the first chunk of a long list that has legs at or after `seq`.
    pub(super) fn seek(&self, extent: &Extent, seq: u64) -> Result<u64, IndexError> {
        let (mut from, mut to) = (0, extent.chunks);
        while from < to {
            let middle = from + (to - from) / 2;
            if self.skip(extent, middle)?.chunk.last_seq < seq {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Ok(from)
    }

    /// The chunks of a long list from the one with this number on.
    pub(super) fn chunks(self: &Arc<Self>, extent: Extent, number: u64) -> Chunks {
        let input = || Input::new(self.file.clone(), &self.name, self.lists_end());
        Chunks {
            skips: input(),
            bodies: input(),
            run: self.clone(),
            extent,
            number,
        }
    }

    /// The lists, in order.
    pub(super) fn cursor(self: &Arc<Self>) -> Result<ListCursor, IndexError> {
        let mut cursor = ListCursor {
            input: Input::new(self.file.clone(), &self.name, self.lists_end()),
            run: self.clone(),
            next: 0,
            page: Vec::new(),
            reader: None,
            list: None,
        };
        cursor.advance()?;
        Ok(cursor)
    }
}

/// Chunks of a long list, in order.
pub(super) struct Chunks {
    run: Arc<LegRun>,
    extent: Extent,
    number: u64,
    skips: Input,
    bodies: Input,
}

impl Chunks {
    /// What is known of the next chunk.
    pub(super) fn next(&mut self) -> Result<Option<Skip>, IndexError> {
        if self.number == self.extent.chunks {
            return Ok(None);
        }
        let at = self.extent.skips_at + self.number * Skip::BYTES as u64;
        let raw = self.skips.get(at, Skip::BYTES)?;
        self.number += 1;
        Skip::decode(raw)
            .map(Some)
            .map_err(|damage| self.run.damaged(at, damage))
    }

    /// The bytes of a chunk that [`Chunks::next`] gave.
    pub(super) fn body(&mut self, skip: &Skip) -> Result<&[u8], IndexError> {
        let bytes = self.bodies.get(skip.at, skip.len as usize)?;
        if crc32fast::hash(bytes) != skip.crc {
            return Err(self.run.damaged(skip.at, Damage::Checksum));
        }
        Ok(bytes)
    }

    /// The error that says that the legs of a chunk are cut.
    pub(super) fn damaged(&self, skip: &Skip) -> IndexError {
        self.run.damaged(skip.at, Damage::Malformed)
    }
}

/// A place in the lists of a run.
pub(super) struct ListCursor {
    pub(super) run: Arc<LegRun>,
    input: Input,
    next: usize,
    page: Vec<u8>,
    reader: Option<PageReader>,
    list: Option<(ListKey, List)>,
}

impl ListCursor {
    /// The list at this place, and its bytes if it is short.
    pub(super) fn list(&self) -> Option<(List, &[u8])> {
        let (_, list) = self.list?;
        let bytes = match list {
            List::Short { at, len } => self.page.get(at..at + len).unwrap_or_default(),
            List::Long(_) => &[],
        };
        Some((list, bytes))
    }

    /// Where the page of this place stands in the file.
    pub(super) fn page_at(&self) -> u64 {
        let fence = self
            .next
            .checked_sub(1)
            .and_then(|at| self.run.fences.get(at));
        fence.map_or(0, |fence| fence.at)
    }

    fn load(&mut self) -> Result<bool, IndexError> {
        let Some(fence) = self.run.fences.get(self.next) else {
            return Ok(false);
        };
        self.page.clear();
        self.page
            .extend_from_slice(self.input.get(fence.at, fence.len as usize)?);
        let reader = PageReader::new(&self.page);
        self.reader = Some(reader.map_err(|damage| self.run.damaged(fence.at, damage))?);
        self.next += 1;
        Ok(true)
    }
}

impl Cursor for ListCursor {
    type Key = ListKey;

    #[inline]
    fn key(&self) -> Option<ListKey> {
        self.list.map(|(key, _)| key)
    }

    fn advance(&mut self) -> Result<(), IndexError> {
        loop {
            if let Some(reader) = &mut self.reader {
                let list = reader.next(&self.page);
                self.list = list.map_err(|damage| self.run.damaged(self.page_at(), damage))?;
                if self.list.is_some() {
                    return Ok(());
                }
            }
            if !self.load()? {
                self.reader = None;
                self.list = None;
                return Ok(());
            }
        }
    }
}
