//! Where rows stand: a mark every few rows, and every row that has a body.

use std::sync::Arc;

use parking_lot::RwLock;
use verify::ChainHead;

use super::error::{AuditError, AuditFault};
use super::limits::MARK_EVERY;
use super::record::{self, Head, IntentParts, Kind, SECTOR};
use super::reel::Segment;
use crate::disk::Disk;
use crate::file_name::{FileName, Place};

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Spot {
    pub(super) segment: u32,
    pub(super) offset: u64,
}

impl Spot {
    pub(super) fn place(self) -> Place {
        Place {
            file: FileName::Audit(self.segment),
            offset: self.offset,
        }
    }
}

/// What the log shares with its readers.
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    // Written when an intent or a row has become durable; held only to look up.
    pub(super) index: RwLock<Index>,
}

/// Where rows stand.
#[derive(Default)]
pub(super) struct Index {
    /// The last row that is published.
    pub(super) last: Option<ChainHead>,
    /// Intents of some sequences, in order.
    marks: Vec<(u64, Spot)>,
    /// Intents that have a body.
    bodies: Vec<(u64, Spot)>,
}

impl Index {
    /// Notes down the intent of the next row.
    pub(super) fn intended(&mut self, head: ChainHead, spot: Spot, has_body: bool) {
        if self.marks.is_empty() || head.seq.is_multiple_of(MARK_EVERY) {
            self.marks.push((head.seq, spot));
        }
        if has_body {
            self.bodies.push((head.seq, spot));
        }
    }

    /// Forgets all rows after `trusted`. The next one gets a mark, so that nobody walks into them.
    pub(super) fn take_back(&mut self, trusted: ChainHead, next: Spot) {
        self.marks.truncate(before(&self.marks, trusted.seq + 1));
        self.bodies.truncate(before(&self.bodies, trusted.seq + 1));
        if !self.marks.is_empty() && !(trusted.seq + 1).is_multiple_of(MARK_EVERY) {
            self.marks.push((trusted.seq + 1, next));
        }
        if self.last.is_some_and(|last| last.seq > trusted.seq) {
            self.last = (trusted.seq > 0).then_some(trusted);
        }
    }

    /// The nearest mark at or before a row.
    pub(super) fn mark(&self, seq: u64) -> Option<(u64, Spot)> {
        let after = self.marks.partition_point(|(at, _)| *at <= seq);
        self.marks.get(after.checked_sub(1)?).copied()
    }

    /// The first row from `seq` on that has a body, and is published.
    pub(super) fn body_from(&self, seq: u64) -> Option<(u64, Spot)> {
        let found = *self.bodies.get(before(&self.bodies, seq))?;
        (found.0 <= self.last.map_or(0, |last| last.seq)).then_some(found)
    }
}

fn before(list: &[(u64, Spot)], seq: u64) -> usize {
    list.partition_point(|(at, _)| *at < seq)
}

/// Goes from record to record.
pub(super) struct Walk<'a> {
    disk: &'a dyn Disk,
    at: Spot,
    file: Option<Segment>,
    /// What was read ahead, and from where on.
    window: Vec<u8>,
    window_at: u64,
}

/// Bytes that are read ahead.
const AHEAD: u64 = 16 << 10;

impl<'a> Walk<'a> {
    /// A walk from the record at `at` on.
    pub(super) fn from(disk: &'a dyn Disk, at: Spot) -> Self {
        Self {
            disk,
            at,
            file: None,
            window: Vec::new(),
            window_at: 0,
        }
    }

    /// The next record's head; `None` where nothing is written yet.
    pub(super) fn next(&mut self) -> Result<Option<(Head, Spot)>, AuditError> {
        loop {
            let Some(len) = self.open()? else {
                return Ok(None);
            };
            let spot = self.at;
            if spot.offset + SECTOR as u64 <= len {
                let head = Head::decode(self.bytes(spot.offset, SECTOR as u64)?);
                match head {
                    Ok(head) => {
                        self.at.offset += head.extent();
                        return Ok(Some((head, spot)));
                    }
                    Err(AuditFault::Unwritten) if spot.offset == 0 => return Ok(None),
                    Err(AuditFault::Unwritten) => {}
                    Err(fault) => {
                        let place = spot.place();
                        return Err(AuditError::Damaged { place, fault });
                    }
                }
            }
            self.at = Spot {
                segment: spot.segment + 1,
                offset: 0,
            };
        }
    }

