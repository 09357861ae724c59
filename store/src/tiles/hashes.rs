//! The hashes of a tile and the nodes above them.

use ledger::Digest;
use ledger::merkle;

use super::WIDTH;

/// Up to 256 hashes and every perfect subtree over them, computed once.
#[derive(Debug)]
pub(super) struct TileNodes {
    /// By height above the tile's own level: 0 for the hashes, 8 for the root of a full tile.
    heights: Vec<Vec<Digest>>,
}

impl TileNodes {
    /// Computes the nodes above `hashes`.
    pub(super) fn new(hashes: Vec<Digest>) -> Self {
        let mut heights = Vec::with_capacity(9);
        let mut row = hashes;
        while row.len() > 1 {
            let above = row
                .as_chunks::<2>()
                .0
                .iter()
                .map(|[left, right]| merkle::node(left, right))
                .collect();
            heights.push(std::mem::replace(&mut row, above));
        }
        heights.push(row);
        Self { heights }
    }

    /// How many hashes there are.
    pub(super) fn len(&self) -> u64 {
        self.heights.first().map_or(0, Vec::len) as u64
    }

    /// The node over the 2^`height` hashes from `index` · 2^`height` on.
    pub(super) fn node(&self, height: usize, index: u64) -> Option<Digest> {
        let index = usize::try_from(index).ok()?;
        self.heights.get(height)?.get(index).copied()
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        256 + self.heights.iter().map(Vec::capacity).sum::<usize>() * size_of::<Digest>()
    }
}

/// Root over the hashes of a full tile.
pub(super) fn root_of(hashes: &[Digest]) -> Digest {
    let mut frontier = merkle::Frontier::new();
    for hash in hashes {
        frontier.push(*hash);
    }
    frontier.root()
}

/// A tile that has just become full.
#[derive(Debug)]
pub(super) struct FullTile {
    /// Whose tile, and where in its tree.
    pub(super) entry: super::frame::Entry,
    /// INVARIANT: as many as a tile has.
    pub(super) hashes: Vec<Digest>,
}

const _: () = assert!(WIDTH == merkle::TreeHashes::SPAN, "a tile spans 8 levels");
