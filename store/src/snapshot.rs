//! Snapshots: opaque chunks that together say what the state was between two cycles.
//!
//! A snapshot is written in pieces beside the journal, and has its name only once it is whole and
//! durable. It begins at one cycle and ends at another, since the shard goes on while it writes:
//! whoever loads it folds the cycles after the begin, and skips what a row already holds.
//! `docs/formats/journal.md` has the layout.

mod format;
mod reader;
mod writer;

use std::io;

use crate::disk::Disk;
use crate::file_name::FileName;

pub use format::{CHUNK_BYTES_MAX, SnapshotFault};
pub use reader::{Chunks, Snapshot, SnapshotError, newest_complete};
pub use writer::SnapshotWriter;

/// Complete snapshots that are kept.
const KEPT: usize = 2;

/// End cycles of the snapshots on `disk`, newest first. Removes those that were never finished and
/// those that end after `last_cycle`: they hold cycles that were lost, whose numbers others will
/// have.
///
/// # Errors
/// Whatever the disk says.
pub fn candidates(disk: &dyn Disk, last_cycle: u64) -> io::Result<Vec<u64>> {
    let mut ends = Vec::new();
    let mut is_changed = false;
    for name in disk.list()? {
        match FileName::parse(&name) {
            Some(FileName::Snapshot(end)) if end <= last_cycle => ends.push(end),
            Some(FileName::Snapshot(_) | FileName::UnfinishedSnapshot(_)) => {
                disk.remove(&name)?;
                is_changed = true;
            }
            _ => {}
        }
    }
    if is_changed {
        disk.sync_names()?;
    }
    ends.sort_unstable_by(|a, b| b.cmp(a));
    Ok(ends)
}

/// Removes all but the newest complete snapshots.
fn prune(disk: &dyn Disk) -> io::Result<()> {
    let names = disk.list()?;
    let ends = names.iter().filter_map(|name| match FileName::parse(name) {
        Some(FileName::Snapshot(end)) => Some(end),
        _ => None,
    });
    let mut ends: Vec<u64> = ends.collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    for end in ends.iter().skip(KEPT) {
        disk.remove(&FileName::Snapshot(*end).to_string())?;
    }
    disk.sync_names()
}

#[cfg(test)]
mod tests;
