//! Why a journal is not opened. Each error names file, offset and cycle, and what can be done.

use std::fmt;
use std::io;

use crate::embedded::frame::FrameFault;
use crate::embedded::notes::NotesFault;
use crate::embedded::options::Options;
use crate::file_name::{FileName, Place};

/// What shows that a missing or incomplete cycle had been durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Voucher {
    /// The superblock says so.
    Superblock,
    /// A later cycle, or what is left of it, stands here; it was written only after the missing
    /// one was durable.
    Later(Place),
}

impl fmt::Display for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superblock => f.write_str("the superblock vouches for it"),
            Self::Later(place) => write!(f, "later writes stand in {place}"),
        }
    }
}

/// Why a journal is not opened. Nothing was changed then, except that a crashed erasure may have
/// been finished.
#[derive(Debug)]
pub enum OpenError {
    /// Sizes that a journal cannot have.
    Options(Options),
    /// Names of the directory cannot be read or synced.
    List(io::Error),
    /// A file cannot be read or written.
    Io {
        /// The file.
        file: FileName,
        /// What the disk said.
        source: io::Error,
    },
    /// A cycle was written whole and is not what was written.
    Damaged {
        /// Where it starts.
        place: Place,
        /// Its number.
        cycle: u64,
        /// What is wrong.
        fault: FrameFault,
    },
    /// The notes of a cycle are neither what was written nor erased.
    DamagedNotes {
        /// Where they start.
        place: Place,
        /// The cycle's number.
        cycle: u64,
        /// What is wrong.
        fault: NotesFault,
    },
    /// A cycle that had been durable is missing or incomplete.
    Missing {
        /// Where it should stand.
        place: Place,
        /// Its number.
        cycle: u64,
        /// What shows that it had been durable.
        voucher: Voucher,
    },
    /// A file of the journal is missing.
    MissingFile(FileName),
    /// A file of the journal has another length than it had.
    Length {
        /// The file.
        file: FileName,
        /// Bytes it had.
        expected: u64,
        /// Bytes it has.
        found: u64,
    },
    /// No copy of the superblock can be read though there are cycles.
    SuperblockLost,
}

/// What an operator can do about damage.
const REMEDY: &str = "nothing was cut: put the file back from a copy or start from a backup";

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(options) => write!(
                f,
                "files of {} and {} bytes: sizes must be multiples of 4096 from 8192 to 2147483648",
                options.segment_bytes, options.notes_bytes
            ),
            Self::List(source) => write!(f, "names of the journal's directory: {source}"),
            Self::Io { file, source } => write!(f, "file `{file}`: {source}"),
            Self::Damaged {
                place,
                cycle,
                fault,
            } => {
                write!(f, "{place}: cycle `{cycle}` is damaged: {fault}; {REMEDY}")
            }
            Self::DamagedNotes {
                place,
                cycle,
                fault,
            } => {
                write!(
                    f,
                    "{place}: notes of cycle `{cycle}` are damaged: {fault}; {REMEDY}"
                )
            }
            Self::Missing {
                place,
                cycle,
                voucher,
            } => write!(
                f,
                "{place}: cycle `{cycle}` is missing or incomplete though {voucher}; {REMEDY}"
            ),
            Self::MissingFile(file) => write!(f, "file `{file}` is missing; {REMEDY}"),
            Self::Length {
                file,
                expected,
                found,
            } => {
                write!(
                    f,
                    "file `{file}` has {found} bytes and had {expected}; {REMEDY}"
                )
            }
            Self::SuperblockLost => write!(
                f,
                "file `{}`: both copies are missing or damaged, so that nothing says which cycles \
                 were durable; put the file back from a copy, or have it rebuilt from the segments \
                 if their last cycle is known to be the right one",
                FileName::Superblock
            ),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::List(source) | Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
