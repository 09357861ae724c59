//! What is posted: a stream of transfers that is the same for the same seed.
//!
//! The content of a stream does not depend on its ids or on any answer, so that it can be made
//! again after a run: what the answers imply is then worked out without taking time from the run.

mod ids;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use ledger::fields::Write;
use ledger::{AccountId, Nanos, Transfer, TransferFlags, TransferId};

pub use ids::{IdOrder, Ids};

/// Seconds that holds have before they expire: longer than any run, so that sums are exact.
const HOLD_SECONDS: u32 = 3_600;
/// Largest amount of a transfer, in minor units.
const AMOUNT_MAX: u64 = 10_000;
/// Most open holds of a book that a stream remembers to end later.
const HOLDS_REMEMBERED_MAX: usize = 65_536;
/// Ids of accounts start above this.
const ACCOUNT_BASE: u128 = 1 << 96;

/// What is posted, without its seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Books that batches go to, one per batch.
    pub books: u32,
    /// Accounts in each book, at least 2.
    pub accounts: u32,
    /// 0: pairs are uniform. 1: one side of each transfer is one account, on either side as often.
    /// Else all transfers are among so many accounts.
    pub hot: u32,
    /// Of a hundred transfers so many are holds. Half as many capture or void an earlier hold.
    pub holds: u32,
    /// Batches that lie between a hold and what ends it.
    pub lag: u64,
    /// Business dates; that of posting unless given.
    pub effective: Option<Dates>,
}

/// Days from which business dates are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dates {
    /// The first midnight, in seconds since 1970.
    pub from: u64,
    /// How many days.
    pub days: u32,
}

/// What a transfer does to the accounts, by their index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    /// What it is.
    pub kind: Kind,
    /// Index of the account that gives.
    pub debit: u32,
    /// Index of the account that receives.
    pub credit: u32,
    /// Minor units; for a void those of the hold.
    pub amount: u64,
    /// The hold that is ended; 0 otherwise.
    pub target: u128,
    /// Number of its business day; 0 where dates are not drawn.
    pub day: u32,
}

/// What a transfer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Moves its amount at once.
    Post,
    /// Holds its amount.
    Hold,
    /// Posts the whole of a hold.
    Capture,
    /// Releases the whole of a hold.
    Void,
}

/// A stream of moves.
#[derive(Clone, Debug)]
pub struct Moves {
    shape: Shape,
    random: fastrand::Rng,
    batch: u64,
    book: usize,
    /// Holds that are to be ended, per book, oldest first.
    open: Vec<VecDeque<OpenHold>>,
    /// Of 2^32 transfers so many are holds.
    hold_below: u64,
    /// Of 2^32 transfers so many are holds or end one.
    end_below: u64,
}

#[derive(Clone, Copy, Debug)]
struct OpenHold {
    id: u128,
    batch: u64,
    debit: u32,
    credit: u32,
    amount: u64,
}

impl Moves {
    /// The stream with this seed.
    pub fn new(shape: Shape, seed: u64) -> Self {
        let holds = u64::from(shape.holds.min(100));
        let share = |percent: u64| (percent << 32) / 100;
        Self {
            shape,
            random: fastrand::Rng::with_seed(seed),
            batch: 0,
            book: 0,
            open: vec![VecDeque::new(); shape.books as usize],
            hold_below: share(holds),
            end_below: share(holds + holds / 2),
        }
    }

    /// Begins the next batch and says which book it goes to, by its index.
    pub fn begin_batch(&mut self) -> usize {
        self.batch += 1;
        if self.shape.books > 1 {
            self.book = below(self.random.u64(..), u64::from(self.shape.books)) as usize;
        }
        self.book
    }

    /// The next move of the batch, whose transfer gets `id`.
    #[inline]
    pub fn next(&mut self, id: u128) -> Move {
        let chance = self.random.u64(..);
        if chance >> 32 < self.end_below {
            if chance >> 32 < self.hold_below {
                return self.hold(id);
            }
            if let Some(ended) = self.end(chance) {
                return ended;
            }
        }
        let (debit, credit) = self.pair();
        let days = self.shape.effective.map_or(0, |dates| dates.days);
        Move {
            kind: Kind::Post,
            debit,
            credit,
            amount: 1 + below(chance, AMOUNT_MAX),
            target: 0,
            day: if days == 0 {
                0
            } else {
                self.random.u32(..days)
            },
        }
    }

    fn hold(&mut self, id: u128) -> Move {
        let (debit, credit) = self.pair();
        let amount = 1 + below(self.random.u64(..), AMOUNT_MAX);
        let open = &mut self.open[self.book];
        if open.len() < HOLDS_REMEMBERED_MAX {
            open.push_back(OpenHold {
                id,
                batch: self.batch,
                debit,
                credit,
                amount,
            });
        }
        Move {
            kind: Kind::Hold,
            debit,
            credit,
            amount,
            target: 0,
            day: 0,
        }
    }

