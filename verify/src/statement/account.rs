//! What a statement says of its account.

use ledger::event::Event;
use ledger::leg::{Leg, Side, legs};
use ledger::{AccountId, Balances};

use super::StatementError;

/// The events of an account from one sequence to another, checked to be without a gap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The account.
    pub account: AccountId,
    /// Sequence of the first event in the account; 0 if it is the account's creation.
    pub first: u64,
    /// Sequence of the last event in the account.
    pub last: u64,
    /// The events, in order.
    pub events: Vec<Event>,
    /// What they add up to.
    pub sums: Sums,
}

/// What events add to and take off the sums of an account, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// Added to the posted debits.
    pub debits: u128,
    /// Added to the posted credits.
    pub credits: u128,
    /// Added to the held debits.
    pub debits_held: u128,
    /// Taken off the held debits.
    pub debits_released: u128,
    /// Added to the held credits.
    pub credits_held: u128,
    /// Taken off the held credits.
    pub credits_released: u128,
}

impl Statement {
    /// The balances after the last event, if the statement begins with the account's creation; a
    /// later one has only what was [added](Sums).
    pub fn closing(&self) -> Option<Balances> {
        if self.first != 0 {
            return None;
        }
        let sums = &self.sums;
        Some(Balances {
            debits_posted: sums.debits,
            credits_posted: sums.credits,
            debits_pending: sums.debits_held.checked_sub(sums.debits_released)?,
            credits_pending: sums.credits_held.checked_sub(sums.credits_released)?,
        })
    }

    /// The statement with one more event.
    pub(super) fn add(
        statement: Option<Self>,
        account: AccountId,
        event: Event,
    ) -> Result<Self, StatementError> {
        let seq = event.seq().0;
        let (found, leg) = part(&event, account).ok_or(StatementError::OtherAccount { seq })?;
        let mut statement = match statement {
            Some(statement) => statement.next(found)?,
            None => Self {
                account,
                first: found,
                last: found,
                events: Vec::new(),
                sums: Sums::default(),
            },
        };
        if let Some(leg) = leg {
            let sums = statement.sums.with(&leg);
            statement.sums = sums.ok_or(StatementError::Sum { seq })?;
        }
        statement.events.push(event);
        Ok(statement)
    }

    fn next(self, found: u64) -> Result<Self, StatementError> {
        let expected = self.last.saturating_add(1);
        if found == expected {
            Ok(Self {
                last: found,
                ..self
            })
        } else {
            Err(StatementError::Gap { expected, found })
        }
    }
}

impl Sums {
    fn with(mut self, leg: &Leg) -> Option<Self> {
        let (posted, held, released) = match leg.side {
            Side::Debit => (
                &mut self.debits,
                &mut self.debits_held,
                &mut self.debits_released,
            ),
            Side::Credit => (
                &mut self.credits,
                &mut self.credits_held,
                &mut self.credits_released,
            ),
        };
        *posted = posted.checked_add(leg.posted)?;
        *held = held.checked_add(leg.held)?;
        *released = released.checked_add(leg.released)?;
        Some(self)
    }
}

/// The event's sequence in the account, and its leg there if it has one. `None` if the event does
/// not touch the account.
fn part(event: &Event, account: AccountId) -> Option<(u64, Option<Leg>)> {
    match event {
        Event::AccountCreated(e) => (e.id == account).then_some((0, None)),
        Event::AccountChanged(e) => (e.id == account).then_some((e.account_seq, None)),
        _ => {
            let leg = legs(event)?
                .into_iter()
                .find(|leg| leg.account == account)?;
            Some((leg.account_seq, Some(leg)))
        }
    }
}
