//! Which filters of the runs are in memory.

use std::sync::Arc;

use super::Runs;
use crate::index::error::IndexError;
use crate::index::filter::Filter;
use crate::index::filter_room::{Held, Wish, fit};
use crate::index::flush::Flush;
use crate::index::merging::IdMerge;
use crate::index::output;
use crate::index::snapshot::LiveIds;

impl Runs {
    /// Bytes that filters may take, those of new runs included.
    pub(super) fn filter_room(&self) -> u64 {
        let tables = 2 * self.limits.id_table_bytes();
        let runs: usize = self.ids.iter().map(|live| live.run.memory_bytes()).sum();
        let jobs: usize = self.id_merges.iter().map(IdMerge::reserved_bytes).sum();
        let flush = self.flush.as_ref().map_or(0, Flush::id_job_bytes);
        let jobs = jobs + flush.max(output::BUFFER);
        self.limits
            .id_memory_bytes
            .saturating_sub(tables + runs + jobs) as u64
    }

    fn wishes(&self, held: impl Fn(&LiveIds) -> Held) -> Vec<Wish> {
        let wish =
            |live: &LiveIds| Wish::stored(live.run.meta.items, live.run.filter_bytes(), held(live));
        self.ids.iter().map(wish).collect()
    }

    /// Makes room for the filter of a new run with so many keys, whose writing takes `other` bytes
    /// besides; how many blocks it may have.
    pub(super) fn reserve_filter(&mut self, keys: u64, other: usize) -> Result<u64, IndexError> {
        let mut wishes = self.wishes(LiveIds::held);
        let new = wishes.len();
        wishes.push(Wish::new(keys));
        fit(&mut wishes, self.filter_room().saturating_sub(other as u64));
        self.hold(&wishes[..new])?;
        Ok(wishes[new].bytes() / Filter::BLOCK as u64)
    }

    /// Loads as much of the filters as fits `room`.
    pub(super) fn load_filters(&mut self, room: u64) -> Result<(), IndexError> {
        let mut wishes = self.wishes(|_| Held::Whole);
        fit(&mut wishes, room);
        // What is in memory stays there: only a new run's filter takes room from others.
        for (wish, live) in wishes.iter_mut().zip(&self.ids) {
            if matches!(
                (live.held(), wish.held),
                (Held::Whole, _) | (Held::Half, Held::Nothing)
            ) {
                wish.held = live.held();
            }
        }
        self.hold(&wishes)
    }

    /// Holds as much of each filter in memory as the wishes say.
    fn hold(&mut self, wishes: &[Wish]) -> Result<(), IndexError> {
        let changed: Vec<(usize, Held)> = (self.ids.iter().zip(wishes).enumerate())
            .filter(|(_, (live, wish))| live.held() != wish.held)
            .map(|(at, (_, wish))| (at, wish.held))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        // First all that goes, so that there is room for what comes.
        changed
            .iter()
            .for_each(|(at, _)| self.ids[*at].filter = None);
        self.show();
        for (at, held) in changed {
            let fold = match held {
                Held::Whole => 0,
                Held::Half => 1,
                Held::Nothing => continue,
            };
            let filter = self.ids[at].run.load_filter(fold)?;
            self.ids[at].filter = Some(Arc::new(filter));
        }
        self.show();
        Ok(())
    }
}
