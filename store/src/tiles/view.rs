//! A tree at one size.

use std::sync::Arc;

use ledger::proof::{Node, Nodes};
use ledger::{BookId, Digest};

use super::WIDTH;
use super::error::TileError;
use super::frame::TileName;
use super::hashes::TileNodes;
use super::limits::LEVELS;
use super::shared::Shared;

/// Levels of the tree in a level of tiles.
const HEIGHT: u8 = 8;

/// The tree of the first leaves of a book. Keeps the last tile of each level, so that a proof looks
/// each of them up once.
pub struct TilesView {
    shared: Arc<Shared>,
    book: BookId,
    size: u64,
    last: [Option<(u64, Arc<TileNodes>)>; LEVELS],
}

impl TilesView {
    pub(super) fn new(shared: Arc<Shared>, book: BookId, size: u64) -> Self {
        Self {
            shared,
            book,
            size,
            last: Default::default(),
        }
    }

    /// The book.
    pub fn book(&self) -> BookId {
        self.book
    }

    /// Leaves of the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<&TileNodes, TileError> {
        let name = TileName {
            book: self.book,
            level,
            index,
        };
        // Hashes of the level that the tree of this size has in this tile.
        let hashes = self
            .size
            .checked_shr(u32::from(level * HEIGHT))
            .unwrap_or(0);
        let need = hashes.saturating_sub(index * WIDTH).min(WIDTH);
        let slot = self.last.get_mut(usize::from(level));
        let slot = slot.ok_or(TileError::OutOfTree {
            node: Node {
                level: level.saturating_mul(HEIGHT),
                index,
            },
            size: self.size,
        })?;
        match slot {
            Some((at, _)) if *at == index => {}
            _ => *slot = Some((index, self.shared.nodes(name, need, self.size)?)),
        }
        slot.as_ref()
            .map(|(_, nodes)| &**nodes)
            .ok_or(TileError::Stopped)
    }
}

impl Nodes for TilesView {
    type Error = TileError;

    fn node(&mut self, node: Node) -> Result<Digest, TileError> {
        let outside = TileError::OutOfTree {
            node,
            size: self.size,
        };
        let leaves = node.leaves();
        if leaves.is_none_or(|leaves| leaves.end > self.size) {
            return Err(outside);
        }
        let (level, height) = (node.level / HEIGHT, node.level % HEIGHT);
        let per_tile = HEIGHT - height;
        let index = node.index >> per_tile;
        let within = node.index & ((1 << per_tile) - 1);
        let tile = self.tile(level, index)?;
        tile.node(usize::from(height), within).ok_or(outside)
    }
}

impl std::fmt::Debug for TilesView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TilesView")
            .field("book", &self.book)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
