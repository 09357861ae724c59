//! Why tiles cannot be had.

use std::io;

use ledger::BookId;
use ledger::proof::Node;

use crate::file_name::{FileName, Place};
use crate::reader::ReadError;

/// Why tiles cannot be had.
#[derive(Debug)]
pub enum TileError {
    /// The disk refused. When it was full nothing is lost: call again once there is room.
    Io {
        /// The file.
        file: FileName,
        /// What the disk said.
        source: io::Error,
    },
    /// A file does not hold what was written to it.
    Corrupt {
        /// Where.
        place: Place,
        /// What is wrong there.
        damage: Damage,
    },
    /// The tiles were not made from this journal's cycles.
    Stranger {
        /// The cycle that is missing or another.
        cycle: u64,
    },
    /// A block cannot be read.
    Blocks(Box<ReadError>),
    /// A block holds no such record.
    NoRecord {
        /// The book.
        book: BookId,
        /// Its sequence.
        seq: u64,
    },
    /// Cycles are taken in order.
    OutOfOrder {
        /// The cycle that comes next.
        expected: u64,
        /// The cycle that was given.
        got: u64,
    },
    /// Tiles have not come as far as this yet.
    Behind {
        /// The book.
        book: BookId,
        /// The size that was asked for.
        size: u64,
    },
    /// The tree that is looked at does not hold all leaves of the node.
    OutOfTree {
        /// The node.
        node: Node,
        /// Leaves of the tree.
        size: u64,
    },
    /// An earlier error left it open what is durable: open the tiles again.
    Stopped,
}

impl TileError {
    /// Whether the disk was full: nothing is lost and the same call may be made again.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }

    /// Whether files are missing, damaged or of another journal: [`super::rebuild`] lets them be
    /// made anew.
    pub fn needs_rebuild(&self) -> bool {
        match self {
            Self::Corrupt { .. } | Self::Stranger { .. } => true,
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }

    pub(super) fn io(file: FileName) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { file, source }
    }
}

impl From<ReadError> for TileError {
    fn from(error: ReadError) -> Self {
        Self::Blocks(Box::new(error))
    }
}

impl std::fmt::Display for TileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { file, source } => write!(f, "file `{file}`: {source}"),
            Self::Corrupt { place, damage } => {
                write!(f, "{place}: {damage}; tiles are to be built anew")
            }
            Self::Stranger { cycle } => write!(
                f,
                "tiles were made from a cycle `{cycle}` that is not the journal's; they are to be \
                 built anew"
            ),
            Self::Blocks(error) => write!(f, "leaves of a tile: {error}"),
            Self::NoRecord { book, seq } => {
                write!(f, "no block holds event `{seq}` of book `{book}`")
            }
            Self::OutOfOrder { expected, got } => {
                write!(f, "tiles expect cycle `{expected}` and were given `{got}`")
            }
            Self::Behind { book, size } => {
                write!(
                    f,
                    "tiles of book `{book}` have not come to size `{size}` yet"
                )
            }
            Self::OutOfTree { node, size } => write!(
                f,
                "node `{}` of level `{}` is not in a tree of `{size}` leaves",
                node.index, node.level
            ),
            Self::Stopped => f.write_str("tiles stopped at an earlier error"),
        }
    }
}

impl std::error::Error for TileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Blocks(error) => Some(error),
            _ => None,
        }
    }
}

/// What is wrong with bytes of a file of tiles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Damage {
    /// The file ends too early.
    Length,
    /// No frame starts here.
    Magic,
    /// A version that this build does not know.
    Version(u16),
    /// The bytes do not have the checksum that stands beside them.
    Checksum,
    /// The bytes have their checksum and still mean nothing.
    Malformed,
    /// The frame does not continue the one before it.
    Link,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Length => f.write_str("file ends too early"),
            Self::Magic => f.write_str("no tiles start here"),
            Self::Version(version) => write!(f, "tiles have unknown version `{version}`"),
            Self::Checksum => f.write_str("tiles do not match their crc"),
            Self::Malformed => f.write_str("tiles hold what they may not"),
            Self::Link => f.write_str("tiles do not continue those before them"),
        }
    }
}
