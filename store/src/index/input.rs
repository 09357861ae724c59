//! Files read from front to back, more at a time than is asked for.

use std::sync::Arc;

use crate::disk::File;

use super::error::{Damage, IndexError};

/// Bytes read at once.
pub(super) const AHEAD: usize = 16 << 10;

/// A file, with a stretch of it in memory.
pub(super) struct Input {
    file: Arc<dyn File>,
    name: Box<str>,
    /// Nothing is read from here on.
    end: u64,
    start: u64,
    buffer: Vec<u8>,
}

impl Input {
    /// Reads `file`, whose first `end` bytes count.
    pub(super) fn new(file: Arc<dyn File>, name: &str, end: u64) -> Self {
        Self {
            file,
            name: name.into(),
            end,
            start: 0,
            buffer: Vec::new(),
        }
    }

    /// The `len` bytes at `at`.
    #[inline]
    pub(super) fn get(&mut self, at: u64, len: usize) -> Result<&[u8], IndexError> {
        let has = self.start + self.buffer.len() as u64;
        if at < self.start || at + len as u64 > has {
            self.fill(at, len)?;
        }
        let from = (at - self.start) as usize;
        let damage = || IndexError::corrupt(&self.name, at, Damage::Length);
        self.buffer.get(from..from + len).ok_or_else(damage)
    }

    fn fill(&mut self, at: u64, len: usize) -> Result<(), IndexError> {
        let room = self.end.saturating_sub(at);
        let take = (len.max(AHEAD) as u64).min(room);
        self.buffer.clear();
        if take < len as u64 {
            return Err(IndexError::corrupt(&self.name, at, Damage::Length));
        }
        self.buffer.resize(take as usize, 0);
        self.start = at;
        let read = self.file.read_exact_at(&mut self.buffer, at);
        read.map_err(IndexError::io(&self.name))
    }
}

/// The `len` bytes at `at` of `file`, whose checksum must be `crc`.
pub(super) fn read_checked(
    file: &dyn File,
    name: &str,
    at: u64,
    len: usize,
    crc: u32,
) -> Result<Vec<u8>, IndexError> {
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, at)
        .map_err(|error| unreadable(name, at, error))?;
    if crc32fast::hash(&bytes) != crc {
        return Err(IndexError::corrupt(name, at, Damage::Checksum));
    }
    Ok(bytes)
}

/// A file that ends too early is damaged; anything else is the disk's.
pub(super) fn unreadable(name: &str, at: u64, error: std::io::Error) -> IndexError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => IndexError::corrupt(name, at, Damage::Length),
        _ => IndexError::Io {
            file: name.into(),
            error,
        },
    }
}
