//! The postings of an account with running balances.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};

use ledger::{Balances, Code, Nanos, Seq};
use store::index::HistoryLeg;
use wire::Answer;
use wire::message::{Clock, Statement, StatementLine, StatementPage};

use super::balances;
use super::page::{self, Page, Place};
use crate::history::{History, HistoryError};
use crate::submit::Point;

pub(crate) fn answer(
    history: &History,
    point: &Point,
    request: &Statement,
) -> Result<Answer, HistoryError> {
    if point.accounts.first() != Some(&true) {
        return Err(HistoryError::Refused(
            Code::AccountNotFound,
            "there is no such account",
        ));
    }
    let from = page::place(&request.cursor)?;
    let rows = Page::new(request.limit).rows();
    let (opening, mut seqs) = match request.clock {
        Clock::EffectiveAt => by_date(history, point, request, from, rows + 1)?,
        Clock::Seq | Clock::PostedAt => by_seq(history, point, request, from, rows + 1)?,
    };
    let more = if seqs.len() > rows { seqs.pop() } else { None };
    lines(history, point, request, opening, seqs, more)
}

type Found = (Balances, Vec<Place>);

/// Lines in order of sequence.
fn by_seq(
    history: &History,
    point: &Point,
    request: &Statement,
    from: Option<Place>,
    most: usize,
) -> Result<Found, HistoryError> {
    let before = |time: u64| -> Result<u64, HistoryError> {
        let Some(earlier) = time.checked_sub(1) else {
            return Ok(0);
        };
        let seq = history.reader().seq_at_time(point.book, Nanos(earlier))?;
        Ok(seq.map_or(0, |seq| seq.0 + 1))
    };
    let is_time = request.clock == Clock::PostedAt;
    let mut start = if is_time {
        before(request.from)?
    } else {
        request.from
    };
    let mut end = point.events.0;
    if request.to != 0 {
        end = end.min(if is_time {
            before(request.to)?
        } else {
            request.to
        });
    }
    if let Some((_, seq)) = from {
        start = start.max(seq.0);
    }
    let opening = match start.min(point.events.0).checked_sub(1) {
        Some(until) => balances::posted(history, point, request.account, Seq(until), None)?,
        None => Balances::default(),
    };
    let mut places = Vec::new();
    each_posting(history, point, request, start..end.max(start), |place| {
        places.push((0, place.1));
        if places.len() < most {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    Ok((opening, places))
}

/// Lines in order of business date, then sequence. Every posting of the account is looked at; only
/// the lines of the page are kept.
fn by_date(
    history: &History,
    point: &Point,
    request: &Statement,
    from: Option<Place>,
    most: usize,
) -> Result<Found, HistoryError> {
    let start = from.unwrap_or((request.from, Seq(0)));
    let end = if request.to == 0 {
        u64::MAX
    } else {
        request.to
    };
    let mut opening = Balances::default();
    let mut places = BTreeSet::new();
    each_leg(history, point, request, 0..point.events.0, |leg| {
        let place = (leg.effective_at.0, leg.seq);
        if place < start {
            add(&mut opening, leg);
        } else if place.0 < end {
            places.insert(place);
            if places.len() > most {
                places.pop_last();
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok((opening, places.into_iter().collect()))
}

fn add(sums: &mut Balances, leg: &HistoryLeg) {
    match leg.side {
        ledger::leg::Side::Debit => sums.debits_posted += leg.posted,
        ledger::leg::Side::Credit => sums.credits_posted += leg.posted,
    }
}

fn each_posting(
    history: &History,
    point: &Point,
    request: &Statement,
    range: Range<u64>,
    mut visit: impl FnMut(Place) -> ControlFlow<()>,
) -> Result<(), HistoryError> {
    each_leg(history, point, request, range, |leg| {
        visit((leg.effective_at.0, leg.seq))
    })
}

/// Visits the legs that changed the posted balance.
fn each_leg(
    history: &History,
    point: &Point,
    request: &Statement,
    range: Range<u64>,
    mut visit: impl FnMut(&HistoryLeg) -> ControlFlow<()>,
) -> Result<(), HistoryError> {
    history
        .index()
        .legs(point.book, request.account, range, |leg| {
            if leg.posted == 0 {
                ControlFlow::Continue(())
            } else {
                visit(leg)
            }
        })?;
    Ok(())
}

fn lines(
    history: &History,
    point: &Point,
    request: &Statement,
    opening: Balances,
    places: Vec<Place>,
    mut more: Option<Place>,
) -> Result<Answer, HistoryError> {
    let mut page = Page::new(request.limit);
    let mut balance = opening.posted();
    let mut lines = Vec::with_capacity(places.len());
    for place in places {
        let record = history.transfer(point.book, place.1)?;
        let record = record.ok_or(HistoryError::Missing(point.book, place.1))?;
        let amount = record.amount as i128;
        let is_debit = record.debit == request.account;
        let row = history.row(point.book, record)?;
        if !page.take(&row) {
            more = Some(place);
            break;
        }
        balance = if is_debit {
            balance - amount
        } else {
            balance + amount
        };
        lines.push(StatementLine { row, balance });
    }
    let next = more.map(page::cursor).transpose()?.unwrap_or_default();
    Ok(Answer::Statement(StatementPage {
        height: point.height,
        opening_debits: opening.debits_posted,
        opening_credits: opening.credits_posted,
        lines,
        next,
    }))
}
