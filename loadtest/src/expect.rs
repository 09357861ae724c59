//! What balances must be, worked out from the answers.

#[cfg(test)]
mod tests;

use ledger::{Balances, Code};

use crate::workload::{Kind, Move, Moves, Shape};

/// How the items of a batch were decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// No answer came.
    Unknown,
    /// Every item stands in the ledger.
    AllStand,
    /// These items do not stand; the others do.
    AllBut(Vec<(u32, Code)>),
}

/// The sums of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// Posted debits, in minor units.
    pub debits_posted: u64,
    /// Posted credits, in minor units.
    pub credits_posted: u64,
    /// Held debits, in minor units.
    pub debits_pending: u64,
    /// Held credits, in minor units.
    pub credits_pending: u64,
    /// Legs so far.
    pub legs: u64,
}

/// The sums of the accounts of every book.
#[derive(Clone, Debug)]
pub struct Expected {
    accounts: usize,
    sums: Vec<Sums>,
    /// Transfers that stand, per book.
    standing: Vec<u64>,
}

impl Expected {
    /// Accounts that nothing moved yet.
    pub fn new(books: u32, accounts: u32) -> Self {
        let (books, accounts) = (books as usize, accounts as usize);
        Self {
            accounts,
            sums: vec![Sums::default(); books * accounts],
            standing: vec![0; books],
        }
    }

    /// Adds what the stream with this seed moved, whose batches had `count` items each and were
    /// decided so. Items of the last batch may be fewer.
    pub fn add_stream(&mut self, shape: Shape, seed: u64, batches: &[(u32, Decision)]) {
        let mut moves = Moves::new(shape, seed);
        for (count, decision) in batches {
            let book = moves.begin_batch();
            let mut refused = match decision {
                Decision::AllBut(refused) => refused.as_slice(),
                Decision::AllStand | Decision::Unknown => &[],
            };
            for index in 0..*count {
                let made = moves.next(0);
                match refused.split_first() {
                    Some(((at, _), rest)) if *at == index => refused = rest,
                    _ if *decision == Decision::Unknown => {}
                    _ => self.add(book, &made),
                }
            }
        }
    }

    /// Adds one move that stands.
    pub fn add(&mut self, book: usize, made: &Move) {
        self.standing[book] += 1;
        let first = book * self.accounts;
        let amount = made.amount;
        let (posted, held, released) = match made.kind {
            Kind::Post => (amount, 0, 0),
            Kind::Hold => (0, amount, 0),
            Kind::Capture => (amount, 0, amount),
            Kind::Void => (0, 0, amount),
        };
        let debit = &mut self.sums[first + made.debit as usize];
        debit.debits_posted += posted;
        debit.debits_pending = (debit.debits_pending + held).wrapping_sub(released);
        debit.legs += 1;
        let credit = &mut self.sums[first + made.credit as usize];
        credit.credits_posted += posted;
        credit.credits_pending = (credit.credits_pending + held).wrapping_sub(released);
        credit.legs += 1;
    }

    /// Sums of the accounts of a book, by index.
    pub fn book(&self, book: usize) -> &[Sums] {
        &self.sums[book * self.accounts..][..self.accounts]
    }

    /// Transfers that stand in a book.
    pub fn standing(&self, book: usize) -> u64 {
        self.standing[book]
    }

    /// Sums over all accounts of a book.
    pub fn totals(&self, book: usize) -> Balances {
        let mut totals = Balances::default();
        for sums in self.book(book) {
            let of_account = sums.balances();
            totals.debits_posted += of_account.debits_posted;
            totals.credits_posted += of_account.credits_posted;
            totals.debits_pending += of_account.debits_pending;
            totals.credits_pending += of_account.credits_pending;
        }
        totals
    }
}

impl Sums {
    /// The four sums as the ledger gives them.
    pub fn balances(&self) -> Balances {
        Balances {
            debits_posted: u128::from(self.debits_posted),
            credits_posted: u128::from(self.credits_posted),
            debits_pending: u128::from(self.debits_pending),
            credits_pending: u128::from(self.credits_pending),
        }
    }
}
