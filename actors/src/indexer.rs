//! The indexer: a child that follows closed cycles and builds id runs and histories from them.

use std::sync::Arc;
use std::time::Duration;

use store::Reader;
use store::disk::Disk;
use store::index::{Index, IndexBuilder, IndexError, IndexLimits};

use crate::child::Stop;
use crate::fault::Trap;
use crate::index_slot::IndexSlot;
use crate::progress::Progress;

/// How long to wait for a cycle before looking whether to stop.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the indexer works with.
pub(crate) struct Indexer {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) limits: IndexLimits,
    /// The builder that recovery opened; taken by the first run.
    pub(crate) builder: Option<IndexBuilder>,
    /// What the shard and the queries read.
    pub(crate) index: IndexSlot,
    pub(crate) reader: Reader,
    pub(crate) durable: Progress,
    /// Every cycle up to it is in runs on disk.
    pub(crate) covered: Progress,
    /// Every cycle up to it can be queried.
    pub(crate) indexed: Progress,
    pub(crate) stop: Stop,
    pub(crate) trap: Trap,
}

impl Indexer {
    /// Follows cycles until told to stop.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let mut anew = None;
        let mut builder = match self.builder.take() {
            Some(builder) => builder,
            None => {
                let opened = IndexBuilder::open(Arc::clone(&self.disk), self.limits);
                let (builder, index) = opened.map_err(|error| error.to_string())?;
                anew = Some(index);
                builder
            }
        };
        let mut cycles = self.reader.cycles(builder.indexed_cycle() + 1);
        loop {
            self.show(&builder, &mut anew);
            for cycle in cycles.by_ref() {
                let cycle = cycle.map_err(|error| error.to_string())?;
                self.trap.spring();
                self.stop
                    .unless_full("the index", IndexError::is_full, || {
                        builder.apply_cycle(&cycle)
                    })?;
                if self.stop.is_set() {
                    return Ok(());
                }
                self.show(&builder, &mut anew);
            }
            if self.stop.is_set() || self.durable.is_ended() {
                return Ok(());
            }
            if self
                .stop
                .unless_full("the index", IndexError::is_full, || builder.work())?
                != Some(true)
            {
                let _ = self.durable.wait_above(builder.indexed_cycle(), PATIENCE);
            }
        }
    }

    /// Lets others see how far the index has come. One that was opened anew stands in for the one
    /// before it only when it has all that was promised: until then that one answers.
    fn show(&self, builder: &IndexBuilder, anew: &mut Option<Index>) {
        if builder.indexed_cycle() >= self.indexed.get()
            && let Some(index) = anew.take()
        {
            self.index.replace(index);
        }
        self.covered.advance(builder.covered_cycle());
        self.indexed.advance(builder.indexed_cycle());
    }
}
