//! Writes a run of legs from lists in the order of book and account.

use crate::disk::Disk;

use super::error::IndexError;
use super::leg_chunk::{CHUNK, Chunk, Posted};
use super::leg_code::{Cut, HistoryLeg, Legs, State, encode};
use super::leg_format::{BOOK_LENS, Extent, Fence, LONG, ListKey, Skip, Tail};
use super::leg_run::LegRun;
use super::manifest::{RunMeta, RunName};
use super::names;
use super::num::{Packed, len128};
use super::output::Output;

/// A page is written as soon as it has so many bytes.
const PAGE: usize = 8 << 10;
/// A chunk with fewer legs is not copied whole but taken apart, so that merges do not leave many
/// small ones.
const LEAST_COPIED: u32 = CHUNK / 4;

/// A run of legs being written.
pub(super) struct LegWriter {
    out: Output,
    name: RunName,
    start: u64,
    page: Vec<u8>,
    page_first: ListKey,
    last: ListKey,
    fences: Vec<Fence>,
    legs: u64,
    list: Option<OpenList>,
    /// Room of the last list, used again.
    bytes: Vec<u8>,
}

/// The list being written.
struct OpenList {
    key: ListKey,
    state: State,
    /// The legs since the last chunk.
    chunk: Chunk,
    bytes: Vec<u8>,
    skips: Vec<Skip>,
    posted: Posted,
}

impl LegWriter {
    /// Creates the file. `start` is the business date that short lists start from.
    pub(super) fn create(disk: &dyn Disk, name: RunName, start: u64) -> Result<Self, IndexError> {
        Ok(Self {
            out: Output::create(disk, &names::legs(name.number))?,
            name,
            start,
            page: vec![0; 4],
            page_first: (0, 0),
            last: (0, 0),
            fences: Vec::new(),
            legs: 0,
            list: None,
            bytes: Vec::new(),
        })
    }

    /// The file's name.
    pub(super) fn file_name(&self) -> &str {
        self.out.name()
    }

    /// Bytes written so far, or waiting in the page.
    pub(super) fn position(&self) -> u64 {
        self.out.position() + self.page.len() as u64
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        let skips = self.list.as_ref().map_or(0, |list| list.skips.capacity());
        self.out.memory_bytes()
            + self.fences.capacity() * size_of::<Fence>()
            + skips * size_of::<Skip>()
    }

    /// Writes a whole list of fewer than [`CHUNK`] legs, told from the run's start.
    pub(super) fn short(
        &mut self,
        key: ListKey,
        legs: u64,
        bytes: &[u8],
    ) -> Result<(), IndexError> {
        self.end_list()?;
        self.legs += legs;
        let mut packed = Packed::new();
        self.put_key(&mut packed, key, 0);
        packed.put_leb(bytes.len() as u64);
        self.page.extend_from_slice(packed.bytes());
        self.page.extend_from_slice(bytes);
        self.end_entry()
    }

    fn put_key(&mut self, packed: &mut Packed, key: ListKey, long: u8) {
        if self.page.len() == 4 {
            self.page_first = key;
            self.last = (0, 0);
        }
        let book = key.0.wrapping_sub(self.last.0);
        let code = match book {
            0 => 0,
            1..=0xff => 1_u8,
            0x100..=0xffff => 2,
            _ => 3,
        };
        let account = if book == 0 {
            key.1.wrapping_sub(self.last.1)
        } else {
            key.1
        };
        packed.put(u128::from(len128(account) as u8 | long | code << 6), 1);
        packed.put(u128::from(book), BOOK_LENS[usize::from(code)]);
        packed.put(account, len128(account));
        self.last = key;
    }

    fn end_entry(&mut self) -> Result<(), IndexError> {
        if self.page.len() >= PAGE {
            self.end_page()
        } else {
            Ok(())
        }
    }

    fn end_page(&mut self) -> Result<(), IndexError> {
        if self.page.len() == 4 {
            return Ok(());
        }
        let crc = crc32fast::hash(&self.page[4..]);
        self.page[..4].copy_from_slice(&crc.to_le_bytes());
        let (book, account) = self.page_first;
        let (len, at) = (self.page.len() as u32, self.out.position());
        self.fences.push(Fence {
            account,
            book,
            len,
            at,
        });
        self.out.put(&self.page)?;
        self.page.truncate(4);
        Ok(())
    }

    /// Goes on with the list of `key`, or begins it after ending the one before.
    pub(super) fn list(&mut self, key: ListKey) -> Result<(), IndexError> {
        if self.list.as_ref().is_some_and(|list| list.key == key) {
            return Ok(());
        }
        self.end_list()?;
        let state = State::start(self.start);
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        self.list = Some(OpenList {
            key,
            state,
            chunk: Chunk::new(state),
            bytes,
            skips: Vec::new(),
            posted: Posted::default(),
        });
        Ok(())
    }

