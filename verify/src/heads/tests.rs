use std::time::Instant;

use ledger::merkle::Frontier;
use ledger::proof::root_from_inclusion;
use proptest::prelude::*;

use super::*;

fn leaf(n: u64) -> Digest {
    merkle::leaf(&n.to_le_bytes())
}

/// The root by another way: leaves pushed one after the other.
fn reference(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

fn check(tree: &HeadsTree, leaves: &[Digest]) {
    assert_eq!(tree.root(), reference(leaves), "{} leaves", leaves.len());
    let size = leaves.len() as u64;
    for (position, leaf) in leaves.iter().enumerate() {
        let path = tree.path(position).unwrap();
        let root = root_from_inclusion(*leaf, position as u64, size, &path);
        assert_eq!(root, Some(tree.root()), "{position} of {size}");
    }
    assert_eq!(tree.path(leaves.len()), None);
}

#[test]
fn grows_as_rfc_6962_says() {
    let mut tree = HeadsTree::new();
    let mut leaves = Vec::new();
    check(&tree, &leaves);
    assert_eq!(tree.commit(), reference(&[]));
    for n in 0..130 {
        leaves.push(leaf(n));
        tree.set(n as usize, leaf(n)).unwrap();
        tree.commit();
        check(&tree, &leaves);
    }
    let gap = Gap {
        position: 131,
        size: 130,
    };
    assert_eq!(tree.set(131, leaf(0)), Err(gap));
}

#[test]
fn changes_show_only_when_committed() {
    let mut tree = HeadsTree::new();
    for n in 0..5 {
        tree.set(n, leaf(n as u64)).unwrap();
    }
    let root = tree.commit();
    let path = tree.path(2);
    tree.set(3, leaf(30)).unwrap();
    tree.set(5, leaf(50)).unwrap();
    assert_eq!(tree.size(), 6);
    assert_eq!(
        (tree.root(), tree.path(2), tree.path(5)),
        (root, path, None)
    );
    let leaves = [0, 1, 2, 30, 4, 50].map(leaf);
    assert_eq!(tree.commit(), reference(&leaves));
    check(&tree, &leaves);
}

fn changes() -> impl Strategy<Value = Vec<(usize, u64)>> {
    prop::collection::vec((0usize..80, any::<u64>()), 0..20)
}

proptest! {
    #[test]
    fn any_changes_give_the_tree_of_their_result(
        rounds in prop::collection::vec(changes(), 1..12)
    ) {
        let mut tree = HeadsTree::new();
        let mut leaves: Vec<Digest> = Vec::new();
        for changes in rounds {
            for (position, n) in changes {
                let position = position.min(leaves.len());
                tree.set(position, leaf(n)).unwrap();
                if position == leaves.len() {
                    leaves.push(leaf(n));
                } else {
                    leaves[position] = leaf(n);
                }
            }
            tree.commit();
            check(&tree, &leaves);
        }
    }
}

/// Prints what a seal costs at 10,000 books; the figure is looked at, not asserted.
#[test]
fn cost_of_a_thousand_changes() {
    let mut tree = HeadsTree::new();
    for n in 0..10_000 {
        tree.set(n, leaf(n as u64)).unwrap();
    }
    tree.commit();
    let mut costs = Vec::new();
    for round in 1..=20u64 {
        let began = Instant::now();
        for n in 0..1_000 {
            let position = (n * 7_919 + round) % 10_000;
            tree.set(position as usize, leaf(n ^ round << 32)).unwrap();
        }
        tree.commit();
        costs.push(began.elapsed());
    }
    costs.sort_unstable();
    println!(
        "1,000 of 10,000 heads changed: {:?} median, {:?} most",
        costs[10], costs[19]
    );
}
