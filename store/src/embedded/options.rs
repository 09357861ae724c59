//! How an embedded journal is laid out on its disk.

use super::frame::ALIGN;
use crate::room::Need;

/// Sizes of an embedded journal, and what its operator allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Bytes of a new segment; two of them are reserved at all times. A multiple of 4096 from 8192
    /// to 2 GiB. Segments that exist keep their size.
    pub segment_bytes: u64,
    /// Bytes of a new file of notes; two of them are reserved at all times. As above.
    pub notes_bytes: u64,
    /// Bytes of recent blocks kept in memory.
    pub cache_bytes: usize,
    /// What to do when no copy of the superblock can be read though there are cycles.
    pub superblock: LostSuperblock,
}

/// What to do when no copy of the superblock can be read though there are cycles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LostSuperblock {
    /// Refuse: nothing says how many cycles were durable.
    Refuse,
    /// Take what the segments hold for all there was. An operator's decision.
    Rebuild,
}

impl Options {
    /// Whether the sizes are such as a journal can have.
    pub fn are_valid(&self) -> bool {
        [self.segment_bytes, self.notes_bytes]
            .iter()
            .all(|bytes| bytes.is_multiple_of(ALIGN) && (2 * ALIGN..=1 << 31).contains(bytes))
    }

    /// What one cycle may need at most.
    pub(crate) fn max(&self) -> Need {
        Need {
            cycle: self.segment_bytes,
            notes: self.notes_bytes,
        }
    }
}

impl Default for Options {
    /// Files of 64 MiB, 16 MiB of recent blocks.
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            notes_bytes: 64 << 20,
            cache_bytes: 16 << 20,
            superblock: LostSuperblock::Refuse,
        }
    }
}
