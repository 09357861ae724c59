//! The audit chain, read row by row: whether it is whole, in order, and signed by keys that count.
//!
//! A chain cannot tell by itself that its last rows are missing, or that it was replaced from its
//! beginning. Give the last head that is known from elsewhere, and it can.

mod fault;
mod report;
mod revocations;

use std::collections::BTreeMap;

use crate::chain_head::ChainHead;
use crate::key::Kid;
use crate::keyring::{KeyFault, Keyring, RowFault};
use crate::payload::Content;
use crate::row::AuditRow;

pub use fault::ChainFault;
pub use report::{ChainReport, KidReport};

use revocations::Revocations;

/// Where the rows that are given begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// At the first row of all.
    Genesis,
    /// After a head that is trusted.
    After(ChainHead),
}

/// Takes rows in order; the first fault ends it.
#[derive(Debug)]
pub struct ChainVerifier<'a> {
    keyring: &'a Keyring,
    start: Start,
    known: Option<ChainHead>,
    /// The head after the rows so far.
    head: ChainHead,
    first: Option<Edge>,
    last: Option<Edge>,
    rows: u64,
    seals: u64,
    kids: BTreeMap<Kid, KidReport>,
    revocations: Revocations,
    /// The recovery that gave up a head at or after the known one.
    abandoned_at: Option<u64>,
}

/// What later rows are compared with.
#[derive(Clone, Copy, Debug)]
struct Edge {
    head: ChainHead,
    created_at: crate::Micros,
    lease: u64,
    epoch: u64,
}

