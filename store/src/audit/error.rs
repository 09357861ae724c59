//! Why the audit log cannot be read or written.

use std::fmt;
use std::io;

use ledger::fields::DecodeError;
use verify::row::RowError;

use super::limits::{SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
use crate::file_name::{FileName, Place};

/// Why the audit log cannot be read or written.
#[derive(Debug)]
pub enum AuditError {
    /// Segments cannot be this long.
    Options(u64),
    /// Names of the directory cannot be read or synced.
    List(io::Error),
    /// The disk refused. What is durable is then open until the log is opened anew.
    Io {
        /// The file.
        file: FileName,
        /// What the disk said.
        source: io::Error,
    },
    /// A record was written whole and is not what was written.
    Damaged {
        /// Where it starts.
        place: Place,
        /// What is wrong.
        fault: AuditFault,
    },
    /// A record that had been durable is missing or incomplete.
    Missing {
        /// Where it should stand.
        place: Place,
        /// What was written after it.
        later: Place,
    },
    /// A segment is missing.
    MissingFile(FileName),
    /// A segment has another length than it had.
    Length {
        /// The file.
        file: FileName,
        /// Bytes it had.
        expected: u64,
        /// Bytes it has.
        found: u64,
    },
    /// Somebody else opened the log later; this holder must write no more.
    Fenced {
        /// Epoch of the lease that was lost.
        lease: u64,
    },
    /// The intent was made under another lease than the log's. Nothing was written.
    Lease {
        /// The log's.
        expected: u64,
        /// The intent's.
        got: u64,
    },
    /// The intent does not continue the last one. Nothing was written.
    NotNext {
        /// Sequence of the next row.
        expected: u64,
        /// The intent's.
        got: u64,
    },
    /// The intent has the next sequence and another digest before. Nothing was written.
    OtherPrev(u64),
    /// The intent is not later than the last one. Nothing was written.
    NotLater(u64),
    /// The intent's body is not the one that it commits to. Nothing was written.
    OtherBody(u64),
    /// The row that takes others back is no revocation that trusts the row before it. Nothing was
    /// written.
    NoRevocation(u64),
    /// The row is not that of the oldest intent. Nothing was written.
    NotIntended(u64),
    /// There is no reserved room and the disk gives none. Nothing was written: the same can be
    /// tried again once there is room.
    Full,
    /// A record is longer than a segment, or holds what cannot be told from nothing. Nothing was
    /// written.
    Unstorable(u64),
    /// A write or sync failed before; nothing was tried.
    Poisoned,
}

impl AuditError {
    /// Whether nothing was written, so that the log can be used further.
    pub fn leaves_log_usable(&self) -> bool {
        match self {
            Self::Lease { .. }
            | Self::NotNext { .. }
            | Self::OtherPrev(_)
            | Self::NotLater(_)
            | Self::OtherBody(_)
            | Self::NoRevocation(_)
            | Self::NotIntended(_)
            | Self::Full
            | Self::Unstorable(_) => true,
            Self::Options(_)
            | Self::List(_)
            | Self::Io { .. }
            | Self::Damaged { .. }
            | Self::Missing { .. }
            | Self::MissingFile(_)
            | Self::Length { .. }
            | Self::Fenced { .. }
            | Self::Poisoned => false,
        }
    }

    pub(super) fn io(file: FileName) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { file, source }
    }
}

/// What an operator can do about damage.
const REMEDY: &str = "nothing was cut: put the file back from a copy or start from a backup";

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(bytes) => write!(
                f,
                "segments of the audit log of `{bytes}` bytes: must be a multiple of 512 from \
                 {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}"
            ),
            Self::List(source) => write!(f, "names of the audit log's directory: {source}"),
            Self::Io { file, source } => write!(f, "file `{file}`: {source}"),
            Self::Damaged { place, fault } => {
                write!(f, "{place}: audit record is damaged: {fault}; {REMEDY}")
            }
            Self::Missing { place, later } => write!(
                f,
                "{place}: audit record is missing or incomplete though later ones stand in \
                 {later}; {REMEDY}"
            ),
            Self::MissingFile(file) => write!(f, "file `{file}` is missing; {REMEDY}"),
            Self::Length {
                file,
                expected,
                found,
            } => write!(
                f,
                "file `{file}` has {found} bytes and had {expected}; {REMEDY}"
            ),
            Self::Fenced { lease } => write!(
                f,
                "lease `{lease}` of the audit log is over: another process opened it since; this \
                 one must be ended"
            ),
            Self::Lease { expected, got } => {
                write!(
                    f,
                    "row was made under lease `{got}`, the log's is `{expected}`"
                )
            }
            Self::NotNext { expected, got } => {
                write!(f, "row `{got}` where `{expected}` is the next")
            }
            Self::OtherPrev(seq) => {
                write!(
                    f,
                    "row `{seq}` does not name the digest of the row before it"
                )
            }
            Self::NotLater(seq) => {
                write!(f, "row `{seq}` is not later than the row before it")
            }
            Self::OtherBody(seq) => {
                write!(f, "row `{seq}` does not commit to the body beside it")
            }
            Self::NoRevocation(seq) => write!(
                f,
                "row `{seq}` takes rows back and is no revocation that trusts the row before it"
            ),
            Self::NotIntended(seq) => {
                write!(f, "row `{seq}` is not the one whose intent is the oldest")
            }
            Self::Full => f.write_str("disk is full: no room for a row of the audit log"),
            Self::Unstorable(seq) => write!(f, "row `{seq}` is too large for the audit log"),
            Self::Poisoned => f.write_str("an earlier write or sync of the audit log failed"),
        }
    }
}

impl std::error::Error for AuditError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::List(source) | Self::Io { source, .. } => Some(source),
            Self::Damaged { fault, .. } => Some(fault),
            _ => None,
        }
    }
}

/// Why bytes are not a record, or not the next one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditFault {
    /// Nothing was written here.
    Unwritten,
    /// Some of its sectors were never written.
    Torn,
    /// The file ends inside it.
    Short,
    /// No record starts here.
    Magic,
    /// A version that this build does not know.
    Version(u8),
    /// Its head does not match its crc.
    HeadCrc,
    /// Its body does not match its crc.
    BodyCrc,
    /// What fills it up is damaged.
    Padding,
    /// A field holds what it may not.
    Field(DecodeError),
    /// Its payload is none.
    Row(RowError),
    /// It does not continue the records before it.
    Link,
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwritten => f.write_str("nothing was written here"),
            Self::Torn => f.write_str("some of its sectors were never written"),
            Self::Short => f.write_str("file ends inside it"),
            Self::Magic => f.write_str("no record starts here, nor is it empty"),
            Self::Version(version) => write!(f, "unknown version `{version}`"),
            Self::HeadCrc => f.write_str("head does not match its crc"),
            Self::BodyCrc => f.write_str("body does not match its crc"),
            Self::Padding => f.write_str("padding is damaged"),
            Self::Field(error) => write!(f, "{error}"),
            Self::Row(error) => write!(f, "{error}"),
            Self::Link => f.write_str("does not continue what is before it"),
        }
    }
}

impl std::error::Error for AuditFault {}

impl From<DecodeError> for AuditFault {
    fn from(error: DecodeError) -> Self {
        Self::Field(error)
    }
}
