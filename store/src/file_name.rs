//! Names of the files that are kept beside each other in a journal's directory, and places in
//! them.

use std::fmt;

/// A file of an embedded journal, or of what is kept beside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FileName {
    /// `superblock`: what is known to be durable.
    Superblock,
    /// `segment-00000001`: cycles.
    Segment(u32),
    /// `notes-00000001`: notes of events, which can be erased.
    Notes(u32),
    /// `snapshot-00000000000000000001`: a complete snapshot, by its end cycle.
    Snapshot(u64),
    /// `snapshot-00000000000000000001.part`: a snapshot being written, by its begin cycle.
    UnfinishedSnapshot(u64),
    /// `audit-00000001`: records of the audit log.
    Audit(u32),
    /// `tiles-00000001`: tiles of the books' trees, which are derived from cycles.
    Tiles(u32),
}

impl FileName {
    /// The file that has this name, if it is one of these.
    pub fn parse(name: &str) -> Option<Self> {
        let parsed = if let Some(number) = name.strip_prefix("segment-") {
            Self::Segment(number.parse().ok()?)
        } else if let Some(number) = name.strip_prefix("notes-") {
            Self::Notes(number.parse().ok()?)
        } else if let Some(rest) = name.strip_prefix("snapshot-") {
            match rest.strip_suffix(".part") {
                Some(number) => Self::UnfinishedSnapshot(number.parse().ok()?),
                None => Self::Snapshot(rest.parse().ok()?),
            }
        } else if let Some(number) = name.strip_prefix("audit-") {
            Self::Audit(number.parse().ok()?)
        } else if let Some(number) = name.strip_prefix("tiles-") {
            Self::Tiles(number.parse().ok()?)
        } else {
            Self::Superblock
        };
        // One spelling per file: `segment-1` is not `segment-00000001`.
        (parsed.to_string() == name).then_some(parsed)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superblock => f.write_str("superblock"),
            Self::Segment(number) => write!(f, "segment-{number:08}"),
            Self::Notes(number) => write!(f, "notes-{number:08}"),
            Self::Snapshot(end) => write!(f, "snapshot-{end:020}"),
            Self::UnfinishedSnapshot(begin) => write!(f, "snapshot-{begin:020}.part"),
            Self::Audit(number) => write!(f, "audit-{number:08}"),
            Self::Tiles(number) => write!(f, "tiles-{number:08}"),
        }
    }
}

/// A byte of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The file.
    pub file: FileName,
    /// Bytes from its start.
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "file `{}` at offset {}", self.file, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_one_spelling() {
        for file in [
            FileName::Superblock,
            FileName::Segment(1),
            FileName::Segment(u32::MAX),
            FileName::Notes(12),
            FileName::Snapshot(u64::MAX),
            FileName::UnfinishedSnapshot(7),
            FileName::Audit(1),
            FileName::Tiles(u32::MAX),
        ] {
            assert_eq!(FileName::parse(&file.to_string()), Some(file));
        }
        for name in [
            "",
            "lock",
            "segment-1",
            "segment-",
            "notes-+0000001",
            "snapshot-1.part",
            "audit-1",
            "tiles-",
            "x",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }
}
