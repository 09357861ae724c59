//! What a book's own records add up to, worked out without the ledger's code.
//!
//! Every record must follow from those before it: dense sequences, rising times, known accounts,
//! ids that were never used, holds that are open, bounds that hold.

use std::collections::{HashMap, HashSet};

use ledger::event::{AccountCreated, HoldExpired, TransferPosted};
use ledger::{Balances, Digest, Event, TransferFlags as Flags, merkle};

/// What the records of a book add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct Truth {
    accounts: HashMap<u128, Account>,
    holds: HashMap<u128, Hold>,
    reversed: HashSet<u128>,
    /// Sequence of every transfer, by id.
    ids: HashMap<u128, u64>,
    /// Leaf of every record.
    leaves: Vec<Digest>,
    last_posted_at: u64,
    /// Accounts that the unfinished entry set moved.
    in_set: Vec<u128>,
}

/// What the records of an account add up to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Account {
    pub(super) balances: Balances,
    pub(super) legs: u64,
    pub(super) open_holds: u32,
    floor: Option<i128>,
    ceiling: Option<i128>,
    asset: u32,
}

#[derive(Clone, Copy, Debug)]
struct Hold {
    debit: u128,
    credit: u128,
    remaining: u128,
    /// 0: never.
    expires_at: u64,
}

type Wrong = Result<(), &'static str>;

impl Truth {
    /// How many records there were.
    pub(super) fn events(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Leaves of the records.
    pub(super) fn leaves(&self) -> &[Digest] {
        &self.leaves
    }

    /// Sequence of the transfer with this id.
    pub(super) fn seq_of(&self, id: u128) -> Option<u64> {
        self.ids.get(&id).copied()
    }

    /// Accounts by id.
    pub(super) fn accounts(&self) -> &HashMap<u128, Account> {
        &self.accounts
    }

    /// Adds the next record.
    ///
    /// # Errors
    /// Why it does not follow from those before it.
    pub(super) fn add(&mut self, record: &[u8]) -> Result<Event, &'static str> {
        let event = Event::decode(record).map_err(|_| "it is no record")?;
        ensure(
            event.seq().0 == self.events(),
            "its sequence is not the next",
        )?;
        ensure(
            event.posted_at().0 > self.last_posted_at,
            "its time is not after the last",
        )?;
        let is_transfer = matches!(event, Event::Transfer(_));
        ensure(
            is_transfer || self.in_set.is_empty(),
            "an entry set is cut short before it",
        )?;
        match &event {
            Event::AccountCreated(created) => self.create(created)?,
            Event::Transfer(transfer) => self.transfer(transfer)?,
            Event::HoldExpired(expired) => self.expire(expired)?,
            _ => return Err("nobody asked for its kind"),
        }
        self.last_posted_at = event.posted_at().0;
        self.leaves.push(merkle::leaf(record));
        Ok(event)
    }

    fn create(&mut self, created: &AccountCreated) -> Wrong {
        let account = Account {
            balances: Balances::default(),
            legs: 0,
            open_holds: 0,
            floor: created.settings.floor,
            ceiling: created.settings.ceiling,
            asset: created.asset.0,
        };
        let known = self.accounts.insert(created.id.0, account);
        ensure(known.is_none(), "the account was created before")
    }

    fn transfer(&mut self, t: &TransferPosted) -> Wrong {
        ensure(
            self.ids.insert(t.id.0, t.seq.0).is_none(),
            "the id was posted before",
        )?;
        ensure(t.debit != t.credit, "its accounts are the same")?;
        self.check_target(t)?;
        let is_hold = t.flags.has(Flags::HOLD);
        let ends = t.flags.any(Flags::CAPTURE.with(Flags::VOID)) && !t.flags.has(Flags::KEEP_OPEN);
        let change = i64::from(is_hold) - i64::from(ends);
        let (posted, held) = if is_hold {
            (0, t.amount)
        } else {
            (t.amount, 0)
        };
        let debit = self.leg(t.debit.0, t.debit_seq, t.asset.0, change)?;
        debit.balances.debits_posted += posted;
        debit.balances.debits_pending = moved(debit.balances.debits_pending, held, t.released)?;
        let credit = self.leg(t.credit.0, t.credit_seq, t.asset.0, change)?;
        credit.balances.credits_posted += posted;
        credit.balances.credits_pending = moved(credit.balances.credits_pending, held, t.released)?;
        self.move_hold(t, ends);
        self.in_set.extend([t.debit.0, t.credit.0]);
        if !t.flags.has(Flags::LINKED) {
            let touched = std::mem::take(&mut self.in_set);
            touched.iter().try_for_each(|id| self.check_bounds(*id))?;
        }
        Ok(())
    }

