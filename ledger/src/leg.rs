//! Legs: what one event does to one account. Histories, statements and checks are folds of legs.

use crate::event::Event;
use crate::id::{AccountId, Nanos, Seq};
use crate::transfer::TransferFlags;

/// Which side of the account moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The account gives.
    Debit,
    /// The account receives.
    Credit,
}

/// What one event does to one account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg {
    /// The account.
    pub account: AccountId,
    /// Sequence of the leg in the account.
    pub account_seq: u64,
    /// Which side moves.
    pub side: Side,
    /// Minor units added to the posted sum of that side.
    pub posted: u128,
    /// Minor units added to the held sum of that side.
    pub held: u128,
    /// Minor units taken off the held sum of that side.
    pub released: u128,
    /// The event.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// Business date; the posted time for an expiry.
    pub effective_at: Nanos,
}

/// The two legs of an event, debit first; `None` if it moves nothing.
#[inline]
pub fn legs(event: &Event) -> Option<[Leg; 2]> {
    let (debit, credit, credit_seq) = match event {
        Event::Transfer(t) => {
            let held = t.flags.has(TransferFlags::HOLD);
            let leg = Leg {
                account: t.debit,
                account_seq: t.debit_seq,
                side: Side::Debit,
                posted: if held { 0 } else { t.amount },
                held: if held { t.amount } else { 0 },
                released: t.released,
                seq: t.seq,
                posted_at: t.posted_at,
                effective_at: t.effective_at,
            };
            (leg, t.credit, t.credit_seq)
        }
        Event::HoldExpired(e) => {
            let leg = Leg {
                account: e.debit,
                account_seq: e.debit_seq,
                side: Side::Debit,
                posted: 0,
                held: 0,
                released: e.released,
                seq: e.seq,
                posted_at: e.posted_at,
                effective_at: e.posted_at,
            };
            (leg, e.credit, e.credit_seq)
        }
        _ => return None,
    };
    let credit = Leg {
        account: credit,
        account_seq: credit_seq,
        side: Side::Credit,
        ..debit
    };
    Some([debit, credit])
}
