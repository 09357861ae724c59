//! One request for a proof, and whether the answer proves what was asked.

use client::{Client, ClientError};
use ledger::{AccountId, BookId, Code, Event, Seq};
use verify::checkpoint::Checkpoint;
use verify::range::RangeProof;
use verify::receipt::Receipt;
use verify::statement::StatementProof;
use verify::{Keyring, SealedHead};
use wire::message as m;

use super::World;
use crate::mix::Kind;

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Question {
    /// For the receipt of one event.
    Receipt(Seq),
    /// For the proof of a range, without its events.
    Range(u64, u64),
    /// For a part of an account's postings.
    Statement(AccountId, u64),
    /// For the newest checkpoint.
    Checkpoint,
}

/// What came back.
pub(super) struct Found {
    /// Events of the book that the seal covers.
    pub(super) size: u64,
    bytes: Vec<u8>,
}

/// Why nothing came back.
pub(super) enum Refusal {
    /// The request as a whole was refused.
    Client(ClientError),
    /// There is no receipt.
    Row(Code),
}

/// What a proof that holds tells about.
pub(super) struct Seen {
    /// An account that a sealed posting touches.
    pub(super) account: Option<AccountId>,
}

impl World {
    /// The next question, with the index of its book.
    pub(super) fn question(&self) -> (usize, Question) {
        let random = || self.random.borrow_mut().u64(..);
        let kind = self.plan.mix.draw(random());
        let book = (random() % self.books.len().max(1) as u64) as usize;
        let size = self.sealed.get(book).map_or(1, |size| size.get().max(1));
        let receipt = || (book, Question::Receipt(Seq(random() % size)));
        match kind {
            Kind::Receipt => receipt(),
            Kind::Range => {
                let events = self.plan.range_events.clamp(1, size);
                let from = random() % (size - events + 1);
                (book, Question::Range(from, from + events))
            }
            // Until an account is known that has postings, there is nothing to state.
            Kind::Statement => self.account.get().map_or_else(receipt, |(book, account)| {
                let end = 1 + self.plan.statement_events.max(1);
                (book, Question::Statement(account, end))
            }),
            Kind::Checkpoint => (book, Question::Checkpoint),
        }
    }
}

impl Question {
    /// Its kind.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Receipt(_) => Kind::Receipt,
            Self::Range(..) => Kind::Range,
            Self::Statement(..) => Kind::Statement,
            Self::Checkpoint => Kind::Checkpoint,
        }
    }

    /// Asks once.
    pub(super) async fn ask(self, client: &Client, book: BookId) -> Result<Found, Refusal> {
        let of_proof = |found: m::ProofFound| (found.sealed.size, found.proof.to_vec());
        let found = match self {
            Self::Receipt(seq) => {
                let request = m::Receipts {
                    seqs: vec![seq],
                    ids: Vec::new(),
                };
                let found = client.receipts(book, request).await?;
                let unexpected = ClientError::Unexpected("no receipt and no reason");
                let row = found.rows.into_iter().next().ok_or(unexpected)?;
                if row.code != Code::Created {
                    return Err(Refusal::Row(row.code));
                }
                (found.sealed.size, row.receipt.to_vec())
            }
            Self::Range(from, to) => {
                let request = m::ProveRange {
                    from: Seq(from),
                    to: Seq(to),
                };
                of_proof(client.prove_range(book, request).await?)
            }
            Self::Statement(account, to_seq) => {
                let request = m::ProveStatement {
                    account,
                    from_seq: 1,
                    to_seq,
                };
                let page = client.prove_statement(book, request).await?;
                (page.sealed.size, page.proof.to_vec())
            }
            Self::Checkpoint => {
                let request = m::CheckpointRequest { size: 0 };
                of_proof(client.checkpoint(book, request).await?)
            }
        };
        let (size, bytes) = found;
        Ok(Found { size, bytes })
    }

    /// Whether what came back proves what was asked, for whoever has the public keys alone.
    pub(super) fn verify(
        self,
        found: &Found,
        book: BookId,
        keyring: &Keyring,
    ) -> Result<Seen, String> {
        match self {
            Self::Receipt(seq) => {
                let receipt = Receipt::decode(&found.bytes).map_err(text)?;
                let verified = receipt.verify(keyring).map_err(text)?;
                is_asked(verified.book == book && verified.seq == seq)?;
                Ok(Seen {
                    account: match verified.event {
                        Event::Transfer(transfer) => Some(transfer.debit),
                        _ => None,
                    },
                })
            }
            Self::Range(from, to) => {
                let proof = RangeProof::decode(&found.bytes).map_err(text)?;
                proof.verify(keyring).map_err(text)?;
                is_asked((proof.lo, proof.hi) == (from, to) && is_of(&proof.sealed, book))?;
                Ok(Seen { account: None })
            }
            Self::Statement(account, _) => {
                let proof = StatementProof::decode(&found.bytes).map_err(text)?;
                let statement = proof.verify(keyring).map_err(text)?;
                is_asked(statement.account == account && is_of(&proof.sealed, book))?;
                Ok(Seen { account: None })
            }
            Self::Checkpoint => {
                let note = std::str::from_utf8(&found.bytes).map_err(text)?;
                let checkpoint = Checkpoint::verify(note, keyring).map_err(text)?;
                is_asked(checkpoint.origin.book == book && checkpoint.size == found.size)?;
                Ok(Seen { account: None })
            }
        }
    }
}

fn is_of(sealed: &SealedHead, book: BookId) -> bool {
    sealed.head.book == book
}

fn is_asked(is: bool) -> Result<(), String> {
    is.then_some(())
        .ok_or_else(|| "it proves something else than was asked".to_owned())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}
