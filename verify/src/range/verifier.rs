//! Events checked as they arrive.

use std::ops::Range;

use ledger::Digest;
use ledger::event::Event;
use ledger::fields::DecodeError;
use ledger::merkle::{self, Frontier};
use ledger::proof::{Node, Perfect, perfect};

use super::RangeError;

/// Checks the records of a range, chunk by chunk, against the hashes of its perfect subtrees.
#[derive(Clone, Debug)]
pub struct RangeVerifier<'a> {
    range: Range<u64>,
    subtrees: Perfect,
    hashes: &'a [Digest],
    /// The subtree that is being filled.
    filling: Option<Filling>,
    /// The beginning of a record whose end has not come yet.
    cut: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Filling {
    leaves: Range<u64>,
    hash: Digest,
    tree: Frontier,
}

impl<'a> RangeVerifier<'a> {
    /// `hashes` are as many as `range` has perfect subtrees.
    pub(crate) fn new(range: Range<u64>, hashes: &'a [Digest]) -> Self {
        Self {
            subtrees: perfect(range.clone()),
            range,
            hashes,
            filling: None,
            cut: Vec::new(),
        }
    }

    /// The event that comes next.
    pub fn next_seq(&self) -> u64 {
        self.range.start
    }

    /// Checks the next bytes; where they are cut does not matter.
    ///
    /// # Errors
    /// What does not hold. The verifier is then of no more use.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), RangeError> {
        let mut rest = chunk;
        while !self.cut.is_empty() {
            let Some((byte, after)) = rest.split_first() else {
                return Ok(());
            };
            self.cut.push(*byte);
            rest = after;
            if self.is_whole(&self.cut)? {
                let record = std::mem::take(&mut self.cut);
                self.record(&record)?;
            }
        }
        while !rest.is_empty() {
            if !self.is_whole(rest)? {
                self.cut.extend_from_slice(rest);
                return Ok(());
            }
            let (record, after) = Event::split(rest).map_err(|error| self.refused(error))?;
            self.record(record)?;
            rest = after;
        }
        Ok(())
    }

    /// Checks that all events came.
    ///
    /// # Errors
    /// There are fewer than the range has.
    pub fn finish(self) -> Result<(), RangeError> {
        if self.range.is_empty() && self.cut.is_empty() {
            Ok(())
        } else {
            Err(RangeError::Missing {
                from: self.range.start,
                hi: self.range.end,
            })
        }
    }

    /// Whether `bytes` begin with a whole record.
    fn is_whole(&self, bytes: &[u8]) -> Result<bool, RangeError> {
        if self.range.is_empty() {
            return Err(RangeError::TooMany { hi: self.range.end });
        }
        match Event::split(bytes) {
            Ok(_) => Ok(true),
            Err(DecodeError::Truncated { .. }) => Ok(false),
            Err(error) => Err(self.refused(error)),
        }
    }

    fn refused(&self, error: DecodeError) -> RangeError {
        RangeError::Record {
            seq: self.range.start,
            error,
        }
    }

    /// Checks one record; the range is not empty.
    pub(crate) fn record(&mut self, record: &[u8]) -> Result<Event, RangeError> {
        let expected = self.range.start;
        if self.range.is_empty() {
            return Err(RangeError::TooMany { hi: expected });
        }
        let event = Event::decode(record).map_err(|error| self.refused(error))?;
        let found = event.seq().0;
        if found != expected {
            return Err(RangeError::Sequence { expected, found });
        }
        self.range.start += 1;
        self.leaf(merkle::leaf(record))?;
        Ok(event)
    }

    fn leaf(&mut self, leaf: Digest) -> Result<(), RangeError> {
        let end = self.range.end;
        let missing = RangeError::Missing { from: end, hi: end };
        let mut filling = match self.filling.take() {
            Some(filling) => filling,
            None => self.next_subtree().ok_or(missing)?,
        };
        filling.tree.push(leaf);
        let Range { start: first, end } = filling.leaves;
        if filling.tree.size() < end - first {
            self.filling = Some(filling);
            return Ok(());
        }
        if filling.tree.root() == filling.hash {
            Ok(())
        } else {
            Err(RangeError::Events { first, end })
        }
    }

    fn next_subtree(&mut self) -> Option<Filling> {
        let leaves = self.subtrees.next().and_then(Node::leaves)?;
        let (hash, rest) = self.hashes.split_first()?;
        self.hashes = rest;
        Some(Filling {
            leaves,
            hash: *hash,
            tree: Frontier::new(),
        })
    }
}
