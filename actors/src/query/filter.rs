//! Transfers found by account, code, reference, time or sequence.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};

use ledger::event::{Records, TransferPosted};
use ledger::leg::Side;
use ledger::{AccountId, Code, Event, Nanos, Seq};
use wire::Answer;
use wire::message::{QueryTransfers, TransferList, TransferRow};

use super::page::{self, Page};
use crate::history::{History, HistoryError};
use crate::submit::Point;

pub(crate) fn answer(
    history: &History,
    point: &Point,
    request: &QueryTransfers,
) -> Result<Answer, HistoryError> {
    if request.side.is_some() && request.account.is_none() {
        return Err(HistoryError::Refused(
            Code::Malformed,
            "a side needs an account",
        ));
    }
    let range = range(history, point, request)?;
    let mut search = Search {
        history,
        point,
        request,
        page: Page::new(request.limit),
        rows: vec![],
    };
    let stopped = match request.account {
        Some(account) => search.by_account(account, range)?,
        None => search.by_block(range)?,
    };
    let rows = search.rows;
    let next = match stopped {
        Some(seq) => page::cursor((0, seq))?,
        None => Default::default(),
    };
    Ok(Answer::QueryTransfers(TransferList {
        height: point.height,
        rows,
        next,
    }))
}

/// Sequences that the request asks for, behind the cursor.
fn range(
    history: &History,
    point: &Point,
    request: &QueryTransfers,
) -> Result<Range<u64>, HistoryError> {
    let reader = history.reader();
    let before = |time: Nanos| -> Result<u64, HistoryError> {
        let Some(earlier) = time.0.checked_sub(1) else {
            return Ok(0);
        };
        Ok(reader
            .seq_at_time(point.book, Nanos(earlier))?
            .map_or(0, |seq| seq.0 + 1))
    };
    let mut from = request.seq_from.0.max(before(request.posted_from)?);
    let mut to = point.events.0;
    if request.seq_to.0 != 0 {
        to = to.min(request.seq_to.0);
    }
    if request.posted_to.0 != 0 {
        to = to.min(before(request.posted_to)?);
    }
    if let Some((_, seq)) = page::place(&request.cursor)? {
        if request.newest_first {
            to = to.min(seq.0);
        } else {
            from = from.max(seq.0);
        }
    }
    Ok(from..to.max(from))
}

struct Search<'a> {
    history: &'a History,
    point: &'a Point,
    request: &'a QueryTransfers,
    page: Page,
    rows: Vec<TransferRow>,
}

impl Search<'_> {
    /// Where the next page starts after stopping at `seq`, not taken.
    fn resume_at(&self, seq: Seq) -> Seq {
        if self.request.newest_first {
            Seq(seq.0 + 1)
        } else {
            seq
        }
    }

    /// Takes a transfer if it fits the filter; false if it does and the page is full.
    fn offer(&mut self, record: TransferPosted) -> Result<bool, HistoryError> {
        let request = self.request;
        let is_on_side = match (request.account, request.side) {
            (Some(account), Some(Side::Debit)) => record.debit == account,
            (Some(account), Some(Side::Credit)) => record.credit == account,
            (Some(account), None) => record.debit == account || record.credit == account,
            (None, _) => true,
        };
        let is_wanted = is_on_side
            && request.code.is_none_or(|code| record.code == code)
            && (request.reference.is_none() || record.commitments.is_some());
        if !is_wanted {
            return Ok(true);
        }
        let row = self.history.row(self.point.book, record)?;
        if let Some(wanted) = &request.reference
            && row
                .note
                .as_ref()
                .is_none_or(|note| note.reference != *wanted)
        {
            return Ok(true);
        }
        let has_room = self.page.take(&row);
        if has_room {
            self.rows.push(row);
        }
        Ok(has_room)
    }

    fn by_account(
        &mut self,
        account: AccountId,
        range: Range<u64>,
    ) -> Result<Option<Seq>, HistoryError> {
        // One more than fit, so that the place to go on from is known.
        let most = if self.is_plain() {
            self.page.rows() + 1
        } else {
            self.history.query_events_max() as usize
        };
        let mut seqs = VecDeque::new();
        let newest_first = self.request.newest_first;
        self.history
            .index()
            .legs(self.point.book, account, range, |leg| {
                seqs.push_back(leg.seq);
                if newest_first && seqs.len() > most {
                    seqs.pop_front();
                }
                let is_enough = !newest_first && seqs.len() == most;
                if is_enough {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
        if newest_first {
            seqs.make_contiguous().reverse();
        }
        let is_cut = seqs.len() == most;
        let last = seqs.back().copied();
        for seq in seqs {
            // An expiry is a leg too, and no transfer.
            if let Some(record) = self.history.transfer(self.point.book, seq)?
                && !self.offer(record)?
            {
                return Ok(Some(self.resume_at(seq)));
            }
        }
        let past = |seq: Seq| if newest_first { seq } else { Seq(seq.0 + 1) };
        Ok(last.filter(|_| is_cut).map(past))
    }

    /// Whether every leg of the account is a row.
    fn is_plain(&self) -> bool {
        self.request.side.is_none()
            && self.request.code.is_none()
            && self.request.reference.is_none()
    }

    fn by_block(&mut self, range: Range<u64>) -> Result<Option<Seq>, HistoryError> {
        let (mut from, mut to) = (range.start, range.end);
        let mut looked = 0;
        while from < to {
            let seq = Seq(if self.request.newest_first {
                to - 1
            } else {
                from
            });
            if looked >= self.history.query_events_max() {
                return Ok(Some(self.resume_at(seq)));
            }
            let block = self.history.reader().block_at(self.point.book, seq)?;
            let block = block.ok_or(HistoryError::Missing(self.point.book, seq))?;
            let held = block.header.seqs();
            let (first, end) = (from.max(held.start), to.min(held.end));
            let mut transfers = Vec::new();
            for (at, record) in (held.start..).zip(Records(&block.events)) {
                let record = record.map_err(|_| HistoryError::Missing(self.point.book, seq))?;
                if (first..end).contains(&at)
                    && let Ok(Event::Transfer(transfer)) = Event::decode(record)
                {
                    transfers.push(transfer);
                }
            }
            if self.request.newest_first {
                transfers.reverse();
                to = first;
            } else {
                from = end;
            }
            looked += end - first;
            for transfer in transfers {
                let seq = transfer.seq;
                if !self.offer(transfer)? {
                    return Ok(Some(self.resume_at(seq)));
                }
            }
        }
        Ok(None)
    }
}
