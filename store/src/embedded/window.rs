//! A window on a file: reads ahead, so that going through small frames is not one read each.

use std::io;

use crate::disk::File;
use crate::file_name::FileName;

/// Part of one file in memory.
#[derive(Debug)]
pub(crate) struct Window {
    file: Option<FileName>,
    start: u64,
    /// Its first `valid` bytes are those of the file from `start` on.
    buffer: Vec<u8>,
    valid: usize,
    ahead: usize,
}

impl Window {
    /// A window that reads 1 MiB ahead.
    pub(crate) fn new() -> Self {
        Self::with_ahead(1 << 20)
    }

    /// A window that reads `ahead` bytes ahead.
    pub(crate) fn with_ahead(ahead: usize) -> Self {
        Self {
            file: None,
            start: 0,
            buffer: Vec::new(),
            valid: 0,
            ahead,
        }
    }

    /// Bytes of `file` from `offset` on: `len` of them, fewer only where `limit` cuts. Nothing at
    /// or after `limit` is read, since it may still change.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(crate) fn get(
        &mut self,
        name: FileName,
        file: &dyn File,
        offset: u64,
        len: usize,
        limit: u64,
    ) -> io::Result<&[u8]> {
        let to_limit = usize::try_from(limit.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = len.min(to_limit);
        let is_inside = self.file == Some(name)
            && self.start <= offset
            && offset + len as u64 <= self.start + self.valid as u64;
        if !is_inside {
            let have = self.keep_from(name, offset);
            let wanted = len.max(self.ahead).min(to_limit);
            if self.buffer.len() < wanted {
                self.buffer.resize(wanted, 0);
            }
            let rest = self.buffer.get_mut(have..wanted).unwrap_or_default();
            file.read_exact_at(rest, offset + have as u64)?;
            self.valid = wanted;
        }
        let at = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        Ok(self
            .buffer
            .get(at..at.saturating_add(len))
            .unwrap_or_default())
    }

    /// Moves the window to `offset`, keeping what it has from there on; says how much that is.
    fn keep_from(&mut self, name: FileName, offset: u64) -> usize {
        let end = self.start + self.valid as u64;
        let is_inside = self.file == Some(name) && (self.start..end).contains(&offset);
        let from = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        if is_inside && from < self.valid {
            self.buffer.copy_within(from..self.valid, 0);
            self.valid -= from;
        } else {
            self.valid = 0;
        }
        self.file = Some(name);
        self.start = offset;
        self.valid
    }

    /// Gives the memory of an unusually large frame back.
    pub(crate) fn shrink(&mut self) {
        let most = self.ahead.max(4 << 20);
        if self.buffer.len() > most {
            self.file = None;
            self.valid = 0;
            self.buffer = Vec::new();
        }
    }
}
