//! Recovery: reads every record, checks it, and cuts one that was not written whole.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger::Digest;
use verify::{ChainHead, payload};

use super::error::{AuditError, AuditFault};
use super::index::{self, Index, Spot};
use super::record::{self, Head, Kind, SECTOR, is_zero};
use super::reel::Segment;
use crate::disk::Disk;
use crate::file_name::{FileName, Place};

/// What the files of a log say.
pub(super) struct Found {
    pub(super) index: Index,
    pub(super) secret: Option<[u8; 32]>,
    /// Epoch of the last lease; 0 before the first.
    pub(super) lease: u64,
    pub(super) intended: ChainHead,
    pub(super) unpublished: VecDeque<ChainHead>,
    /// Number of the next record.
    pub(super) number: u64,
    /// The segment to go on in, and where; none in a new log.
    pub(super) current: Option<(Segment, u64)>,
    /// The reserved segment after it.
    pub(super) spare: Option<Segment>,
    pub(super) cut: Option<Place>,
}

/// Reads the log on `disk`; empty segments that have other than `bytes` bytes are removed.
pub(super) fn run(disk: &Arc<dyn Disk>, bytes: u64) -> Result<Found, AuditError> {
    let mut found = Found {
        index: Index::default(),
        secret: None,
        lease: 0,
        intended: ChainHead::NONE,
        unpublished: VecDeque::new(),
        number: 1,
        current: None,
        spare: None,
        cut: None,
    };
    let segments = segments(&**disk)?;
    let mut empty: Vec<Segment> = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let content = read(segment)?;
        if is_zero(&content) {
            empty.push(segment.clone());
            continue;
        }
        if let Some(gap) = empty.first() {
            return Err(missing(gap.number, 0, segment.number, 0));
        }
        let later = segments.get(at + 1..).unwrap_or_default();
        found.segment(&**disk, segment, &content, later)?;
    }
    found.spare = keep_spare(&**disk, empty, bytes)?;
    Ok(found)
}

/// All segments in order, none missing.
fn segments(disk: &dyn Disk) -> Result<Vec<Segment>, AuditError> {
    let names = disk.list().map_err(AuditError::List)?;
    let mut segments = Vec::new();
    for name in names {
        let Some(FileName::Audit(number)) = FileName::parse(&name) else {
            continue;
        };
        let expected = segments.len() as u32 + 1;
        if number != expected {
            return Err(AuditError::MissingFile(FileName::Audit(expected)));
        }
        let failed = || AuditError::io(FileName::Audit(number));
        let file = disk.open(&name).map_err(failed())?;
        let len = file.len().map_err(failed())?;
        segments.push(Segment { number, file, len });
    }
    // The one in use and the one after it: what is read is taken for durable, so it must be what
    // the disk has.
    for segment in segments.iter().rev().take(2) {
        let failed = AuditError::io(FileName::Audit(segment.number));
        segment.file.sync_and_forget().map_err(failed)?;
    }
    Ok(segments)
}

fn read(segment: &Segment) -> Result<Vec<u8>, AuditError> {
    let failed = || AuditError::io(FileName::Audit(segment.number));
    let len = usize::try_from(segment.len).unwrap_or(usize::MAX);
    let mut content = vec![0; len];
    segment
        .file
        .read_exact_at(&mut content, 0)
        .map_err(failed())?;
    Ok(content)
}

/// Keeps the segment that was reserved, if it is as long as one should be, and removes others.
fn keep_spare(
    disk: &dyn Disk,
    empty: Vec<Segment>,
    bytes: u64,
) -> Result<Option<Segment>, AuditError> {
    let mut empty = empty.into_iter();
    let first = empty.next();
    let is_kept = first.as_ref().is_some_and(|first| first.len == bytes);
    let (kept, removed) = if is_kept {
        (first, None)
    } else {
        (None, first)
    };
    let mut is_changed = false;
    // From the last on, so that none is missing in between.
    for segment in empty.rev().chain(removed) {
        let name = FileName::Audit(segment.number);
        disk.remove(&name.to_string())
            .map_err(AuditError::io(name))?;
        is_changed = true;
    }
    if is_changed {
        disk.sync_names().map_err(AuditError::List)?;
    }
    Ok(kept)
}

fn missing(segment: u32, offset: u64, later_segment: u32, later_offset: u64) -> AuditError {
    let spot = Spot { segment, offset };
    let later = Spot {
        segment: later_segment,
        offset: later_offset,
    };
    AuditError::Missing {
        place: spot.place(),
        later: later.place(),
    }
}

impl Found {
    /// Takes all records of a segment that holds something.
    fn segment(
        &mut self,
        disk: &dyn Disk,
        segment: &Segment,
        content: &[u8],
        later: &[Segment],
    ) -> Result<(), AuditError> {
        let mut at = 0;
        while let Some(rest) = content.get(at..).filter(|rest| rest.len() >= SECTOR) {
            let spot = Spot {
                segment: segment.number,
                offset: at as u64,
            };
            let place = spot.place();
            let (head, body) = match record::decode(rest) {
                Ok(record) => record,
                Err(AuditFault::Unwritten) if at > 0 && is_zero(rest) => break,
                Err(AuditFault::Unwritten | AuditFault::Torn) => {
                    self.cut(segment, at, rest, later)?;
                    break;
                }
                Err(fault) => return Err(AuditError::Damaged { place, fault }),
            };
            if head.number > self.number {
                return Err(self.lost(spot));
            }
            let is_begin = head.kind == Kind::Segment;
            if head.number != self.number || is_begin != (at == 0) {
                let fault = AuditFault::Link;
                return Err(AuditError::Damaged { place, fault });
            }
            if is_begin && head.subject != segment.len {
                return Err(AuditError::Length {
                    file: place.file,
                    expected: head.subject,
                    found: segment.len,
                });
            }
            self.take(disk, &head, body, spot)?;
            self.number += 1;
            at += usize::try_from(head.extent()).unwrap_or(usize::MAX);
            self.current = Some((segment.clone(), at as u64));
        }
        Ok(())
    }

