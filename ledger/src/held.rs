//! Whether what accounts hold is what the open holds say: what a state that was loaded must show
//! before anything is decided on it.

use std::collections::HashMap;

use crate::book::Book;

/// What the open holds of an account add up to.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Held {
    debits: u128,
    credits: u128,
    holds: u32,
}

impl Book {
    /// Whether the pending sums of every account, and the number of its open holds, are those of
    /// the book's open holds. Walks all accounts and holds.
    pub fn holds_add_up(&self) -> bool {
        let mut held: HashMap<u32, Held> = HashMap::new();
        for hold in self.holds.slots(0, self.holds.slot_count()) {
            let accounts = (self.ordinal(hold.debit), self.ordinal(hold.credit));
            let (Some(debit), Some(credit)) = accounts else {
                return false;
            };
            let giver = held.entry(debit).or_default();
            giver.debits = giver.debits.saturating_add(hold.remaining);
            giver.holds = giver.holds.saturating_add(1);
            let taker = held.entry(credit).or_default();
            taker.credits = taker.credits.saturating_add(hold.remaining);
            taker.holds = taker.holds.saturating_add(1);
        }
        self.accounts.iter().zip(0..).all(|(account, ordinal)| {
            let has = Held {
                debits: account.balances.debits_pending,
                credits: account.balances.credits_pending,
                holds: account.open_holds,
            };
            has == held.get(&ordinal).copied().unwrap_or_default()
        })
    }
}
