//! Files written from front to back.

use std::sync::Arc;

use crate::disk::{Disk, File};

use super::error::IndexError;

/// Bytes gathered before they are written.
pub(super) const BUFFER: usize = 64 << 10;
/// Bytes written before they are synced: many short waits instead of one long one, so that a
/// journal on the same disk is not held up.
const SYNC_EVERY: u64 = 2 << 20;

/// A new file, written from front to back.
pub(super) struct Output {
    file: Arc<dyn File>,
    name: Box<str>,
    buffer: Vec<u8>,
    written: u64,
    unsynced: u64,
}

impl Output {
    /// Creates the file.
    pub(super) fn create(disk: &dyn Disk, name: &str) -> Result<Self, IndexError> {
        let file = disk.create(name, 0).map_err(IndexError::io(name))?;
        let buffer = Vec::with_capacity(BUFFER);
        Ok(Self {
            file,
            name: name.into(),
            buffer,
            written: 0,
            unsynced: 0,
        })
    }

    /// The file's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where the next byte goes.
    pub(super) fn position(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Appends `bytes`.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), IndexError> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.spill()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn spill(&mut self) -> Result<(), IndexError> {
        self.file
            .write_all_at(&self.buffer, self.written)
            .map_err(IndexError::io(&self.name))?;
        self.written += self.buffer.len() as u64;
        self.unsynced += self.buffer.len() as u64;
        self.buffer.clear();
        if self.unsynced >= SYNC_EVERY {
            self.file.sync().map_err(IndexError::io(&self.name))?;
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Makes everything durable, the name excepted. The file and its length.
    pub(super) fn finish(mut self) -> Result<(Arc<dyn File>, u64), IndexError> {
        self.spill()?;
        self.file.sync().map_err(IndexError::io(&self.name))?;
        Ok((self.file, self.written))
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        self.buffer.capacity()
    }
}
