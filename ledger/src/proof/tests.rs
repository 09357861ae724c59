use proptest::prelude::*;

use super::*;
use crate::merkle::{Frontier, leaf, node};

/// RFC 6962 §2.1 read literally.
fn mth(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => *leaf,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node(&mth(&leaves[..k]), &mth(&leaves[k..]))
        }
    }
}

/// PATH of RFC 6962 §2.1.1.
fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    if m < k {
        let mut path = path(m, &leaves[..k]);
        path.push(mth(&leaves[k..]));
        path
    } else {
        let mut path = path(m - k, &leaves[k..]);
        path.push(mth(&leaves[..k]));
        path
    }
}

/// SUBPROOF of RFC 6962 §2.1.2.
fn subproof(m: usize, leaves: &[Digest], is_whole: bool) -> Vec<Digest> {
    if m == leaves.len() {
        return if is_whole {
            Vec::new()
        } else {
            vec![mth(leaves)]
        };
    }
    let k = leaves.len().next_power_of_two() / 2;
    if m <= k {
        let mut proof = subproof(m, &leaves[..k], is_whole);
        proof.push(mth(&leaves[k..]));
        proof
    } else {
        let mut proof = subproof(m - k, &leaves[k..], false);
        proof.push(mth(&leaves[..k]));
        proof
    }
}

fn leaves(n: usize) -> Vec<Digest> {
    (0..n as u64).map(|i| leaf(&i.to_le_bytes())).collect()
}

fn tree(leaves: &[Digest]) -> MemoryTree {
    leaves.iter().copied().collect()
}

/// Every way in which a list of hashes can be wrong by one: a flipped bit, one too few, one too
/// many, two swapped.
fn wrong(path: &[Digest]) -> Vec<Vec<Digest>> {
    let mut all = Vec::new();
    for at in 0..path.len() {
        let mut flipped = path.to_vec();
        flipped[at].0[at % 32] ^= 1;
        all.push(flipped);
        let mut fewer = path.to_vec();
        fewer.remove(at);
        all.push(fewer);
        if at > 0 && path[at] != path[at - 1] {
            let mut swapped = path.to_vec();
            swapped.swap(at, at - 1);
            all.push(swapped);
        }
    }
    let mut more = path.to_vec();
    more.push(Digest::ZERO);
    all.push(more);
    let mut before = vec![Digest::ZERO];
    before.extend_from_slice(path);
    all.push(before);
    all
}

const SIZES: usize = 70;

#[test]
fn roots_and_paths_are_those_of_rfc_6962() {
    let leaves = leaves(SIZES);
    for n in 0..=SIZES {
        let mut tree = tree(&leaves[..n]);
        assert_eq!(tree.size(), n as u64);
        let size = n as u64;
        let expected = mth(&leaves[..n]);
        assert_eq!(root(&mut tree, size), Ok(expected), "root of {n}");
        for m in 0..n {
            let path_found = inclusion(&mut tree, m as u64, size).unwrap();
            assert_eq!(path_found, path(m, &leaves[..n]), "{m} in {n}");
            let found = root_from_inclusion(leaves[m], m as u64, size, &path_found);
            assert_eq!(found, Some(expected), "{m} in {n}");
            for wrong in wrong(&path_found) {
                let found = root_from_inclusion(leaves[m], m as u64, size, &wrong);
                assert_ne!(found, Some(expected), "{m} in {n}");
            }
        }
        let outside = inclusion(&mut tree, size, size);
        assert_eq!(outside, Err(ProofError::OutOfTree));
        assert_eq!(root_from_inclusion(expected, size, size, &[]), None);
    }
}

