//! Zeroing what was left of unfinished writes, so that "all zero" goes on meaning "never written".

use std::io;

use crate::disk::File;
use crate::embedded::files::Files;
use crate::embedded::frame::is_zero;
use crate::file_name::FileName;

const CHUNK: usize = 1 << 20;

/// First and last chunk boundaries around bytes that are not zero, from `from` on: the offset of
/// the first such chunk and the end of the last. `None` if all are zero.
pub(super) fn remains(file: &dyn File, from: u64) -> io::Result<Option<(u64, u64)>> {
    let len = file.len()?;
    let mut chunk = vec![0; CHUNK];
    let mut found: Option<(u64, u64)> = None;
    let mut at = from;
    while at < len {
        let bytes = usize::try_from(len - at).unwrap_or(usize::MAX).min(CHUNK);
        let part = chunk.get_mut(..bytes).unwrap_or_default();
        file.read_exact_at(part, at)?;
        let end = at + bytes as u64;
        if !is_zero(part) {
            found = Some((found.map_or(at, |(first, _)| first), end));
        }
        at = end;
    }
    Ok(found)
}

/// Zeroes everything from `from` on that is not zero; durable when this returns. Says how many
/// bytes were zeroed.
pub(super) fn wipe(file: &dyn File, from: u64) -> io::Result<u64> {
    let Some((first, end)) = remains(file, from)? else {
        return Ok(0);
    };
    let zeros = vec![0; CHUNK];
    let mut at = first;
    while at < end {
        let bytes = usize::try_from(end - at).unwrap_or(usize::MAX).min(CHUNK);
        file.write_all_at(zeros.get(..bytes).unwrap_or_default(), at)?;
        at += bytes as u64;
    }
    file.sync()?;
    Ok(end - first)
}

/// Zeroes notes that no cycle refers to: nobody could ever erase them.
pub(super) fn notes(files: &Files, (number, at): (u32, u64)) -> io::Result<()> {
    let file = files.get(FileName::Notes(number))?;
    wipe(&*file, at).map(drop)
}
