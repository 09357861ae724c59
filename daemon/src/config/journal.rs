//! Where blocks go.

use std::path::{Path, PathBuf};

use super::problem::Problem;
use super::raw::{RawJournal, RawJournalKind};
use super::size::Size;

/// Where blocks go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Journal {
    /// Segment files of our own.
    Embedded {
        /// The directory that holds them, of one process at a time.
        directory: PathBuf,
        /// Bytes of one segment, reserved when it is begun.
        segment_bytes: u64,
        /// Bytes journaled between two snapshots, at least.
        snapshot_every_bytes: u64,
    },
}

const SNAPSHOT_DEFAULT: Size = Size::mib(256);
const SNAPSHOT_MIN: Size = Size::mib(1);
const SNAPSHOT_MAX: Size = Size::gib(64);
const SEGMENT_DEFAULT: Size = Size::mib(256);
const SEGMENT_MIN: Size = Size::mib(16);
const SEGMENT_MAX: Size = Size::gib(2);
/// What the journal writes in.
const SEGMENT_STEP: u64 = 4_096;

impl Journal {
    /// Checks the section; a relative directory starts at `base`.
    pub(crate) fn check(raw: &RawJournal, base: &Path) -> Result<Self, Problem> {
        let RawJournalKind::Embedded = raw.kind;
        let size = raw.segment_bytes.unwrap_or(SEGMENT_DEFAULT);
        if size < SEGMENT_MIN || size > SEGMENT_MAX {
            let advice = format!("give a size from {SEGMENT_MIN} to {SEGMENT_MAX}");
            return Err(Problem::of(
                "journal.segment_bytes",
                size,
                "out of range",
                advice,
            ));
        }
        if !size.0.is_multiple_of(SEGMENT_STEP) {
            let advice = "give a multiple of 4096";
            return Err(Problem::of(
                "journal.segment_bytes",
                size,
                "cuts a page",
                advice,
            ));
        }
        let every = raw.snapshot_every_bytes.unwrap_or(SNAPSHOT_DEFAULT);
        if every < SNAPSHOT_MIN || every > SNAPSHOT_MAX {
            let advice = format!("give a size from {SNAPSHOT_MIN} to {SNAPSHOT_MAX}");
            let key = "journal.snapshot_every_bytes";
            return Err(Problem::of(key, every, "out of range", advice));
        }
        if raw.directory.as_os_str().is_empty() {
            let advice = "name a directory on a disk of this machine";
            return Err(Problem::of(
                "journal.directory",
                "",
                "names no directory",
                advice,
            ));
        }
        Ok(Self::Embedded {
            directory: base.join(&raw.directory),
            segment_bytes: size.0,
            snapshot_every_bytes: every.0,
        })
    }
}
