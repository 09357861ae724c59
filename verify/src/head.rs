//! The head of a book as a leaf of the heads tree.
//!
//! The salt keeps a neighbour's size and root from being guessed from the hashes of a path.

use ledger::fields::{DecodeError, Reader, Write as _};
use ledger::{BookId, Digest, Height, merkle};

/// Where the log of a book stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadLeaf {
    /// What keeps the leaf from being guessed; see [`salt`].
    pub salt: [u8; 16],
    /// The book.
    pub book: BookId,
    /// Events in its log.
    pub size: u64,
    /// Height of its last block; 0 before the first.
    pub height: Height,
    /// Root of its log.
    pub root: Digest,
    /// Hash of that block; zeros before the first.
    pub block_hash: Digest,
}

const KIND: u8 = b'H';
const VERSION: u8 = 1;
const SALT_DOMAIN: &[u8] = b"ledgerd/head-salt/v1";

impl HeadLeaf {
    /// Bytes of every encoded head.
    pub const BYTES: usize = 102;

    /// The bytes whose leaf hash stands in the tree.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = Vec::with_capacity(Self::BYTES);
        bytes.put_u8(KIND);
        bytes.put_u8(VERSION);
        bytes.put(&self.salt);
        bytes.put_u32(self.book.0);
        bytes.put_u64(self.size);
        bytes.put_u64(self.height.0);
        bytes.put(&self.root.0);
        bytes.put(&self.block_hash.0);
        let mut array = [0; Self::BYTES];
        array.copy_from_slice(&bytes);
        array
    }

    /// Reads a head from the front of what is left.
    ///
    /// # Errors
    /// The bytes are none.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = r.u8()?;
        if kind != KIND {
            return Err(DecodeError::UnknownKind(kind));
        }
        let version = r.u8()?;
        if version != VERSION {
            return Err(DecodeError::UnknownVersion(u16::from(version)));
        }
        Ok(Self {
            salt: r.array()?,
            book: BookId(r.u32()?),
            size: r.u64()?,
            height: Height(r.u64()?),
            root: Digest(r.array()?),
            block_hash: Digest(r.array()?),
        })
    }

    /// Hash of the leaf.
    pub fn hash(&self) -> Digest {
        merkle::leaf(&self.encode())
    }
}

/// The salt of the head of `book` at `size`, from the secret of a deployment.
pub fn salt(secret: &[u8; 32], book: BookId, size: u64) -> [u8; 16] {
    let book = book.0.to_le_bytes();
    let digest = Digest::of_parts(&[SALT_DOMAIN, secret, &book, &size.to_le_bytes()]);
    let mut salt = [0; 16];
    salt.copy_from_slice(&digest.0[..16]);
    salt
}

#[cfg(test)]
mod tests;
