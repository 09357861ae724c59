//! Why the index cannot go on.

use std::io;

use ledger::fields::DecodeError;

/// Why the index cannot go on.
#[derive(Debug)]
pub enum IndexError {
    /// The disk refused. When it was full nothing is lost: call again once there is room.
    Io {
        /// The file.
        file: Box<str>,
        /// What the disk said.
        error: io::Error,
    },
    /// A file does not hold what was written to it; `rebuild` makes the index anew.
    Corrupt {
        /// The file.
        file: Box<str>,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        damage: Damage,
    },
    /// Cycles are taken in order, each once.
    OutOfOrder {
        /// The cycle that comes next.
        expected: u64,
        /// The cycle that was given.
        got: u64,
    },
    /// A closed block holds what is no record.
    Record {
        /// The cycle.
        cycle: u64,
        /// The book.
        book: u32,
        /// Byte of the block's events where the record starts.
        offset: usize,
        /// What is wrong there.
        error: DecodeError,
    },
    /// An earlier error left it open what is durable: open the index again.
    Stopped,
}

impl IndexError {
    /// Whether the disk was full: nothing is lost and the same call may be made again.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { error, .. } if error.kind() == io::ErrorKind::StorageFull)
    }

    /// Whether files are missing or damaged: `rebuild` makes the index anew.
    pub fn needs_rebuild(&self) -> bool {
        match self {
            Self::Corrupt { .. } => true,
            Self::Io { error, .. } => error.kind() == io::ErrorKind::NotFound,
            Self::OutOfOrder { .. } | Self::Record { .. } | Self::Stopped => false,
        }
    }

    pub(super) fn io(file: &str) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| Self::Io {
            file: file.into(),
            error,
        }
    }

    pub(super) fn corrupt(file: &str, offset: u64, damage: Damage) -> Self {
        Self::Corrupt {
            file: file.into(),
            offset,
            damage,
        }
    }
}

impl std::fmt::Display for IndexError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { file, error } => write!(f, "index file `{file}`: {error}"),
            Self::Corrupt {
                file,
                offset,
                damage,
            } => {
                write!(f, "index file `{file}` at offset `{offset}`: {damage}")
            }
            Self::OutOfOrder { expected, got } => {
                write!(f, "index expects cycle `{expected}` and was given `{got}`")
            }
            Self::Record {
                cycle,
                book,
                offset,
                error,
            } => write!(
                f,
                "cycle `{cycle}`, block of book `{book}`, event at byte `{offset}`: {error}"
            ),
            Self::Stopped => f.write_str("index stopped at an earlier error"),
        }
    }
}

impl std::error::Error for IndexError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Record { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// What is wrong with bytes of an index file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Damage {
    /// The file is shorter than its place in the manifest says.
    Length,
    /// It does not begin or end as its kind of file does.
    Magic,
    /// A version that this build does not know.
    Version(u16),
    /// The bytes do not have the checksum that stands beside them.
    Checksum,
    /// The bytes have their checksum and still mean nothing.
    Malformed,
    /// The file is not the one that the manifest names.
    Stranger,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Length => f.write_str("shorter than the manifest says"),
            Self::Magic => f.write_str("not an index file of this kind"),
            Self::Version(version) => write!(f, "unknown version `{version}`"),
            Self::Checksum => f.write_str("checksum does not fit"),
            Self::Malformed => f.write_str("bytes have no meaning"),
            Self::Stranger => f.write_str("not the file that the manifest names"),
        }
    }
}