    /// Records between the last one and the one at `later` are gone.
    fn lost(&self, later: Spot) -> AuditError {
        match &self.current {
            Some((segment, at)) => missing(segment.number, *at, later.segment, later.offset),
            None => missing(later.segment, 0, later.segment, later.offset),
        }
    }

    /// Cuts the record at byte `at`, which was not written whole, unless something vouches for it.
    fn cut(
        &mut self,
        segment: &Segment,
        at: usize,
        rest: &[u8],
        later: &[Segment],
    ) -> Result<(), AuditError> {
        for (sector, bytes) in rest.chunks(SECTOR).enumerate().skip(1) {
            let offset = sector * SECTOR;
            let follows = |(head, _): (Head, _)| head.number > self.number;
            let is_record = !is_zero(bytes)
                && record::decode(rest.get(offset..).unwrap_or_default()).is_ok_and(follows);
            if is_record {
                let offset = (at + offset) as u64;
                return Err(missing(segment.number, at as u64, segment.number, offset));
            }
        }
        for other in later {
            if !is_zero(&read(other)?) {
                return Err(missing(segment.number, at as u64, other.number, 0));
            }
        }
        let written = rest
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |at| at + 1);
        let zeros = vec![0; written.next_multiple_of(SECTOR).min(rest.len())];
        let failed = || AuditError::io(FileName::Audit(segment.number));
        segment
            .file
            .write_all_at(&zeros, at as u64)
            .map_err(failed())?;
        segment.file.sync().map_err(failed())?;
        let spot = Spot {
            segment: segment.number,
            offset: at as u64,
        };
        self.cut = Some(spot.place());
        self.current = Some((segment.clone(), at as u64));
        Ok(())
    }

    /// Takes a record that is whole.
    fn take(
        &mut self,
        disk: &dyn Disk,
        head: &Head,
        body: &[u8],
        spot: Spot,
    ) -> Result<(), AuditError> {
        let damaged = |fault| AuditError::Damaged {
            place: spot.place(),
            fault,
        };
        let link = || damaged(AuditFault::Link);
        match head.kind {
            Kind::Segment => Ok(()),
            Kind::Secret => {
                let secret = <[u8; 32]>::try_from(body).map_err(|_| link())?;
                let is_first = self.secret.replace(secret).is_none() && self.lease == 0;
                is_first.then_some(()).ok_or_else(link)
            }
            Kind::Lease => {
                let follows = head.subject == self.lease + 1 && self.secret.is_some();
                self.lease = head.subject;
                follows.then_some(()).ok_or_else(link)
            }
            Kind::Intent => {
                let parts = record::decode_intent(body).map_err(|error| damaged(error.into()))?;
                let prev = (head.subject > 1).then_some(parts.head.prev);
                if payload::digest(parts.canonical, prev.as_ref()) != parts.head.digest {
                    return Err(link());
                }
                self.take_intent(disk, head.subject, &parts.head, spot)
            }
            Kind::Row => {
                let (digest, _) =
                    record::decode_row(body).map_err(|error| damaged(error.into()))?;
                let row = ChainHead {
                    seq: head.subject,
                    digest,
                };
                if self.unpublished.pop_front() != Some(row) {
                    return Err(link());
                }
                self.index.last = Some(row);
                Ok(())
            }
        }
    }

    fn take_intent(
        &mut self,
        disk: &dyn Disk,
        seq: u64,
        head: &record::IntentHead,
        spot: Spot,
    ) -> Result<(), AuditError> {
        let (before, follows) = if head.abandons == 0 {
            (self.intended.digest, seq == self.intended.seq + 1)
        } else {
            let is_within = (1..=self.intended.seq).contains(&seq);
            let follows = is_within && head.abandons == self.intended.seq;
            let before = if follows && seq > 1 {
                self.digest_at(disk, seq - 1)?
            } else {
                Digest::ZERO
            };
            (before, follows)
        };
        if !follows || head.prev != before || self.lease == 0 {
            return Err(AuditError::Damaged {
                place: spot.place(),
                fault: AuditFault::Link,
            });
        }
        if head.abandons > 0 {
            let trusted = ChainHead {
                seq: seq - 1,
                digest: head.prev,
            };
            self.index.take_back(trusted, spot);
        }
        self.unpublished.retain(|other| other.seq < seq);
        let intended = ChainHead {
            seq,
            digest: head.digest,
        };
        self.index.intended(intended, spot, head.has_body);
        self.unpublished.push_back(intended);
        self.intended = intended;
        Ok(())
    }

    fn digest_at(&self, disk: &dyn Disk, seq: u64) -> Result<Digest, AuditError> {
        let digest = index::with_intent(disk, &self.index, seq, |parts| Ok(parts.head.digest));
        Ok(digest?.unwrap_or(Digest::ZERO))
    }
}
