//! Opening a journal: what is there is checked to the last byte, a tail that was never written
//! whole is cut, and anything else that is wrong is refused.

mod error;
mod scan;
mod wipe;

use std::io;
use std::sync::Arc;

pub use error::{OpenError, Voucher};

use super::directory::{Directory, Spot};
use super::files::Files;
use super::options::{LostSuperblock, Options};
use super::superblock::{self, Superblock};
use crate::disk::Disk;
use crate::file_name::{FileName, Place};
use crate::snapshot;
use ledger::Digest;
use scan::Scan;

/// What recovery found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovered {
    /// Number of the last cycle; 0 if there is none.
    pub last_cycle: u64,
    /// What was cut off the end, if anything.
    pub cut: Option<Cut>,
    /// End cycles of snapshots, newest first; none is past the last cycle.
    pub snapshots: Vec<u64>,
    /// End cycle of the newest snapshot that the journal was told of; 0 if there is none. If it is
    /// not among `snapshots`, a snapshot was lost and an older one makes the start longer.
    pub snapshot_told: u64,
    /// Copies of the superblock that were whole: 2, 1 after a crash or damage, 0 for an empty or
    /// rebuilt journal.
    pub superblock_copies: u32,
}

/// A cycle that was never written whole and was not acknowledged, and what was done with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Where it started.
    pub place: Place,
    /// Bytes from there on that were zeroed.
    pub bytes: u64,
    /// Its number.
    pub cycle: u64,
}

/// How far recovery has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Bytes of segments that were checked.
    pub bytes: u64,
    /// Bytes of all segments.
    pub total: u64,
    /// Number of the last cycle that was checked.
    pub cycle: u64,
}

/// What the writer goes on from.
pub(super) struct State {
    pub(super) directory: Directory,
    pub(super) digest: Digest,
    pub(super) superblock: Option<Superblock>,
    /// Where the next cycle goes.
    pub(super) segment: Spot,
    /// Number of the file of notes, and where in it the next notes go.
    pub(super) notes: (u32, u64),
    pub(super) recovered: Recovered,
}

/// Checks what the disk holds and makes it ready to be written on.
pub(super) fn run(
    disk: &Arc<dyn Disk>,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<State, OpenError> {
    if !options.are_valid() {
        return Err(OpenError::Options(*options));
    }
    let failed = |file: FileName| move |source: io::Error| OpenError::Io { file, source };
    let found = superblock::find(&**disk).map_err(failed(FileName::Superblock))?;
    let files = Files::new(Arc::clone(disk));
    let names = names(&**disk)?;
    let mut scan = Scan::new(&files, found.newest, &names)?;
    if found.newest.is_none() && options.superblock == LostSuperblock::Refuse {
        scan.refuse_unless_empty()?;
    }
    let cut = scan.run(progress)?;
    let end = scan.finish();
    // Without a superblock nothing was ever announced: files may be there in part.
    let is_new = found.newest.is_none() && end.directory.last_cycle() == 0;
    let segments = if is_new { 0 } else { end.segment.segment };
    let notes = if end.notes.1 == 0 { 0 } else { end.notes.0 };
    remove_spares(&**disk, &names, segments, notes)?;
    if notes > 0 {
        wipe::notes(&files, end.notes).map_err(failed(FileName::Notes(notes)))?;
    }
    let last_cycle = end.directory.last_cycle();
    let snapshots = snapshot::candidates(&**disk, last_cycle).map_err(|source| OpenError::Io {
        file: FileName::Snapshot(last_cycle),
        source,
    })?;
    let recovered = Recovered {
        last_cycle,
        cut,
        snapshots,
        snapshot_told: found.newest.map_or(0, |newest| newest.snapshot),
        superblock_copies: found.whole,
    };
    Ok(State {
        directory: end.directory,
        digest: end.digest,
        superblock: found.newest,
        segment: end.segment,
        notes: end.notes,
        recovered,
    })
}

/// The journal's own files, in order.
fn names(disk: &dyn Disk) -> Result<Vec<FileName>, OpenError> {
    let names = disk.list().map_err(OpenError::List)?;
    let mut names: Vec<FileName> = names
        .iter()
        .filter_map(|name| FileName::parse(name))
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// Removes files that were reserved and never used: the writer reserves anew, in the size that it
/// is now told.
fn remove_spares(
    disk: &dyn Disk,
    names: &[FileName],
    segment: u32,
    notes: u32,
) -> Result<(), OpenError> {
    let mut is_changed = false;
    for name in names {
        let is_spare = match name {
            FileName::Segment(number) => *number > segment,
            FileName::Notes(number) => *number > notes,
            _ => false,
        };
        if is_spare {
            disk.remove(&name.to_string())
                .map_err(|source| OpenError::Io {
                    file: *name,
                    source,
                })?;
            is_changed = true;
        }
    }
    if is_changed {
        disk.sync_names().map_err(OpenError::List)?;
    }
    Ok(())
}