impl<'a> ChainVerifier<'a> {
    /// A verifier of rows from `start` on. `known` is a head that was seen before, by somebody who
    /// is trusted: the chain has to hold it.
    pub fn new(keyring: &'a Keyring, start: Start, known: Option<ChainHead>) -> Self {
        let head = match start {
            Start::Genesis => ChainHead::NONE,
            Start::After(head) => head,
        };
        Self {
            keyring,
            start,
            known,
            head,
            first: None,
            last: None,
            rows: 0,
            seals: 0,
            kids: BTreeMap::new(),
            revocations: Revocations::new(keyring, head),
            abandoned_at: None,
        }
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// It is not the next row, or does not count.
    pub fn push(&mut self, row: &AuditRow) -> Result<(), ChainFault> {
        let edge = Edge::of(row);
        self.check_link(row)?;
        self.check_order(row, edge)?;
        self.keyring.verify_row(row).map_err(|fault| match fault {
            RowFault::Key(KeyFault::Revoked { kid, seq, trusted }) => {
                ChainFault::Revoked { kid, seq, trusted }
            }
            fault => ChainFault::Row {
                seq: row.seq(),
                fault,
            },
        })?;
        self.revocations.pass(row)?;
        self.check_known(row)?;
        self.count(row);
        self.head = edge.head;
        self.first = self.first.or(Some(edge));
        self.last = Some(edge);
        Ok(())
    }

    /// The head after the rows so far.
    pub fn head(&self) -> ChainHead {
        self.head
    }

    /// Ends the chain.
    ///
    /// # Errors
    /// No rows came, the known head was not among them, or a revoked key is not shown to count.
    pub fn finish(self) -> Result<ChainReport, ChainFault> {
        let (Some(first), Some(last)) = (self.first, self.last) else {
            return Err(ChainFault::Empty);
        };
        self.check_end(first.head, last.head)?;
        self.revocations.finish()?;
        Ok(ChainReport {
            rows: self.rows,
            seals: self.seals,
            first: first.head,
            last: last.head,
            from: first.created_at,
            to: last.created_at,
            epoch: last.epoch,
            kids: self.kids,
        })
    }

    /// Whether the row is the one after the last, by number and by digest.
    fn check_link(&self, row: &AuditRow) -> Result<(), ChainFault> {
        let (seq, last) = (row.seq(), self.head.seq);
        let expected = last.saturating_add(1);
        if seq != expected {
            let first = self.first.map_or(expected, |first| first.head.seq);
            return Err(match seq {
                _ if self.first.is_none() && seq > last => {
                    ChainFault::HeadDropped { seq, expected }
                }
                _ if seq > last => ChainFault::Missing { seq, expected },
                _ if row.head() == self.head => ChainFault::Duplicate { seq },
                _ if seq >= first => ChainFault::OutOfOrder { seq, expected },
                _ => ChainFault::BeforeStart { seq },
            });
        }
        // Row 1 names none, which its payload was checked for.
        let prev = (last > 0).then_some(self.head.digest);
        if row.prev() != prev {
            return Err(ChainFault::Link { seq });
        }
        Ok(())
    }

    /// Whether time, lease and epoch go the one way.
    fn check_order(&self, row: &AuditRow, edge: Edge) -> Result<(), ChainFault> {
        let Some(last) = self.last else { return Ok(()) };
        let seq = row.seq();
        if edge.created_at <= last.created_at {
            return Err(ChainFault::Time { seq });
        }
        if edge.lease < last.lease {
            return Err(ChainFault::Lease { seq });
        }
        let is_recovery = matches!(row.payload().content, Content::Recovery(_));
        let is_right = if is_recovery {
            edge.epoch > last.epoch
        } else {
            edge.epoch == last.epoch
        };
        if !is_right {
            return Err(ChainFault::Epoch { seq });
        }
        Ok(())
    }

    /// Whether the row contradicts the head that is known.
    fn check_known(&mut self, row: &AuditRow) -> Result<(), ChainFault> {
        let Some(known) = self.known else {
            return Ok(());
        };
        if let Content::Recovery(recovery) = &row.payload().content {
            let gives_up = row.seq() <= known.seq && known.seq <= recovery.anchor.seq;
            if gives_up && self.abandoned_at.is_none() {
                self.abandoned_at = Some(row.seq());
            }
        }
        if row.seq() == known.seq && row.digest() != known.digest {
            return Err(match self.abandoned_at {
                Some(seq) => ChainFault::Abandoned { known, seq },
                None => ChainFault::Forked { known },
            });
        }
        Ok(())
    }

    /// Whether the chain holds the head that is known.
    fn check_end(&self, first: ChainHead, last: ChainHead) -> Result<(), ChainFault> {
        let Some(known) = self.known.filter(|known| *known != ChainHead::NONE) else {
            return Ok(());
        };
        if known.seq > last.seq {
            return Err(match self.abandoned_at {
                Some(seq) => ChainFault::Abandoned { known, seq },
                None => ChainFault::TailDropped { known, last },
            });
        }
        match self.start {
            Start::After(head) if head == known => Ok(()),
            Start::After(head) if head.seq == known.seq => Err(ChainFault::Forked { known }),
            Start::After(head) if head.seq > known.seq => Err(ChainFault::KnownBeforeStart {
                known,
                first: first.seq,
            }),
            // INVARIANT: the row with its number came, and was compared.
            _ => Ok(()),
        }
    }

    fn count(&mut self, row: &AuditRow) {
        self.rows += 1;
        self.seals += u64::from(row.seal().is_some());
        let seq = row.seq();
        match self.kids.get_mut(row.signer_kid()) {
            Some(kid) => {
                kid.rows += 1;
                kid.last = seq;
            }
            None => {
                let report = KidReport {
                    rows: 1,
                    first: seq,
                    last: seq,
                };
                self.kids.insert(row.signer_kid().clone(), report);
            }
        }
    }
}

impl Edge {
    fn of(row: &AuditRow) -> Self {
        Self {
            head: row.head(),
            created_at: row.created_at(),
            lease: row.payload().lease,
            epoch: row.payload().origin.epoch,
        }
    }
}

#[cfg(test)]
mod tests;
