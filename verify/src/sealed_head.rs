//! The head of a book together with the seal that covers it: what every proof ends in.

use std::fmt;

use ledger::fields::{DecodeError, Reader, Write as _};
use ledger::{Digest, proof};

use crate::head::HeadLeaf;
use crate::key::Signature;
use crate::keyring::{Keyring, RowFault};
use crate::limits::{PAYLOAD_BYTES_MAX, SIGNATURE_BYTES_MAX};
use crate::payload::Seal;
use crate::row::AuditRow;

/// A head, its place in the heads tree, and the row that seals the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedHead {
    /// The head.
    pub head: HeadLeaf,
    /// Position of the book in the heads tree.
    pub position: u32,
    /// Hashes from the leaf's sibling up to the root of the heads tree.
    pub path: Vec<Digest>,
    /// The seal.
    pub row: AuditRow,
}

/// Why a head is not what a seal says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealedHeadError {
    /// The row is no seal.
    NotASeal,
    /// The path does not lead to the root that is sealed.
    Path,
    /// The row does not count.
    Row(RowFault),
}

impl SealedHead {
    /// Appends the head, its position, the seal and the path. The length of the path follows from
    /// position and seal.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (canonical, signature) = (self.row.canonical(), self.row.signature().as_bytes());
        out.put(&self.head.encode());
        out.put_u32(self.position);
        // INVARIANT: a row and a signature are no longer than their limits, which fit 16 bits.
        out.put_u16(canonical.len() as u16);
        out.put(canonical);
        out.put_u16(signature.len() as u16);
        out.put(signature);
        for hash in &self.path {
            out.put(&hash.0);
        }
    }

    /// Reads a head from the front of what is left.
    ///
    /// # Errors
    /// The bytes are none.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = HeadLeaf::decode(r)?;
        let position = r.u32()?;
        let length = usize::from(r.u16()?);
        let canonical = r.take(length)?.to_vec();
        let length = usize::from(r.u16()?);
        let signature = r.take(length)?.to_vec();
        let signature = Signature::new(signature).ok_or(DecodeError::BadField("signature"))?;
        let row =
            AuditRow::new(canonical, signature).map_err(|_| DecodeError::BadField("payload"))?;
        let seal = row.seal().ok_or(DecodeError::BadField("payload"))?;
        let steps = proof::inclusion_ranges(u64::from(position), seal.books)
            .ok_or(DecodeError::BadField("position"))?;
        let path = steps.iter().map(|_| r.array().map(Digest));
        let path = path.collect::<Result<_, _>>()?;
        Ok(Self {
            head,
            position,
            path,
            row,
        })
    }

    /// Whether the head stands in the tree that is sealed, and the seal counts by itself.
    ///
    /// # Errors
    /// It does not; of a revoked key only the trusted head counts by itself.
    pub fn verify(&self, keyring: &Keyring) -> Result<(), SealedHeadError> {
        self.verify_with(keyring, &[])
    }

    /// As [`SealedHead::verify`]; if the key is revoked, `ancestry` are the rows after the seal up
    /// to the trusted head.
    ///
    /// # Errors
    /// As there.
    pub fn verify_with(
        &self,
        keyring: &Keyring,
        ancestry: &[AuditRow],
    ) -> Result<(), SealedHeadError> {
        let seal = self.seal()?;
        let position = u64::from(self.position);
        let root = proof::root_from_inclusion(self.head.hash(), position, seal.books, &self.path);
        if root != Some(seal.heads_root) {
            return Err(SealedHeadError::Path);
        }
        keyring
            .verify_lone_row(&self.row, ancestry)
            .map_err(SealedHeadError::Row)
    }

    /// What the seal says.
    ///
    /// # Errors
    /// The row is none.
    pub fn seal(&self) -> Result<&Seal, SealedHeadError> {
        self.row.seal().ok_or(SealedHeadError::NotASeal)
    }
}

const _: () = assert!(PAYLOAD_BYTES_MAX <= u16::MAX as usize);
const _: () = assert!(SIGNATURE_BYTES_MAX <= u16::MAX as usize);

impl fmt::Display for SealedHeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASeal => f.write_str("the row is no seal"),
            Self::Path => f.write_str("the head does not stand in the tree that is sealed"),
            Self::Row(fault) => write!(f, "the seal does not count: {fault}"),
        }
    }
}

impl std::error::Error for SealedHeadError {}

#[cfg(test)]
pub(crate) mod tests;
