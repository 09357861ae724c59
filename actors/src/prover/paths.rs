//! Proofs that are paths alone: ranges, and that a log only grew.

use ledger::{BookId, Code};
use verify::consistency::AddCheckpoint;
use verify::range::RangeProof;
use wire::Answer;
use wire::message as m;

use super::{ProveError, Prover, blocking, found};

pub(super) async fn range(
    prover: &Prover,
    book: BookId,
    request: m::ProveRange,
) -> Result<Answer, ProveError> {
    let head = prover.head_from(book, request.to.0.max(1)).await?;
    let end = match request.to.0 {
        0 => head.head.size,
        end => end,
    };
    let proving = prover.clone();
    let make = move || {
        let mut view = proving.view(&head)?;
        let proof = RangeProof::build(&mut view, request.from.0..end, head.clone())?;
        found(&head, proof.encode())
    };
    Ok(Answer::ProveRange(blocking(make).await?))
}

pub(super) async fn consistency(
    prover: &Prover,
    book: BookId,
    request: m::ProveConsistency,
) -> Result<Answer, ProveError> {
    if request.from_size == 0 {
        let message = "every log begins with the empty one; give a size from 1 on";
        return Err(ProveError::Refused(Code::Malformed, message));
    }
    let size = request.from_size.max(request.to_size);
    let head = prover.head_from(book, size).await?;
    let checkpoint = prover.note(&head).await?;
    let proving = prover.clone();
    let make = move || {
        let mut view = proving.view(&head)?;
        let (old, new) = (request.from_size, head.head.size);
        let body = AddCheckpoint::build(&mut view, old, new, checkpoint)?;
        found(&head, body.encode().into_bytes())
    };
    Ok(Answer::ProveConsistency(blocking(make).await?))
}
