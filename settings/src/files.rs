//! Reads files that a configuration names: bounded, and secrets only when nobody else may.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Longest file of settings, certificates or a key.
pub const TEXT_BYTES_MAX: u64 = 1 << 20;
/// Longest list of revoked certificates.
pub const LIST_BYTES_MAX: u64 = 64 << 20;

/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// Why a file could not be read.
#[derive(Debug)]
pub enum FileFault {
    /// The system refused.
    Io(io::Error),
    /// It is a directory, a device or a socket.
    NotAFile,
    /// It is longer than the limit given.
    TooLong(u64),
    /// It holds a secret and others may read or change it; its mode.
    Exposed(u32),
}

/// Reads a file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileFault> {
    read_open(File::open(path).map_err(FileFault::Io)?, limit)
}

/// Reads a file that only its owner may open. The open file is asked, so that it cannot be
/// exchanged in between.
pub fn read_secret(path: &Path, limit: u64) -> Result<Vec<u8>, FileFault> {
    let file = File::open(path).map_err(FileFault::Io)?;
    let mode = file.metadata().map_err(FileFault::Io)?.mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(FileFault::Exposed(mode));
    }
    read_open(file, limit)
}

fn read_open(file: File, limit: u64) -> Result<Vec<u8>, FileFault> {
    if !file.metadata().map_err(FileFault::Io)?.is_file() {
        return Err(FileFault::NotAFile);
    }
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(FileFault::Io)?;
    if bytes.len() as u64 > limit {
        Err(FileFault::TooLong(limit))
    } else {
        Ok(bytes)
    }
}

impl FileFault {
    /// What to do about it.
    pub fn advice(&self, path: &Path) -> String {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                "name a file that exists; a relative path starts at the configuration file".into()
            }
            Self::Io(_) => "let the user that it runs as read it".into(),
            Self::NotAFile => "name a file".into(),
            Self::TooLong(_) => "name the right file, or split it".into(),
            Self::Exposed(_) => format!("run `chmod 600 {}`", path.display()),
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::NotAFile => f.write_str("not a file"),
            Self::TooLong(limit) => write!(f, "longer than {limit} bytes"),
            Self::Exposed(mode) => {
                write!(
                    f,
                    "holds a secret and is open to others with mode `{mode:04o}`"
                )
            }
        }
    }
}

impl std::error::Error for FileFault {}
