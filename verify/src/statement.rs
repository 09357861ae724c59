//! The postings of one account, without a gap.
//!
//! Legs and changes of an account have sequences, dense from 1; its creation counts as 0. A
//! statement holds the events from one sequence to another and one path that leads all of them to
//! the root of the book's log, in which each hash stands once.
//!
//! What it does not show: that there is nothing after its last sequence.

mod account;
#[cfg(test)]
mod tests;

use std::fmt;

use ledger::event::{Event, Records};
use ledger::fields::{DecodeError, Reader, Write as _};
use ledger::proof::{self, Nodes, ProofError};
use ledger::{AccountId, Digest, merkle};

use crate::consistency::verify_head;
use crate::keyring::Keyring;
use crate::row::AuditRow;
use crate::sealed_head::{SealedHead, SealedHeadError};

pub use account::{Statement, Sums};

const MAGIC: &[u8; 8] = b"LGRSTMT1";

/// Events of one account, and the path that leads them to a sealed head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatementProof {
    /// The head of the book, and the seal that covers it.
    pub sealed: SealedHead,
    /// The account.
    pub account: AccountId,
    /// How many events.
    pub count: u32,
    /// Their records, one after the other.
    pub records: Vec<u8>,
    /// The hashes that lead to the root, from left to right.
    pub path: Vec<Digest>,
}

/// Why a statement is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StatementError {
    /// The bytes are no such proof.
    Decode(DecodeError),
    /// The head is not what a seal says.
    Head(SealedHeadError),
    /// A record is refused.
    Record(DecodeError),
    /// It holds no events.
    Empty,
    /// An event does not touch the account.
    OtherAccount {
        /// The event.
        seq: u64,
    },
    /// An event is not the next one of the account.
    Gap {
        /// The sequence in the account that should come next.
        expected: u64,
        /// The one that does.
        found: u64,
    },
    /// The sums leave their type, which no ledger lets them.
    Sum {
        /// The event at which they do.
        seq: u64,
    },
    /// The events are not what the sealed log holds there.
    Root,
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => write!(f, "not a statement: {error}"),
            Self::Head(error) => error.fmt(f),
            Self::Record(error) => write!(f, "a record is refused: {error}"),
            Self::Empty => f.write_str("a statement of no events"),
            Self::OtherAccount { seq } => write!(f, "event `{seq}` does not touch the account"),
            Self::Gap { expected, found } => write!(
                f,
                "sequence `{found}` of the account stands where `{expected}` should"
            ),
            Self::Sum { seq } => write!(f, "the sums of the account overflow at event `{seq}`"),
            Self::Root => f.write_str("the events are not what the sealed log holds there"),
        }
    }
}

impl std::error::Error for StatementError {}

impl StatementProof {
    /// Proves the events in `records`, which stand one after the other in the order of their
    /// sequences, out of the log at `sealed`.
    ///
    /// # Errors
    /// The records are none, out of order or not in the log, or a hash cannot be had.
    pub fn build<N: Nodes>(
        nodes: &mut N,
        account: AccountId,
        records: Vec<u8>,
        sealed: SealedHead,
    ) -> Result<Self, ProofError<N::Error>> {
        let mut indices = Vec::new();
        for record in Records(&records) {
            let event = record.and_then(Event::decode);
            let event = event.map_err(|_| ProofError::OutOfTree)?;
            indices.push(event.seq().0);
        }
        let path = proof::multi(nodes, &indices, sealed.head.size)?;
        Ok(Self {
            sealed,
            account,
            count: u32::try_from(indices.len()).map_err(|_| ProofError::OutOfTree)?,
            records,
            path,
        })
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.sealed.encode(&mut out);
        out.put_u128(self.account.0);
        out.put_u32(self.count);
        out.put(&self.records);
        for hash in &self.path {
            out.put(&hash.0);
        }
        out
    }

    /// Reads what [`StatementProof::encode`] writes. How many hashes there must be is checked with
    /// the path.
    ///
    /// # Errors
    /// The bytes are anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, StatementError> {
        Self::read(bytes).map_err(StatementError::Decode)
    }

    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.array()? != *MAGIC {
            return Err(DecodeError::BadField("magic"));
        }
        let sealed = SealedHead::decode(&mut r)?;
        let account = AccountId(r.u128()?);
        let count = r.u32()?;
        let mut rest = r.rest();
        for _ in 0..count {
            rest = Event::split(rest)?.1;
        }
        let records = r.take(r.rest().len() - rest.len())?.to_vec();
        let mut path = Vec::new();
        while !r.rest().is_empty() {
            path.push(Digest(r.array()?));
        }
        Ok(Self {
            sealed,
            account,
            count,
            records,
            path,
        })
    }

    /// Checks the proof against the keys of `keyring`, and gives what it says.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, keyring: &Keyring) -> Result<Statement, StatementError> {
        self.verify_with(keyring, &[])
    }

    /// As [`StatementProof::verify`]; if the key of the seal is revoked, `chain` holds the rows
    /// after it up to the trusted head, and perhaps more before.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify_with(
        &self,
        keyring: &Keyring,
        chain: &[AuditRow],
    ) -> Result<Statement, StatementError> {
        verify_head(&self.sealed, keyring, chain).map_err(StatementError::Head)?;
        let mut leaves = Vec::new();
        let mut statement = None;
        for record in Records(&self.records) {
            let record = record.map_err(StatementError::Record)?;
            let event = Event::decode(record).map_err(StatementError::Record)?;
            leaves.push((event.seq().0, merkle::leaf(record)));
            statement = Some(Statement::add(statement, self.account, event)?);
        }
        let root = proof::root_from_multi(&leaves, self.sealed.head.size, &self.path);
        let is_whole = leaves.len() == self.count as usize;
        if root != Some(self.sealed.head.root) || !is_whole {
            return Err(StatementError::Root);
        }
        statement.ok_or(StatementError::Empty)
    }
}