    /// Appends legs to the list: `bytes` tells them from `base` on.
    pub(super) fn legs(
        &mut self,
        base: State,
        bytes: &[u8],
    ) -> Result<Result<(), Cut>, IndexError> {
        let mut legs = Legs::new(bytes, base);
        loop {
            match legs.next() {
                Ok(Some(leg)) => self.leg(&leg)?,
                Ok(None) => return Ok(Ok(())),
                Err(cut) => return Ok(Err(cut)),
            }
        }
    }

    /// Appends a chunk to the list.
    pub(super) fn chunk(
        &mut self,
        chunk: &Chunk,
        bytes: &[u8],
    ) -> Result<Result<(), Cut>, IndexError> {
        let Some(list) = &mut self.list else {
            return Ok(Ok(()));
        };
        let open = list.chunk.legs;
        if chunk.legs < LEAST_COPIED || (1..LEAST_COPIED).contains(&open) {
            return self.legs(chunk.base, bytes);
        }
        list.end_chunk(&mut self.out)?;
        list.put_chunk(chunk, bytes, &mut self.out)?;
        self.legs += u64::from(chunk.legs);
        Ok(Ok(()))
    }

    #[inline]
    fn leg(&mut self, leg: &HistoryLeg) -> Result<(), IndexError> {
        let Some(list) = &mut self.list else {
            return Ok(());
        };
        if list.chunk.legs == CHUNK {
            list.end_chunk(&mut self.out)?;
        }
        if list.chunk.legs == 0 && !list.skips.is_empty() {
            list.state = State {
                seq: leg.seq.0,
                effective_at: leg.effective_at.0,
                account_seq: leg.account_seq.wrapping_sub(1),
            };
            list.chunk = Chunk::new(list.state);
        }
        let packed = encode(&mut list.state, leg);
        list.bytes.extend_from_slice(packed.bytes());
        list.chunk.admit(leg);
        self.legs += 1;
        Ok(())
    }

    fn end_list(&mut self) -> Result<(), IndexError> {
        let Some(mut list) = self.list.take() else {
            return Ok(());
        };
        if list.skips.is_empty() {
            self.short(list.key, 0, &list.bytes)?;
            self.bytes = list.bytes;
            return Ok(());
        }
        list.end_chunk(&mut self.out)?;
        let skips_at = self.out.position();
        let mut bytes = Vec::new();
        for skip in &list.skips {
            skip.encode(&mut bytes);
            if bytes.len() >= PAGE {
                self.out.put(&bytes)?;
                bytes.clear();
            }
        }
        self.out.put(&bytes)?;
        let last_seq = list.skips.last().map_or(0, |skip| skip.chunk.last_seq);
        let chunks = list.skips.len() as u64;
        let extent = Extent {
            skips_at,
            chunks,
            last_seq,
            posted: list.posted,
        };
        let mut packed = Packed::new();
        self.put_key(&mut packed, list.key, LONG);
        self.page.extend_from_slice(packed.bytes());
        extent.encode(&mut self.page);
        self.bytes = list.bytes;
        self.end_entry()
    }

    /// Ends the run and makes it durable, its name excepted.
    pub(super) fn finish(mut self) -> Result<LegRun, IndexError> {
        self.end_list()?;
        self.end_page()?;
        let mut bytes = Vec::with_capacity(self.fences.len() * Fence::BYTES);
        self.fences
            .iter()
            .for_each(|fence| fence.encode(&mut bytes));
        self.out.put(&bytes)?;
        let tail = Tail {
            number: self.name.number,
            first_cycle: self.name.first_cycle,
            last_cycle: self.name.last_cycle,
            start: self.start,
            legs: self.legs,
            fences: self.fences.len() as u64,
            fences_crc: crc32fast::hash(&bytes),
        };
        let (bytes, tail_crc) = tail.encode();
        self.out.put(&bytes)?;
        let name = self.out.name().into();
        let (file, bytes) = self.out.finish()?;
        self.fences.shrink_to_fit();
        let meta = RunMeta {
            name: self.name,
            bytes,
            items: self.legs,
            tail_crc,
        };
        Ok(LegRun {
            meta,
            tail,
            file,
            name,
            fences: self.fences,
        })
    }
}

impl OpenList {
    fn put_chunk(
        &mut self,
        chunk: &Chunk,
        bytes: &[u8],
        out: &mut Output,
    ) -> Result<(), IndexError> {
        self.skips.push(Skip {
            chunk: *chunk,
            before: self.posted,
            at: out.position(),
            len: bytes.len() as u32,
            crc: crc32fast::hash(bytes),
        });
        self.posted.add(chunk.posted);
        out.put(bytes)
    }

    fn end_chunk(&mut self, out: &mut Output) -> Result<(), IndexError> {
        if self.chunk.legs > 0 {
            let bytes = std::mem::take(&mut self.bytes);
            let chunk = self.chunk;
            self.put_chunk(&chunk, &bytes, out)?;
            self.bytes = bytes;
            self.bytes.clear();
            self.chunk = Chunk::new(self.state);
        }
        Ok(())
    }
}
