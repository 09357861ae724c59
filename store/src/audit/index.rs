//! Where rows stand: a mark every few rows, and every row that has a body.

use std::sync::Arc;

use parking_lot::RwLock;
use verify::ChainHead;

use super::error::{AuditError, AuditFault};
use super::limits::MARK_EVERY;
use super::record::{self, HEAD_BYTES, Head, Kind};
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
    /// Notes down the intent of the next row, which takes back all from its sequence on.
    pub(super) fn intended(&mut self, seq: u64, spot: Spot, has_body: bool) {
        // Marks and bodies are in order of sequence.
        let is_revocation = self.marks.last().is_some_and(|(last, _)| *last >= seq)
            || self.bodies.last().is_some_and(|(last, _)| *last >= seq);
        self.marks.truncate(before(&self.marks, seq));
        self.bodies.truncate(before(&self.bodies, seq));
        if is_revocation || self.marks.is_empty() || seq.is_multiple_of(MARK_EVERY) {
            self.marks.push((seq, spot));
        }
        if has_body {
            self.bodies.push((seq, spot));
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
    segment: u32,
    offset: u64,
    file: Option<Segment>,
}

impl<'a> Walk<'a> {
    /// A walk from the record at `spot` on.
    pub(super) fn from(disk: &'a dyn Disk, spot: Spot) -> Self {
        Self {
            disk,
            segment: spot.segment,
            offset: spot.offset,
            file: None,
        }
    }

    /// The next record's head; `None` where nothing is written yet.
    pub(super) fn next(&mut self) -> Result<Option<(Head, Spot)>, AuditError> {
        loop {
            let Some(Segment { file, len, .. }) = self.file()? else {
                return Ok(None);
            };
            let spot = Spot {
                segment: self.segment,
                offset: self.offset,
            };
            let failed = |source| AuditError::Io {
                file: spot.place().file,
                source,
            };
            if self.offset + record::SECTOR as u64 <= len {
                let mut bytes = [0; HEAD_BYTES];
                file.read_exact_at(&mut bytes, self.offset)
                    .map_err(failed)?;
                match Head::decode(&bytes) {
                    Ok(head) => {
                        self.offset += head.extent();
                        return Ok(Some((head, spot)));
                    }
                    Err(AuditFault::Unwritten) if self.offset == 0 => return Ok(None),
                    Err(AuditFault::Unwritten) => {}
                    Err(fault) => {
                        let place = spot.place();
                        return Err(AuditError::Damaged { place, fault });
                    }
                }
            }
            (self.segment, self.offset, self.file) = (self.segment + 1, 0, None);
        }
    }

    /// Where the next record stands, or would.
    pub(super) fn spot(&self) -> Spot {
        Spot {
            segment: self.segment,
            offset: self.offset,
        }
    }

    /// The body of a record that was walked over, checked.
    pub(super) fn body(&mut self, head: &Head, spot: Spot) -> Result<Vec<u8>, AuditError> {
        read_body(self.disk, head, spot)
    }

    fn file(&mut self) -> Result<Option<Segment>, AuditError> {
        if let Some(open) = &self.file {
            return Ok(Some(open.clone()));
        }
        let number = self.segment;
        let name = FileName::Audit(number);
        let file = match self.disk.open(&name.to_string()) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AuditError::io(name)(error)),
        };
        let len = file.len().map_err(AuditError::io(name))?;
        let opened = Segment { number, file, len };
        self.file = Some(opened.clone());
        Ok(Some(opened))
    }
}

/// Reads and checks a whole record; gives its body.
pub(super) fn read_body(disk: &dyn Disk, head: &Head, spot: Spot) -> Result<Vec<u8>, AuditError> {
    let place = spot.place();
    let failed = || AuditError::io(place.file);
    let file = disk.open(&place.file.to_string()).map_err(failed())?;
    let len = file.len().map_err(failed())?;
    let damaged = |fault| AuditError::Damaged { place, fault };
    if place.offset + head.extent() > len {
        return Err(damaged(AuditFault::Short));
    }
    let mut bytes = vec![0; usize::try_from(head.extent()).unwrap_or_default()];
    file.read_exact_at(&mut bytes, place.offset)
        .map_err(failed())?;
    let (read, body) = record::decode(&bytes).map_err(damaged)?;
    if read != *head {
        return Err(damaged(AuditFault::Link));
    }
    Ok(body.to_vec())
}

/// Where the intent of row `seq` stands, if there is one.
pub(super) fn find_intent(
    disk: &dyn Disk,
    index: &Index,
    seq: u64,
) -> Result<Option<(Head, Spot)>, AuditError> {
    let Some((_, from)) = index.mark(seq) else {
        return Ok(None);
    };
    let mut walk = Walk::from(disk, from);
    while let Some((head, spot)) = walk.next()? {
        if head.kind == Kind::Intent && head.subject == seq {
            return Ok(Some((head, spot)));
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
        for seq in 1..=200 {
            index.intended(seq, spot(seq * 512), seq % 50 == 0);
        }
        assert_eq!(index.mark(0), None);
        assert_eq!(index.mark(63), Some((1, spot(512))));
        assert_eq!(index.mark(191), Some((128, spot(128 * 512))));
        index.last = Some(ChainHead {
            seq: 160,
            ..ChainHead::NONE
        });
        assert_eq!(index.body_from(51), Some((100, spot(100 * 512))));
        assert_eq!(index.body_from(151), None, "not published");
        index.intended(140, spot(1 << 20), true);
        assert_eq!(index.mark(139), Some((128, spot(128 * 512))));
        assert_eq!(index.mark(160), Some((140, spot(1 << 20))));
        assert_eq!(index.body_from(101), Some((140, spot(1 << 20))));
        assert_eq!(index.body_from(141), None);
    }
}
