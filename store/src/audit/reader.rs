//! The reading side of the audit log.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger::Digest;
use ledger::fields::DecodeError;
use verify::row::AuditRow;
use verify::{ChainHead, Signature};

use super::error::{AuditError, AuditFault};
use super::index::{Shared, Spot, Walk};
use super::intent::Body;
use super::record::{self, IntentParts, Kind};

/// Reads what is published. Cheap to clone; all clones see a row as soon as it was published.
#[derive(Clone)]
pub struct AuditReader {
    pub(super) shared: Arc<Shared>,
}

/// A published row with what is kept beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The row.
    pub row: AuditRow,
    /// What the row is about, unless it is a seal.
    pub body: Option<Body>,
    /// The last cycle of the journal whose heads the row covers.
    pub covered_cycle: u64,
    /// What the maker of the row keeps beside it.
    pub heads: Vec<u8>,
}

impl AuditReader {
    /// The last row.
    pub fn last(&self) -> Option<ChainHead> {
        self.shared.index.read().last
    }

    /// The row of this sequence, if it is published.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn row(&self, seq: u64) -> Result<Option<AuditRow>, AuditError> {
        Ok(self.entry(seq)?.map(|entry| entry.row))
    }

    /// What the row of this sequence is about, if it is published and no seal.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn body(&self, seq: u64) -> Result<Option<Body>, AuditError> {
        Ok(self.entry(seq)?.and_then(|entry| entry.body))
    }

    /// The row of this sequence and what is kept beside it, if it is published.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn entry(&self, seq: u64) -> Result<Option<Entry>, AuditError> {
        if seq == 0 {
            return Ok(None);
        }
        self.entries(seq).next().transpose()
    }

    /// At most `limit` rows from sequence `from` on, in order.
    ///
    /// # Errors
    /// The disk fails or the bytes are damaged.
    pub fn rows(&self, from: u64, limit: usize) -> Result<Vec<AuditRow>, AuditError> {
        let entries = self.entries(from).take(limit);
        entries.map(|entry| Ok(entry?.row)).collect()
    }

    /// Rows from sequence `from` on with what is kept beside them, in order. After the last the
    /// iterator gives `None`, and goes on when asked again once there are more.
    pub fn entries(&self, from: u64) -> Entries {
        Entries {
            shared: Arc::clone(&self.shared),
            next: from.max(1),
            only_bodies: false,
            at: None,
            waiting: VecDeque::new(),
        }
    }

    /// As [`AuditReader::entries`], for rows that have a body: all but seals.
    pub fn operator_entries(&self, from: u64) -> Entries {
        Entries {
            only_bodies: true,
            ..self.entries(from)
        }
    }
}

impl std::fmt::Debug for AuditReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditReader")
            .field("last", &self.last())
            .finish()
    }
}

/// Rows in order; see [`AuditReader::entries`].
pub struct Entries {
    shared: Arc<Shared>,
    next: u64,
    only_bodies: bool,
    /// Where to go on, if rows are taken one after the other.
    at: Option<Spot>,
    /// Intents that were walked over, and whose row was not.
    waiting: VecDeque<Waiting>,
}

/// An intent that was read.
struct Waiting {
    seq: u64,
    digest: Digest,
    canonical: Vec<u8>,
    body: Option<Body>,
    covered_cycle: u64,
    heads: Vec<u8>,
}

impl Entries {
    fn find(&mut self) -> Result<Option<Entry>, AuditError> {
        let shared = Arc::clone(&self.shared);
        let Some(from) = self.start() else {
            return Ok(None);
        };
        let mut walk = Walk::from(&*shared.disk, from);
        while let Some((head, spot)) = walk.next()? {
            let damaged = |fault| AuditError::Damaged {
                place: spot.place(),
                fault,
            };
            let seq = head.subject;
            if seq < self.next {
                continue;
            }
            if head.kind == Kind::Intent {
                let is_known = self.waiting.back().is_some_and(|last| last.seq >= seq);
                if !is_known {
                    let body = walk.body(&head, spot)?;
                    let parts = record::decode_intent(body).map_err(|e| damaged(e.into()))?;
                    self.waiting.push_back(Waiting::of(seq, &parts));
                }
            } else if head.kind == Kind::Row && seq == self.next {
                let body = walk.body(&head, spot)?;
                let (digest, signature) =
                    record::decode_row(body).map_err(|e| damaged(e.into()))?;
                let signature = signature.to_vec();
                let intent = self.waiting.pop_front();
                let intent = intent.filter(|intent| intent.digest == digest);
                let intent = intent.ok_or_else(|| damaged(AuditFault::Link))?;
                self.at = Some(walk.spot());
                self.next += 1;
                return intent.published(signature).map(Some).map_err(damaged);
            }
        }
        Ok(None)
    }

    /// Where to look for the next row: a mark of its own, where the last one was found, or the
    /// nearest mark.
    fn start(&mut self) -> Option<Spot> {
        let index = self.shared.index.read();
        if self.only_bodies {
            let (seq, spot) = index.body_from(self.next)?;
            self.next = seq;
            self.waiting.clear();
            return Some(spot);
        }
        if self.next > index.last?.seq {
            return None;
        }
        let (seq, spot) = index.mark(self.next)?;
        match self.at {
            // Rows that were taken back stand between two marks that follow each other.
            Some(at) if seq < self.next => Some(at),
            _ => {
                self.waiting.clear();
                Some(spot)
            }
        }
    }
}

impl Waiting {
    fn of(seq: u64, parts: &IntentParts<'_>) -> Self {
        Self {
            seq,
            digest: parts.head.digest,
            canonical: parts.canonical.to_vec(),
            body: parts.body(),
            covered_cycle: parts.covered_cycle,
            heads: parts.heads.to_vec(),
        }
    }

    fn published(self, signature: Vec<u8>) -> Result<Entry, AuditFault> {
        let signature = Signature::new(signature).ok_or(DecodeError::BadField("signature"))?;
        let row = AuditRow::new(self.canonical, signature).map_err(AuditFault::Row)?;
        if row.digest() != self.digest || row.seq() != self.seq {
            return Err(AuditFault::Link);
        }
        Ok(Entry {
            row,
            body: self.body,
            covered_cycle: self.covered_cycle,
            heads: self.heads,
        })
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.find().transpose()
    }
}

impl std::fmt::Debug for Entries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
