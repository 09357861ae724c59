//! That a tree holds several leaves: one path for all of them, in which each hash stands once.

use std::ops::Range;

use super::{Nodes, ProofError, hashes, split};
use crate::digest::Digest;
use crate::merkle;

/// The subtrees whose hashes prove the leaves at `indices` in a tree of `size` leaves: the largest
/// ones that hold none of them, from left to right. `None` unless `indices` ascend and are in the
/// tree, at least one.
pub fn multi_ranges(indices: &[u64], size: u64) -> Option<Vec<Range<u64>>> {
    if !is_ascending(indices.iter().copied(), size) {
        return None;
    }
    let mut ranges = Vec::new();
    collect(indices, 0..size, &mut ranges);
    Some(ranges)
}

/// The path that proves the leaves at `indices`, in ascending order, in a tree of `size` leaves.
///
/// # Errors
/// An index is out of order or not in the tree, or a hash cannot be had.
pub fn multi<N: Nodes>(
    nodes: &mut N,
    indices: &[u64],
    size: u64,
) -> Result<Vec<Digest>, ProofError<N::Error>> {
    hashes(nodes, multi_ranges(indices, size))
}

/// The root of the tree of `size` leaves that has `leaves` at their positions, in ascending order,
/// if `path` is as long as it must be.
pub fn root_from_multi(leaves: &[(u64, Digest)], size: u64, path: &[Digest]) -> Option<Digest> {
    if !is_ascending(leaves.iter().map(|(index, _)| *index), size) {
        return None;
    }
    let mut path = path.iter();
    let root = join(leaves, 0..size, &mut path)?;
    path.next().is_none().then_some(root)
}

fn is_ascending(mut indices: impl Iterator<Item = u64>, size: u64) -> bool {
    let Some(mut last) = indices.next() else {
        return false;
    };
    for index in indices {
        if index <= last {
            return false;
        }
        last = index;
    }
    last < size
}

fn collect(indices: &[u64], range: Range<u64>, ranges: &mut Vec<Range<u64>>) {
    let leaves = range.end - range.start;
    if indices.is_empty() {
        ranges.push(range);
    } else if leaves > 1 {
        let middle = range.start + split(leaves);
        let (left, right) = indices.split_at(indices.partition_point(|index| *index < middle));
        collect(left, range.start..middle, ranges);
        collect(right, middle..range.end, ranges);
    }
}

fn join<'a>(
    leaves: &[(u64, Digest)],
    range: Range<u64>,
    path: &mut impl Iterator<Item = &'a Digest>,
) -> Option<Digest> {
    let width = range.end - range.start;
    match leaves {
        [] => path.next().copied(),
        [(_, leaf)] if width == 1 => Some(*leaf),
        _ => {
            let middle = range.start + split(width);
            let (left, right) = leaves.split_at(leaves.partition_point(|(at, _)| *at < middle));
            let left = join(left, range.start..middle, path)?;
            let right = join(right, middle..range.end, path)?;
            Some(merkle::node(&left, &right))
        }
    }
}
