//! A run of ids: an immutable file of sorted pages, found by the first key of each page.

use std::sync::Arc;

use ledger::fields::{DecodeError, Reader, Write};
use ledger::past::KeyKind;

use crate::disk::{Disk, File};

use super::error::{Damage, IndexError};
use super::filter::Filter;
use super::hash::Seed;
use super::id_page::{self, Books, IdEntry, PAGE, PageReader};
use super::input::{self, Input};
use super::manifest::RunMeta;
use super::merge::Cursor;
use super::names;

/// The kinds of keys, in the order of their sections.
pub(super) const KINDS: [KeyKind; 3] = [KeyKind::Transfer, KeyKind::HoldEnd, KeyKind::Reversal];

/// The pages of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Section {
    /// First page.
    pub(super) first: u64,
    /// Pages.
    pub(super) pages: u64,
    /// Least id.
    pub(super) min: u128,
    /// Greatest id; below the least if there is none.
    pub(super) max: u128,
}

impl Section {
    /// Without pages.
    pub(super) const EMPTY: Self = Self {
        first: 0,
        pages: 0,
        min: u128::MAX,
        max: 0,
    };

    /// Moves the bounds apart so that `id` is within.
    #[inline]
    pub(super) fn admit(&mut self, id: u128) {
        self.min = self.min.min(id);
        self.max = self.max.max(id);
    }
}

/// Least and greatest transfer id of some books.
pub(super) type Zone = (u128, u128);

/// The most zones a run has.
const MAX_ZONES: u64 = 256;

/// Zones of a run with these books: one for each book, or for each few.
pub(super) fn zones_for(books: Books) -> usize {
    books.span().min(MAX_ZONES).next_power_of_two() as usize
}

/// What stands at the end of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tail {
    pub(super) number: u64,
    pub(super) first_cycle: u64,
    pub(super) last_cycle: u64,
    pub(super) seed: Seed,
    pub(super) books: Books,
    pub(super) items: u64,
    pub(super) sections: [Section; 3],
    pub(super) fences_crc: u32,
    pub(super) zones: u32,
    pub(super) zones_crc: u32,
    pub(super) filter_blocks: u64,
    pub(super) filter_crc: u32,
}

impl Tail {
    /// Bytes, checksum included.
    pub(super) const BYTES: usize = 8 + 2 + 8 * 3 + 16 + 8 + 8 + 3 * 48 + 4 + 4 + 4 + 8 + 4 + 4;
    /// Bytes of a fence.
    pub(super) const FENCE: usize = 20;
    /// Bytes of a zone.
    pub(super) const ZONE: usize = 32;
    const MAGIC: [u8; 8] = *b"LDGIDRUN";
    const VERSION: u16 = 1;

    fn pages(&self) -> u64 {
        self.sections.iter().map(|section| section.pages).sum()
    }

    fn fences_at(&self) -> u64 {
        self.pages() * PAGE as u64
    }

    fn zones_at(&self) -> u64 {
        self.fences_at() + self.pages() * Self::FENCE as u64
    }

    fn filter_at(&self) -> u64 {
        self.zones_at() + u64::from(self.zones) * Self::ZONE as u64
    }

    fn file_bytes(&self) -> u64 {
        self.filter_at() + self.filter_blocks * Filter::BLOCK as u64 + Self::BYTES as u64
    }

    /// The bytes, and their checksum, which ends them.
    pub(super) fn encode(&self) -> (Vec<u8>, u32) {
        let mut out = Vec::with_capacity(Self::BYTES);
        out.put(&Self::MAGIC);
        out.put_u16(Self::VERSION);
        out.put_u64(self.number);
        out.put_u64(self.first_cycle);
        out.put_u64(self.last_cycle);
        out.put_u64(self.seed.0[0]);
        out.put_u64(self.seed.0[1]);
        out.put_u32(self.books.min);
        out.put_u32(self.books.max);
        out.put_u64(self.items);
        for section in &self.sections {
            out.put_u64(section.first);
            out.put_u64(section.pages);
            out.put_u128(section.min);
            out.put_u128(section.max);
        }
        out.put_u32(self.fences_crc);
        out.put_u32(self.zones);
        out.put_u32(self.zones_crc);
        out.put_u64(self.filter_blocks);
        out.put_u32(self.filter_crc);
        let crc = crc32fast::hash(&out);
        out.put_u32(crc);
        (out, crc)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let mut r = Reader::new(bytes);
        let malformed = |_: DecodeError| Damage::Malformed;
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
            seed: Seed([r.u64()?, r.u64()?]),
            books: Books {
                min: r.u32()?,
                max: r.u32()?,
            },
            items: r.u64()?,
            sections: [Self::section(r)?, Self::section(r)?, Self::section(r)?],
            fences_crc: r.u32()?,
            zones: r.u32()?,
            zones_crc: r.u32()?,
            filter_blocks: r.u64()?,
            filter_crc: r.u32()?,
        })
    }

    fn section(r: &mut Reader<'_>) -> Result<Section, DecodeError> {
        Ok(Section {
            first: r.u64()?,
            pages: r.u64()?,
            min: r.u128()?,
            max: r.u128()?,
        })
    }

    /// Whether sections follow one another and everything fits a file of `bytes`. Checksums
    /// passed, so only a fault of ours makes this false; nothing may be sized by it before.
    fn is_sound(&self, bytes: u64) -> bool {
        let cap = bytes / PAGE as u64;
        let mut next = 0;
        for section in &self.sections {
            let is_next = section.pages == 0 || section.first == next;
            if !is_next || section.pages > cap {
                return false;
            }
            next += section.pages;
        }
        u64::from(self.zones) <= MAX_ZONES
            && self.zones.is_power_of_two()
            && self.filter_blocks <= bytes / Filter::BLOCK as u64
            && self.file_bytes() == bytes
    }
}

