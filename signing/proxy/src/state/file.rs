//! The state's file: records, one a line, appended and synced; rewritten when it has grown long.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::record::Record;

const FILE: &str = "signed.log";
const DRAFT: &str = "signed.log.new";
const LOCK: &str = "lock";
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;
/// Lines after which the file is written anew with what is still kept.
const LINES_MAX: usize = 100_000;
/// How much longer than what is kept it has to be for that.
const GROWTH: usize = 4;

/// The file, for one process.
pub(crate) struct StateFile {
    directory: PathBuf,
    file: File,
    lines: usize,
    kept: usize,
    /// Held until the process ends.
    _lock: File,
}

/// Why the state cannot be used.
#[derive(Debug)]
pub(crate) enum StateError {
    /// The system refused.
    Io(PathBuf, io::Error),
    /// Another process holds the directory.
    Locked(PathBuf),
    /// A line of the file is not what was written.
    Damaged(PathBuf, usize),
    /// A record could not be written as text.
    Text(serde_json::Error),
}

impl StateFile {
    /// Opens the file in `directory`, which is made if it is missing, and gives all its records.
    pub(crate) fn open(directory: &Path) -> Result<(Self, Vec<Record>), StateError> {
        let at = |error| StateError::io(directory, error);
        DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(directory)
            .map_err(at)?;
        let path = directory.join(LOCK);
        let lock = open(&path).map_err(|error| StateError::io(&path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StateError::Locked(directory.to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(StateError::io(&path, error)),
        }
        let path = directory.join(FILE);
        let io = |error| StateError::io(&path, error);
        let mut file = open(&path).map_err(io)?;
        let bytes = fs::read(&path).map_err(io)?;
        let (records, whole) = read(&path, &bytes)?;
        if whole < bytes.len() {
            tracing::warn!(
                file = %path.display(),
                bytes = bytes.len() - whole,
                "tail cut: it was never written to its end, so no key was asked for it"
            );
            file.set_len(whole as u64).map_err(io)?;
        }
        // Seen once that the directory can be written, before a port is open.
        file.write_all(b"").map_err(io)?;
        file.sync_all().map_err(io)?;
        sync_directory(directory).map_err(at)?;
        let made = Self {
            directory: directory.to_owned(),
            file,
            lines: records.len(),
            kept: 0,
            _lock: lock,
        };
        Ok((made, records))
    }

    /// Appends records, durably.
    pub(crate) fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        let mut text = String::new();
        for record in records {
            text.push_str(&record.line().map_err(StateError::Text)?);
        }
        let path = self.directory.join(FILE);
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|error| StateError::io(&path, error))?;
        self.lines += records.len();
        Ok(())
    }

    /// Whether it is time to write it anew.
    pub(crate) fn is_long(&self) -> bool {
        self.lines > LINES_MAX.max(self.kept.saturating_mul(GROWTH))
    }

    /// Writes it anew with these records, whole or not at all.
    pub(crate) fn rewrite(&mut self, records: &[Record]) -> Result<(), StateError> {
        let (path, draft) = (self.directory.join(FILE), self.directory.join(DRAFT));
        let io = |error| StateError::io(&draft, error);
        let mut text = String::new();
        for record in records {
            text.push_str(&record.line().map_err(StateError::Text)?);
        }
        let mut file = open(&draft).map_err(io)?;
        file.set_len(0).map_err(io)?;
        file.write_all(text.as_bytes()).map_err(io)?;
        file.sync_all().map_err(io)?;
        fs::rename(&draft, &path).map_err(io)?;
        sync_directory(&self.directory).map_err(io)?;
        self.file = file;
        self.lines = records.len();
        self.kept = records.len();
        Ok(())
    }
}

/// The records, and how many bytes hold them. A process that died may have left part of a line, or
/// room that was never filled; nothing else may differ from what was written.
fn read(path: &Path, bytes: &[u8]) -> Result<(Vec<Record>, usize), StateError> {
    let mut records = Vec::new();
    let mut whole = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let damaged = || StateError::Damaged(path.to_owned(), records.len() + 1);
        let Some(text) = line.strip_suffix(b"\n") else {
            break;
        };
        match Record::read(text) {
            Ok(record) => records.push(record),
            Err(_) => return Err(damaged()),
        }
        whole += line.len();
    }
    Ok((records, whole))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(FILE_MODE)
        .open(path)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

impl StateError {
    /// An error of the system, with its path.
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io(path.to_owned(), error)
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "`{}`: {error}", path.display()),
            Self::Locked(path) => write!(f, "`{}` is held by another process", path.display()),
            Self::Damaged(path, line) => write!(
                f,
                "`{}` is damaged at line `{line}`: what was signed is not known any more",
                path.display()
            ),
            Self::Text(error) => write!(f, "a record cannot be written: {error}"),
        }
    }
}

impl std::error::Error for StateError {}
