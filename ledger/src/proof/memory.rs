//! A whole tree in memory: for what is small, such as the heads of a seal, and for tests.

use super::{Node, Nodes};
use crate::digest::Digest;
use crate::merkle;

/// Every perfect subtree of a tree, by level.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<Digest>>,
}

/// The tree does not hold all leaves of the node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoSuchNode(pub Node);

impl std::fmt::Display for NoSuchNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Node { level, index } = self.0;
        write!(f, "the tree has no node `{index}` at level `{level}`")
    }
}

impl std::error::Error for NoSuchNode {}

impl MemoryTree {
    /// A tree of no leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(nodes) = self.levels.get_mut(level) else {
                return;
            };
            nodes.push(hash);
            let [.., left, right] = nodes.as_slice() else {
                return;
            };
            if nodes.len() % 2 == 1 {
                return;
            }
            hash = merkle::node(left, right);
        }
    }
}

impl FromIterator<Digest> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut tree = Self::new();
        for leaf in leaves {
            tree.push(leaf);
        }
        tree
    }
}

impl Nodes for MemoryTree {
    type Error = NoSuchNode;

    fn node(&mut self, node: Node) -> Result<Digest, NoSuchNode> {
        let index = usize::try_from(node.index).ok();
        self.levels
            .get(usize::from(node.level))
            .zip(index)
            .and_then(|(nodes, index)| nodes.get(index).copied())
            .ok_or(NoSuchNode(node))
    }
}
