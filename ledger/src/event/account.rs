//! Records of accounts: created, changed.

use crate::account::{AccountFlags, AccountSettings};
use crate::event::{VERSION, kind};
use crate::fields::{DecodeError, Reader, Write};
use crate::id::{AccountId, AssetId, Nanos, Seq};
use crate::window::WindowLimit;

/// An account came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountCreated {
    /// Position in the book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// The client's id.
    pub id: AccountId,
    /// What its amounts are counted in.
    pub asset: AssetId,
    /// The client's classification.
    pub code: u16,
    /// The client's own number.
    pub user_data: u64,
    /// Flags, bounds, rolling limits and tags.
    pub settings: AccountSettings,
}

/// An account's settings were replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountChanged {
    /// Position in the book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// The account.
    pub id: AccountId,
    /// Sequence of this change in the account, dense with its legs.
    pub account_seq: u64,
    /// All settings after the change.
    pub settings: AccountSettings,
}

impl AccountCreated {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 16 + 4 + 2 + 8 + AccountSettings::BYTES;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::ACCOUNT_CREATED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u128(self.id.0);
        out.put_u32(self.asset.0);
        out.put_u16(self.code);
        out.put_u64(self.user_data);
        self.settings.encode(out);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            id: AccountId(r.u128()?),
            asset: AssetId(r.u32()?),
            code: r.u16()?,
            user_data: r.u64()?,
            settings: AccountSettings::decode(r)?,
        })
    }
}

impl AccountChanged {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 16 + 8 + AccountSettings::BYTES;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::ACCOUNT_CHANGED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u128(self.id.0);
        out.put_u64(self.account_seq);
        self.settings.encode(out);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            id: AccountId(r.u128()?),
            account_seq: r.u64()?,
            settings: AccountSettings::decode(r)?,
        })
    }
}

impl AccountSettings {
    /// Bytes of encoded settings.
    pub const BYTES: usize = 2 + 16 + 16 + 2 * WindowLimit::BYTES + 8;

    /// Appends flags, floor, ceiling, both rolling limits and the tags; an absent bound is 0 with
    /// its flag unset.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_u16(self.flag_bits());
        out.put_i128(self.floor.unwrap_or(0));
        out.put_i128(self.ceiling.unwrap_or(0));
        for limit in &self.limits {
            limit.encode(out);
        }
        out.put_u64(self.tags);
    }

    /// Reads what [`AccountSettings::encode`] writes.
    ///
    /// # Errors
    /// Unknown flags, or a bound that is absent and not 0.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bits = r.u16()?;
        let (floor, ceiling) = (r.i128()?, r.i128()?);
        let flags = AccountFlags(bits & AccountFlags::SETTABLE);
        let has_floor = bits & AccountFlags::HAS_FLOOR != 0;
        let has_ceiling = bits & AccountFlags::HAS_CEILING != 0;
        if bits & !(AccountFlags::SETTABLE | AccountFlags::HAS_FLOOR | AccountFlags::HAS_CEILING)
            != 0
        {
            return Err(DecodeError::BadField("account flags"));
        }
        if (!has_floor && floor != 0) || (!has_ceiling && ceiling != 0) {
            return Err(DecodeError::BadField("absent bound"));
        }
        Ok(Self {
            flags,
            floor: has_floor.then_some(floor),
            ceiling: has_ceiling.then_some(ceiling),
            limits: [WindowLimit::decode(r)?, WindowLimit::decode(r)?],
            tags: r.u64()?,
        })
    }
}
