//! The indexer: a child that follows closed cycles and builds id runs and histories from them.

use std::sync::Arc;
use std::time::Duration;

use store::Reader;
use store::disk::Disk;
use store::index::{IndexBuilder, IndexLimits};

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
        let mut builder = match self.builder.take() {
            Some(builder) => builder,
            None => {
                let (builder, index) = IndexBuilder::open(Arc::clone(&self.disk), self.limits)
                    .map_err(|error| error.to_string())?;
                self.index.replace(index);
                builder
            }
        };
        let mut cycles = self.reader.cycles(builder.indexed_cycle() + 1);
        let mut last = builder.indexed_cycle();
        loop {
            for cycle in cycles.by_ref() {
                let cycle = cycle.map_err(|error| error.to_string())?;
                self.trap.spring();
                builder
                    .apply(cycle.number, cycle.blocks.iter().map(AsRef::as_ref))
                    .map_err(|error| error.to_string())?;
                last = cycle.number;
                self.covered.advance(builder.covered_cycle());
                self.indexed.advance(last);
                if self.stop.is_set() {
                    return Ok(());
                }
            }
            if self.stop.is_set() || self.durable.is_ended() {
                return Ok(());
            }
            if !builder.work().map_err(|error| error.to_string())? {
                self.covered.advance(builder.covered_cycle());
                let _ = self.durable.wait_above(last, PATIENCE);
            }
        }
    }
}