#[test]
fn consistency_is_that_of_rfc_6962() {
    let leaves = leaves(SIZES);
    for n in 0..=SIZES {
        let mut tree = tree(&leaves[..n]);
        let new_root = mth(&leaves[..n]);
        for m in 0..=n {
            let (old, new) = (m as u64, n as u64);
            let old_root = mth(&leaves[..m]);
            let proof = consistency(&mut tree, old, new).unwrap();
            if m > 0 {
                assert_eq!(proof, subproof(m, &leaves[..n], true), "{m} to {n}");
            }
            let holds = |path: &[Digest]| verify_consistency(old, new, &old_root, &new_root, path);
            assert!(holds(&proof), "{m} to {n}");
            for wrong in wrong(&proof) {
                assert!(!holds(&wrong), "{m} to {n}");
            }
            let other = leaf(b"other");
            assert!(!verify_consistency(old, new, &other, &new_root, &proof));
            assert!(!verify_consistency(old, new, &old_root, &other, &proof) || m == 0 && n > 0);
        }
        let larger = consistency(&mut tree, n as u64 + 1, n as u64);
        assert_eq!(larger, Err(ProofError::OutOfTree));
    }
}

#[test]
fn ranges_give_the_roots_at_both_ends_and_of_the_tree() {
    let leaves = leaves(SIZES);
    for n in [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33, SIZES] {
        let mut tree = tree(&leaves[..n]);
        for lo in 0..=n {
            for hi in lo..=n {
                let [l, h, size] = [lo as u64, hi as u64, n as u64];
                let hashes = range(&mut tree, l..h, size).unwrap();
                let mut by_leaves = RangeFold::new(l, &hashes.left).unwrap();
                let mut by_hashes = by_leaves.clone();
                assert_eq!(by_leaves.root(), mth(&leaves[..lo]));
                for leaf in &leaves[lo..hi] {
                    by_leaves.push(*leaf).unwrap();
                }
                by_hashes.push_perfect(h, &hashes.inner).unwrap();
                assert_eq!(by_leaves, by_hashes, "{lo}..{hi} of {n}");
                assert_eq!(by_leaves.root(), mth(&leaves[..hi]));
                let found = by_leaves.clone().finish(h, size, &hashes.right);
                assert_eq!(found, Some(mth(&leaves[..n])), "{lo}..{hi} of {n}");
                for wrong in wrong(&hashes.right) {
                    assert_ne!(by_leaves.clone().finish(h, size, &wrong), found);
                }
                assert_eq!(by_hashes.finish(h + 1, size, &hashes.right), None);
            }
        }
        let outside = range(&mut tree, 0..n as u64 + 1, n as u64);
        assert_eq!(outside, Err(ProofError::OutOfTree));
    }
    assert_eq!(RangeFold::new(3, &leaves[..1]), None);
    assert_eq!(RangeFold::new(3, &leaves[..3]), None);
}

fn chosen(n: usize, seed: u64) -> Vec<u64> {
    let mut state = seed | 1;
    let mut indices: Vec<u64> = (0..n as u64)
        .filter(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 60) < 1 + seed % 15
        })
        .collect();
    if indices.is_empty() {
        indices.push(seed % n as u64);
    }
    indices
}

#[test]
fn several_leaves_share_one_path() {
    let leaves = leaves(SIZES);
    for n in 1..=SIZES {
        let mut tree = tree(&leaves[..n]);
        let expected = Some(mth(&leaves[..n]));
        for seed in 0..20 {
            let indices = chosen(n, seed);
            let path = multi(&mut tree, &indices, n as u64).unwrap();
            let at = |i: &u64| (*i, leaves[*i as usize]);
            let found: Vec<_> = indices.iter().map(at).collect();
            assert_eq!(root_from_multi(&found, n as u64, &path), expected);
            for wrong in wrong(&path) {
                assert_ne!(root_from_multi(&found, n as u64, &wrong), expected);
            }
            for at in 0..found.len() {
                let mut flipped = found.clone();
                flipped[at].1.0[7] ^= 0x80;
                assert_ne!(root_from_multi(&flipped, n as u64, &path), expected);
            }
        }
        for outside in [vec![], vec![n as u64], vec![0, 0], vec![1, 0]] {
            assert_eq!(
                multi(&mut tree, &outside, n as u64),
                Err(ProofError::OutOfTree)
            );
        }
    }
}

