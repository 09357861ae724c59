//! A head of the audit chain, named by number and digest.

use std::fmt;

use ledger::Digest;

/// A row of the audit chain, and by it every row before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainHead {
    /// Number of the row; 0 stands for no row at all.
    pub seq: u64,
    /// Digest of the row; zeros where `seq` is 0.
    pub digest: Digest,
}

impl ChainHead {
    /// Before the first row.
    pub const NONE: Self = Self {
        seq: 0,
        digest: Digest::ZERO,
    };
}

impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.digest)
    }
}
