//! What the shard has no part in: proofs, and the keys that sign.

use std::sync::Arc;

use actors::{Admitted, Command, Judged, Order, Point, Reply};
use ledger::{BookId, Code, Height, Nanos, Operation};
use plugins_host::Permitted;
use tokio::sync::oneshot;
use wire::frame::Header;
use wire::{Answer, Failure, Request};

use super::{DEADLINE_DEFAULT, Shared};
use crate::{clock, policies};

/// Whether the shard has no part in it. What recent ids point to only the shard knows.
pub(super) fn is(request: &Request) -> bool {
    let operation = request.operation();
    match request {
        Request::Receipts(receipts) => receipts.ids.is_empty(),
        _ => {
            is_of_signer(operation) || is_of_prover(operation) || policies::scope(request).is_some()
        }
    }
}

fn is_of_signer(operation: Operation) -> bool {
    use Operation as O;
    matches!(
        operation,
        O::Keyring | O::ChangeSigners | O::Approve | O::Approvals | O::RequestApproval
    )
}

fn is_of_prover(operation: Operation) -> bool {
    use Operation as O;
    matches!(
        operation,
        O::Receipts
            | O::SealStatus
            | O::ProveConsistency
            | O::ProveRange
            | O::ProveStatement
            | O::ProveLedger
            | O::Checkpoint
            | O::TlogProof
            | O::AuditRows
    )
}

/// A permitted request, with the room that it takes until it is answered.
pub(super) struct Beside {
    pub(super) command: Box<Permitted<Command>>,
    pub(super) admitted: Admitted,
}

/// A request that is still permitted now: it may have waited for others of its stream, or for a
/// turn. What it was judged by may be another by then, and so it is judged anew.
async fn current(shared: &Shared, asked: Beside) -> Result<Beside, Reply> {
    let authority = &shared.authority;
    let Beside {
        mut command,
        admitted,
    } = asked;
    // Ends: what was judged too often is refused.
    while !authority.is_current(&command, clock::now()) {
        let (judged, outcome) = oneshot::channel();
        // Whoever asked may have gone.
        let then = move |again| drop(judged.send(again));
        authority.again(*command, clock::now(), then);
        command = match outcome.await {
            Ok(Ok(permitted)) => Box::new(permitted),
            Ok(Err(refused)) => {
                let patience = u64::try_from(DEADLINE_DEFAULT.as_nanos()).unwrap_or(u64::MAX);
                let deadline = Nanos(clock::now().0.saturating_add(patience));
                let (reply, answer) = oneshot::channel();
                let refused = Judged::Refused(refused);
                shared.engine.submit(refused, admitted, deadline, reply);
                return Err(answer.await.unwrap_or_else(|_| not_judged()));
            }
            Err(_) => return Err(not_judged()),
        };
    }
    Ok(Beside { command, admitted })
}

/// Nothing was done.
fn not_judged() -> Reply {
    let message = "what judges requests gave up; retry";
    Reply::Failure(Failure::new(Code::PolicyUnavailable, message))
}

/// Answers a permitted request.
pub(super) async fn answer(shared: Arc<Shared>, asked: Beside) -> Reply {
    let is_of_prover = is_of_prover(asked.command.operation());
    if is_of_prover && shared.engine.prover().is_none() {
        return Reply::Failure(nothing_sealed());
    }
    let turn = match is_of_prover {
        true => match shared.proofs.acquire().await {
            Ok(turn) => Some(turn),
            Err(_) => return stopping(),
        },
        false => None,
    };
    let Beside { command, admitted } = match current(&shared, asked).await {
        Ok(asked) => asked,
        Err(reply) => return reply,
    };
    let reply = carry_out(&shared, command).await;
    drop((turn, admitted));
    reply
}

async fn carry_out(shared: &Shared, command: Box<Permitted<Command>>) -> Reply {
    let actor = command.principal().spiffe().to_owned();
    let operation = command.operation();
    let request_id = command.origin().request_id;
    let Command { book, request, .. } = command.into_value();
    if policies::scope(&request).is_some() {
        let rollout = Arc::clone(&shared.rollout);
        return match rollout.answer(actor, request).await {
            Ok(answer) => Reply::Answer(answer),
            Err(failure) => Reply::Failure(failure),
        };
    }
    if is_of_signer(operation) {
        let mut salt = [0; 16];
        if getrandom::fill(&mut salt).is_err() {
            let message = "the machine gives no randomness; retry";
            return Reply::Failure(Failure::new(Code::Busy, message));
        }
        let order = Order {
            actor,
            request_id,
            request,
            salt,
        };
        return shared.engine.operate(order).await;
    }
    let Some(prover) = shared.engine.prover().cloned() else {
        return Reply::Failure(nothing_sealed());
    };
    prover.answer(request_id, book, request).await
}

/// Answers what the shard handed on and closed blocks alone do not answer.
pub(super) async fn answer_at(shared: &Shared, request_id: u128, point: &Point) -> Reply {
    let Some(prover) = shared.engine.prover() else {
        return Reply::Failure(nothing_sealed());
    };
    prover.answer_at(request_id, point).await
}

/// Waits until a published seal covers the book at this height.
pub(super) async fn covered(shared: &Shared, book: BookId, height: Height) -> Result<(), Failure> {
    let prover = shared.engine.prover().ok_or_else(nothing_sealed)?;
    let covered = prover.sealed().covers(book, 0, height).await;
    covered.map_err(|_| {
        let message = "the daemon stopped before it was sealed; retry with the same ids";
        Failure::new(Code::OutcomeUnknown, message)
    })
}

/// It is committed, and no seal came in time.
pub(super) fn not_sealed() -> Reply {
    let message = "it is decided and durable, but no seal covered it before the deadline; retry \
                   with the same ids";
    Reply::Failure(Failure::new(Code::OutcomeUnknown, message))
}

fn stopping() -> Reply {
    Reply::Failure(Failure::new(Code::ShuttingDown, "the daemon is stopping"))
}

fn nothing_sealed() -> Failure {
    Failure::new(
        Code::SignerUnavailable,
        "this daemon seals nothing: configure `[signing]`",
    )
}

/// The place in a book that an answer speaks of, if what it says can be sealed.
pub(super) fn place(header: &Header, answer: &Answer) -> Option<(BookId, Height)> {
    let system = BookId::SYSTEM;
    Some(match answer {
        Answer::CreateTenant(decided)
        | Answer::CreateAsset(decided)
        | Answer::CreateBook(decided) => (system, decided.height),
        Answer::ChangeBook(decided) | Answer::EraseNote(decided) => (header.book, decided.height),
        Answer::CreateAccounts(outcomes)
        | Answer::ChangeAccounts(outcomes)
        | Answer::Post(outcomes) => (header.book, outcomes.height),
        _ => return None,
    })
}
