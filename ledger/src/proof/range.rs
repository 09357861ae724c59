//! That nothing is missing between two positions: the hashes on both sides of a range of leaves.

use std::ops::Range;

use super::{Node, Nodes, ProofError, fold, perfect};
use crate::digest::Digest;
use crate::merkle;

/// What surrounds and what makes up the leaves `lo..hi` of a tree, as hashes of perfect subtrees.
/// Together they give the roots of the trees of `lo`, `hi` and all leaves, so that they prove by
/// themselves that each tree begins with the one before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RangeHashes {
    /// Those of the leaves before `lo`.
    pub left: Vec<Digest>,
    /// Those of `lo..hi`.
    pub inner: Vec<Digest>,
    /// Those of the leaves from `hi` on.
    pub right: Vec<Digest>,
}

/// The hashes around and in `range` of a tree of `size` leaves. The range may be empty: it then
/// proves that the tree begins with that of `lo` leaves.
///
/// # Errors
/// The range is not in the tree, or a hash cannot be had.
pub fn range<N: Nodes>(
    nodes: &mut N,
    range: Range<u64>,
    size: u64,
) -> Result<RangeHashes, ProofError<N::Error>> {
    if range.start > range.end || range.end > size {
        return Err(ProofError::OutOfTree);
    }
    let mut of = |range| {
        perfect(range)
            .map(|node| nodes.node(node).map_err(ProofError::Nodes))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(RangeHashes {
        left: of(0..range.start)?,
        inner: of(range.clone())?,
        right: of(range.end..size)?,
    })
}

/// A tree put together from left to right, out of subtrees and leaves. It starts at `lo` with the
/// hashes of what stands before, and ends with those of what follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RangeFold {
    size: u64,
    /// INVARIANT: one root for each set bit of `size`, largest first.
    roots: Vec<Digest>,
}

impl RangeFold {
    /// A fold that begins after `lo` leaves, whose perfect subtrees have the hashes `left`. `None`
    /// if there are not exactly as many.
    pub fn new(lo: u64, left: &[Digest]) -> Option<Self> {
        (left.len() == lo.count_ones() as usize).then(|| Self {
            size: lo,
            roots: left.to_vec(),
        })
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree of the leaves so far.
    pub fn root(&self) -> Digest {
        fold(&self.roots)
    }

    /// Adds a leaf. `None` if there are as many as there can be.
    pub fn push(&mut self, leaf: Digest) -> Option<()> {
        self.push_level(0, leaf)
    }

    /// Adds the perfect subtrees up to `end`. `None` if `hashes` are not exactly as many as there
    /// are; the fold is then of no more use.
    pub fn push_perfect(&mut self, end: u64, hashes: &[Digest]) -> Option<()> {
        if end < self.size {
            return None;
        }
        let mut hashes = hashes.iter();
        for Node { level, .. } in perfect(self.size..end) {
            self.push_level(level, *hashes.next()?)?;
        }
        hashes.next().is_none().then_some(())
    }

    /// Root of the tree of `size` leaves, of which `right` are the perfect subtrees from `hi` on.
    /// `None` unless the fold has come to `hi` and `right` has exactly one length.
    pub fn finish(mut self, hi: u64, size: u64, right: &[Digest]) -> Option<Digest> {
        if self.size != hi {
            return None;
        }
        self.push_perfect(size, right)?;
        Some(self.root())
    }

    fn push_level(&mut self, level: u8, hash: Digest) -> Option<()> {
        let size = self.size.checked_add(1 << level)?;
        let mut hash = hash;
        let mut above = self.size >> level;
        while above & 1 == 1 {
            hash = merkle::node(&self.roots.pop()?, &hash);
            above >>= 1;
        }
        self.roots.push(hash);
        self.size = size;
        Some(())
    }
}
