//! The runs that are the index, and how they come and go.

mod filters;

use std::sync::Arc;

use parking_lot::RwLock;

use crate::disk::Disk;

use super::error::IndexError;
use super::flush::Flush;
use super::id_job::NewIds;
use super::id_run::IdRun;
use super::id_table::IdTable;
use super::leg_run::LegRun;
use super::leg_table::LegTable;
use super::limits::{ID_FAN, IndexLimits, LEG_FAN, MAX_LEGS, STEP};
use super::manifest::{Manifest, RunMeta, RunName};
use super::merging::{IdMerge, LegMerge};
use super::snapshot::{LiveIds, Shared, Snapshot};
use super::{Memory, Written, names};

/// The runs that are the index, and what is being done to them.
pub(super) struct Runs {
    pub(super) disk: Arc<dyn Disk>,
    limits: IndexLimits,
    manifest: Manifest,
    /// In the order of their cycles.
    ids: Vec<LiveIds>,
    /// In the order of their cycles.
    legs: Vec<Arc<LegRun>>,
    /// The table that grows.
    table: Arc<RwLock<LegTable>>,
    /// The table that is being flushed.
    frozen: Option<Arc<RwLock<LegTable>>>,
    flush: Option<Flush>,
    id_merges: Vec<IdMerge>,
    leg_merges: Vec<LegMerge>,
    /// Runs that were merged into others; their files go when nobody reads them any more.
    retired_ids: Vec<Arc<IdRun>>,
    retired_legs: Vec<Arc<LegRun>>,
    shared: Arc<Shared>,
    written: Written,
    stopped: bool,
    /// Which job [`Runs::step_one`] turns to.
    turn: usize,
}

