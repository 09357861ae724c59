//! Balances as of a point of one of the three clocks.

use ledger::{Balances, Code, Nanos, Seq};
use wire::Answer;
use wire::message::{AsOf, BalancesAsOf, BalancesFound};

use crate::history::{History, HistoryError};
use crate::submit::Point;

pub(crate) fn answer(
    history: &History,
    point: &Point,
    request: &BalancesAsOf,
) -> Result<Answer, HistoryError> {
    let last = |seq: Seq| (seq < point.events).then_some(seq).or(point.last());
    let (until, date) = match request.as_of {
        AsOf::Now => {
            return Err(HistoryError::Refused(
                Code::Unsupported,
                "the shard answers `now`",
            ));
        }
        AsOf::Seq(seq) => (last(seq), None),
        AsOf::PostedAt(time) => (
            history
                .reader()
                .seq_at_time(point.book, time)?
                .and_then(last),
            None,
        ),
        AsOf::Effective { date, known_at } => (last(known_at), Some(date)),
    };
    let mut rows = Vec::with_capacity(request.ids.len());
    for (id, exists) in request.ids.iter().zip(&point.accounts) {
        if !exists {
            rows.push(None);
            continue;
        }
        rows.push(Some(match until {
            Some(until) => posted(history, point, *id, until, date)?,
            None => Balances::default(),
        }));
    }
    let (height, events) = (point.height, point.events.0);
    Ok(Answer::BalancesAsOf(BalancesFound {
        height,
        events,
        rows,
    }))
}

/// What was posted on an account up to and including the event `until`, and, with a date, at or
/// before it.
pub(super) fn posted(
    history: &History,
    point: &Point,
    account: ledger::AccountId,
    until: Seq,
    date: Option<Nanos>,
) -> Result<Balances, HistoryError> {
    let posted = match date {
        None => history.index().posted_at(point.book, account, until)?,
        Some(date) => history
            .index()
            .posted_by(point.book, account, date, until)?,
    };
    Ok(Balances {
        debits_posted: posted.debits,
        credits_posted: posted.credits,
        ..Balances::default()
    })
}
