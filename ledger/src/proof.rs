//! Proofs about a tree: that it holds a leaf, that it grew out of a smaller one, that nothing is
//! missing between two positions.
//!
//! Pure hashing: RFC 6962 §2.1 and RFC 9162 §2.1.3–2.1.4. Makers take the tree's perfect subtrees
//! from a [`Nodes`], wherever those are kept. Each proof has exactly one length, and verifiers
//! refuse any other.
//!
//! This module is not: signatures, encodings and files (see `verify`).

mod consistency;
mod inclusion;
mod memory;
mod multi;
mod range;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::digest::Digest;
use crate::merkle;

pub use consistency::{consistency, consistency_ranges, verify_consistency};
pub use inclusion::{inclusion, inclusion_ranges, root_from_inclusion};
pub use memory::{MemoryTree, NoSuchNode};
pub use multi::{multi, multi_ranges, root_from_multi};
pub use range::{RangeFold, RangeHashes, range};

/// A perfect subtree: the 2^`level` leaves from `index` · 2^`level` on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Node {
    /// 0 for a leaf.
    pub level: u8,
    /// How many subtrees of the level stand to its left.
    pub index: u64,
}

impl Node {
    /// Positions of its leaves, if there can be so many.
    pub fn leaves(self) -> Option<Range<u64>> {
        let width = 1u64.checked_shl(u32::from(self.level))?;
        let first = self.index.checked_mul(width)?;
        Some(first..first.checked_add(width)?)
    }
}

/// Where the hashes of perfect subtrees come from.
pub trait Nodes {
    /// Why a hash cannot be had.
    type Error;

    /// Hash of `node`, all of whose leaves the tree holds.
    ///
    /// # Errors
    /// The hash cannot be had.
    fn node(&mut self, node: Node) -> Result<Digest, Self::Error>;
}

/// Why no proof was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProofError<E> {
    /// What was asked about lies outside the tree, or is out of order.
    OutOfTree,
    /// A hash could not be had.
    Nodes(E),
}

impl<E: std::fmt::Display> std::fmt::Display for ProofError<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OutOfTree => f.write_str("the positions are not in the tree"),
            Self::Nodes(error) => write!(f, "a hash of the tree cannot be had: {error}"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for ProofError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::OutOfTree => None,
            Self::Nodes(error) => Some(error),
        }
    }
}

/// The fewest perfect subtrees that make up the leaves of `range`, from left to right.
pub fn perfect(range: Range<u64>) -> Perfect {
    Perfect { range }
}

/// See [`perfect`].
#[derive(Clone, Debug)]
pub struct Perfect {
    range: Range<u64>,
}

impl Iterator for Perfect {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        let left = self.range.end.checked_sub(self.range.start)?;
        let level = left.checked_ilog2()?.min(self.range.start.trailing_zeros());
        let index = self.range.start.checked_shr(level).unwrap_or(0);
        self.range.start += 1u64 << level;
        Some(Node {
            level: level as u8,
            index,
        })
    }
}

/// Hash of the subtree over the leaves of `range` in the tree of RFC 6962, folded from perfect
/// subtrees. `range` is one that the tree splits into, which starts at a multiple of the power of
/// two at or above its length.
///
/// # Errors
/// A hash cannot be had.
pub fn subtree<N: Nodes>(nodes: &mut N, range: Range<u64>) -> Result<Digest, N::Error> {
    let mut hashes = Vec::new();
    for node in perfect(range) {
        hashes.push(nodes.node(node)?);
    }
    Ok(fold(&hashes))
}

/// Root of the tree of the first `size` leaves.
///
/// # Errors
/// A hash cannot be had.
pub fn root<N: Nodes>(nodes: &mut N, size: u64) -> Result<Digest, N::Error> {
    subtree(nodes, 0..size)
}

/// Joins hashes of perfect subtrees, largest first, into that of the tree that ends with them.
fn fold(hashes: &[Digest]) -> Digest {
    let mut hashes = hashes.iter().rev();
    let Some(smallest) = hashes.next() else {
        return Digest::of(b"");
    };
    hashes.fold(*smallest, |right, left| merkle::node(left, &right))
}

/// Where a tree of `leaves` > 1 leaves splits: the largest power of two below that number.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

fn hashes<N: Nodes>(
    nodes: &mut N,
    ranges: Option<Vec<Range<u64>>>,
) -> Result<Vec<Digest>, ProofError<N::Error>> {
    ranges
        .ok_or(ProofError::OutOfTree)?
        .into_iter()
        .map(|range| subtree(nodes, range).map_err(ProofError::Nodes))
        .collect()
}
