//! That a tree grew out of a smaller one: nothing was changed, moved or taken away.

use std::ops::Range;

use super::{Nodes, ProofError, hashes, split};
use crate::digest::Digest;
use crate::merkle;

/// The subtrees whose hashes prove that a tree of `new` leaves begins with one of `old` leaves.
/// None are needed for trees of one size, or when there was nothing before. `None` if `old` is
/// larger.
pub fn consistency_ranges(old: u64, new: u64) -> Option<Vec<Range<u64>>> {
    if old > new {
        return None;
    }
    let mut ranges = Vec::new();
    if old == 0 || old == new {
        return Some(ranges);
    }
    let (mut start, mut end) = (0, new);
    // INVARIANT: `start` < `old` <= `end`.
    while end > old {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    // The whole of the smaller tree needs no hash: its root is known.
    if start > 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    Some(ranges)
}

/// The path that proves that the tree of `new` leaves begins with the tree of `old` leaves: RFC
/// 6962 §2.1.2.
///
/// # Errors
/// `old` is larger, or a hash cannot be had.
pub fn consistency<N: Nodes>(
    nodes: &mut N,
    old: u64,
    new: u64,
) -> Result<Vec<Digest>, ProofError<N::Error>> {
    hashes(nodes, consistency_ranges(old, new))
}

/// Whether `path` shows that the tree (`new`, `new_root`) begins with the tree (`old`, `old_root`):
/// RFC 9162 §2.1.4.2. For trees of one size, or no leaves before, the path is empty; the root of no
/// leaves is that of the empty tree.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Digest,
    new_root: &Digest,
    path: &[Digest],
) -> bool {
    if old > new || (new == 0 && *new_root != Digest::of(b"")) {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return path.is_empty() && *old_root == Digest::of(b"");
    }
    let mut path = path.iter();
    let first = if old.is_power_of_two() {
        Some(old_root)
    } else {
        path.next()
    };
    let Some(first) = first else {
        return false;
    };
    let levels = (old - 1).trailing_ones();
    let mut at = (old - 1).checked_shr(levels).unwrap_or(0);
    let mut last = (new - 1).checked_shr(levels).unwrap_or(0);
    let (mut old_found, mut new_found) = (*first, *first);
    for hash in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_found = merkle::node(hash, &old_found);
            new_found = merkle::node(hash, &new_found);
            let levels = at.trailing_zeros().min(63);
            at >>= levels;
            last >>= levels;
        } else {
            new_found = merkle::node(&new_found, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old_found == *old_root && new_found == *new_root
}
