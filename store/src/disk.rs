//! The small trait that all I/O of a journal passes, so that one suite runs on a real directory and
//! on a simulated disk that loses power.

pub mod real;
pub mod sim;

use std::io::{self, IoSlice};
use std::sync::Arc;

pub use real::{DirDisk, OpenDirError};
pub use sim::SimDisk;

/// A directory of files. Names are flat: no separators.
pub trait Disk: Send + Sync {
    /// Opens an existing file.
    ///
    /// # Errors
    /// `NotFound`, or whatever the disk says.
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>>;

    /// Creates a file that does not exist, with `len` bytes that read as zero and whose room is
    /// already taken: a later write inside them cannot fail for want of space. The name itself is
    /// durable only after [`Disk::sync_names`].
    ///
    /// # Errors
    /// `AlreadyExists`, `StorageFull`, or whatever the disk says.
    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn File>>;

    /// Renames a file, replacing what had the name. Durable only after [`Disk::sync_names`].
    ///
    /// # Errors
    /// Whatever the disk says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Durable only after [`Disk::sync_names`].
    ///
    /// # Errors
    /// Whatever the disk says.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Names of all files, sorted.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes creations, renames and removals so far durable.
    ///
    /// # Errors
    /// Whatever the disk says; what is durable is then unknown.
    fn sync_names(&self) -> io::Result<()>;
}

/// A file of a [`Disk`].
pub trait File: Send + Sync {
    /// Fills `buf` from `offset` on.
    ///
    /// # Errors
    /// `UnexpectedEof` if the file ends before, or whatever the disk says.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`, growing the file if need be. Durable only after
    /// [`File::sync`].
    ///
    /// # Errors
    /// `StorageFull`, or whatever the disk says.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Writes `parts` one after the other from `offset` on, as one write. Durable only after
    /// [`File::sync`].
    ///
    /// # Errors
    /// `StorageFull`, or whatever the disk says.
    fn write_all_vectored_at(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        let bytes: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
        self.write_all_at(&bytes, offset)
    }

    /// Makes every write of this file so far durable.
    ///
    /// # Errors
    /// Whatever the disk says; what is durable is then unknown and the caller must not retry.
    fn sync(&self) -> io::Result<()>;

    /// As [`File::sync`]; then lets go of what memory holds of the file, so that reads show what
    /// the disk has. After a failed sync memory may hold bytes that the disk never took.
    ///
    /// # Errors
    /// As for [`File::sync`].
    fn sync_and_forget(&self) -> io::Result<()> {
        self.sync()
    }

    /// Length in bytes.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file has no bytes.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}
