//! Reads snapshots.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::candidates;
use super::format::{CHUNK_BYTES_MAX, HEADER_BYTES, MARK_BYTES, Mark, SnapshotFault};
use crate::disk::{Disk, File};
use crate::file_name::FileName;

/// A complete snapshot.
#[derive(Clone)]
pub struct Snapshot {
    file: Arc<dyn File>,
    /// The state in it holds all cycles up to this one.
    pub begin_cycle: u64,
    /// No row in it is of a later cycle.
    pub end_cycle: u64,
}

/// The newest snapshot on `disk` that is whole and ends at `max_end_cycle` or before; all its bytes
/// were checked. Damaged ones are passed over, later ones removed, see [`candidates`].
///
/// # Errors
/// The disk fails.
pub fn newest_complete(
    disk: &dyn Disk,
    max_end_cycle: u64,
) -> Result<Option<Snapshot>, SnapshotError> {
    let failed = |source| SnapshotError::Io {
        file: FileName::Snapshot(max_end_cycle),
        source,
    };
    for end in candidates(disk, max_end_cycle).map_err(failed)? {
        match Snapshot::open(disk, end).and_then(Snapshot::checked) {
            Ok(snapshot) => return Ok(Some(snapshot)),
            Err(error @ SnapshotError::Damaged { .. }) => {
                tracing::warn!(%error, "snapshot passed over");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

impl Snapshot {
    fn open(disk: &dyn Disk, end_cycle: u64) -> Result<Self, SnapshotError> {
        let name = FileName::Snapshot(end_cycle);
        let failed = |source| SnapshotError::Io { file: name, source };
        let damaged = |fault| SnapshotError::Damaged {
            file: name,
            offset: 0,
            fault,
        };
        let file = disk.open(&name.to_string()).map_err(failed)?;
        if file.len().map_err(failed)? < HEADER_BYTES as u64 {
            return Err(damaged(SnapshotFault::Short));
        }
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0).map_err(failed)?;
        let begin_cycle = super::format::decode_header(&header).map_err(damaged)?;
        Ok(Self {
            file,
            begin_cycle,
            end_cycle,
        })
    }

    fn checked(self) -> Result<Self, SnapshotError> {
        for chunk in self.chunks() {
            chunk?;
        }
        Ok(self)
    }

    /// The chunks in order, one in memory at a time, each checked again.
    pub fn chunks(&self) -> Chunks {
        Chunks {
            file: Arc::clone(&self.file),
            end_cycle: self.end_cycle,
            at: HEADER_BYTES as u64,
            next: 0,
            is_over: false,
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("begin_cycle", &self.begin_cycle)
            .field("end_cycle", &self.end_cycle)
            .finish()
    }
}

/// Chunks of a snapshot; see [`Snapshot::chunks`].
pub struct Chunks {
    file: Arc<dyn File>,
    end_cycle: u64,
    at: u64,
    next: u32,
    is_over: bool,
}

impl Chunks {
    fn step(&mut self) -> Result<Option<Vec<u8>>, SnapshotError> {
        let mut mark = [0; MARK_BYTES];
        self.read(&mut mark)?;
        let decoded = Mark::decode(&mark).map_err(|fault| self.damaged(fault))?;
        self.at += MARK_BYTES as u64;
        match decoded {
            Mark::Chunk { number, bytes, .. }
                if number != self.next || bytes as usize > CHUNK_BYTES_MAX =>
            {
                Err(self.damaged(SnapshotFault::Order(number)))
            }
            Mark::Chunk { number, bytes, crc } => {
                self.check_end(u64::from(bytes))?;
                let mut chunk = vec![0; bytes as usize];
                self.read(&mut chunk)?;
                if crc32fast::hash(&chunk) != crc {
                    return Err(self.damaged(SnapshotFault::ChunkCrc(number)));
                }
                self.at += u64::from(bytes);
                self.next = number.wrapping_add(1);
                Ok(Some(chunk))
            }
            Mark::End { chunks, end_cycle } => {
                let len = self.file.len().map_err(|source| self.failed(source))?;
                if (chunks, end_cycle, self.at) != (self.next, self.end_cycle, len) {
                    return Err(self.damaged(SnapshotFault::End));
                }
                Ok(None)
            }
        }
    }

    /// A length that passes the end of the file must not make us take memory for it.
    fn check_end(&self, bytes: u64) -> Result<(), SnapshotError> {
        let len = self.file.len().map_err(|source| self.failed(source))?;
        if len.saturating_sub(self.at) < bytes {
            return Err(self.damaged(SnapshotFault::Short));
        }
        Ok(())
    }

    fn read(&self, buf: &mut [u8]) -> Result<(), SnapshotError> {
        self.file
            .read_exact_at(buf, self.at)
            .map_err(|source| match source.kind() {
                io::ErrorKind::UnexpectedEof => self.damaged(SnapshotFault::Short),
                _ => self.failed(source),
            })
    }

    fn failed(&self, source: io::Error) -> SnapshotError {
        SnapshotError::Io {
            file: FileName::Snapshot(self.end_cycle),
            source,
        }
    }

    fn damaged(&self, fault: SnapshotFault) -> SnapshotError {
        SnapshotError::Damaged {
            file: FileName::Snapshot(self.end_cycle),
            offset: self.at,
            fault,
        }
    }
}

impl Iterator for Chunks {
    type Item = Result<Vec<u8>, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let chunk = self.step().transpose();
        self.is_over = !matches!(chunk, Some(Ok(_)));
        chunk
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks")
            .field("end_cycle", &self.end_cycle)
            .field("at", &self.at)
            .finish()
    }
}

/// Why a snapshot cannot be read.
#[derive(Debug)]
pub enum SnapshotError {
    /// The disk failed.
    Io {
        /// The file.
        file: FileName,
        /// What it said.
        source: io::Error,
    },
    /// The bytes are not those that were written.
    Damaged {
        /// The file.
        file: FileName,
        /// Where.
        offset: u64,
        /// What is wrong.
        fault: SnapshotFault,
    },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, source } => write!(f, "file `{file}`: {source}"),
            Self::Damaged {
                file,
                offset,
                fault,
            } => {
                write!(f, "file `{file}` at offset {offset}: {fault}")
            }
        }
    }
}

impl std::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Damaged { .. } => None,
        }
    }
}
