//! Writes a run of ids from sorted entries.

use crate::disk::Disk;

use super::error::IndexError;
use super::filter::Filter;
use super::hash::Seed;
use super::id_page::{Books, IdEntry, PageWriter};
use super::id_run::{IdRun, KINDS, Section, Tail, Zone, zones_for};
use super::manifest::{RunMeta, RunName};
use super::names;
use super::output::Output;

/// Blocks of a filter written in one step.
const FILTER_STEP: usize = 1024;

/// What a run is going to be.
pub(super) struct IdPlan {
    /// Which run.
    pub(super) name: RunName,
    /// Key of its filter.
    pub(super) seed: Seed,
    /// Its books.
    pub(super) books: Books,
    /// Blocks of its filter; 0 for none.
    pub(super) filter_blocks: u64,
}

/// A run of ids being written.
pub(super) struct IdWriter {
    plan: IdPlan,
    out: Output,
    page: PageWriter,
    kind: usize,
    last: Option<(u128, u32)>,
    items: u64,
    sections: [Section; 3],
    fence_ids: Vec<u128>,
    fence_books: Vec<u32>,
    zones: Vec<Zone>,
    filter: Option<Filter>,
    filter_crc: crc32fast::Hasher,
    filter_written: usize,
    fences_crc: Option<u32>,
    zones_crc: u32,
}

impl IdWriter {
    /// Creates the file.
    pub(super) fn create(disk: &dyn Disk, plan: IdPlan) -> Result<Self, IndexError> {
        let filter = (plan.filter_blocks > 0).then(|| Filter::new(plan.filter_blocks));
        Ok(Self {
            out: Output::create(disk, &names::ids(plan.name.number))?,
            page: PageWriter::new(plan.books),
            kind: 0,
            last: None,
            items: 0,
            sections: [Section::EMPTY; 3],
            fence_ids: Vec::new(),
            fence_books: Vec::new(),
            zones: vec![(u128::MAX, 0); zones_for(plan.books)],
            filter,
            filter_crc: crc32fast::Hasher::new(),
            filter_written: 0,
            fences_crc: None,
            zones_crc: 0,
            plan,
        })
    }

    /// The file's name.
    pub(super) fn file_name(&self) -> &str {
        self.out.name()
    }

    /// Bytes written so far.
    pub(super) fn position(&self) -> u64 {
        self.out.position()
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, Filter::bytes);
        self.out.memory_bytes() + filter + self.fence_ids.capacity() * 20
    }

    /// Appends the next entry of the kind that is being written. A key that is there already stays
    /// what it is.
    #[inline]
    pub(super) fn push(&mut self, entry: &IdEntry) -> Result<(), IndexError> {
        if self.last == Some(entry.key()) {
            return Ok(());
        }
        self.last = Some(entry.key());
        if self.page.is_empty() || !self.page.push(entry) {
            self.end_page()?;
            self.fence_ids.push(entry.id);
            self.fence_books.push(entry.book);
            self.page.push(entry);
        }
        self.items += 1;
        self.sections[self.kind].admit(entry.id);
        if self.kind == 0 {
            let at = entry.book as usize & (self.zones.len() - 1);
            let zone = &mut self.zones[at];
            *zone = (zone.0.min(entry.id), zone.1.max(entry.id));
        }
        if let Some(filter) = &mut self.filter {
            filter.insert(self.plan.seed.key(KINDS[self.kind], entry.book, entry.id));
        }
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), IndexError> {
        if self.page.is_empty() {
            return Ok(());
        }
        self.sections[self.kind].pages += 1;
        let out = &mut self.out;
        self.page.finish(|page| out.put(page))
    }

    /// Ends the kind that is being written; the next, if there is one, follows.
    pub(super) fn end_kind(&mut self) -> Result<(), IndexError> {
        self.end_page()?;
        self.last = None;
        let pages = self.fence_ids.len() as u64;
        if self.kind + 1 < KINDS.len() {
            self.kind += 1;
            self.sections[self.kind].first = pages;
        }
        Ok(())
    }

    /// Writes some of what follows the pages; whether there is more of it.
    pub(super) fn finish_some(&mut self) -> Result<bool, IndexError> {
        let mut bytes = Vec::new();
        if self.fences_crc.is_none() {
            for (id, book) in self.fence_ids.iter().zip(&self.fence_books) {
                bytes.extend_from_slice(&id.to_le_bytes());
                bytes.extend_from_slice(&book.to_le_bytes());
            }
            self.fences_crc = Some(crc32fast::hash(&bytes));
            self.out.put(&bytes)?;
            bytes.clear();
            for (min, max) in &self.zones {
                bytes.extend_from_slice(&min.to_le_bytes());
                bytes.extend_from_slice(&max.to_le_bytes());
            }
            self.zones_crc = crc32fast::hash(&bytes);
            self.out.put(&bytes)?;
            return Ok(true);
        }
        let Some(filter) = &self.filter else {
            return Ok(false);
        };
        let count = filter.write(self.filter_written, FILTER_STEP, &mut bytes);
        self.filter_written += count;
        self.filter_crc.update(&bytes);
        self.out.put(&bytes)?;
        Ok(count > 0)
    }

    /// Ends the run and makes it durable, its name excepted.
    pub(super) fn finish(mut self) -> Result<(IdRun, Option<Filter>), IndexError> {
        while self.finish_some()? {}
        let tail = Tail {
            number: self.plan.name.number,
            first_cycle: self.plan.name.first_cycle,
            last_cycle: self.plan.name.last_cycle,
            seed: self.plan.seed,
            books: self.plan.books,
            items: self.items,
            sections: self.sections,
            fences_crc: self.fences_crc.unwrap_or_default(),
            zones: self.zones.len() as u32,
            zones_crc: self.zones_crc,
            filter_blocks: self
                .filter
                .as_ref()
                .map_or(0, |f| (f.bytes() / Filter::BLOCK) as u64),
            filter_crc: self.filter_crc.finalize(),
        };
        let (bytes, tail_crc) = tail.encode();
        self.out.put(&bytes)?;
        let name = self.out.name().into();
        let (file, bytes) = self.out.finish()?;
        self.fence_ids.shrink_to_fit();
        self.fence_books.shrink_to_fit();
        if tail.books.span() == 1 {
            self.fence_books = Vec::new();
        }
        let meta = RunMeta {
            name: self.plan.name,
            bytes,
            items: self.items,
            tail_crc,
        };
        let (fence_ids, fence_books, zones) = (self.fence_ids, self.fence_books, self.zones);
        let run = IdRun {
            meta,
            tail,
            file,
            name,
            fence_ids,
            fence_books,
            zones,
        };
        Ok((run, self.filter))
    }
}
