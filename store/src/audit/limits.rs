//! Bounds of the audit log.

use super::record::SECTOR;

/// Sizes of the audit log's files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuditOptions {
    /// Bytes of a new segment, a multiple of 512.
    pub segment_bytes: u64,
}

impl Default for AuditOptions {
    /// Segments of 8 MiB: some 5,000 rows.
    fn default() -> Self {
        Self {
            segment_bytes: 8 << 20,
        }
    }
}

/// Least bytes of a segment.
pub(super) const SEGMENT_BYTES_MIN: u64 = 64 << 10;
/// Most bytes of a segment; recovery holds one in memory.
pub(super) const SEGMENT_BYTES_MAX: u64 = 1 << 30;

impl AuditOptions {
    /// Whether segments can have these sizes.
    pub(super) fn are_valid(&self) -> bool {
        (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&self.segment_bytes)
            && self.segment_bytes.is_multiple_of(SECTOR as u64)
    }
}

/// The part of a segment that seals leave free while no other is reserved: for rows of operators,
/// and for those whose intent is there.
pub(super) const fn kept_for_operators(segment_bytes: u64) -> u64 {
    segment_bytes / 4
}

/// Rows of one mark to the next: how many are looked through at most to find one.
pub(super) const MARK_EVERY: u64 = 64;
