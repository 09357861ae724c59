//! Writes a run of ids a step at a time, from a table or from other runs.

use std::sync::Arc;

use crate::disk::Disk;

use super::error::IndexError;
use super::filter::Filter;
use super::id_page::IdEntry;
use super::id_run::{IdRun, KINDS, RunCursor};
use super::id_table::{IdTable, TableCursor};
use super::id_writer::{IdPlan, IdWriter};
use super::input;
use super::merge::{Cursor, Merge};
use super::progress::Job;

/// Where the entries of a new run come from.
#[derive(Clone)]
pub(super) enum IdSources {
    /// A frozen table.
    Table(Arc<IdTable>),
    /// Runs, the oldest first.
    Runs(Vec<Arc<IdRun>>),
}

impl IdSources {
    fn cursors(&self, kind: usize) -> Result<Vec<IdCursor>, IndexError> {
        match self {
            Self::Table(table) => Ok(table
                .cursors(kind)
                .into_iter()
                .map(IdCursor::Table)
                .collect()),
            Self::Runs(runs) => runs
                .iter()
                .map(|run| Ok(IdCursor::Run(Box::new(run.cursor(kind)?))))
                .collect(),
        }
    }
}

enum IdCursor {
    Table(TableCursor),
    Run(Box<RunCursor>),
}

impl IdCursor {
    #[inline]
    fn entry(&self) -> Option<IdEntry> {
        match self {
            Self::Table(cursor) => cursor.entry(),
            Self::Run(cursor) => cursor.entry(),
        }
    }
}

impl Cursor for IdCursor {
    type Key = (u128, u32);

    #[inline]
    fn key(&self) -> Option<(u128, u32)> {
        match self {
            Self::Table(cursor) => cursor.key(),
            Self::Run(cursor) => cursor.key(),
        }
    }

    #[inline]
    fn advance(&mut self) -> Result<(), IndexError> {
        match self {
            Self::Table(cursor) => cursor.advance(),
            Self::Run(cursor) => cursor.advance(),
        }
    }
}

/// A run of ids on its way.
pub(super) struct IdJob {
    sources: IdSources,
    kind: usize,
    merge: Merge<IdCursor>,
    writer: IdWriter,
}

/// A finished run of ids.
pub(super) struct NewIds {
    pub(super) run: IdRun,
    pub(super) filter: Option<Filter>,
}

impl IdJob {
    /// Begins the run.
    pub(super) fn new(
        disk: &dyn Disk,
        plan: IdPlan,
        sources: IdSources,
    ) -> Result<Self, IndexError> {
        let merge = Merge::new(sources.cursors(0)?);
        Ok(Self {
            sources,
            kind: 0,
            merge,
            writer: IdWriter::create(disk, plan)?,
        })
    }

    fn next_kind(&mut self) -> Result<(), IndexError> {
        self.writer.end_kind()?;
        self.kind += 1;
        if self.kind < KINDS.len() {
            self.merge = Merge::new(self.sources.cursors(self.kind)?);
        }
        Ok(())
    }
}

impl Job for IdJob {
    type Run = NewIds;

    fn file_name(&self) -> &str {
        self.writer.file_name()
    }

    fn memory_bytes(&self) -> usize {
        let reading = match &self.sources {
            IdSources::Table(_) => 0,
            IdSources::Runs(runs) => runs.len() * input::AHEAD,
        };
        self.writer.memory_bytes() + reading
    }

    fn step(&mut self, bytes: u64) -> Result<bool, IndexError> {
        let until = self.writer.position() + bytes;
        while self.writer.position() < until {
            if self.kind == KINDS.len() {
                if !self.writer.finish_some()? {
                    return Ok(false);
                }
                continue;
            }
            match self.merge.first().and_then(|cursor| cursor.entry()) {
                Some(entry) => {
                    self.writer.push(&entry)?;
                    self.merge.advance()?;
                }
                None => self.next_kind()?,
            }
        }
        Ok(true)
    }

    fn finish(self) -> Result<NewIds, IndexError> {
        let (run, filter) = self.writer.finish()?;
        Ok(NewIds { run, filter })
    }

    fn run_bytes(new: &NewIds) -> usize {
        new.run.memory_bytes() + new.filter.as_ref().map_or(0, Filter::bytes)
    }
}
