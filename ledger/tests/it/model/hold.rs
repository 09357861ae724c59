//! Holds of the model and their end.

use ledger::event::HoldExpired;
use ledger::{AccountId, Event, TransferId};

use super::Book;

/// How a hold ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    Captured,
    Voided,
    Expired,
}

/// A hold that was posted.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) seq: u64,
    pub(crate) debit: u128,
    pub(crate) credit: u128,
    /// What is still held.
    pub(crate) left: u128,
    /// `None`: never.
    pub(crate) expires_at: Option<u64>,
    pub(crate) ended: Option<Ended>,
}

impl Book {
    /// Takes `amount` off a hold and off what both accounts hold pending.
    pub(crate) fn release(&mut self, hold: u128, amount: u128) {
        let hold = self.holds.get_mut(&hold).unwrap();
        hold.left -= amount;
        self.accounts.get_mut(&hold.debit).unwrap().debits_pending -= amount;
        self.accounts.get_mut(&hold.credit).unwrap().credits_pending -= amount;
    }

    /// Ends every hold that ran out by `now`, the one that ran out first first.
    pub(crate) fn expire(&mut self, now: u64) {
        let mut due: Vec<(u64, u64, u128)> = self
            .holds
            .iter()
            .filter(|(_, hold)| hold.ended.is_none())
            .filter_map(|(id, hold)| Some((hold.expires_at?, hold.seq, *id)))
            .filter(|(expires_at, _, _)| *expires_at <= now)
            .collect();
        due.sort_unstable();
        for (_, _, id) in due {
            self.expire_one(now, id);
        }
    }

    fn expire_one(&mut self, now: u64, id: u128) {
        let (seq, posted_at) = self.stamp(now);
        let Hold {
            debit,
            credit,
            left,
            ..
        } = self.holds[&id].clone();
        self.release(id, left);
        self.holds.get_mut(&id).unwrap().ended = Some(Ended::Expired);
        let event = HoldExpired {
            seq,
            posted_at,
            hold: TransferId(id),
            debit: AccountId(debit),
            credit: AccountId(credit),
            released: left,
            debit_seq: self.next_leg(debit),
            credit_seq: self.next_leg(credit),
        };
        self.log.push(Event::HoldExpired(event));
    }

    /// Counts a leg or change of an account.
    pub(crate) fn next_leg(&mut self, account: u128) -> u64 {
        let account = self.accounts.get_mut(&account).unwrap();
        account.seq += 1;
        account.seq
    }
}
