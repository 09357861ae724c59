//! The ledger proof of the runbooks: everything a book posted between two times, with a signature
//! over the file of its rows.

use ledger::event::Records;
use ledger::{BookId, Code, Digest, Nanos, Seq};
use verify::ledger_proof::{Draft, RowsWriter, UnsignedLedgerProof};
use verify::{Micros, Name};
use wire::Answer;
use wire::message as m;

use super::{ProveError, Prover, blocking, found};
use crate::signer::micros;

/// Most rows of one proof.
const ROWS_MAX: u64 = 10_000_000;

/// The events of a range of times.
struct Found {
    first: u64,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
    hash: Digest,
    num_rows: u64,
}

pub(super) async fn answer(
    prover: &Prover,
    book: BookId,
    request: m::ProveLedger,
) -> Result<Answer, ProveError> {
    let (from, to) = (request.from_posted_at, request.to_posted_at);
    if from.0 % 1_000 != 0 || to.0 % 1_000 != 0 || from >= to {
        let message = "give two times in whole microseconds, the earlier one first";
        return Err(ProveError::Refused(Code::Malformed, message));
    }
    let Some(signer) = prover.notes.keys.bundle.clone() else {
        let message = "this daemon signs no ledger proofs: configure `[signing.bundle]`";
        return Err(ProveError::Refused(Code::Unsupported, message));
    };
    let committed = prover.history.committed(book)?;
    let head = prover.head_from(book, committed).await?;
    let reading = prover.clone();
    let size = head.head.size;
    // The turn is given back when the reading ends, even if nobody waits for it any more.
    let turn = prover.notes.reading().await?;
    let read = move || {
        let rows = reading.between(book, from, to, size);
        drop(turn);
        rows
    };
    let rows = blocking(read).await?;
    let note = prover.note(&head).await?;
    let _lane = prover.notes.lane().await?;
    prover.may_sign(&signer)?;
    prover.notes.spend(prover.clock.now())?;
    let signature = signer.sign_digest(rows.hash).await;
    let signature = signature.map_err(ProveError::Signer)?;
    let now = prover.clock.now();
    let proof_id = format!("{book}-{}-{}-{}", rows.first, rows.num_rows, now.0);
    let draft = Draft {
        proof_id: Name::new(&proof_id).map_err(|_| ProveError::TooLong)?,
        from: Micros::new(from.0 / 1_000).ok_or(ProveError::TooLong)?,
        to: Micros::new(to.0 / 1_000).unwrap_or(Micros::MAX),
        first: rows.first,
        num_rows: rows.num_rows,
        before: rows.before,
        after: rows.after,
        hash: rows.hash,
        signature,
        alg: signer.algorithm(),
        signer_kid: signer.kid().clone(),
        ts: micros(now),
        checkpoint: note,
        size,
    };
    let proving = prover.clone();
    let proven = head.clone();
    let unsigned = blocking(move || {
        let mut view = proving.view(&proven)?;
        Ok(UnsignedLedgerProof::build(&mut view, draft)?)
    });
    let unsigned = unsigned.await?;
    let digest = unsigned.digest().map_err(|_| ProveError::TooLong)?;
    let signature = signer.sign_digest(digest).await;
    let proof = unsigned.signed(signature.map_err(ProveError::Signer)?);
    tracing::info!(
        actor_id = "prover",
        request_id = %proof.proof_id,
        range = %format_args!("book {book} events {} to {}", proof.first, proof.end()),
        signer_kid = %signer.kid(),
        result = "signed",
        "ledger proof"
    );
    let bytes = proof.encode().map_err(|_| ProveError::TooLong)?;
    Ok(Answer::ProveLedger(found(&head, bytes)?))
}

impl Prover {
    /// The events of the first `size` that were posted at `from` or later and before `to`.
    fn between(
        &self,
        book: BookId,
        from: Nanos,
        to: Nanos,
        size: u64,
    ) -> Result<Found, ProveError> {
        let reader = self.history.reader();
        let until = |at: Nanos| -> Result<u64, ProveError> {
            let Some(at) = at.0.checked_sub(1) else {
                return Ok(0);
            };
            let last = reader.seq_at_time(book, Nanos(at))?;
            Ok(last.map_or(0, |seq| seq.0 + 1).min(size))
        };
        let (first, end) = (until(from)?, until(to)?);
        if end - first > ROWS_MAX {
            let message = "more than ten million events lie between the two times; ask for less";
            return Err(ProveError::Refused(Code::TooLarge, message));
        }
        let mut writer = RowsWriter::new();
        let mut at = first;
        while at < end {
            let block = reader.block_at(book, Seq(at))?;
            let Some(block) = block else {
                let missing = format!("event `{at}` of book `{book}` is missing");
                return Err(ProveError::Unreadable(missing));
            };
            let start = block.header.first_seq.0;
            let records = Records(&block.events).map_while(Result::ok);
            for (seq, record) in (start..).zip(records) {
                if (at..end).contains(&seq) {
                    let line = writer.line(record);
                    line.map_err(|error| ProveError::Unreadable(error.to_string()))?;
                }
            }
            at = block.header.seqs().end;
        }
        let (hash, num_rows) = writer.finish();
        let neighbour = |seq: Option<u64>| match seq {
            Some(seq) if seq < size => self.record(book, Seq(seq)).map(Some),
            _ => Ok(None),
        };
        Ok(Found {
            first,
            before: neighbour(first.checked_sub(1))?,
            after: neighbour(Some(end))?,
            hash,
            num_rows,
        })
    }
}
