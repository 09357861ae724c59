//! Keyed hashes: nobody who chooses ids can choose where they fall.

use std::hash::{BuildHasher, Hasher, RandomState};

use ledger::past::KeyKind;

/// Key of the hashes of filters and tables. Secret: whoever knows it can choose ids that collide.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u64; 2]);

/// Where a key falls in a filter.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyHash {
    /// Chooses the block, by its high bits.
    pub(super) block: u64,
    /// Chooses the bits in the block.
    pub(super) bits: u64,
}

impl Seed {
    /// A seed that nobody can foresee.
    pub fn random() -> Self {
        let word = |n: u64| {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_u64(n);
            hasher.finish()
        };
        Self([word(1), word(2)])
    }

    /// Hash of an id's key.
    #[inline]
    pub(super) fn key(self, kind: KeyKind, book: u32, id: u128) -> KeyHash {
        let tag = (u64::from(book) << 8 | kind as u64).wrapping_mul(ODD[0]);
        let block = fold(id as u64 ^ self.0[0], (id >> 64) as u64 ^ tag ^ self.0[1]);
        KeyHash {
            block,
            bits: fold(block ^ ODD[1], self.0[0] ^ ODD[2]),
        }
    }

    /// Hash of an account.
    #[inline]
    pub(super) fn account(self, book: u32, account: u128) -> u64 {
        let tag = u64::from(book).wrapping_mul(ODD[0]);
        let first = fold(
            account as u64 ^ self.0[1],
            (account >> 64) as u64 ^ tag ^ self.0[0],
        );
        fold(first ^ ODD[1], self.0[1] ^ ODD[2])
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(secret)")
    }
}

/// Fractional digits of √2, √3 and √5, made odd.
const ODD: [u64; 3] = [
    0x6a09_e667_f3bc_c909,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
];

/// Both halves of the whole product, on top of one another.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}