/// A run of ids, its pages excepted, which stay in the file.
pub(super) struct IdRun {
    pub(super) meta: RunMeta,
    pub(super) tail: Tail,
    pub(super) file: Arc<dyn File>,
    pub(super) name: Box<str>,
    /// First id of each page.
    pub(super) fence_ids: Vec<u128>,
    /// Book of the first id of each page; empty if the run has one book.
    pub(super) fence_books: Vec<u32>,
    pub(super) zones: Vec<Zone>,
}

impl IdRun {
    /// Opens the run that `meta` names and checks everything but pages and filter.
    pub(super) fn open(disk: &dyn Disk, meta: RunMeta, seed: Seed) -> Result<Self, IndexError> {
        let name = names::ids(meta.name.number);
        let file = disk.open(&name).map_err(IndexError::io(&name))?;
        let at = meta.tail_at(Tail::BYTES)?;
        let raw = input::read_checked(&*file, &name, at, Tail::BYTES - 4, meta.tail_crc)?;
        let damaged = |damage| IndexError::corrupt(&name, at, damage);
        let tail = Tail::decode(&raw).map_err(damaged)?;
        let cycles = (tail.first_cycle, tail.last_cycle);
        if tail.number != meta.name.number
            || cycles != (meta.name.first_cycle, meta.name.last_cycle)
            || tail.items != meta.items
            || tail.seed != seed
        {
            return Err(damaged(Damage::Stranger));
        }
        if !tail.is_sound(meta.bytes) {
            return Err(damaged(Damage::Malformed));
        }
        let mut run = Self {
            meta,
            tail,
            file,
            name: name.into(),
            fence_ids: Vec::new(),
            fence_books: Vec::new(),
            zones: Vec::new(),
        };
        run.load_fences()?;
        Ok(run)
    }

