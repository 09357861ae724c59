//! An account of the model.

use ledger::AccountFlags;
use ledger::account::AccountSettings;
use ledger::limits::WINDOW_SLOTS;
use ledger::window::WindowLimit;

use crate::wide::Wide;

/// 2^127 − 1: no sum of an account passes it.
pub(crate) const SUM_MAX: u128 = u128::MAX >> 1;

/// An account with everything that ever counted against its limits.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) asset: u32,
    pub(crate) code: u16,
    pub(crate) user_data: u64,
    pub(crate) settings: AccountSettings,
    pub(crate) debits_posted: u128,
    pub(crate) credits_posted: u128,
    pub(crate) debits_pending: u128,
    pub(crate) credits_pending: u128,
    /// Legs and changes so far.
    pub(crate) seq: u64,
    /// Whether its settings ever changed.
    pub(crate) changed: bool,
    /// Posted time and amount of what it gave since each limit was set.
    pub(crate) given: [Vec<(u64, u128)>; 2],
}

impl Account {
    /// Credits − debits posted.
    pub(crate) fn posted(&self) -> Wide {
        Wide::from(self.credits_posted) - Wide::from(self.debits_posted)
    }

    /// What the floor looks at.
    pub(crate) fn low(&self) -> Wide {
        self.posted() - Wide::from(self.debits_pending)
    }

    /// What the ceiling looks at.
    pub(crate) fn high(&self) -> Wide {
        self.posted() + Wide::from(self.credits_pending)
    }

    pub(crate) fn keeps_floor(&self, settings: &AccountSettings) -> bool {
        settings
            .floor
            .is_none_or(|floor| self.low() >= Wide::from(floor))
    }

    pub(crate) fn keeps_ceiling(&self, settings: &AccountSettings) -> bool {
        settings
            .ceiling
            .is_none_or(|ceiling| self.high() <= Wide::from(ceiling))
    }

    pub(crate) fn is(&self, flags: u16) -> bool {
        self.settings.flags.0 & flags != 0
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is(AccountFlags::CLOSED)
    }

    /// Debits and their sum that `limit` (one of two) counts at `now`.
    pub(crate) fn used(&self, which: usize, now: u64) -> (u64, Wide) {
        let slot = slot_nanos(&self.settings.limits[which]);
        let (mut count, mut sum) = (0, Wide::from(0u128));
        for (posted_at, amount) in &self.given[which] {
            if posted_at / slot + WINDOW_SLOTS as u64 > now / slot {
                count += 1;
                sum = sum + Wide::from(*amount);
            }
        }
        (count, sum)
    }

    /// Counts a debit against the limits that are set.
    pub(crate) fn give(&mut self, now: u64, amount: u128) {
        for which in 0..2 {
            if self.settings.limits[which].seconds != 0 {
                self.given[which].push((now, amount));
            }
        }
    }
}

/// Length of a slot. The newest slot has only begun, so that the others have to span the window.
fn slot_nanos(limit: &WindowLimit) -> u64 {
    (u64::from(limit.seconds) * 1_000_000_000).div_ceil(WINDOW_SLOTS as u64 - 1)
}
