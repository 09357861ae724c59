//! Floors, ceilings, rolling limits and the ends of numbers, in the model.

use std::collections::BTreeMap;

use ledger::{Code, TransferFlags};

use super::Book;
use super::account::SUM_MAX;
use super::post::Asked;
use crate::wide::Wide;

impl Book {
    /// What would move: less than asked only for a balancing transfer, nothing for a void.
    pub(crate) fn actual(&self, asked: &Asked<'_>) -> u128 {
        if asked.has(TransferFlags::VOID) {
            return 0;
        }
        let mut amount = asked.t.amount;
        let debit = &self.accounts[&asked.t.debit.0];
        if let Some(floor) = debit.settings.floor
            && asked.has(TransferFlags::BALANCING_DEBIT)
        {
            amount = amount.min((debit.low() - Wide::from(floor)).amount());
        }
        let credit = &self.accounts[&asked.t.credit.0];
        if let Some(ceiling) = credit.settings.ceiling
            && asked.has(TransferFlags::BALANCING_CREDIT)
        {
            amount = amount.min((Wide::from(ceiling) - credit.high()).amount());
        }
        amount
    }

    /// Codes of class 7xx that apply to a transfer which nothing else refuses.
    pub(crate) fn bound_refusals(&self, asked: &Asked<'_>) -> Vec<Code> {
        if asked.has(TransferFlags::VOID) {
            return vec![];
        }
        let amount = self.actual(asked);
        if amount == 0 {
            return vec![Code::NothingToMove];
        }
        let mut codes = self.limit_refusals(asked, amount);
        if self.overflows(asked, amount) {
            codes.push(Code::Overflow);
        }
        if asked.alone {
            codes.extend(self.own_bounds(asked, amount));
        }
        codes
    }

    fn own_bounds(&self, asked: &Asked<'_>, amount: u128) -> Vec<Code> {
        // A capture moves within what its hold already keeps free on both sides.
        if asked.has(TransferFlags::CAPTURE) {
            return vec![];
        }
        let mut codes = vec![];
        let debit = &self.accounts[&asked.t.debit.0];
        if let Some(floor) = debit.settings.floor
            && debit.low() - Wide::from(amount) < Wide::from(floor)
        {
            codes.push(Code::BelowFloor);
        }
        let credit = &self.accounts[&asked.t.credit.0];
        if let Some(ceiling) = credit.settings.ceiling
            && credit.high() + Wide::from(amount) > Wide::from(ceiling)
        {
            codes.push(Code::AboveCeiling);
        }
        codes
    }

    fn limit_refusals(&self, asked: &Asked<'_>, amount: u128) -> Vec<Code> {
        let mut codes = vec![];
        if !asked.is_new() {
            return codes;
        }
        let debit = &self.accounts[&asked.t.debit.0];
        for (which, limit) in debit.settings.limits.iter().enumerate() {
            if limit.seconds == 0 {
                continue;
            }
            let (count, sum) = debit.used(which, self.posted_at(asked));
            if limit.count != 0 && count + 1 > u64::from(limit.count) {
                codes.push(Code::LimitCount);
            }
            if limit.amount != 0 && sum + Wide::from(amount) > Wide::from(limit.amount) {
                codes.push(Code::LimitAmount);
            }
        }
        codes
    }

    fn overflows(&self, asked: &Asked<'_>, amount: u128) -> bool {
        let debit = &self.accounts[&asked.t.debit.0];
        let credit = &self.accounts[&asked.t.credit.0];
        let sums = if asked.has(TransferFlags::HOLD) {
            [debit.debits_pending, credit.credits_pending]
        } else {
            [debit.debits_posted, credit.credits_posted]
        };
        sums.iter()
            .any(|sum| Wide::from(*sum) + Wide::from(amount) > Wide::from(SUM_MAX))
    }

    /// Which member of an entry set breaks a bound once the whole set has moved: floors before
    /// ceilings, and of each the first member that was the last to touch its account on that side.
    pub(crate) fn net_refusal(&self, set: &[Asked<'_>]) -> Option<(usize, Code)> {
        let (mut debits, mut credits) = (BTreeMap::new(), BTreeMap::new());
        for (index, asked) in set.iter().enumerate() {
            debits.insert(asked.t.debit.0, index);
            credits.insert(asked.t.credit.0, index);
        }
        let below = debits.iter().filter(|(id, _)| {
            let account = &self.accounts[id];
            !account.keeps_floor(&account.settings)
        });
        let above = credits.iter().filter(|(id, _)| {
            let account = &self.accounts[id];
            !account.keeps_ceiling(&account.settings)
        });
        let first_below = below.map(|(_, index)| *index).min();
        let first_above = above.map(|(_, index)| *index).min();
        first_below
            .map(|index| (index, Code::BelowFloor))
            .or(first_above.map(|index| (index, Code::AboveCeiling)))
    }
}
