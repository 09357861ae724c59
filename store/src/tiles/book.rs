//! What is in memory of one book's tiles.

use std::sync::Arc;

use ledger::{BookId, Digest};

use super::WIDTH;
use super::frame::{Entry, TileName};
use super::hashes::{FullTile, TileNodes, root_of};
use super::limits::LEVELS;

/// One book: where its full tiles are, and what each level has beyond them.
#[derive(Default)]
pub(super) struct Book {
    levels: Vec<Level>,
    /// Whether it was used since room was last looked for.
    pub(super) is_used: bool,
    /// Whether it is among those that room is looked for in.
    pub(super) is_queued: bool,
}

/// One level of a book's tiles.
#[derive(Default)]
struct Level {
    /// Slots of the full tiles, in order.
    slots: Vec<u32>,
    /// Hashes beyond them, as far as they are in memory.
    edge: Option<Edge>,
}

/// Hashes of a tile that is not full.
#[derive(Default)]
struct Edge {
    hashes: Vec<Digest>,
    /// The nodes above the first of them, once a proof needed those.
    nodes: Option<Arc<TileNodes>>,
}

/// What is in memory of a tile.
pub(super) enum Found {
    /// It is full and has this slot.
    Full(u32),
    /// It is not, but its nodes were computed.
    Nodes(Arc<TileNodes>),
    /// It is not, and these are its hashes.
    Hashes(Vec<Digest>),
    /// It is not, and its hashes are not in memory.
    Away,
    /// Tiles to the left of it are not there yet.
    Behind,
}

/// Hashes that were read again: the first ones beyond the `full` tiles of a level.
pub(super) struct Restored {
    pub(super) level: usize,
    pub(super) full: u64,
    pub(super) hashes: Vec<Digest>,
}

/// What has to be read again before leaves can be added.
#[derive(Default)]
pub(super) struct Missing {
    /// Sequences of leaves.
    pub(super) leaves: Option<std::ops::Range<u64>>,
    /// Levels above.
    pub(super) levels: Vec<usize>,
}

impl Book {
    /// Full tiles of a level.
    pub(super) fn full(&self, level: usize) -> u64 {
        self.levels
            .get(level)
            .map_or(0, |level| level.slots.len() as u64)
    }

    /// Slots of full tiles from number `from` on, at most `count`.
    pub(super) fn slots(&self, level: usize, from: u64, count: u64) -> Vec<u32> {
        let slots = self.levels.get(level).map_or(&[][..], |level| &level.slots);
        let (from, count) = (usize::try_from(from), usize::try_from(count));
        let skip = from.unwrap_or(usize::MAX);
        slots
            .iter()
            .skip(skip)
            .take(count.unwrap_or(usize::MAX))
            .copied()
            .collect()
    }

    /// Leaves that are known without a look at the blocks.
    pub(super) fn leaves(&self) -> u64 {
        self.full(0) * WIDTH + self.edge_len(0).unwrap_or(0)
    }

    fn edge_len(&self, level: usize) -> Option<u64> {
        let edge = self.levels.get(level)?.edge.as_ref()?;
        Some(edge.hashes.len() as u64)
    }

    /// Hashes of a level that belong to no full tile of it; those of leaves are not counted here.
    fn loose(&self, level: usize) -> u64 {
        let below = level.checked_sub(1).map_or(0, |below| self.full(below));
        below.saturating_sub(self.full(level) * WIDTH)
    }

    /// A full tile that was found in a file. Whether it is the next of its level.
    pub(super) fn found(&mut self, name: TileName, slot: u32) -> bool {
        let level = usize::from(name.level);
        if level >= LEVELS || name.index != self.full(level) {
            return false;
        }
        let has_tiles_below =
            level == 0 || self.full(level - 1) >= (name.index + 1).saturating_mul(WIDTH);
        if has_tiles_below {
            self.level(level + 1);
            self.level(level).slots.push(slot);
        }
        has_tiles_below
    }

    /// Whether no level lacks a tile that those below it fill.
    pub(super) fn is_whole(&self) -> bool {
        (1..self.levels.len()).all(|level| self.loose(level) < WIDTH)
    }

