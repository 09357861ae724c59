//! Receipts of events, by sequence or by the id of their transfer.

use ledger::past::KeyKind;
use ledger::{BookId, Code, Seq, merkle, proof};
use verify::receipt::Receipt;
use verify::sealed_head::SealedHead;
use wire::Answer;
use wire::message as m;

use super::{ProveError, Prover, blocking, point};

pub(super) async fn answer(
    prover: &Prover,
    book: BookId,
    request: m::Receipts,
) -> Result<Answer, ProveError> {
    let refused = |_| {
        let message = "ask for 1 to 256 receipts at once";
        ProveError::Refused(Code::TooLarge, message)
    };
    request.check().map_err(refused)?;
    if !request.ids.is_empty() {
        // The index has what was durable when the question came.
        let durable = prover.durable.get();
        let reached = prover.indexed.reached(durable).await;
        reached.map_err(|_| ProveError::Stopping)?;
    }
    let reading = prover.clone();
    let seqs = blocking(move || reading.seqs(book, &request)).await?;
    let size = seqs.iter().flatten().map(|seq| seq.0 + 1).max();
    let head = prover.head_from(book, size.unwrap_or(1)).await?;
    let proving = prover.clone();
    let found = blocking(move || proving.receipts(book, &head, &seqs)).await?;
    Ok(Answer::Receipts(found))
}

impl Prover {
    /// Where the events stand that are asked for; `None` for one that is not there.
    fn seqs(&self, book: BookId, request: &m::Receipts) -> Result<Vec<Option<Seq>>, ProveError> {
        let committed = self.history.committed(book)?;
        let there = |seq: &Seq| (seq.0 < committed).then_some(*seq);
        let mut seqs: Vec<_> = request.seqs.iter().map(there).collect();
        let index = self.history.index();
        for id in &request.ids {
            seqs.push(index.find(book, KeyKind::Transfer, id.0)?);
        }
        Ok(seqs)
    }

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
        let block = self.history.reader().block_at(book, seq)?;
        let record = block.as_ref().and_then(|block| block.record(seq));
        record.map(<[u8]>::to_vec).ok_or_else(|| {
            ProveError::Unreadable(format!("event `{seq}` of book `{book}` is missing"))
        })
    }
}
