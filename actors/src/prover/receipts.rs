//! Receipts of events, by sequence or by the id of their transfer.

use ledger::past::KeyKind;
use ledger::{BookId, Code, Seq, merkle, proof};
use verify::receipt::Receipt;
use verify::sealed_head::SealedHead;
use wire::limits::RECEIPTS_MAX;
use wire::message as m;
use wire::{Answer, Request};

use super::{ProveError, Prover, blocking, point};
use crate::submit::{Known, Point};

/// Receipts of events by their sequences, and behind them of transfers whose events were looked up.
pub(super) async fn answer(
    prover: &Prover,
    book: BookId,
    seqs: &[Seq],
    looked_up: Vec<Option<Seq>>,
) -> Result<Answer, ProveError> {
    if !(1..=RECEIPTS_MAX).contains(&(seqs.len() + looked_up.len())) {
        let message = "ask for 1 to 256 receipts at once";
        return Err(ProveError::Refused(Code::TooLarge, message));
    }
    let committed = prover.history.committed(book)?;
    let there = |seq: &Seq| (seq.0 < committed).then_some(*seq);
    let seqs: Vec<Option<Seq>> = seqs.iter().map(there).chain(looked_up).collect();
    let size = seqs.iter().flatten().map(|seq| seq.0 + 1).max();
    let head = prover.head_from(book, size.unwrap_or(1)).await?;
    let proving = prover.clone();
    let found = blocking(move || proving.receipts(book, &head, &seqs)).await?;
    Ok(Answer::Receipts(found))
}

/// Receipts that the shard handed on, with what it knows of recent ids.
pub(super) async fn at(prover: &Prover, point: &Point) -> Result<Answer, ProveError> {
    let Request::Receipts(request) = &point.request else {
        let message = "not a question for receipts";
        return Err(ProveError::Refused(Code::Unsupported, message));
    };
    let reached = prover.history.reached(point).await;
    reached.map_err(|_| ProveError::Stopping)?;
    let (reading, book, events) = (prover.clone(), point.book, point.events);
    let known = point.known.clone();
    let look_up = move || {
        let index = reading.history.index();
        let seq = |known: &Known| match known.seq {
            Some(seq) => Ok(Some(seq)),
            None => {
                let old = index.find(book, KeyKind::Transfer, known.id.0)?;
                Ok(old.filter(|seq| *seq < events))
            }
        };
        known.iter().map(seq).collect::<Result<Vec<_>, _>>()
    };
    let looked_up = blocking(look_up).await?;
    answer(prover, book, &request.seqs, looked_up).await
}

impl Prover {
    fn receipts(
        &self,
        book: BookId,
        head: &SealedHead,
        seqs: &[Option<Seq>],
    ) -> Result<m::ReceiptsFound, ProveError> {
        let mut view = self.view(head)?;
        let mut rows = Vec::with_capacity(seqs.len());
        for seq in seqs {
            let Some(seq) = *seq else {
                rows.push(m::ReceiptFound {
                    code: Code::NotFound,
                    receipt: wire::Blob::default(),
                });
                continue;
            };
            let record = self.record(book, seq)?;
            let path = proof::inclusion(&mut view, seq.0, head.head.size)?;
            // Nothing is handed out that was not checked against what is sealed.
            let leaf = merkle::leaf(&record);
            let root = proof::root_from_inclusion(leaf, seq.0, head.head.size, &path);
            if root != Some(head.head.root) {
                return Err(ProveError::Unproven("a receipt"));
            }
            let receipt = Receipt {
                record,
                seq,
                path,
                sealed: head.clone(),
            };
            rows.push(m::ReceiptFound {
                code: Code::Created,
                receipt: wire::Blob::new(receipt.encode()).ok_or(ProveError::TooLong)?,
            });
        }
        Ok(m::ReceiptsFound {
            sealed: point(head),
            rows,
        })
    }

    /// The record of an event that is durable.
    pub(super) fn record(&self, book: BookId, seq: Seq) -> Result<Vec<u8>, ProveError> {
        self.history.reader().record(book, seq)?.ok_or_else(|| {
            ProveError::Unreadable(format!("event `{seq}` of book `{book}` is missing"))
        })
    }
}
