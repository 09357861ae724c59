//! A real directory as a [`Disk`].

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions, TryLockError};
use std::io::{self, IoSlice};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Advice, FallocateFlags, fadvise, fallocate};
use rustix::io::{Errno, pwritev};

use crate::disk::{Disk, File};

/// Name of the file whose lock says that the directory is in use; no other file may have it.
const LOCK: &str = "lock";
/// Most slices the system takes in one write.
const SLICES_MAX: usize = 1_024;
/// Where one large write may be split in two: at pages, which are written back whole.
const PAGE: u64 = 4_096;

/// A directory, held by this process alone until the value is dropped.
#[derive(Debug)]
pub struct DirDisk {
    path: PathBuf,
    dir: fs::File,
    /// Its lock ends with it.
    _lock: fs::File,
}

impl DirDisk {
    /// Takes the directory at `path`, which is created with mode 0700 if it is missing.
    ///
    /// # Errors
    /// Another process has it, or the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenDirError> {
        let path = path.as_ref();
        let failed = |source| OpenDirError::Io {
            path: path.to_owned(),
            source,
        };
        let lock = open_lock(path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenDirError::InUse {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let dir = fs::File::open(path).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            dir,
            _lock: lock,
        })
    }

    /// Where the directory is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn file(&self, name: &str) -> io::Result<PathBuf> {
        let is_flat =
            !name.is_empty() && !name.contains(['/', '\0']) && name != "." && name != "..";
        if !is_flat || name == LOCK {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "`{name}` is not a name for a file of `{}`",
                    self.path.display()
                ),
            ));
        }
        Ok(self.path.join(name))
    }
}

impl Disk for DirDisk {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.file(name)?)?;
        Ok(Arc::new(RealFile(file)))
    }

    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn File>> {
        let path = self.file(name)?;
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        if let Err(error) = reserve(&file, len) {
            drop(file);
            fs::remove_file(&path)?;
            return Err(error);
        }
        Ok(Arc::new(RealFile(file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.file(from)?, self.file(to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.file(name)?)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let is_file = entry.file_type()?.is_file();
            match entry.file_name().into_string() {
                Ok(name) if is_file && name != LOCK => names.push(name),
                _ => {}
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn sync_names(&self) -> io::Result<()> {
        self.dir.sync_all()
    }
}

fn open_lock(path: &Path) -> io::Result<fs::File> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if let Some(parent) = path.canonicalize()?.parent() {
        // The directory's own name must last as long as what is in it.
        fs::File::open(parent)?.sync_all()?;
    }
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path.join(LOCK))
}

/// Takes room for `len` bytes.
fn reserve(file: &fs::File, len: u64) -> io::Result<()> {
    if len == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::empty(), 0, len) {
        Ok(()) => Ok(()),
        // The file system cannot reserve: written zeros do it too, at twice the cost.
        Err(Errno::OPNOTSUPP) => write_zeros(file, len),
        Err(error) => Err(error.into()),
    }
}

fn write_zeros(file: &fs::File, len: u64) -> io::Result<()> {
    let zeros = vec![0u8; 1 << 20];
    let mut at = 0;
    while at < len {
        let left = usize::try_from(len - at)
            .unwrap_or(usize::MAX)
            .min(zeros.len());
        file.write_all_at(zeros.get(..left).unwrap_or_default(), at)?;
        at += left as u64;
    }
    Ok(())
}

#[derive(Debug)]
struct RealFile(fs::File);

impl File for RealFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(&self.0, buf, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(&self.0, bytes, offset)
    }

    fn write_all_vectored_at(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        let mut left = Left {
            parts,
            skip: 0,
            at: offset,
        };
        while !left.parts.is_empty() {
            let group = left.group();
            match pwritev(&self.0, &group, left.at) {
                Ok(0) if group.iter().any(|part| !part.is_empty()) => {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                Ok(written) => left.advance(written),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn sync_and_forget(&self) -> io::Result<()> {
        self.0.sync_data()?;
        fadvise(&self.0, 0, None, Advice::DontNeed)?;
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

/// What of a vectored write is still to be written.
struct Left<'a> {
    parts: &'a [IoSlice<'a>],
    /// Bytes of the first part that are written.
    skip: usize,
    at: u64,
}

impl<'a> Left<'a> {
    /// The slices of the next system call: all that is left, or as many as may go at once, ending
    /// at a page.
    fn group(&self) -> Vec<IoSlice<'a>> {
        let mut group: Vec<&'a [u8]> = Vec::with_capacity(self.parts.len().min(SLICES_MAX));
        let mut skip = self.skip;
        for part in self.parts.iter().take(SLICES_MAX) {
            group.push(part.get(skip..).unwrap_or_default());
            skip = 0;
        }
        let bytes: usize = group.iter().map(|part| part.len()).sum();
        let over = usize::try_from((self.at + bytes as u64) % PAGE).unwrap_or(0);
        if self.parts.len() > SLICES_MAX && over < bytes {
            shorten(&mut group, over);
        }
        group.into_iter().map(IoSlice::new).collect()
    }

    fn advance(&mut self, written: usize) {
        self.at += written as u64;
        let mut skip = self.skip + written;
        while let Some((first, rest)) = self.parts.split_first() {
            if skip < first.len() {
                break;
            }
            skip -= first.len();
            self.parts = rest;
        }
        self.skip = skip;
    }
}

/// Takes `bytes` off the end of `group`.
fn shorten(group: &mut Vec<&[u8]>, mut bytes: usize) {
    while bytes > 0 {
        let Some(last) = group.pop() else { return };
        if let Some(kept) = last.len().checked_sub(bytes) {
            group.push(last.get(..kept).unwrap_or_default());
            return;
        }
        bytes -= last.len();
    }
}

/// Why a directory cannot be used.
#[derive(Debug)]
pub enum OpenDirError {
    /// Another process has it.
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The system refuses.
    Io {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for OpenDirError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { path } => {
                write!(
                    f,
                    "data directory `{}` is in use by another process",
                    path.display()
                )
            }
            Self::Io { path, source } => {
                write!(f, "data directory `{}`: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for OpenDirError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::InUse { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
