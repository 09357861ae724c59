//! Names of the index's files. All begin alike, so that the index can be told from a journal and
//! deleted whole.

use crate::disk::Disk;

use super::error::IndexError;

const PREFIX: &str = "index-";
/// Says which runs are the index.
pub(super) const MANIFEST: &str = "index-manifest";
/// The manifest that is about to take the place of the last.
pub(super) const NEXT_MANIFEST: &str = "index-manifest.next";

/// Name of a run of ids.
pub(super) fn ids(number: u64) -> String {
    format!("{PREFIX}ids-{number:010}")
}

/// Name of a run of legs.
pub(super) fn legs(number: u64) -> String {
    format!("{PREFIX}legs-{number:010}")
}

/// Removes the index's files, those that `keep` says excepted.
pub(super) fn remove_all(disk: &dyn Disk, keep: impl Fn(&str) -> bool) -> Result<(), IndexError> {
    let mut removed = false;
    for name in disk.list().map_err(IndexError::io(PREFIX))? {
        if name.starts_with(PREFIX) && !keep(&name) {
            disk.remove(&name).map_err(IndexError::io(&name))?;
            removed = true;
        }
    }
    if removed {
        disk.sync_names().map_err(IndexError::io(PREFIX))
    } else {
        Ok(())
    }
}
