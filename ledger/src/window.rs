//! Rolling limits: how often and how much an account may give within a window of time.
//!
//! A window of W seconds is kept in [`WINDOW_SLOTS`] = 16 slots of W/15. The newest slot has only
//! begun, so that the 15 before it span the whole window: a debit counts until the end of its slot
//! is W old. A limit is never looser than stated and at most W/15 stricter.

use crate::fields::{DecodeError, Reader, Write};
use crate::id::Nanos;
use crate::limits::WINDOW_SLOTS;

/// At most `count` debits and `amount` minor units in any `seconds`. All zero: no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WindowLimit {
    /// Length of the window; 0 means that this limit is not set.
    pub seconds: u32,
    /// Most debits; 0 means any number.
    pub count: u32,
    /// Most minor units; 0 means any amount.
    pub amount: u128,
}

impl WindowLimit {
    /// Bytes of an encoded limit.
    pub const BYTES: usize = 4 + 4 + 16;

    /// Whether there is a limit at all.
    pub fn is_set(&self) -> bool {
        self.seconds != 0
    }

    /// Appends the limit.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.seconds);
        out.put_u32(self.count);
        out.put_u128(self.amount);
    }

    /// Reads a limit.
    ///
    /// # Errors
    /// Bytes run out, or an unset limit has a count or amount.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let limit = Self {
            seconds: r.u32()?,
            count: r.u32()?,
            amount: r.u128()?,
        };
        if !limit.is_set() && (limit.count != 0 || limit.amount != 0) {
            return Err(DecodeError::BadField("limit without window"));
        }
        Ok(limit)
    }

    fn slot_nanos(&self) -> u64 {
        (u64::from(self.seconds) * 1_000_000_000).div_ceil(WINDOW_SLOTS as u64 - 1)
    }
}

/// What an account gave within its window so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Window {
    /// Number of the newest slot: posted time divided by the slot's length.
    pub newest: u64,
    /// Debits per slot, a ring indexed by slot number.
    pub counts: [u32; WINDOW_SLOTS],
    /// Minor units per slot.
    pub amounts: [u128; WINDOW_SLOTS],
}

/// Which rolling limit a debit would pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exceeded {
    /// The number of debits.
    Count,
    /// The sum of their amounts.
    Amount,
}

impl Window {
    /// Whether a debit of `amount` at `now` stays within `limit`.
    pub fn check(&self, limit: &WindowLimit, now: Nanos, amount: u128) -> Result<(), Exceeded> {
        let current = now.0 / limit.slot_nanos().max(1);
        let oldest = current.saturating_sub(WINDOW_SLOTS as u64 - 1);
        let (mut count, mut sum) = (1u64, amount);
        for back in 0..WINDOW_SLOTS as u64 {
            let Some(slot) = self.newest.checked_sub(back) else {
                break;
            };
            if slot < oldest {
                break;
            }
            let at = (slot % WINDOW_SLOTS as u64) as usize;
            count += u64::from(self.counts[at]);
            sum = sum.saturating_add(self.amounts[at]);
        }
        if limit.count != 0 && count > u64::from(limit.count) {
            return Err(Exceeded::Count);
        }
        if limit.amount != 0 && sum > limit.amount {
            return Err(Exceeded::Amount);
        }
        Ok(())
    }

    /// Counts a debit of `amount` at `now`, forgetting slots that left the window.
    pub fn add(&mut self, limit: &WindowLimit, now: Nanos, amount: u128) {
        let current = now.0 / limit.slot_nanos().max(1);
        let steps = current.saturating_sub(self.newest).min(WINDOW_SLOTS as u64);
        for step in 0..steps {
            let at = ((current - step) % WINDOW_SLOTS as u64) as usize;
            self.counts[at] = 0;
            self.amounts[at] = 0;
        }
        self.newest = self.newest.max(current);
        let at = (self.newest % WINDOW_SLOTS as u64) as usize;
        self.counts[at] = self.counts[at].saturating_add(1);
        self.amounts[at] = self.amounts[at].saturating_add(amount);
    }
}