    fn end(&mut self, chance: u64) -> Option<Move> {
        let before = self.batch.checked_sub(self.shape.lag + 1)?;
        let hold = self.open[self.book].pop_front_if(|hold| hold.batch <= before)?;
        Some(Move {
            kind: if chance.is_multiple_of(4) {
                Kind::Void
            } else {
                Kind::Capture
            },
            debit: hold.debit,
            credit: hold.credit,
            amount: hold.amount,
            target: hold.id,
            day: 0,
        })
    }

    #[inline]
    fn pair(&mut self) -> (u32, u32) {
        let random = self.random.u64(..);
        let accounts = u64::from(self.shape.accounts);
        match self.shape.hot {
            1 => {
                let other = 1 + below(random, accounts - 1) as u32;
                if random & 1 == 0 {
                    (0, other)
                } else {
                    (other, 0)
                }
            }
            0 => pair_among(random, accounts),
            hot => pair_among(random, u64::from(hot).min(accounts)),
        }
    }
}

impl Dates {
    const DAY: u64 = 86_400;

    /// The first moment of a day, in nanoseconds since 1970.
    pub fn start_of(&self, day: u32) -> u64 {
        (self.from + u64::from(day) * Self::DAY) * 1_000_000_000
    }

    /// The last moment of a day.
    pub fn end_of(&self, day: u32) -> u64 {
        self.start_of(day + 1) - 1
    }
}

impl Move {
    /// The transfer that asks for this move.
    #[inline]
    pub fn transfer(&self, id: u128) -> Transfer {
        let (amount, flags, timeout) = match self.kind {
            Kind::Post => (self.amount, TransferFlags::NONE, 0),
            Kind::Hold => (self.amount, TransferFlags::HOLD, HOLD_SECONDS),
            Kind::Capture => (self.amount, TransferFlags::CAPTURE, 0),
            Kind::Void => (0, TransferFlags::VOID, 0),
        };
        Transfer {
            target: TransferId(self.target),
            timeout,
            flags,
            ..Transfer::new(
                id,
                account_id(self.debit).0,
                account_id(self.credit).0,
                u128::from(amount),
                1,
            )
        }
    }
}

/// A stream of moves with ids, which makes the bodies of requests.
#[derive(Clone, Debug)]
pub struct Workload {
    moves: Moves,
    ids: Ids,
}

impl Workload {
    /// The stream with this seed; its ids come from `ids`.
    pub fn new(shape: Shape, seed: u64, ids: Ids) -> Self {
        Self {
            moves: Moves::new(shape, seed),
            ids,
        }
    }

    /// Appends the body of a request with the next `count` transfers to `out` and says which book
    /// it goes to. `millis` is the time, in milliseconds since 1970.
    pub fn next_body(&mut self, count: u32, millis: u64, out: &mut Vec<u8>) -> usize {
        let book = self.begin_batch(millis);
        out.reserve(8 + count as usize * Transfer::BYTES);
        out.put_u32(count);
        out.put_u32(0);
        for _ in 0..count {
            self.next_transfer().encode(out);
        }
        book
    }

    /// Begins the next batch and says which book it goes to.
    pub fn begin_batch(&mut self, millis: u64) -> usize {
        self.ids.begin_batch(millis);
        self.moves.begin_batch()
    }

    /// The next transfer of the batch.
    #[inline]
    pub fn next_transfer(&mut self) -> Transfer {
        let id = self.ids.draw();
        let made = self.moves.next(id);
        let mut transfer = made.transfer(id);
        if let Some(dates) = self.moves.shape.effective {
            transfer.effective_at = Nanos(dates.start_of(made.day));
        }
        transfer
    }
}

/// Id of the account with this index in its book.
#[inline]
pub fn account_id(index: u32) -> AccountId {
    AccountId(ACCOUNT_BASE + u128::from(index))
}

/// Index of the account with this id, if it is one of ours.
pub fn account_index(id: AccountId) -> Option<u32> {
    u32::try_from(id.0.checked_sub(ACCOUNT_BASE)?).ok()
}

/// Maps the low half of `random` to `0..limit`, evenly enough for a load.
#[inline]
fn below(random: u64, limit: u64) -> u64 {
    ((random & 0xffff_ffff) * limit) >> 32
}

#[inline]
fn pair_among(random: u64, accounts: u64) -> (u32, u32) {
    let debit = below(random, accounts);
    let credit = below(random >> 32, accounts - 1);
    (debit as u32, (credit + u64::from(credit >= debit)) as u32)
}
