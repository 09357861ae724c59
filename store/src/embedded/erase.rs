//! Erasing a note in place, in two steps that a power loss may part: first the entry is marked,
//! then its content is overwritten. A marked entry with content left is finished by recovery.

use std::io;

use super::frame::is_zero;
use super::notes::Entry;
use crate::disk::File;

/// Whether nothing is left of the note.
pub(super) fn is_done(entry: &Entry<'_>) -> bool {
    entry.is_erased && is_zero(entry.content)
}

/// Erases `entry` of the extent that starts at `extent` in `file`; durable when this returns.
pub(super) fn run(file: &dyn File, extent: u64, entry: &Entry<'_>) -> io::Result<()> {
    if !entry.is_erased {
        file.write_all_at(&Entry::MARK, extent + entry.offset as u64)?;
        file.sync()?;
    }
    file.write_all_at(
        &vec![0; entry.content.len()],
        extent + entry.content_offset() as u64,
    )?;
    file.sync()
}
