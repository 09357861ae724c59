//! The tree of a book: RFC 6962 §2.1 over its events.
//!
//! Leaf `SHA256(0x00 ‖ record)`, node `SHA256(0x01 ‖ left ‖ right)`, root of nothing `SHA256("")`.

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::fields::{DecodeError, Reader, Write};

/// Hash of a leaf.
#[inline]
pub fn leaf(record: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0u8]);
    hasher.update(record);
    Digest(hasher.finalize().into())
}

/// Hash of an inner node.
#[inline]
pub fn node(left: &Digest, right: &Digest) -> Digest {
    let mut input = [0u8; 65];
    input[0] = 1;
    input[1..33].copy_from_slice(&left.0);
    input[33..].copy_from_slice(&right.0);
    Digest(Sha256::digest(input).into())
}

/// Hashes of a stretch of a tree, kept as they were computed so that nobody computes them again:
/// what tiles are made of.
#[derive(Clone, Default, Debug)]
pub struct TreeHashes {
    /// Hashes of the leaves, in order.
    pub leaves: Vec<Digest>,
    /// Roots of the aligned subtrees of [`TreeHashes::SPAN`] leaves that the stretch completes, in
    /// order.
    pub level8: Vec<Digest>,
}

impl TreeHashes {
    /// Leaves under a node of level 8: the width of a tile.
    pub const SPAN: u64 = 256;
}

/// The right edge of a growing tree: the roots of its perfect subtrees, largest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Digest>,
}

impl Frontier {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Digest) {
        self.push_noting(leaf);
    }

    /// Adds a leaf; the root of level 8 that it completes, if it does.
    #[inline]
    fn push_noting(&mut self, leaf: Digest) -> Option<Digest> {
        let mut hash = leaf;
        let mut level8 = None;
        // INVARIANT: one root per set bit of `size`; each carry joins two equal subtrees.
        let mut size = self.size;
        let mut level = 0;
        while size & 1 == 1 {
            if let Some(left) = self.roots.pop() {
                hash = node(&left, &hash);
            }
            size >>= 1;
            level += 1;
            if level == 8 {
                level8 = Some(hash);
            }
        }
        self.roots.push(hash);
        self.size += 1;
        level8
    }

    /// Adds every record of `events`.
    ///
    /// # Errors
    /// The bytes are not whole records.
    pub fn push_records(&mut self, events: &[u8]) -> Result<(), DecodeError> {
        for record in crate::event::Records(events) {
            self.push(leaf(record?));
        }
        Ok(())
    }

    /// Adds every record of `events`, of which there are `count`, and keeps what it computes.
    ///
    /// # Errors
    /// The bytes are not whole records.
    pub fn push_records_keeping(
        &mut self,
        events: &[u8],
        count: u32,
    ) -> Result<TreeHashes, DecodeError> {
        let subtrees =
            (self.size + u64::from(count)) / TreeHashes::SPAN - self.size / TreeHashes::SPAN;
        let mut hashes = TreeHashes {
            leaves: Vec::with_capacity(count as usize),
            level8: Vec::with_capacity(subtrees as usize),
        };
        for record in crate::event::Records(events) {
            let leaf = leaf(record?);
            hashes.leaves.push(leaf);
            hashes.level8.extend(self.push_noting(leaf));
        }
        Ok(hashes)
    }

    /// Root of the tree.
    pub fn root(&self) -> Digest {
        let mut roots = self.roots.iter().rev();
        let Some(smallest) = roots.next() else {
            return Digest::of(b"");
        };
        roots.fold(*smallest, |right, left| node(left, &right))
    }

    /// Appends size and roots.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_u64(self.size);
        for root in &self.roots {
            out.put(&root.0);
        }
    }

    /// Reads what [`Frontier::encode`] writes.
    ///
    /// # Errors
    /// Bytes run out.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let size = r.u64()?;
        let mut roots = Vec::with_capacity(size.count_ones() as usize);
        for _ in 0..size.count_ones() {
            roots.push(Digest(r.array()?));
        }
        Ok(Self { size, roots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 §2.1 read literally: split at the largest power of two below n.
    fn reference(leaves: &[Digest]) -> Digest {
        match leaves.len() {
            0 => Digest::of(b""),
            1 => leaves[0],
            n => {
                let k = n.next_power_of_two() / 2;
                node(&reference(&leaves[..k]), &reference(&leaves[k..]))
            }
        }
    }

    #[test]
    fn root_is_the_rfc_6962_root() {
        let leaves: Vec<Digest> = (0u32..130).map(|i| leaf(&i.to_le_bytes())).collect();
        let mut frontier = Frontier::new();
        for n in 0..leaves.len() {
            assert_eq!(frontier.root(), reference(&leaves[..n]), "size {n}");
            let mut bytes = Vec::new();
            frontier.encode(&mut bytes);
            assert_eq!(
                Frontier::decode(&mut Reader::new(&bytes)).unwrap(),
                frontier
            );
            frontier.push(leaves[n]);
        }
    }

    #[test]
    fn roots_of_level_8_are_told_when_they_are_complete() {
        let leaves: Vec<Digest> = (0u32..1_100).map(|i| leaf(&i.to_le_bytes())).collect();
        let mut frontier = Frontier::new();
        let mut level8 = Vec::new();
        for leaf in &leaves {
            level8.extend(frontier.push_noting(*leaf));
        }
        let expected: Vec<Digest> = leaves.chunks_exact(256).map(reference).collect();
        assert_eq!(level8, expected);
        assert_eq!(frontier.root(), reference(&leaves));
    }
}
