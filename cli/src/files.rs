//! Files that results go into.

use std::fs::{self, File};
use std::path::Path;

use crate::fault::Fault;

/// Reads a whole file of at most `max` bytes.
pub(crate) fn read(file: &Path, max: u64) -> Result<Vec<u8>, Fault> {
    let unreadable = |error| Fault::Unreadable(file.to_owned(), error);
    let bytes = fs::metadata(file).map_err(unreadable)?.len();
    if bytes > max {
        return Err(Fault::LongFile(file.to_owned(), max));
    }
    fs::read(file).map_err(unreadable)
}

/// Writes a whole file.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<(), Fault> {
    fs::write(file, bytes).map_err(|error| Fault::Unwritable(file.to_owned(), error))
}

/// Begins a file.
pub(crate) fn create(file: &Path) -> Result<File, Fault> {
    File::create(file).map_err(|error| Fault::Unwritable(file.to_owned(), error))
}

/// Makes a folder, unless it is there.
pub(crate) fn create_folder(folder: &Path) -> Result<(), Fault> {
    fs::create_dir_all(folder).map_err(|error| Fault::Unwritable(folder.to_owned(), error))
}
