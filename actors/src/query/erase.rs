//! Erasing a note, once the event that says so is durable.

use ledger::Code;
use wire::Answer;
use wire::message::Decided;

use crate::history::{History, HistoryError};
use crate::submit::Point;

pub(crate) fn answer(history: &History, point: &Point) -> Result<Answer, HistoryError> {
    let target = point.known.first().and_then(|known| known.seq);
    if let Some(seq) = target {
        history.reader().erase_note(point.book, seq)?;
    }
    Ok(Answer::EraseNote(Decided {
        code: Code::Created,
        height: point.height,
        seq: ledger::Seq(point.events.0.saturating_sub(1)),
        posted_at: point.posted_at,
    }))
}
