//! Receipts: that one event of a book is sealed, for whoever has the public keys.

mod error;

use ledger::fields::{DecodeError, Reader, Write as _};
use ledger::{BookId, Digest, Event, Seq, merkle, proof};

use crate::chain_head::ChainHead;
use crate::key::Kid;
use crate::keyring::Keyring;
use crate::payload::Origin;
use crate::row::AuditRow;
use crate::sealed_head::SealedHead;
use crate::time::Micros;

pub use error::ReceiptError;

const MAGIC: &[u8; 8] = b"LGRRCPT1";

/// An event, the path to the root of its book, and the head that is sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The record of the event.
    pub record: Vec<u8>,
    /// Its position in the book.
    pub seq: Seq,
    /// Hashes from the leaf's sibling up to the root of the book.
    pub path: Vec<Digest>,
    /// The head of the book, and the seal that covers it.
    pub sealed: SealedHead,
}

/// What a receipt that holds says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The book.
    pub book: BookId,
    /// Position of the event in it.
    pub seq: Seq,
    /// The event.
    pub event: Event,
    /// Events of the book that the seal covers.
    pub size: u64,
    /// Root of the book's log at that size.
    pub root: Digest,
    /// Where the seal belongs.
    pub origin: Origin,
    /// Number and digest of the seal.
    pub seal: ChainHead,
    /// When it was made.
    pub sealed_at: Micros,
    /// The key that signed it.
    pub kid: Kid,
}

impl Receipt {
    /// The bytes of the receipt.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.sealed.encode(&mut out);
        out.put_u64(self.seq.0);
        out.put(&self.record);
        for hash in &self.path {
            out.put(&hash.0);
        }
        out
    }

    /// Reads a receipt. The lengths of record and path follow from what stands before them.
    ///
    /// # Errors
    /// The bytes are none, or something stands after it.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.array()? != *MAGIC {
            return Err(DecodeError::BadField("magic"));
        }
        let sealed = SealedHead::decode(&mut r)?;
        let seq = Seq(r.u64()?);
        let (record, _) = Event::split(r.rest())?;
        let record = r.take(record.len())?.to_vec();
        let steps =
            proof::inclusion_ranges(seq.0, sealed.head.size).ok_or(DecodeError::BadField("seq"))?;
        let path = steps.iter().map(|_| r.array().map(Digest));
        let path = path.collect::<Result<_, _>>()?;
        r.end()?;
        Ok(Self {
            record,
            seq,
            path,
            sealed,
        })
    }

    /// Whether the event is sealed, by a key that counts. If that key is revoked, the seal has to
    /// be the trusted head itself.
    ///
    /// # Errors
    /// It is not.
    pub fn verify(&self, keyring: &Keyring) -> Result<Verified, ReceiptError> {
        self.verify_with(keyring, &[])
    }

    /// As [`Receipt::verify`]; for a revoked key, `ancestry` are the rows after the seal up to the
    /// trusted head.
    ///
    /// # Errors
    /// As there.
    pub fn verify_with(
        &self,
        keyring: &Keyring,
        ancestry: &[AuditRow],
    ) -> Result<Verified, ReceiptError> {
        let event = Event::decode(&self.record).map_err(ReceiptError::Event)?;
        if event.seq() != self.seq {
            return Err(ReceiptError::Seq {
                says: event.seq(),
                stands: self.seq,
            });
        }
        let head = &self.sealed.head;
        let leaf = merkle::leaf(&self.record);
        let root = proof::root_from_inclusion(leaf, self.seq.0, head.size, &self.path);
        if root != Some(head.root) {
            return Err(ReceiptError::Path);
        }
        self.sealed
            .verify_with(keyring, ancestry)
            .map_err(ReceiptError::Head)?;
        let row = &self.sealed.row;
        Ok(Verified {
            book: head.book,
            seq: self.seq,
            event,
            size: head.size,
            root: head.root,
            origin: row.payload().origin.clone(),
            seal: row.head(),
            sealed_at: row.created_at(),
            kid: row.signer_kid().clone(),
        })
    }
}

#[cfg(test)]
mod tests;
