//! The segment that is written to and the one after it.

use std::io;
use std::sync::Arc;

use super::error::AuditError;
use super::index::Spot;
use super::record::{SECTOR, is_zero};
use crate::disk::{Disk, File};
use crate::file_name::FileName;

/// The segment that is written to and the one after it.
pub(super) struct Reel {
    disk: Arc<dyn Disk>,
    /// Bytes of a new segment.
    bytes: u64,
    current: Segment,
    at: u64,
    spare: Option<Segment>,
}

#[derive(Clone)]
pub(super) struct Segment {
    pub(super) number: u32,
    pub(super) file: Arc<dyn File>,
    pub(super) len: u64,
}

impl Segment {
    fn name(&self) -> FileName {
        FileName::Audit(self.number)
    }

    /// Whether nothing was written at `offset`.
    fn is_unwritten(&self, offset: u64) -> Result<bool, AuditError> {
        let mut sector = [0; SECTOR];
        self.file
            .read_exact_at(&mut sector, offset)
            .map_err(AuditError::io(self.name()))?;
        Ok(is_zero(&sector))
    }
}

impl Reel {
    /// A reel that goes on at byte `at` of `current`, or in a new first segment.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        bytes: u64,
        current: Option<(Segment, u64)>,
        spare: Option<Segment>,
    ) -> Result<Self, AuditError> {
        let (current, at) = match current {
            Some(current) => current,
            None => match &spare {
                Some(first) => (first.clone(), 0),
                None => (create(&*disk, 1, bytes)?, 0),
            },
        };
        let spare = spare.filter(|spare| spare.number > current.number);
        Ok(Self {
            disk,
            bytes,
            current,
            at,
            spare,
        })
    }

    /// Reserves the segment after the current one; whether it is there.
    pub(super) fn reserve(&mut self) -> Result<bool, AuditError> {
        if self.spare.is_some() {
            return Ok(true);
        }
        match create(&*self.disk, self.current.number + 1, self.bytes) {
            Ok(spare) => self.spare = Some(spare),
            Err(AuditError::Io { file, source }) if source.kind() == io::ErrorKind::StorageFull => {
                tracing::warn!(%file, "disk is full: file not reserved");
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Bytes left in the current segment.
    pub(super) fn left(&self) -> u64 {
        self.current.len.saturating_sub(self.at)
    }

    /// Bytes of the current segment, or of the next if that is shorter.
    pub(super) fn segment_bytes(&self) -> u64 {
        let spare = self.spare.as_ref().map_or(self.bytes, |spare| spare.len);
        self.current.len.min(spare)
    }

    /// Whether there is a segment after the current one.
    pub(super) fn has_spare(&self) -> bool {
        self.spare.is_some()
    }

    /// Whether nobody else has written where the next record may go.
    pub(super) fn is_ours(&self) -> Result<bool, AuditError> {
        if self.left() >= SECTOR as u64 && !self.current.is_unwritten(self.at)? {
            return Ok(false);
        }
        match &self.spare {
            Some(spare) => spare.is_unwritten(0),
            None => Ok(true),
        }
    }

    /// Goes on to the next segment, if there is one; its length.
    pub(super) fn advance(&mut self) -> Option<u64> {
        let spare = self.spare.take()?;
        let len = spare.len;
        (self.current, self.at) = (spare, 0);
        Some(len)
    }

    /// Whether the current segment has nothing in it; then its length.
    pub(super) fn is_fresh(&self) -> Option<u64> {
        (self.at == 0).then_some(self.current.len)
    }

    /// Writes a record; durable when this returns.
    pub(super) fn write(&mut self, record: &[u8]) -> Result<Spot, AuditError> {
        let failed = || AuditError::io(self.current.name());
        let file = &self.current.file;
        file.write_all_at(record, self.at).map_err(failed())?;
        file.sync().map_err(failed())?;
        let spot = Spot {
            segment: self.current.number,
            offset: self.at,
        };
        self.at += record.len() as u64;
        Ok(spot)
    }
}

/// Creates a segment whose name and length are durable when this returns.
fn create(disk: &dyn Disk, number: u32, bytes: u64) -> Result<Segment, AuditError> {
    let name = FileName::Audit(number);
    let failed = || AuditError::io(name);
    let file = disk.create(&name.to_string(), bytes).map_err(failed())?;
    file.sync().map_err(failed())?;
    disk.sync_names().map_err(AuditError::List)?;
    Ok(Segment {
        number,
        file,
        len: bytes,
    })
}
