//! Makes several runs into one.

use std::sync::Arc;

use crate::disk::Disk;

use super::error::IndexError;
use super::hash::Seed;
use super::id_job::{IdJob, IdSources};
use super::id_page::Books;
use super::id_run::IdRun;
use super::id_writer::IdPlan;
use super::input;
use super::leg_job::{LegJob, LegSources};
use super::leg_run::LegRun;
use super::manifest::{RunMeta, RunName};
use super::output;
use super::progress::{Job, Progress};

/// Runs on their way into one; they stay readable until it is published.
pub(super) struct Merging<J: Job, R> {
    metas: Vec<RunMeta>,
    sources: Vec<Arc<R>>,
    progress: Progress<J>,
}

/// A merge of runs of ids.
pub(super) type IdMerge = Merging<IdJob, IdRun>;
/// A merge of runs of legs.
pub(super) type LegMerge = Merging<LegJob, LegRun>;

impl<J: Job, R> Merging<J, R> {
    /// Numbers of the runs.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.metas.iter().map(|meta| meta.name.number)
    }

    /// Items of all runs.
    pub(super) fn items(&self) -> u64 {
        self.metas.iter().map(|meta| meta.items).sum()
    }

    /// Tier and cycles of what comes of it.
    pub(super) fn target(&self) -> (u8, (u64, u64)) {
        let tier = self.metas.first().map_or(0, |meta| meta.name.tier);
        let first = self.metas.iter().map(|meta| meta.name.first_cycle).min();
        let last = self.metas.iter().map(|meta| meta.name.last_cycle).max();
        (
            tier.saturating_add(1),
            (first.unwrap_or_default(), last.unwrap_or_default()),
        )
    }

    /// Whether it is to be begun.
    pub(super) fn needs_job(&self) -> bool {
        matches!(self.progress, Progress::NotBegun)
    }

    /// Writes about `bytes` more; whether there is more to write.
    pub(super) fn step(&mut self, bytes: u64) -> Result<bool, IndexError> {
        self.progress.step(bytes)
    }

    /// The run, when it is written.
    pub(super) fn finished(&self) -> Option<&J::Run> {
        self.progress.finished()
    }

    /// The run, when it is written.
    pub(super) fn take(self) -> Option<J::Run> {
        self.progress.take()
    }

    /// Drops what is not finished after an error; it is begun anew.
    pub(super) fn abandon(&mut self, disk: &dyn Disk) {
        self.progress.abandon(disk);
    }

    /// Bytes of memory, runs excepted.
    pub(super) fn memory_bytes(&self) -> usize {
        self.progress.memory_bytes()
    }
}

impl IdMerge {
    /// Bytes of memory that this takes or is going to take, runs and a filter that is not begun
    /// excepted.
    pub(super) fn reserved_bytes(&self) -> usize {
        let fences: usize = self.sources.iter().map(|run| run.memory_bytes()).sum();
        let buffers = self.sources.len() * input::AHEAD + output::BUFFER;
        fences + self.memory_bytes().max(buffers)
    }

    /// Of these runs, the oldest first.
    pub(super) fn new(sources: Vec<Arc<IdRun>>) -> Self {
        let metas = sources.iter().map(|run| run.meta).collect();
        Self {
            metas,
            sources,
            progress: Progress::NotBegun,
        }
    }

    pub(super) fn begin(
        &mut self,
        disk: &dyn Disk,
        name: RunName,
        seed: Seed,
        filter_blocks: u64,
    ) -> Result<(), IndexError> {
        let books = self
            .sources
            .iter()
            .map(|run| run.tail.books)
            .fold(Books::NONE, Books::and);
        let plan = IdPlan {
            name,
            seed,
            books,
            filter_blocks,
        };
        let sources = IdSources::Runs(self.sources.clone());
        self.progress = Progress::Going(IdJob::new(disk, plan, sources)?);
        Ok(())
    }
}

impl LegMerge {
    /// Of these runs, the oldest first.
    pub(super) fn new(sources: Vec<Arc<LegRun>>) -> Self {
        let metas = sources.iter().map(|run| run.meta).collect();
        Self {
            metas,
            sources,
            progress: Progress::NotBegun,
        }
    }

    pub(super) fn begin(&mut self, disk: &dyn Disk, name: RunName) -> Result<(), IndexError> {
        let sources = LegSources::Runs(self.sources.clone());
        self.progress = Progress::Going(LegJob::new(disk, name, &sources)?);
        Ok(())
    }
}
