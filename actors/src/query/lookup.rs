//! Transfers by id, and how they stand.

use ledger::past::KeyKind;
use ledger::transfer::TransferFlags;
use ledger::{Seq, TransferId};
use wire::Answer;
use wire::message::{TransferFound, TransferState, TransfersFound};

use super::page::Page;
use crate::history::{History, HistoryError};
use crate::submit::{Known, Point};

pub(crate) fn answer(history: &History, point: &Point) -> Result<Answer, HistoryError> {
    let mut page = Page::new(u32::MAX);
    let mut rows = Vec::with_capacity(point.known.len());
    for known in &point.known {
        match find(history, point, known)? {
            Some(found) if page.take(&found.row) => rows.push(Some(found)),
            // The frame is full: the client asks again for the ids that are left.
            Some(_) => break,
            None => rows.push(None),
        }
    }
    Ok(Answer::LookupTransfers(TransfersFound {
        height: point.height,
        rows,
    }))
}

fn find(
    history: &History,
    point: &Point,
    known: &Known,
) -> Result<Option<TransferFound>, HistoryError> {
    let old = |kind| -> Result<Option<Seq>, HistoryError> {
        let seq = history.index().find(point.book, kind, known.id.0)?;
        Ok(seq.filter(|seq| *seq < point.events))
    };
    let or_old = |recent: Option<Seq>, kind| match recent {
        Some(seq) => Ok(Some(seq)),
        None => old(kind),
    };
    let Some(seq) = or_old(known.seq, KeyKind::Transfer)? else {
        return Ok(None);
    };
    let record = history.transfer(point.book, seq)?;
    let record = record.ok_or(HistoryError::Missing(point.book, seq))?;
    let mut found = TransferFound {
        state: TransferState::Posted,
        remaining: 0,
        ended_by: TransferId(0),
        row: history.row(point.book, record)?,
    };
    if let Some(remaining) = known.remaining {
        (found.state, found.remaining) = (TransferState::HoldOpen, remaining);
    } else if record.flags.has(TransferFlags::HOLD) {
        let end = or_old(known.ended, KeyKind::HoldEnd)?;
        let end = end
            .map(|seq| history.transfer(point.book, seq))
            .transpose()?
            .flatten();
        (found.state, found.ended_by) = match end {
            Some(end) if end.flags.has(TransferFlags::CAPTURE) => {
                (TransferState::HoldCaptured, end.id)
            }
            Some(end) => (TransferState::HoldVoided, end.id),
            None => (TransferState::HoldExpired, TransferId(0)),
        };
    } else if let Some(seq) = or_old(known.reversed, KeyKind::Reversal)? {
        let reversal = history.transfer(point.book, seq)?;
        found.state = TransferState::Reversed;
        found.ended_by = reversal.map_or(TransferId(0), |reversal| reversal.id);
    }
    Ok(Some(found))
}