impl Runs {
    /// Opens the runs of the manifest and removes all other files of an index.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        limits: IndexLimits,
        table: Arc<RwLock<LegTable>>,
    ) -> Result<Self, IndexError> {
        let manifest = Manifest::load(&*disk)?.unwrap_or_else(|| Manifest::new(limits.seed));
        let mut kept: Vec<String> = vec![names::MANIFEST.into()];
        kept.extend(manifest.ids.iter().map(|run| names::ids(run.name.number)));
        kept.extend(manifest.legs.iter().map(|run| names::legs(run.name.number)));
        names::remove_all(&*disk, |name| kept.iter().any(|kept| kept == name))?;
        let ids = manifest.ids.iter().map(|meta| {
            let run = Arc::new(IdRun::open(&*disk, *meta, manifest.seed)?);
            Ok(LiveIds { run, filter: None })
        });
        let ids = ids.collect::<Result<Vec<_>, IndexError>>()?;
        let legs = manifest
            .legs
            .iter()
            .map(|meta| Ok(Arc::new(LegRun::open(&*disk, *meta)?)));
        let legs = legs.collect::<Result<Vec<_>, IndexError>>()?;
        let snapshot = Snapshot::new(
            manifest.seed,
            ids.clone(),
            legs.clone(),
            vec![table.clone()],
        );
        let mut runs = Self {
            shared: Arc::new(Shared::new(snapshot, manifest.covered)),
            disk,
            limits,
            manifest,
            ids,
            legs,
            table,
            frozen: None,
            flush: None,
            id_merges: Vec::new(),
            leg_merges: Vec::new(),
            retired_ids: Vec::new(),
            retired_legs: Vec::new(),
            written: Written::default(),
            stopped: false,
            turn: 0,
        };
        runs.load_filters(runs.filter_room())?;
        Ok(runs)
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(super) fn covered(&self) -> u64 {
        self.manifest.covered
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn written(&self) -> Written {
        self.written
    }

    /// Takes over tables that hold `cycles`; legs go to `next` from now on. Only when nothing is
    /// being flushed.
    pub(super) fn freeze(
        &mut self,
        cycles: (u64, u64),
        ids: IdTable,
        legs: Arc<RwLock<LegTable>>,
        next: Arc<RwLock<LegTable>>,
    ) {
        debug_assert!(self.flush.is_none(), "one flush at a time");
        self.frozen = Some(legs.clone());
        self.flush = Some(Flush::new(cycles, ids, legs));
        self.table = next;
        self.show();
    }

    /// Lets readers see the runs and tables as they are now.
    fn show(&self) {
        let tables = self.frozen.iter().chain([&self.table]).cloned().collect();
        let (ids, legs) = (self.ids.clone(), self.legs.clone());
        let snapshot = Snapshot::new(self.manifest.seed, ids, legs, tables);
        self.shared.snapshot.store(Arc::new(snapshot));
        self.shared.set_covered(self.manifest.covered);
    }

    /// Makes `manifest` durable and the one that counts.
    fn publish(&mut self, manifest: Manifest) -> Result<(), IndexError> {
        manifest.prepare(&*self.disk)?;
        if let Err(error) = manifest.commit(&*self.disk) {
            // Which manifest a restart finds is open, so neither's files may go.
            self.stopped = true;
            return Err(error);
        }
        self.written.manifests += manifest.bytes();
        self.manifest = manifest;
        Ok(())
    }

    /// Writes until nothing is left to be flushed.
    pub(super) fn finish_flush(&mut self) -> Result<(), IndexError> {
        while self.flush.is_some() {
            self.step_flush()?;
        }
        Ok(())
    }

    /// One step of everything that is going on.
    pub(super) fn step_all(&mut self) -> Result<(), IndexError> {
        self.step_flush()?;
        for at in (0..self.id_merges.len()).rev() {
            self.step_id_merge(at)?;
        }
        for at in (0..self.leg_merges.len()).rev() {
            self.step_leg_merge(at)?;
        }
        Ok(())
    }

    /// One step of one thing; whether there is more to do.
    pub(super) fn step_one(&mut self) -> Result<bool, IndexError> {
        self.sweep()?;
        if self.flush.is_some() {
            self.step_flush()?;
        } else {
            let jobs = self.id_merges.len() + self.leg_merges.len();
            self.turn = self.turn.wrapping_add(1);
            match self.turn.checked_rem(jobs) {
                Some(turn) if turn < self.id_merges.len() => self.step_id_merge(turn)?,
                Some(turn) => self.step_leg_merge(turn - self.id_merges.len())?,
                None => return Ok(false),
            }
        }
        let idle = self.flush.is_none() && self.id_merges.is_empty() && self.leg_merges.is_empty();
        Ok(!idle)
    }

    fn next_name(&mut self, tier: u8, (first_cycle, last_cycle): (u64, u64)) -> RunName {
        let number = self.manifest.next_file;
        self.manifest.next_file += 1;
        RunName {
            number,
            tier,
            first_cycle,
            last_cycle,
        }
    }

    fn step_flush(&mut self) -> Result<(), IndexError> {
        let Some(mut flush) = self.flush.take() else {
            return Ok(());
        };
        let stepped = self.step_of_flush(&mut flush);
        match stepped {
            Ok(false) => self.show_flushed(flush),
            Ok(true) => self.flush = Some(flush),
            Err(error) => {
                flush.abandon(&*self.disk);
                self.flush = Some(flush);
                return Err(error);
            }
        }
        self.start_merges();
        self.sweep()
    }

    /// Whether there is more to do.
    fn step_of_flush(&mut self, flush: &mut Flush) -> Result<bool, IndexError> {
        if flush.needs_ids() {
            let blocks = self.reserve_filter(flush.id_items(), 0)?;
            let name = self.next_name(0, flush.cycles());
            flush.begin_ids(&*self.disk, name, self.manifest.seed, blocks)?;
        } else if flush.needs_legs() {
            let name = self.next_name(0, flush.cycles());
            flush.begin_legs(&*self.disk, name)?;
        }
        if flush.step(STEP)? {
            return Ok(true);
        }
        let Some((ids, legs)) = flush.finished() else {
            return Ok(true);
        };
        let mut manifest = self.manifest.clone();
        manifest.ids.push(ids.run.meta);
        manifest.legs.push(legs.meta);
        manifest.covered = flush.cycles().1;
        let bytes = (ids.run.meta.bytes, legs.meta.bytes);
        self.publish(manifest)?;
        self.written.ids += bytes.0;
        self.written.legs += bytes.1;
        Ok(false)
    }

    fn show_flushed(&mut self, flush: Flush) {
        if let Some((ids, legs)) = flush.take() {
            self.ids.push(LiveIds {
                run: Arc::new(ids.run),
                filter: ids.filter.map(Arc::new),
            });
            self.legs.push(Arc::new(legs));
        }
        // In one stroke: the run comes, the table goes.
        self.frozen = None;
        self.show();
    }

    fn start_merges(&mut self) {
        let busy = |numbers: &[u64], run: &RunMeta| numbers.contains(&run.name.number);
        let numbers: Vec<u64> = self.id_merges.iter().flat_map(IdMerge::numbers).collect();
        let ids = self
            .ids
            .iter()
            .filter(|live| !busy(&numbers, &live.run.meta));
        let metas: Vec<RunMeta> = ids.map(|live| live.run.meta).collect();
        if let Some(range) = mergeable(&metas, ID_FAN, u64::MAX) {
            let merged: Vec<u64> = metas[range].iter().map(|meta| meta.name.number).collect();
            let ids = self
                .ids
                .iter()
                .filter(|live| merged.contains(&live.run.meta.name.number));
            self.id_merges
                .push(IdMerge::new(ids.map(|live| live.run.clone()).collect()));
        }
        let numbers: Vec<u64> = self.leg_merges.iter().flat_map(LegMerge::numbers).collect();
        let legs = self.legs.iter().filter(|run| !busy(&numbers, &run.meta));
        let metas: Vec<RunMeta> = legs.map(|run| run.meta).collect();
        if let Some(range) = mergeable(&metas, LEG_FAN, MAX_LEGS) {
            let merged: Vec<u64> = metas[range].iter().map(|meta| meta.name.number).collect();
            let legs = self
                .legs
                .iter()
                .filter(|run| merged.contains(&run.meta.name.number));
            self.leg_merges.push(LegMerge::new(legs.cloned().collect()));
        }
    }

    fn step_id_merge(&mut self, at: usize) -> Result<(), IndexError> {
        let mut merge = self.id_merges.remove(at);
        let stepped = self.step_of_id_merge(&mut merge);
        match stepped {
            Ok(false) => self.show_merged_ids(merge)?,
            Ok(true) => self.id_merges.insert(at, merge),
            Err(error) => {
                merge.abandon(&*self.disk);
                self.id_merges.insert(at, merge);
                return Err(error);
            }
        }
        Ok(())
    }

    fn step_of_id_merge(&mut self, merge: &mut IdMerge) -> Result<bool, IndexError> {
        if merge.needs_job() {
            let blocks = self.reserve_filter(merge.items(), merge.reserved_bytes())?;
            let (tier, cycles) = merge.target();
            let name = self.next_name(tier, cycles);
            merge.begin(&*self.disk, name, self.manifest.seed, blocks)?;
        }
        if merge.step(STEP)? {
            return Ok(true);
        }
        let Some(new) = merge.finished() else {
            return Ok(true);
        };
        let meta = new.run.meta;
        let mut manifest = self.manifest.clone();
        replace(&mut manifest.ids, meta);
        self.publish(manifest)?;
        self.written.ids += meta.bytes;
        Ok(false)
    }

    fn show_merged_ids(&mut self, merge: IdMerge) -> Result<(), IndexError> {
        if let Some(NewIds { run, filter }) = merge.take() {
            let cycles = run.meta.name.first_cycle..=run.meta.name.last_cycle;
            let (old, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.ids)
                .into_iter()
                .partition(|live| cycles.contains(&live.run.meta.name.first_cycle));
            self.ids = kept;
            self.retired_ids
                .extend(old.into_iter().map(|live| live.run));
            self.ids.push(LiveIds {
                run: Arc::new(run),
                filter: filter.map(Arc::new),
            });
            self.ids.sort_by_key(|live| live.run.meta.name.first_cycle);
        }
        self.show();
        // What the merged filters took is free: others may get more of theirs, though not so
        // much that the next flush takes it away again.
        self.load_filters(self.filter_room() / 8 * 7)?;
        self.start_merges();
        self.sweep()
    }

    fn step_leg_merge(&mut self, at: usize) -> Result<(), IndexError> {
        let mut merge = self.leg_merges.remove(at);
        let stepped = self.step_of_leg_merge(&mut merge);
        match stepped {
            Ok(false) => self.show_merged_legs(merge)?,
            Ok(true) => self.leg_merges.insert(at, merge),
            Err(error) => {
                merge.abandon(&*self.disk);
                self.leg_merges.insert(at, merge);
                return Err(error);
            }
        }
        Ok(())
    }

    fn step_of_leg_merge(&mut self, merge: &mut LegMerge) -> Result<bool, IndexError> {
        if merge.needs_job() {
            let (tier, cycles) = merge.target();
            let name = self.next_name(tier, cycles);
            merge.begin(&*self.disk, name)?;
        }
        if merge.step(STEP)? {
            return Ok(true);
        }
        let Some(new) = merge.finished() else {
            return Ok(true);
        };
        let meta = new.meta;
        let mut manifest = self.manifest.clone();
        replace(&mut manifest.legs, meta);
        self.publish(manifest)?;
        self.written.legs += meta.bytes;
        Ok(false)
    }

    fn show_merged_legs(&mut self, merge: LegMerge) -> Result<(), IndexError> {
        if let Some(run) = merge.take() {
            let cycles = run.meta.name.first_cycle..=run.meta.name.last_cycle;
            let (old, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.legs)
                .into_iter()
                .partition(|run| cycles.contains(&run.meta.name.first_cycle));
            self.legs = kept;
            self.retired_legs.extend(old);
            self.legs.push(Arc::new(run));
            self.legs.sort_by_key(|run| run.meta.name.first_cycle);
        }
        self.show();
        self.start_merges();
        self.sweep()
    }

    /// Removes the files of retired runs that nobody reads any more.
    fn sweep(&mut self) -> Result<(), IndexError> {
        let disk = &*self.disk;
        let mut removed = Ok(());
        let mut remove = |readers: usize, name: &str| {
            if readers > 1 || removed.is_err() {
                return true;
            }
            removed = disk.remove(name).map_err(IndexError::io(name));
            removed.is_err()
        };
        self.retired_ids
            .retain(|run| remove(Arc::strong_count(run), &run.name));
        self.retired_legs
            .retain(|run| remove(Arc::strong_count(run), &run.name));
        removed
    }

    /// Bytes of memory, the tables that grow excepted.
    pub(super) fn memory(&self) -> Memory {
        let live = self.ids.iter().map(|live| {
            live.run.memory_bytes() + live.filter.as_ref().map_or(0, |filter| filter.bytes())
        });
        let id_jobs = self.id_merges.iter().map(IdMerge::memory_bytes);
        let leg_jobs = self.leg_merges.iter().map(LegMerge::memory_bytes);
        let flush = self.flush.as_ref();
        Memory {
            ids: live.chain(id_jobs).sum::<usize>() + flush.map_or(0, Flush::id_bytes),
            legs: self
                .legs
                .iter()
                .map(|run| run.memory_bytes())
                .chain(leg_jobs)
                .sum::<usize>()
                + flush.map_or(0, Flush::leg_bytes),
        }
    }
}

/// Takes the runs whose cycles `new` has out of `runs` and puts it in their place.
fn replace(runs: &mut Vec<RunMeta>, new: RunMeta) {
    let cycles = new.name.first_cycle..=new.name.last_cycle;
    runs.retain(|run| !cycles.contains(&run.name.first_cycle));
    runs.push(new);
    runs.sort_by_key(|run| run.name.first_cycle);
}

/// The oldest `fan` runs of one tier that follow one another and together have at most `most`
/// items.
fn mergeable(runs: &[RunMeta], fan: usize, most: u64) -> Option<std::ops::Range<usize>> {
    (0..(runs.len() + 1).saturating_sub(fan))
        .map(|at| at..at + fan)
        .find(|range| {
            let group = &runs[range.clone()];
            let tier = group[0].name.tier;
            let follow = |pair: &[RunMeta]| pair[0].name.last_cycle + 1 == pair[1].name.first_cycle;
            group.iter().all(|run| run.name.tier == tier)
                && group.windows(2).all(follow)
                && group.iter().map(|run| run.items).sum::<u64>() <= most
        })
}