    fn load_fences(&mut self) -> Result<(), IndexError> {
        let tail = &self.tail;
        let read = |at, len, crc| input::read_checked(&*self.file, &self.name, at, len, crc);
        let fences = read(
            tail.fences_at(),
            tail.pages() as usize * Tail::FENCE,
            tail.fences_crc,
        )?;
        for fence in fences.as_chunks::<{ Tail::FENCE }>().0 {
            if let (Some(id), Some(book)) = (fence.first_chunk(), fence.last_chunk()) {
                self.fence_ids.push(u128::from_le_bytes(*id));
                self.fence_books.push(u32::from_le_bytes(*book));
            }
        }
        if tail.books.span() == 1 {
            self.fence_books = Vec::new();
        }
        let zones = read(
            tail.zones_at(),
            tail.zones as usize * Tail::ZONE,
            tail.zones_crc,
        )?;
        let bounds = zones
            .as_chunks::<16>()
            .0
            .iter()
            .map(|raw| u128::from_le_bytes(*raw));
        let bounds: Vec<u128> = bounds.collect();
        self.zones = bounds
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[min, max]| (*min, *max))
            .collect();
        Ok(())
    }

    /// Bytes of the filter in the file; 0 if it has none.
    pub(super) fn filter_bytes(&self) -> u64 {
        self.tail.filter_blocks * Filter::BLOCK as u64
    }

    /// Reads the filter, half as large for each `fold`.
    pub(super) fn load_filter(&self, fold: u32) -> Result<Filter, IndexError> {
        let blocks = self.tail.filter_blocks;
        let mut filter = Filter::new(blocks >> fold);
        let mut crc = crc32fast::Hasher::new();
        let mut piece = Vec::new();
        let mut start = 0;
        while start < blocks {
            let count = (blocks - start).min((input::AHEAD / Filter::BLOCK) as u64);
            piece.resize(count as usize * Filter::BLOCK, 0);
            let at = self.tail.filter_at() + start * Filter::BLOCK as u64;
            let read = self.file.read_exact_at(&mut piece, at);
            read.map_err(|error| input::unreadable(&self.name, at, error))?;
            crc.update(&piece);
            filter.read(start as usize, fold, &piece);
            start += count;
        }
        if crc.finalize() != self.tail.filter_crc {
            let at = self.tail.filter_at();
            return Err(IndexError::corrupt(&self.name, at, Damage::Checksum));
        }
        Ok(filter)
    }

    /// Bytes of memory, without filter.
    pub(super) fn memory_bytes(&self) -> usize {
        self.fence_ids.capacity() * 16
            + self.fence_books.capacity() * 4
            + self.zones.capacity() * Tail::ZONE
    }

    /// Whether the bounds of the book's transfer ids leave room for `id`.
    #[inline]
    pub(super) fn zone_admits(&self, book: u32, id: u128) -> bool {
        let zone = self
            .zones
            .get(book as usize & (self.zones.len().wrapping_sub(1)));
        zone.is_none_or(|(min, max)| *min <= id && id <= *max)
    }

    /// What the id points to, if the run has it. Reads one page.
    pub(super) fn search(
        &self,
        kind: KeyKind,
        book: u32,
        id: u128,
    ) -> Result<Option<u64>, IndexError> {
        let section = &self.tail.sections[kind as usize];
        let Some(page) = self.page_of(section, (id, book)) else {
            return Ok(None);
        };
        let mut bytes = [0; PAGE];
        let at = page * PAGE as u64;
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map_err(|error| input::unreadable(&self.name, at, error))?;
        id_page::search(&bytes, self.tail.books, (id, book))
            .map_err(|damage| IndexError::corrupt(&self.name, at, damage))
    }

    /// The one page that can have `key`: the last that begins at or before it.
    fn page_of(&self, section: &Section, key: (u128, u32)) -> Option<u64> {
        let (first, end) = (
            section.first as usize,
            (section.first + section.pages) as usize,
        );
        let ids = self.fence_ids.get(first..end)?;
        let after = if self.fence_books.is_empty() {
            ids.partition_point(|id| *id <= key.0)
        } else {
            let books = self.fence_books.get(first..end)?;
            let mut after = ids.partition_point(|id| *id < key.0);
            while ids.get(after) == Some(&key.0) && books.get(after).is_some_and(|b| *b <= key.1) {
                after += 1;
            }
            after
        };
        Some((first + after.checked_sub(1)?) as u64)
    }

    /// The entries of one kind, in order.
    pub(super) fn cursor(self: &Arc<Self>, kind: usize) -> Result<RunCursor, IndexError> {
        let section = self.tail.sections[kind];
        let mut cursor = RunCursor {
            input: Input::new(self.file.clone(), &self.name, self.tail.fences_at()),
            run: self.clone(),
            next: section.first,
            end: section.first + section.pages,
            page: Vec::new(),
            reader: None,
            entry: None,
        };
        cursor.advance()?;
        Ok(cursor)
    }
}

/// A place in the entries of one kind of a run.
pub(super) struct RunCursor {
    run: Arc<IdRun>,
    input: Input,
    next: u64,
    end: u64,
    page: Vec<u8>,
    reader: Option<PageReader>,
    entry: Option<IdEntry>,
}

impl RunCursor {
    /// The entry at this place.
    #[inline]
    pub(super) fn entry(&self) -> Option<IdEntry> {
        self.entry
    }

    fn load(&mut self) -> Result<bool, IndexError> {
        if self.next == self.end {
            return Ok(false);
        }
        let at = self.next * PAGE as u64;
        self.page.clear();
        self.page.extend_from_slice(self.input.get(at, PAGE)?);
        let damaged = |damage| IndexError::corrupt(&self.run.name, at, damage);
        self.reader = Some(PageReader::new(&self.page).map_err(damaged)?);
        self.next += 1;
        Ok(true)
    }
}

impl Cursor for RunCursor {
    type Key = (u128, u32);

    #[inline]
    fn key(&self) -> Option<(u128, u32)> {
        self.entry.map(|entry| entry.key())
    }

    fn advance(&mut self) -> Result<(), IndexError> {
        loop {
            if let Some(reader) = &mut self.reader {
                let entry = reader.next(&self.page, self.run.tail.books);
                let at = (self.next - 1) * PAGE as u64;
                self.entry =
                    entry.map_err(|damage| IndexError::corrupt(&self.run.name, at, damage))?;
                if self.entry.is_some() {
                    return Ok(());
                }
            }
            if !self.load()? {
                self.reader = None;
                self.entry = None;
                return Ok(());
            }
        }
    }
}
