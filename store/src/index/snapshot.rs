//! What readers see: the runs and tables that are the index at one moment.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use ledger::past::KeyKind;
use parking_lot::RwLock;

use super::error::IndexError;
use super::filter::Filter;
use super::filter_room::Held;
use super::hash::{KeyHash, Seed};
use super::id_run::{IdRun, KINDS};
use super::leg_run::LegRun;
use super::leg_table::LegTable;

/// A run of ids with what of its filter is in memory.
#[derive(Clone)]
pub(super) struct LiveIds {
    pub(super) run: Arc<IdRun>,
    pub(super) filter: Option<Arc<Filter>>,
}

impl LiveIds {
    /// How much of the filter is in memory.
    pub(super) fn held(&self) -> Held {
        match &self.filter {
            Some(filter) if (filter.bytes() as u64) < self.run.filter_bytes() => Held::Half,
            Some(_) => Held::Whole,
            None => Held::Nothing,
        }
    }
}

/// The index at one moment.
pub(super) struct Snapshot {
    seed: Seed,
    /// The newest first: what is asked for twice is mostly new.
    pub(super) ids: Vec<LiveIds>,
    /// Least and greatest id of each kind in each run, side by side, since most runs are passed
    /// over by them.
    bounds: [Vec<Bounds>; KINDS.len()],
    /// The oldest first.
    pub(super) legs: Vec<Arc<LegRun>>,
    /// Legs that are in no run yet, the oldest first.
    pub(super) tables: Vec<Arc<RwLock<LegTable>>>,
}

impl Snapshot {
    pub(super) fn new(
        seed: Seed,
        mut ids: Vec<LiveIds>,
        mut legs: Vec<Arc<LegRun>>,
        tables: Vec<Arc<RwLock<LegTable>>>,
    ) -> Self {
        ids.sort_by_key(|live| std::cmp::Reverse(live.run.meta.name.first_cycle));
        legs.sort_by_key(|run| run.meta.name.first_cycle);
        let bounds = KINDS.map(|kind| {
            let sections = ids.iter().map(|live| live.run.tail.sections[kind as usize]);
            sections.map(|section| (section.min, section.max)).collect()
        });
        Self {
            seed,
            ids,
            bounds,
            legs,
            tables,
        }
    }

    /// What the id points to, if a run has it.
    #[inline]
    pub(super) fn find(
        &self,
        kind: KeyKind,
        book: u32,
        id: u128,
    ) -> Result<Option<u64>, IndexError> {
        for (bounds, runs) in self.groups(kind) {
            let may = admitted(bounds, id);
            if may != 0
                && let Some(seq) = self.search(runs, may, kind, book, id)?
            {
                return Ok(Some(seq));
            }
        }
        Ok(None)
    }

    /// Runs with their bounds, a few at a time.
    #[inline]
    fn groups(&self, kind: KeyKind) -> impl Iterator<Item = (&[Bounds], &[LiveIds])> {
        self.bounds[kind as usize]
            .chunks(GROUP)
            .zip(self.ids.chunks(GROUP))
    }

    /// Looks into the runs whose bit is set in `may`.
    fn search(
        &self,
        runs: &[LiveIds],
        mut may: u32,
        kind: KeyKind,
        book: u32,
        id: u128,
    ) -> Result<Option<u64>, IndexError> {
        let hash = self.seed.key(kind, book, id);
        // All the memory that is going to be read is asked for before the first wait for it.
        touch(runs, may, hash);
        while let Some(live) = runs.get(may.trailing_zeros() as usize) {
            may &= may - 1;
            if (kind != KeyKind::Transfer || live.run.zone_admits(book, id))
                && live
                    .filter
                    .as_ref()
                    .is_none_or(|filter| filter.may_have(hash))
                && let Some(seq) = live.run.search(kind, book, id)?
            {
                return Ok(Some(seq));
            }
        }
        Ok(None)
    }
}

/// Least and greatest id of a run.
type Bounds = (u128, u128);

/// Runs that are looked at together.
const GROUP: usize = 16;

/// A bit for each run whose bounds leave room for `id`.
#[inline]
fn admitted(bounds: &[Bounds], id: u128) -> u32 {
    let within = bounds.iter().map(|(min, max)| *min <= id && id <= *max);
    within
        .enumerate()
        .fold(0, |may, (at, within)| may | u32::from(within) << at)
}

#[inline]
fn touch(runs: &[LiveIds], mut may: u32, hash: KeyHash) {
    let mut sum = 0;
    while let Some(live) = runs.get(may.trailing_zeros() as usize) {
        may &= may - 1;
        sum ^= live.filter.as_ref().map_or(0, |filter| filter.touch(hash));
    }
    black_box(sum);
}

/// What the builder and its readers share.
pub(super) struct Shared {
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// Every cycle up to this one is in the runs or tables.
    indexed: AtomicU64,
    /// Every cycle up to this one is in durable runs.
    covered: AtomicU64,
}

impl Shared {
    pub(super) fn new(snapshot: Snapshot, covered: u64) -> Self {
        Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            indexed: AtomicU64::new(covered),
            covered: AtomicU64::new(covered),
        }
    }

    pub(super) fn indexed(&self) -> u64 {
        self.indexed.load(Ordering::Acquire)
    }

    pub(super) fn covered(&self) -> u64 {
        self.covered.load(Ordering::Acquire)
    }

    /// To be told after what it tells of is readable.
    pub(super) fn set_indexed(&self, cycle: u64) {
        self.indexed.store(cycle, Ordering::Release);
    }

    /// To be told after what it tells of is readable.
    pub(super) fn set_covered(&self, cycle: u64) {
        self.covered.store(cycle, Ordering::Release);
    }
}