    /// Looks for tile `index` of a level, of which the first `need` hashes are needed.
    pub(super) fn find(&mut self, level: usize, index: u64, need: u64) -> Found {
        self.is_used = true;
        let full = self.full(level);
        if index > full {
            return Found::Behind;
        }
        let Some(of_level) = self.levels.get(level) else {
            return if level == 0 {
                Found::Away
            } else {
                Found::Behind
            };
        };
        let slot = usize::try_from(index)
            .ok()
            .and_then(|index| of_level.slots.get(index));
        if let Some(slot) = slot {
            return Found::Full(*slot);
        }
        if level > 0 && self.loose(level) < need {
            return Found::Behind;
        }
        match &of_level.edge {
            Some(Edge {
                nodes: Some(nodes), ..
            }) if nodes.len() >= need => Found::Nodes(Arc::clone(nodes)),
            Some(edge) if edge.hashes.len() as u64 >= need => Found::Hashes(edge.hashes.clone()),
            _ => Found::Away,
        }
    }

    /// Keeps nodes that were computed for the tile beyond the `full` ones.
    pub(super) fn keep(&mut self, level: usize, full: u64, nodes: &Arc<TileNodes>) {
        if self.full(level) != full {
            return;
        }
        let edge = self
            .levels
            .get_mut(level)
            .and_then(|level| level.edge.as_mut());
        if let Some(edge) = edge
            && edge
                .nodes
                .as_ref()
                .is_none_or(|old| old.len() < nodes.len())
        {
            edge.nodes = Some(Arc::clone(nodes));
        }
    }

    /// Puts hashes back that were read again, unless more is known by now.
    pub(super) fn restore(&mut self, restored: Restored) {
        let level = restored.level;
        let is_news = self.full(level) == restored.full
            && self
                .edge_len(level)
                .is_none_or(|len| len < restored.hashes.len() as u64);
        if is_news {
            self.level(level).edge = Some(Edge {
                hashes: restored.hashes,
                nodes: None,
            });
        }
    }

    /// What has to be read again before leaves from `first` to `end` can be added.
    pub(super) fn missing(&self, first: u64, end: u64) -> Missing {
        let base = self.full(0) * WIDTH;
        let mut missing = Missing::default();
        if base + self.edge_len(0).unwrap_or(0) < first {
            missing.leaves = Some(base..first);
        }
        if end / WIDTH > self.full(0) {
            let levels = 1..self.levels.len();
            missing.levels = levels
                .filter(|level| self.edge_len(*level).unwrap_or(0) < self.loose(*level))
                .collect();
        }
        missing
    }

    /// Adds the hash of the next leaf. If that fills tiles, they are given to `full`, which says
    /// their slots; `root_at` knows roots of tiles of leaves, or not.
    pub(super) fn push(
        &mut self,
        book: BookId,
        leaf: Digest,
        root_at: &dyn Fn(u64) -> Option<Digest>,
        full: &mut dyn FnMut(FullTile) -> u32,
    ) {
        let mut hash = leaf;
        for level in 0..LEVELS {
            let index = self.full(level);
            let of_level = self.level(level);
            let edge = of_level.edge.get_or_insert_default();
            edge.hashes.push(hash);
            if (edge.hashes.len() as u64) < WIDTH {
                return;
            }
            let hashes = std::mem::take(edge).hashes;
            let known = if level == 0 { root_at(index) } else { None };
            let root = known.unwrap_or_else(|| root_of(&hashes));
            let name = TileName {
                book,
                level: level as u8,
                index,
            };
            let entry = Entry { name, root };
            let slot = full(FullTile { entry, hashes });
            self.level(level).slots.push(slot);
            hash = root;
        }
    }

    /// Lets go of nodes, or of all that can be read again.
    pub(super) fn let_go(&mut self, of_hashes_too: bool) {
        for level in &mut self.levels {
            if of_hashes_too {
                level.edge = None;
            } else if let Some(edge) = &mut level.edge {
                edge.nodes = None;
            }
        }
    }

    /// Bytes that [`Book::let_go`] gives back.
    pub(super) fn edge_bytes(&self) -> usize {
        let edges = self.levels.iter().filter_map(|level| level.edge.as_ref());
        edges
            .map(|edge| {
                let nodes = edge.nodes.as_ref().map_or(0, |nodes| nodes.memory_bytes());
                edge.hashes.capacity() * size_of::<Digest>() + nodes
            })
            .sum()
    }

    fn level(&mut self, level: usize) -> &mut Level {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Level::default);
        }
        // INVARIANT: just made long enough.
        &mut self.levels[level]
    }
}