    /// Where the next record stands, or would.
    pub(super) fn spot(&self) -> Spot {
        self.at
    }

    /// The body of the record that was walked over last, checked.
    pub(super) fn body(&mut self, head: &Head, spot: Spot) -> Result<&[u8], AuditError> {
        let place = spot.place();
        let damaged = |fault| AuditError::Damaged { place, fault };
        let len = self.open()?.unwrap_or(0);
        if spot.offset + head.extent() > len {
            return Err(damaged(AuditFault::Short));
        }
        let bytes = self.bytes(spot.offset, head.extent())?;
        let (read, body) = record::decode(bytes).map_err(damaged)?;
        if read == *head {
            Ok(body)
        } else {
            Err(damaged(AuditFault::Link))
        }
    }

    /// Opens the segment that the walk is in, if it is there; its length.
    fn open(&mut self) -> Result<Option<u64>, AuditError> {
        let number = self.at.segment;
        if let Some(file) = self.file.as_ref().filter(|file| file.number == number) {
            return Ok(Some(file.len));
        }
        let name = FileName::Audit(number);
        let file = match self.disk.open(&name.to_string()) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AuditError::io(name)(error)),
        };
        let len = file.len().map_err(AuditError::io(name))?;
        self.file = Some(Segment { number, file, len });
        self.window.clear();
        Ok(Some(len))
    }

    /// `len` bytes at `offset` of the segment, which has them.
    fn bytes(&mut self, offset: u64, len: u64) -> Result<&[u8], AuditError> {
        let Some(segment) = &self.file else {
            return Ok(&[]);
        };
        let end = self.window_at + self.window.len() as u64;
        if offset < self.window_at || offset + len > end {
            let ahead = len.max(AHEAD).min(segment.len.saturating_sub(offset));
            self.window
                .resize(usize::try_from(ahead).unwrap_or_default(), 0);
            let failed = AuditError::io(FileName::Audit(segment.number));
            let read = segment.file.read_exact_at(&mut self.window, offset);
            if let Err(error) = read {
                self.window.clear();
                return Err(failed(error));
            }
            self.window_at = offset;
        }
        let from = usize::try_from(offset - self.window_at).unwrap_or_default();
        let bytes = self.window.get(from..).unwrap_or_default();
        Ok(bytes.get(..len as usize).unwrap_or_default())
    }
}

/// Finds the intent of row `seq`, if there is one, and reads something from it.
pub(super) fn with_intent<R>(
    disk: &dyn Disk,
    index: &Index,
    seq: u64,
    read: impl FnOnce(&IntentParts<'_>) -> Result<R, AuditFault>,
) -> Result<Option<R>, AuditError> {
    let Some((_, from)) = index.mark(seq) else {
        return Ok(None);
    };
    let mut walk = Walk::from(disk, from);
    while let Some((head, spot)) = walk.next()? {
        if head.kind == Kind::Intent && head.subject == seq {
            let parts = record::decode_intent(walk.body(&head, spot)?);
            let found = parts
                .map_err(AuditFault::from)
                .and_then(|parts| read(&parts));
            let place = spot.place();
            return found
                .map(Some)
                .map_err(|fault| AuditError::Damaged { place, fault });
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(offset: u64) -> Spot {
        Spot { segment: 1, offset }
    }

    #[test]
    fn marks_are_near_and_what_is_taken_back_is_gone() {
        let mut index = Index::default();
        let head = |seq| ChainHead {
            seq,
            ..ChainHead::NONE
        };
        for seq in 1..=200 {
            index.intended(head(seq), spot(seq * 512), seq % 50 == 0);
        }
        assert_eq!(index.mark(0), None);
        assert_eq!(index.mark(63), Some((1, spot(512))));
        assert_eq!(index.mark(191), Some((128, spot(128 * 512))));
        index.last = Some(head(160));
        assert_eq!(index.body_from(51), Some((100, spot(100 * 512))));
        assert_eq!(index.body_from(151), None, "not published");
        index.take_back(head(139), spot(1 << 20));
        index.intended(head(140), spot(1 << 20), true);
        assert_eq!(index.body_from(101), None, "not published");
        index.last = Some(head(140));
        assert_eq!(index.mark(139), Some((128, spot(128 * 512))));
        assert_eq!(index.mark(160), Some((140, spot(1 << 20))));
        assert_eq!(index.body_from(101), Some((140, spot(1 << 20))));
        assert_eq!(index.body_from(141), None);
    }
}
