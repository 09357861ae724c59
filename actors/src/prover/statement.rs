//! Statements: the records of one account, without a gap in its own sequence.

use std::ops::ControlFlow;

use ledger::event::Records;
use ledger::{AccountId, BookId, Code, Event, Seq};
use verify::sealed_head::SealedHead;
use verify::statement::StatementProof;
use wire::Answer;
use wire::limits::PROOF_BYTES_MAX;
use wire::message as m;

use super::{ProveError, Prover, blocking, point};

/// Bytes of a record with its share of the path, at most.
const RECORD_BYTES: usize = 240 + 24 * 32;
/// Records of a page.
const PAGE: usize = PROOF_BYTES_MAX / RECORD_BYTES - 1;

pub(super) async fn answer(
    prover: &Prover,
    book: BookId,
    request: m::ProveStatement,
) -> Result<Answer, ProveError> {
    let durable = prover.durable.get();
    let reached = prover.indexed.reached(durable).await;
    reached.map_err(|_| ProveError::Stopping)?;
    let committed = prover.history.committed(book)?;
    let head = prover.head_from(book, committed).await?;
    let proving = prover.clone();
    let page = blocking(move || proving.statement(book, request, &head)).await?;
    Ok(Answer::ProveStatement(page))
}

impl Prover {
    fn statement(
        &self,
        book: BookId,
        request: m::ProveStatement,
        head: &SealedHead,
    ) -> Result<m::ProofPage, ProveError> {
        let (places, next) = self.places(book, request, head.head.size)?;
        let mut records = Vec::new();
        for seq in &places {
            records.extend_from_slice(&self.record(book, *seq)?);
        }
        if places.is_empty() {
            let message = "the account has no sealed event with these sequences";
            return Err(ProveError::Refused(Code::NotFound, message));
        }
        let mut view = self.view(head)?;
        let proof = StatementProof::build(&mut view, request.account, records, head.clone())?;
        Ok(m::ProofPage {
            sealed: point(head),
            proof: wire::LongBlob::new(proof.encode()).ok_or(ProveError::TooLong)?,
            next,
        })
    }

    /// Events of the account whose sequences there are asked for, and where the next page starts.
    fn places(
        &self,
        book: BookId,
        request: m::ProveStatement,
        size: u64,
    ) -> Result<(Vec<Seq>, u64), ProveError> {
        let (from, to) = (request.from_seq.max(1), request.to_seq);
        let mut expected = from;
        let mut places = Vec::new();
        let mut gaps = Vec::new();
        let mut before = None;
        let mut next = 0;
        let visit = |leg: &store::index::HistoryLeg| {
            let is_past = (to != 0 && leg.account_seq >= to) || places.len() + gaps.len() >= PAGE;
            if is_past {
                // Changes of settings may stand between the last leg and this one.
                if to == 0 || expected < to {
                    next = expected;
                }
                return ControlFlow::Break(());
            }
            if leg.account_seq >= from {
                if leg.account_seq > expected {
                    gaps.push((before.map_or(0, |seq: Seq| seq.0 + 1), leg.seq.0));
                }
                places.push(leg.seq);
                expected = leg.account_seq + 1;
            }
            before = Some(leg.seq);
            ControlFlow::Continue(())
        };
        let index = self.history.index();
        index.legs(book, request.account, 0..size, visit)?;
        for (start, end) in gaps {
            self.changes(book, request.account, from, start..end, &mut places)?;
        }
        places.sort_unstable();
        if next >= from && to != 0 && next >= to {
            next = 0;
        }
        Ok((places, next))
    }

    /// Adds the changes of the account's settings that stand among these events.
    fn changes(
        &self,
        book: BookId,
        account: AccountId,
        from: u64,
        range: std::ops::Range<u64>,
        places: &mut Vec<Seq>,
    ) -> Result<(), ProveError> {
        if range.end - range.start > self.history.query_events_max() {
            let message = "a change of the account stands too far from its postings to be found; \
                           ask for a later part of the statement";
            return Err(ProveError::Refused(Code::TooLarge, message));
        }
        let mut at = range.start;
        while at < range.end {
            let Some(block) = self.history.reader().block_at(book, Seq(at))? else {
                break;
            };
            for record in Records(&block.events).map_while(Result::ok) {
                if record.first() != Some(&ledger::event::kind::ACCOUNT_CHANGED) {
                    continue;
                }
                if let Ok(Event::AccountChanged(changed)) = Event::decode(record)
                    && changed.id == account
                    && changed.account_seq >= from
                    && range.contains(&changed.seq.0)
                {
                    places.push(changed.seq);
                }
            }
            at = block.header.seqs().end;
        }
        Ok(())
    }
}
