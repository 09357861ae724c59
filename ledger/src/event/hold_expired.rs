//! The record of a hold that ran out.

use crate::event::{VERSION, kind};
use crate::fields::{DecodeError, Reader, Write};
use crate::id::{AccountId, Nanos, Seq, TransferId};

/// A hold ran out and what was left of it is free again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HoldExpired {
    /// Position in the book.
    pub seq: Seq,
    /// When it was decided, at or after the hold's expiry.
    pub posted_at: Nanos,
    /// The hold.
    pub hold: TransferId,
    /// Account that would have given.
    pub debit: AccountId,
    /// Account that would have received.
    pub credit: AccountId,
    /// What was still held, in minor units.
    pub released: u128,
    /// Sequence of this leg in the debit account.
    pub debit_seq: u64,
    /// Sequence of this leg in the credit account.
    pub credit_seq: u64,
}

impl HoldExpired {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 16 * 4 + 8 + 8;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::HOLD_EXPIRED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u128(self.hold.0);
        out.put_u128(self.debit.0);
        out.put_u128(self.credit.0);
        out.put_u128(self.released);
        out.put_u64(self.debit_seq);
        out.put_u64(self.credit_seq);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            hold: TransferId(r.u128()?),
            debit: AccountId(r.u128()?),
            credit: AccountId(r.u128()?),
            released: r.u128()?,
            debit_seq: r.u64()?,
            credit_seq: r.u64()?,
        })
    }
}
