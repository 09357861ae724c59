//! Writes a snapshot.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::format::{CHUNK_BYTES_MAX, Mark, encode_header};
use super::prune;
use crate::disk::{Disk, File};
use crate::file_name::FileName;

/// What is gathered before it is written.
const GATHERED: usize = 1 << 20;
/// What is written before it is synced, so that no sync of the journal waits for all of it.
const UNSYNCED: u64 = 8 << 20;

/// A snapshot being written. Dropped before [`SnapshotWriter::finish`] it leaves a file that the
/// next start removes.
pub struct SnapshotWriter {
    disk: Arc<dyn Disk>,
    file: Arc<dyn File>,
    begin_cycle: u64,
    chunks: u32,
    at: u64,
    synced: u64,
    buffer: Vec<u8>,
}

impl SnapshotWriter {
    /// Begins a snapshot of a state that holds all cycles up to `begin_cycle`.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn begin(disk: Arc<dyn Disk>, begin_cycle: u64) -> io::Result<Self> {
        let name = FileName::UnfinishedSnapshot(begin_cycle).to_string();
        match disk.remove(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let file = disk.create(&name, 0)?;
        let mut buffer = Vec::new();
        encode_header(begin_cycle, &mut buffer);
        Ok(Self {
            disk,
            file,
            begin_cycle,
            chunks: 0,
            at: 0,
            synced: 0,
            buffer,
        })
    }

    /// Adds a chunk.
    ///
    /// # Errors
    /// `InvalidInput` if it is longer than [`CHUNK_BYTES_MAX`], or whatever the disk says, after
    /// which the snapshot is of no more use; the journal is not touched by it.
    pub fn chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > CHUNK_BYTES_MAX {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let crc = crc32fast::hash(bytes);
        let mark = Mark::Chunk {
            number: self.chunks,
            bytes: bytes.len() as u32,
            crc,
        };
        mark.encode(&mut self.buffer);
        self.chunks = self
            .chunks
            .checked_add(1)
            .ok_or(io::ErrorKind::InvalidInput)?;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= GATHERED {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Ends the snapshot: every row in it is of a state that holds at most the cycles up to
    /// `end_cycle`, which must be durable by now. Once this returns the snapshot is complete, and
    /// all but the one before it are removed. Returns its bytes.
    ///
    /// # Errors
    /// Whatever the disk says; the snapshot may be complete even so.
    pub fn finish(mut self, end_cycle: u64) -> io::Result<u64> {
        Mark::End {
            chunks: self.chunks,
            end_cycle,
        }
        .encode(&mut self.buffer);
        self.flush()?;
        self.file.sync()?;
        let from = FileName::UnfinishedSnapshot(self.begin_cycle).to_string();
        self.disk
            .rename(&from, &FileName::Snapshot(end_cycle).to_string())?;
        self.disk.sync_names()?;
        prune(&*self.disk)?;
        Ok(self.at)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all_at(&self.buffer, self.at)?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        if self.at - self.synced >= UNSYNCED {
            self.file.sync()?;
            self.synced = self.at;
        }
        Ok(())
    }
}

impl fmt::Debug for SnapshotWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotWriter")
            .field("begin_cycle", &self.begin_cycle)
            .field("chunks", &self.chunks)
            .field("bytes", &self.at)
            .finish()
    }
}
