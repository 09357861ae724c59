//! Rows of the columns that a policy is passed.

use crate::{Accounts, Transfers};

/// One transfer of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Transfer {
    /// Its place in the batch.
    pub index: usize,
    /// Place of the account that gives; 0 unless accounts are needed.
    pub debit: u32,
    /// Place of the account that receives; 0 unless accounts are needed.
    pub credit: u32,
    /// Minor units.
    pub amount: u128,
    /// 0 where the transfer does not say it: then it is that of its accounts.
    pub asset: u32,
    /// The client's own classification.
    pub code: u16,
    /// The bits below.
    pub flags: u16,
}

impl Transfer {
    /// Belongs together with the next: all or nothing.
    pub const LINKED: u16 = 1 << 0;
    /// Holds the amount instead of posting it.
    pub const HOLD: u16 = 1 << 1;
    /// Posts the amount out of a hold.
    pub const CAPTURE: u16 = 1 << 2;
    /// Releases a hold: moves nothing, and its amount may be 0.
    pub const VOID: u16 = 1 << 3;
    /// With `CAPTURE`: what is left stays held.
    pub const KEEP_OPEN: u16 = 1 << 4;
    /// Posts at most what the debit account's bound allows.
    pub const BALANCING_DEBIT: u16 = 1 << 5;
    /// Posts at most what the credit account's bound allows.
    pub const BALANCING_CREDIT: u16 = 1 << 6;
    /// Gives back the whole of an earlier transfer.
    pub const REVERSAL: u16 = 1 << 7;
    /// Carries a posted time of its own.
    pub const IMPORTED: u16 = 1 << 8;

    /// Whether all of these bits are set.
    pub const fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }
}

/// More of a transfer, for who needs `TRANSFER_DETAILS`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Details {
    /// Seconds until a hold expires; 0 means never.
    pub timeout: u32,
    /// Business date in nanoseconds, UTC; 0 means the posted time.
    pub effective_at: u64,
    /// The client's own number.
    pub user_data: u64,
}

/// One account that a batch touches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Account {
    /// Its id.
    pub id: u128,
    /// Its code in the chart of accounts; 0 if it does not exist.
    pub code: u16,
    /// Its asset.
    pub asset: u32,
    /// The bits below.
    pub state: u16,
    /// Bit n: tag n is set.
    pub tags: u64,
}

impl Account {
    /// Nothing may be debited.
    pub const FROZEN_DEBIT: u16 = 1 << 1;
    /// Nothing may be credited.
    pub const FROZEN_CREDIT: u16 = 1 << 2;
    /// Nothing may be posted ever again.
    pub const CLOSED: u16 = 1 << 3;

    /// Whether it exists.
    pub const fn exists(&self) -> bool {
        self.code != 0
    }

    /// Whether it bears a tag.
    pub const fn has_tag(&self, tag: u8) -> bool {
        tag < 64 && self.tags >> tag & 1 == 1
    }
}

/// The rows of columns of one length.
pub(crate) fn transfers(columns: &Transfers) -> impl Iterator<Item = Transfer> {
    // Zipped rather than indexed: no length is checked for each transfer.
    let sides = columns.debit.iter().zip(&columns.credit);
    let amounts = columns.amount_low.iter().zip(&columns.amount_high);
    let kinds = columns.asset.iter().zip(&columns.code);
    let rest = kinds.zip(&columns.flag_bits);
    let rows = sides.zip(amounts).zip(rest).enumerate();
    rows.map(
        |(index, (((&debit, &credit), (&low, &high)), ((&asset, &code), &flags)))| Transfer {
            index,
            debit,
            credit,
            amount: join(low, high),
            asset,
            code,
            flags,
        },
    )
}

/// The rows of columns of one length.
pub(crate) fn accounts(columns: &Accounts) -> impl Iterator<Item = Account> {
    let ids = columns.id_low.iter().zip(&columns.id_high);
    let kinds = columns.code.iter().zip(&columns.asset);
    let rest = columns.state_bits.iter().zip(&columns.tag_bits);
    let rows = ids.zip(kinds).zip(rest);
    rows.map(
        |(((&low, &high), (&code, &asset)), (&state, &tags))| Account {
            id: join(low, high),
            code,
            asset,
            state,
            tags,
        },
    )
}

/// A number of 128 bits from its halves.
pub(crate) const fn join(low: u64, high: u64) -> u128 {
    // `From` is not const.
    ((high as u128) << 64) | low as u128
}

/// The halves of a number of 128 bits.
#[expect(clippy::cast_possible_truncation, reason = "each takes its half")]
pub(crate) const fn halves(number: u128) -> (u64, u64) {
    (number as u64, (number >> 64) as u64)
}
