//! The record of a transfer: what was decided, so that replay needs neither clock nor policy.

use crate::code::Code;
use crate::digest::Digest;
use crate::event::{VERSION, kind};
use crate::fields::{DecodeError, Reader};
use crate::id::{AccountId, AssetId, Nanos, Seq, TransferId};
use crate::transfer::TransferFlags;

/// Salted commitments to what stands beside the journal and can be erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commitments {
    /// SHA-256 of salt ‖ 0x01 ‖ reference; zero if there is none.
    pub reference: Digest,
    /// SHA-256 of salt ‖ 0x02 ‖ metadata; zero if there is none.
    pub metadata: Digest,
}

/// A transfer, hold, capture, void or reversal as it was posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferPosted {
    /// What it did.
    pub flags: TransferFlags,
    /// The client's classification.
    pub code: u16,
    /// How it was decided; `created` in every record of this version.
    pub result: Code,
    /// Asset of both accounts.
    pub asset: AssetId,
    /// Seconds until the hold expires; 0 means never.
    pub timeout: u32,
    /// Position in the book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// Business date.
    pub effective_at: Nanos,
    /// The client's own number.
    pub user_data: u64,
    /// Sequence of this leg in the debit account, dense from 1.
    pub debit_seq: u64,
    /// Sequence of this leg in the credit account, dense from 1.
    pub credit_seq: u64,
    /// The client's id.
    pub id: TransferId,
    /// Account that gave.
    pub debit: AccountId,
    /// Account that received.
    pub credit: AccountId,
    /// What moved: held for a hold, posted for everything else; 0 for a void.
    pub amount: u128,
    /// What was asked for; differs from `amount` for balancing transfers.
    pub requested: u128,
    /// What a capture or void took off the hold, released remainder included.
    pub released: u128,
    /// The hold or the reversed transfer; 0 otherwise.
    pub target: TransferId,
    /// Commitments to reference and metadata, if it has any.
    pub commitments: Option<Commitments>,
}

impl TransferPosted {
    /// Bytes of a record without commitments.
    pub const BYTES: usize = 176;
    /// Bytes of a record with commitments.
    pub const NOTED_BYTES: usize = Self::BYTES + 64;

    /// Appends the record.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut b = [0u8; Self::BYTES];
        b[0] = if self.commitments.is_some() {
            kind::TRANSFER_NOTED
        } else {
            kind::TRANSFER
        };
        b[1] = VERSION;
        b[2..4].copy_from_slice(&self.flags.0.to_le_bytes());
        b[4..6].copy_from_slice(&self.code.to_le_bytes());
        b[6..8].copy_from_slice(&self.result.number().to_le_bytes());
        b[8..12].copy_from_slice(&self.asset.0.to_le_bytes());
        b[12..16].copy_from_slice(&self.timeout.to_le_bytes());
        b[16..24].copy_from_slice(&self.seq.0.to_le_bytes());
        b[24..32].copy_from_slice(&self.posted_at.0.to_le_bytes());
        b[32..40].copy_from_slice(&self.effective_at.0.to_le_bytes());
        b[40..48].copy_from_slice(&self.user_data.to_le_bytes());
        b[48..56].copy_from_slice(&self.debit_seq.to_le_bytes());
        b[56..64].copy_from_slice(&self.credit_seq.to_le_bytes());
        b[64..80].copy_from_slice(&self.id.0.to_le_bytes());
        b[80..96].copy_from_slice(&self.debit.0.to_le_bytes());
        b[96..112].copy_from_slice(&self.credit.0.to_le_bytes());
        b[112..128].copy_from_slice(&self.amount.to_le_bytes());
        b[128..144].copy_from_slice(&self.requested.to_le_bytes());
        b[144..160].copy_from_slice(&self.released.to_le_bytes());
        b[160..176].copy_from_slice(&self.target.0.to_le_bytes());
        out.extend_from_slice(&b);
        if let Some(commitments) = &self.commitments {
            out.extend_from_slice(&commitments.reference.0);
            out.extend_from_slice(&commitments.metadata.0);
        }
    }

    /// Reads the fields after kind and version.
    #[inline]
    pub(super) fn decode(r: &mut Reader<'_>, noted: bool) -> Result<Self, DecodeError> {
        let flags = TransferFlags(r.u16()?);
        if flags.0 & !TransferFlags::KNOWN != 0 {
            return Err(DecodeError::BadField("flags"));
        }
        Ok(Self {
            flags,
            code: r.u16()?,
            result: Code::from_number(r.u16()?).ok_or(DecodeError::BadField("result"))?,
            asset: AssetId(r.u32()?),
            timeout: r.u32()?,
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            effective_at: Nanos(r.u64()?),
            user_data: r.u64()?,
            debit_seq: r.u64()?,
            credit_seq: r.u64()?,
            id: TransferId(r.u128()?),
            debit: AccountId(r.u128()?),
            credit: AccountId(r.u128()?),
            amount: r.u128()?,
            requested: r.u128()?,
            released: r.u128()?,
            target: TransferId(r.u128()?),
            commitments: if noted {
                Some(Commitments {
                    reference: Digest(r.array()?),
                    metadata: Digest(r.array()?),
                })
            } else {
                None
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    /// Offsets are part of the format: a record built by hand must read back field by field.
    #[test]
    fn record_layout_is_fixed() {
        let mut b = vec![0u8; TransferPosted::BYTES];
        b[0] = 3;
        b[1] = 1;
        b[2] = 2;
        b[16] = 7;
        b[64] = 9;
        b[112] = 5;
        let Ok(Event::Transfer(t)) = Event::decode(&b) else {
            panic!("must decode")
        };
        assert_eq!(t.flags, TransferFlags::HOLD);
        assert_eq!(t.seq, Seq(7));
        assert_eq!(t.id, TransferId(9));
        assert_eq!(t.amount, 5);
        let mut again = Vec::new();
        Event::Transfer(t).encode(&mut again);
        assert_eq!(again, b);
    }
}