#[test]
fn perfect_subtrees_cover_a_range_once() {
    for lo in 0..40u64 {
        for hi in lo..80 {
            let mut at = lo;
            for node in perfect(lo..hi) {
                let leaves = node.leaves().unwrap();
                assert_eq!(leaves.start, at);
                at = leaves.end;
            }
            assert_eq!(at, hi);
        }
    }
    let nothing = Range { start: 5, end: 3 };
    assert_eq!(perfect(nothing).next(), None);
    let all: Vec<Node> = perfect(0..u64::MAX).collect();
    assert_eq!(all.len(), 64);
    assert_eq!(perfect(u64::MAX - 1..u64::MAX).count(), 1);
}

/// Hostile sizes end, and take no longer than their bits.
#[test]
fn largest_sizes_end() {
    let path = vec![Digest::ZERO; 64];
    for size in [1u64 << 63, u64::MAX, (1 << 63) + 1] {
        for index in [0, 1, size / 2, size - 2, size - 1] {
            let ranges = inclusion_ranges(index, size).unwrap();
            assert!(ranges.len() <= 64);
            let path = &path[..ranges.len()];
            assert!(root_from_inclusion(Digest::ZERO, index, size, path).is_some());
            let ranges = multi_ranges(&[index], size).unwrap();
            let leaves = [(index, Digest::ZERO)];
            assert!(root_from_multi(&leaves, size, &vec![Digest::ZERO; ranges.len()]).is_some());
        }
        for old in [1, 2, 3, size / 2, size - 1, size] {
            let ranges = consistency_ranges(old, size).unwrap();
            assert!(ranges.len() <= 65);
            let path = &path[..ranges.len().min(64)];
            verify_consistency(old, size, &Digest::ZERO, &Digest::ZERO, path);
        }
    }
    let mut fold = RangeFold::new(u64::MAX, &vec![Digest::ZERO; 64]).unwrap();
    assert_eq!(fold.push(Digest::ZERO), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn random_larger_trees(
        n in 71usize..5_000,
        a in any::<u64>(),
        b in any::<u64>(),
        seed in any::<u64>(),
    ) {
        let leaves = leaves(n);
        let mut tree = tree(&leaves);
        let size = n as u64;
        let mut frontier = Frontier::new();
        leaves.iter().for_each(|leaf| frontier.push(*leaf));
        let expected = frontier.root();
        prop_assert_eq!(root(&mut tree, size).unwrap(), expected);
        let index = a % size;
        let path_found = inclusion(&mut tree, index, size).unwrap();
        prop_assert_eq!(&path_found, &path(index as usize, &leaves));
        let found = root_from_inclusion(leaves[index as usize], index, size, &path_found);
        prop_assert_eq!(found, Some(expected));
        let old = 1 + b % size;
        let old_root = root(&mut tree, old).unwrap();
        let proof = consistency(&mut tree, old, size).unwrap();
        prop_assert_eq!(&proof, &subproof(old as usize, &leaves, true));
        prop_assert!(verify_consistency(old, size, &old_root, &expected, &proof));
        let (lo, hi) = (index.min(old), index.max(old));
        let hashes = range(&mut tree, lo..hi, size).unwrap();
        let mut fold = RangeFold::new(lo, &hashes.left).unwrap();
        for leaf in &leaves[lo as usize..hi as usize] {
            fold.push(*leaf).unwrap();
        }
        prop_assert_eq!(fold.finish(hi, size, &hashes.right), Some(expected));
        let indices = chosen(n, seed);
        let found: Vec<_> = indices.iter().map(|i| (*i, leaves[*i as usize])).collect();
        let path = multi(&mut tree, &indices, size).unwrap();
        prop_assert_eq!(root_from_multi(&found, size, &path), Some(expected));
    }
}
