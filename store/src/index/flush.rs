//! Writes frozen tables to runs.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::disk::Disk;

use super::error::IndexError;
use super::hash::Seed;
use super::id_job::{IdJob, IdSources, NewIds};
use super::id_table::IdTable;
use super::id_writer::IdPlan;
use super::leg_job::{LegJob, LegSources};
use super::leg_run::LegRun;
use super::leg_table::LegTable;
use super::manifest::RunName;
use super::progress::Progress;

/// Frozen tables on their way into runs. They stay whole until the runs are published, so that an
/// error costs only time.
pub(super) struct Flush {
    cycles: (u64, u64),
    ids: Arc<IdTable>,
    legs: Arc<RwLock<LegTable>>,
    id_run: Progress<IdJob>,
    leg_run: Progress<LegJob>,
}

impl Flush {
    pub(super) fn new(cycles: (u64, u64), ids: IdTable, legs: Arc<RwLock<LegTable>>) -> Self {
        let (id_run, leg_run) = (Progress::NotBegun, Progress::NotBegun);
        Self {
            cycles,
            ids: Arc::new(ids),
            legs,
            id_run,
            leg_run,
        }
    }

    /// First and last cycle of the tables.
    pub(super) fn cycles(&self) -> (u64, u64) {
        self.cycles
    }

    /// Ids to be written.
    pub(super) fn id_items(&self) -> u64 {
        self.ids.items()
    }

    pub(super) fn needs_ids(&self) -> bool {
        matches!(self.id_run, Progress::NotBegun)
    }

    pub(super) fn needs_legs(&self) -> bool {
        matches!(self.leg_run, Progress::NotBegun) && self.id_run.finished().is_some()
    }

    pub(super) fn begin_ids(
        &mut self,
        disk: &dyn Disk,
        name: RunName,
        seed: Seed,
        filter_blocks: u64,
    ) -> Result<(), IndexError> {
        let plan = IdPlan {
            name,
            seed,
            books: self.ids.books(),
            filter_blocks,
        };
        let sources = IdSources::Table(self.ids.clone());
        self.id_run = Progress::Going(IdJob::new(disk, plan, sources)?);
        Ok(())
    }

    pub(super) fn begin_legs(&mut self, disk: &dyn Disk, name: RunName) -> Result<(), IndexError> {
        let sources = LegSources::Table(self.legs.clone());
        self.leg_run = Progress::Going(LegJob::new(disk, name, &sources)?);
        Ok(())
    }

    /// Writes about `bytes` more; whether there is more to write.
    pub(super) fn step(&mut self, bytes: u64) -> Result<bool, IndexError> {
        if self.id_run.step(bytes)? {
            return Ok(true);
        }
        self.leg_run.step(bytes)
    }

    /// The runs, when both are written.
    pub(super) fn finished(&self) -> Option<(&NewIds, &LegRun)> {
        Some((self.id_run.finished()?, self.leg_run.finished()?))
    }

    /// The runs, when both are written.
    pub(super) fn take(self) -> Option<(NewIds, LegRun)> {
        Some((self.id_run.take()?, self.leg_run.take()?))
    }

    /// Drops what is not finished after an error; it is begun anew.
    pub(super) fn abandon(&mut self, disk: &dyn Disk) {
        self.id_run.abandon(disk);
        self.leg_run.abandon(disk);
    }

    /// Bytes of memory for ids.
    pub(super) fn id_bytes(&self) -> usize {
        self.ids.memory_bytes() + self.id_job_bytes()
    }

    /// Bytes of memory for the run of ids that is being written.
    pub(super) fn id_job_bytes(&self) -> usize {
        self.id_run.memory_bytes()
    }

    /// Bytes of memory for legs.
    pub(super) fn leg_bytes(&self) -> usize {
        self.legs.read().memory_bytes() + self.leg_run.memory_bytes()
    }
}
