use std::collections::BTreeMap;

use crate::chain_head::ChainHead;
use crate::key::Kid;
use crate::time::Micros;

/// What a chain that holds consists of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainReport {
    /// Rows.
    pub rows: u64,
    /// Seals among them.
    pub seals: u64,
    /// The first row.
    pub first: ChainHead,
    /// The last row: keep it, it is the known head of the next time.
    pub last: ChainHead,
    /// When the first row was made.
    pub from: Micros,
    /// When the last row was made.
    pub to: Micros,
    /// Origin epoch at the end.
    pub epoch: u64,
    /// Which keys signed.
    pub kids: BTreeMap<Kid, KidReport>,
}

/// What one key signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KidReport {
    /// Rows.
    pub rows: u64,
    /// Number of the first one.
    pub first: u64,
    /// Number of the last one.
    pub last: u64,
}