    fn check_target(&mut self, t: &TransferPosted) -> Wrong {
        if t.flags.has(Flags::REVERSAL) {
            ensure(
                self.ids.contains_key(&t.target.0),
                "it reverses what was never posted",
            )?;
            return ensure(
                self.reversed.insert(t.target.0),
                "it reverses for the second time",
            );
        }
        if !t.flags.any(Flags::CAPTURE.with(Flags::VOID)) {
            return ensure(
                t.target.0 == 0 && t.released == 0,
                "it releases what it does not name",
            );
        }
        let hold = self.holds.get(&t.target.0).ok_or("its hold is not open")?;
        ensure(
            hold.debit == t.debit.0 && hold.credit == t.credit.0,
            "its hold has other accounts",
        )?;
        let late = hold.expires_at != 0 && t.posted_at.0 >= hold.expires_at;
        let captures = t.flags.has(Flags::CAPTURE);
        ensure(!captures || !late, "it captures a hold that had expired")?;
        ensure(t.amount <= t.released, "it captures more than it releases")?;
        let whole = !t.flags.has(Flags::KEEP_OPEN);
        ensure(
            !whole || t.released == hold.remaining,
            "it leaves a part of the hold behind",
        )?;
        ensure(
            t.released <= hold.remaining,
            "it releases more than is held",
        )
    }

    fn move_hold(&mut self, t: &TransferPosted, ends: bool) {
        if t.flags.has(Flags::HOLD) {
            let timeout = u64::from(t.timeout) * 1_000_000_000;
            let hold = Hold {
                debit: t.debit.0,
                credit: t.credit.0,
                remaining: t.amount,
                expires_at: if timeout == 0 {
                    0
                } else {
                    t.posted_at.0 + timeout
                },
            };
            self.holds.insert(t.id.0, hold);
        } else if ends {
            self.holds.remove(&t.target.0);
        } else if let Some(hold) = self.holds.get_mut(&t.target.0) {
            hold.remaining -= t.released;
        }
    }

    fn expire(&mut self, e: &HoldExpired) -> Wrong {
        let hold = self.holds.remove(&e.hold.0).ok_or("its hold is not open")?;
        let due = hold.expires_at != 0 && e.posted_at.0 >= hold.expires_at;
        ensure(due, "the hold had time left")?;
        ensure(
            hold.remaining == e.released,
            "it releases another amount than was held",
        )?;
        ensure(
            hold.debit == e.debit.0 && hold.credit == e.credit.0,
            "the hold has other accounts",
        )?;
        let asset = self
            .accounts
            .get(&hold.debit)
            .ok_or("no such account")?
            .asset;
        let debit = self.leg(e.debit.0, e.debit_seq, asset, -1)?;
        debit.balances.debits_pending = moved(debit.balances.debits_pending, 0, e.released)?;
        let credit = self.leg(e.credit.0, e.credit_seq, asset, -1)?;
        credit.balances.credits_pending = moved(credit.balances.credits_pending, 0, e.released)?;
        Ok(())
    }

    /// The account whose next leg has this sequence.
    fn leg(
        &mut self,
        id: u128,
        seq: u64,
        asset: u32,
        holds: i64,
    ) -> Result<&mut Account, &'static str> {
        let account = self
            .accounts
            .get_mut(&id)
            .ok_or("its account was never created")?;
        account.legs += 1;
        ensure(
            account.legs == seq,
            "the sequence of its leg is not the account's next",
        )?;
        ensure(account.asset == asset, "its account has another asset")?;
        let open = i64::from(account.open_holds) + holds;
        account.open_holds = u32::try_from(open).map_err(|_| "more holds end than were open")?;
        Ok(account)
    }

    fn check_bounds(&self, id: u128) -> Wrong {
        let account = self
            .accounts
            .get(&id)
            .ok_or("its account was never created")?;
        let balances = &account.balances;
        let posted = balances.credits_posted as i128 - balances.debits_posted as i128;
        let lowest = posted - balances.debits_pending as i128;
        let highest = posted + balances.credits_pending as i128;
        ensure(
            account.floor.is_none_or(|floor| lowest >= floor),
            "an account is below its floor",
        )?;
        let within = account.ceiling.is_none_or(|ceiling| highest <= ceiling);
        ensure(within, "an account is above its ceiling")
    }

    /// Sums per asset: debits must equal credits.
    pub(super) fn totals(&self) -> HashMap<u32, Balances> {
        let mut totals: HashMap<u32, Balances> = HashMap::new();
        for account in self.accounts.values() {
            let sums = totals.entry(account.asset).or_default();
            sums.debits_posted += account.balances.debits_posted;
            sums.credits_posted += account.balances.credits_posted;
            sums.debits_pending += account.balances.debits_pending;
            sums.credits_pending += account.balances.credits_pending;
        }
        totals
    }
}

fn moved(sum: u128, held: u128, released: u128) -> Result<u128, &'static str> {
    (sum + held)
        .checked_sub(released)
        .ok_or("it releases more than is held")
}

fn ensure(holds: bool, otherwise: &'static str) -> Wrong {
    if holds { Ok(()) } else { Err(otherwise) }
}

#[cfg(test)]
mod tests;
