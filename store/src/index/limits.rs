//! How much memory the index may take.

use super::hash::Seed;

/// How much memory the index may take, and the keys of its hashes.
#[derive(Clone, Copy, Debug)]
pub struct IndexLimits {
    /// Bytes for ids: tables, fences, filters and the buffers of merges. A quarter is for ids that
    /// are in no run yet; it should hold the ids of a few of the largest cycles, 32 bytes each.
    pub id_memory_bytes: usize,
    /// Bytes for legs that are in no run yet.
    pub leg_memory_bytes: usize,
    /// Key of the hashes in memory; that of the files too when the index is new.
    pub seed: Seed,
}

impl IndexLimits {
    /// Limits with a seed that nobody can foresee.
    pub fn new(id_memory_bytes: usize, leg_memory_bytes: usize) -> Self {
        Self {
            id_memory_bytes,
            leg_memory_bytes,
            seed: Seed::random(),
        }
    }

    /// Bytes of ids in memory at which they are written: two tables take a quarter together.
    pub(super) fn id_table_bytes(&self) -> usize {
        self.id_memory_bytes / 8
    }

    /// Bytes of legs in memory at which they are written: there are two tables.
    pub(super) fn leg_table_bytes(&self) -> usize {
        self.leg_memory_bytes / 2
    }
}

impl Default for IndexLimits {
    fn default() -> Self {
        Self::new(256 << 20, 192 << 20)
    }
}

/// Runs of ids of one tier that become one of the next. Each costs every new id a look.
pub(super) const ID_FAN: usize = 8;
/// Runs of legs of one tier that become one of the next. Each costs a query a page read.
pub(super) const LEG_FAN: usize = 32;
/// Runs of legs are not merged into larger ones than this: what a merge keeps in memory of a
/// single list stays bounded.
pub(super) const MAX_LEGS: u64 = 1 << 28;
/// Bytes written in one step of a flush or merge.
pub(super) const STEP: u64 = 128 << 10;
/// Bytes that each flush and merge writes for a transfer taken in. A flush writes about 45, a merge
/// at most as much as came in since the one before: at 64 both are done before the next begins.
pub(super) const PACE: u64 = 64;
