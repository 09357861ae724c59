//! That a tree holds a leaf at a position.

use std::ops::Range;

use super::{Nodes, ProofError, hashes, split};
use crate::digest::Digest;
use crate::merkle;

/// The subtrees whose hashes prove the leaf at `index` in a tree of `size` leaves, from the leaf's
/// sibling up. `None` if there is no such leaf.
pub fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// The path that proves the leaf at `index` in a tree of `size` leaves: RFC 6962 §2.1.1.
///
/// # Errors
/// There is no such leaf, or a hash cannot be had.
pub fn inclusion<N: Nodes>(
    nodes: &mut N,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, ProofError<N::Error>> {
    hashes(nodes, inclusion_ranges(index, size))
}

/// The root of the tree of `size` leaves that has `leaf` at `index`, if `path` is as long as it
/// must be: RFC 9162 §2.1.3.2.
pub fn root_from_inclusion(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    if index >= size {
        return None;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut root = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = merkle::node(sibling, &root);
            // A right edge that has no sibling on some levels passes through them unhashed.
            let levels = at.trailing_zeros().min(63);
            at >>= levels;
            last >>= levels;
        } else {
            root = merkle::node(&root, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}
