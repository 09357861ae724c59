//! The tiler: a child that follows closed cycles and keeps the trees of all books in tiles, so that
//! proofs need no replay.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use store::Reader;
use store::disk::Disk;
use store::tiles::{self, TileBuilder, TileError, TileLimits, Tiles};

use crate::child::Stop;
use crate::progress::Progress;

/// How long to wait for a cycle before looking whether to stop.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where the tiles of the moment are found: the tiler puts new ones here when it starts again.
#[derive(Clone, Debug, Default)]
pub(crate) struct TilesSlot(Arc<ArcSwapOption<Tiles>>);

impl TilesSlot {
    /// The tiles; `None` until they are opened for the first time.
    pub(crate) fn load(&self) -> Option<Arc<Tiles>> {
        self.0.load_full()
    }
}

/// What the tiler works with.
pub(crate) struct Tiler {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) reader: Reader,
    pub(crate) slot: TilesSlot,
    pub(crate) durable: Progress,
    /// Every cycle up to it can be proven from.
    pub(crate) tiled: Progress,
    pub(crate) stop: Stop,
}

impl Tiler {
    /// Follows cycles until told to stop.
    pub(crate) fn run(&self) -> Result<(), String> {
        let (mut builder, found) = self.open().map_err(|error| error.to_string())?;
        let mut anew = Some(found);
        let mut cycles = self.reader.cycles(builder.applied_cycle() + 1);
        loop {
            self.show(&builder, &mut anew);
            for cycle in cycles.by_ref() {
                let cycle = cycle.map_err(|error| error.to_string())?;
                self.stop
                    .unless_full("the tree of hashes", TileError::is_full, || {
                        builder.apply_cycle(&cycle)
                    })?;
                if self.stop.is_set() {
                    break;
                }
                self.show(&builder, &mut anew);
            }
            if self.stop.is_set() || self.durable.is_ended() {
                return builder.sync().map_err(|error| error.to_string());
            }
            if self
                .stop
                .unless_full("the tree of hashes", TileError::is_full, || builder.work())?
                != Some(true)
            {
                let _ = self.durable.wait_above(builder.applied_cycle(), PATIENCE);
            }
        }
    }

    /// Opens the tiles, or begins them anew if they are damaged or not of this journal: everything
    /// in them can be told from closed blocks again.
    fn open(&self) -> Result<(TileBuilder, Tiles), TileError> {
        let open = || {
            let disk = Arc::clone(&self.disk);
            TileBuilder::open(disk, self.reader.clone(), TileLimits::default())
        };
        match open() {
            Err(error) if error.needs_rebuild() => {
                tracing::warn!(%error, "building the tiles anew from closed blocks");
                tiles::rebuild(self.disk.as_ref())?;
                open()
            }
            opened => opened,
        }
    }

    /// Lets others see how far the tiles have come. Tiles that were opened anew stand in for those
    /// before only when they have all that was promised.
    fn show(&self, builder: &TileBuilder, anew: &mut Option<Tiles>) {
        if builder.applied_cycle() >= self.tiled.get()
            && let Some(tiles) = anew.take()
        {
            self.slot.0.store(Some(Arc::new(tiles)));
        }
        self.tiled.advance(builder.applied_cycle());
    }
}
