//! The tree over the heads of all books, kept in memory: only what changed is hashed again.

use std::fmt;

use ledger::{Digest, merkle};

/// A tree of RFC 6962 over leaf hashes that change in place.
///
/// Changes gather until [`HeadsTree::commit`]; root and paths are those of the last commit.
#[derive(Clone, Debug, Default)]
pub struct HeadsTree {
    /// Leaf hashes first, then each level above; a node without a sibling stands on the next level
    /// as it is, which gives the tree of RFC 6962.
    levels: Vec<Vec<Digest>>,
    changes: Vec<(usize, Digest)>,
    /// Leaves there are with the changes.
    size: usize,
}

/// A position that would leave a gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The position.
    pub position: usize,
    /// Leaves there are.
    pub size: usize,
}

impl HeadsTree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves, with those of changes that are not committed yet.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Changes the leaf at `position`, or adds it after the last one.
    ///
    /// # Errors
    /// Leaves would be missing before it.
    pub fn set(&mut self, position: usize, leaf: Digest) -> Result<(), Gap> {
        let size = self.size;
        if position > size {
            return Err(Gap { position, size });
        }
        self.size = size.max(position + 1);
        self.changes.push((position, leaf));
        Ok(())
    }

    /// Takes the changes in and gives the root.
    pub fn commit(&mut self) -> Digest {
        let mut dirty = self.take_leaves();
        let mut level = 0;
        while self.levels.get(level).is_some_and(|nodes| nodes.len() > 1) {
            self.raise(level, &mut dirty);
            level += 1;
        }
        self.root()
    }

    /// Root at the last commit.
    pub fn root(&self) -> Digest {
        let top = self.levels.last().and_then(|nodes| nodes.first());
        top.copied().unwrap_or_else(|| Digest::of(b""))
    }

    /// The hashes from the sibling of the leaf at `position` up, at the last commit.
    pub fn path(&self, position: usize) -> Option<Vec<Digest>> {
        self.levels.first()?.get(position)?;
        let below_root = self.levels.split_last()?.1;
        let siblings = below_root.iter().enumerate().filter_map(|(level, nodes)| {
            let at = position >> level;
            nodes.get(at ^ 1).copied()
        });
        Some(siblings.collect())
    }

    /// Writes changed leaves and gives their positions, each once and in order.
    fn take_leaves(&mut self) -> Vec<usize> {
        if self.changes.is_empty() {
            return Vec::new();
        }
        if self.levels.is_empty() {
            self.levels.push(Vec::new());
        }
        let mut dirty = Vec::with_capacity(self.changes.len());
        if let Some(leaves) = self.levels.first_mut() {
            leaves.resize(self.size, Digest::ZERO);
            for (position, leaf) in self.changes.drain(..) {
                if let Some(old) = leaves.get_mut(position) {
                    *old = leaf;
                    dirty.push(position);
                }
            }
        }
        dirty.sort_unstable();
        dirty.dedup();
        dirty
    }

    /// Makes the level above `level` anew over the dirty nodes, which become their parents.
    fn raise(&mut self, level: usize, dirty: &mut Vec<usize>) {
        if self.levels.len() == level + 1 {
            self.levels.push(Vec::new());
        }
        let (below, above) = self.levels.split_at_mut(level + 1);
        let (Some(nodes), Some(parents)) = (below.last(), above.first_mut()) else {
            return;
        };
        parents.resize(nodes.len().div_ceil(2), Digest::ZERO);
        for at in dirty.iter_mut() {
            *at >>= 1;
        }
        dirty.dedup();
        for at in dirty {
            let parent = match (nodes.get(*at * 2), nodes.get(*at * 2 + 1)) {
                (Some(left), Some(right)) => merkle::node(left, right),
                (Some(left), None) => *left,
                _ => continue,
            };
            if let Some(node) = parents.get_mut(*at) {
                *node = parent;
            }
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "position `{}` would leave a gap after {} heads",
            self.position, self.size
        )
    }
}

impl std::error::Error for Gap {}

#[cfg(test)]
mod tests;
