//! A run of legs: an immutable file of lists, sorted by book and account.
//!
//! Short lists stand in pages, one after the other; a long list stands before its page in chunks,
//! with a table of what is known of each, so that a balance reads few of them.

use std::sync::Arc;

use ledger::fields::Reader;

use crate::disk::{Disk, File};

use super::error::{Damage, IndexError};
use super::input::{self, Input, read_checked};
use super::leg_code::State;
use super::leg_format::{Extent, Fence, List, ListKey, PageReader, Skip, Tail};
use super::manifest::RunMeta;
use super::merge::Cursor;
use super::names;

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
