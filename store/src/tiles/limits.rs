//! Bounds of the tiles: on disk and in memory.

/// How large files and memory of the tiles become.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TileLimits {
    /// Full tiles that are gathered in memory before they are written and synced, at 8 KiB each.
    pub frame_tiles: usize,
    /// A file that has this many bytes is not continued.
    pub file_bytes: u64,
    /// Full tiles that are kept in memory for proofs, at 16 KiB each.
    pub cached_tiles: usize,
    /// Bytes of what books have beyond their full tiles: about 4 KiB for each book that moves.
    /// More is let go and read from blocks when it is needed again.
    pub edge_bytes: usize,
}

/// Most tiles that are written together: what is gathered, and what the last leaf completes on
/// all levels above it.
pub(super) const FRAME_TILES_MAX: usize = 1_024 + LEVELS;
/// Levels of tiles above which no tree of ours has one.
pub(super) const LEVELS: usize = 8;

impl TileLimits {
    /// The same bounds, within what a frame can hold.
    pub(super) fn checked(self) -> Self {
        Self {
            frame_tiles: self.frame_tiles.clamp(1, FRAME_TILES_MAX - LEVELS),
            ..self
        }
    }
}

impl Default for TileLimits {
    /// 2 MiB at a time, files of 256 MiB, 16 MiB of full tiles, 256 MiB for 40,000 books and more.
    fn default() -> Self {
        Self {
            frame_tiles: 256,
            file_bytes: 256 << 20,
            cached_tiles: 1_024,
            edge_bytes: 256 << 20,
        }
    }
}
