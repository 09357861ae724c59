//! A request on its way in: read, judged, admitted, handed to the engine.

use std::sync::Arc;
use std::time::Duration;

use actors::Command;
use ledger::note::Note;
use ledger::{Code, Digest, Nanos, Operation};
use plugins_host::{Permitted, Principal, Resource};
use tokio::sync::oneshot;
use tokio::time::Instant;
use wire::frame::{Frame, Header};
use wire::identity::Role;
use wire::message::{HelloAnswer, ItemNote};
use wire::{Answer, Failure, Request, Text, limits};

use super::allowance::Share;
use super::answers::Waiting;
use super::beside;
use super::{DEADLINE_DEFAULT, DEADLINE_MAX, Shared};
use crate::authority::Peer;
use crate::clock;
use crate::config::limits::REQUEST_BYTES;

/// Takes a request in; what comes back is its answer or where it will come from.
pub(super) fn take(shared: &Shared, peer: &Peer, frame: Frame, share: Share) -> Waiting {
    let header = frame.header;
    let arrived = Instant::now();
    match submit(shared, peer, frame) {
        Ok(Taken::Answered(answer)) => Waiting::answered(header, answer),
        Ok(Taken::Asked(receiver, from)) => {
            let deadline = arrived + patience(&header);
            Waiting::asked(header, receiver, from, share, deadline)
        }
        Ok(Taken::Beside(command)) => {
            let deadline = arrived + patience(&header);
            Waiting::beside(header, command, share, deadline)
        }
        Err(failure) => Waiting::failed(header, failure),
    }
}

enum Taken {
    Answered(Answer),
    /// The receiver, and the first sequence that a subscription wants.
    Asked(oneshot::Receiver<actors::Reply>, u64),
    /// What the shard has no part in.
    Beside(Box<Permitted<Command>>),
}

fn submit(shared: &Shared, peer: &Peer, frame: Frame) -> Result<Taken, Failure> {
    let Frame { header, body } = frame;
    let principal = peer.principal();
    let mut request = Request::decode(header.operation, &body)
        .map_err(|error| Failure::new(error.code(), &error.to_string()))?;
    let notes = take_notes(&mut request)?;
    let from = match &request {
        Request::Subscribe(subscribe) => subscribe.from.0,
        _ => 0,
    };
    let now = clock::now();
    let judged = plugins_host::Request {
        operation: header.operation,
        resource: resource(shared, principal, &header),
        id: header.request_id,
        digest: Digest::of_parts(&[&header.to_bytes(), &body]),
    };
    let command = Command {
        book: header.book,
        request,
        notes,
    };
    let command = shared
        .authority
        .permit(principal, judged, command, now)
        .map_err(|denied| Failure::new(Code::Denied, &denied.to_string()))?;
    if header.operation == Operation::Hello {
        return Ok(Taken::Answered(Answer::Hello(hello(
            shared, principal, now,
        )?)));
    }
    if beside::is(&command.value().request) {
        return Ok(Taken::Beside(Box::new(command)));
    }
    let bytes = body.len() + REQUEST_BYTES;
    let receiver = shared
        .engine
        .submit(command, bytes, deadline(&header, now))?;
    Ok(Taken::Asked(receiver, from))
}

/// How long the client waits.
fn patience(header: &Header) -> Duration {
    match header.deadline_ms {
        0 => DEADLINE_DEFAULT,
        ms => Duration::from_millis(u64::from(ms)).min(DEADLINE_MAX),
    }
}

fn deadline(header: &Header, now: Nanos) -> Nanos {
    let nanos = u64::try_from(patience(header).as_nanos()).unwrap_or(u64::MAX);
    Nanos(now.0.saturating_add(nanos))
}

fn resource(shared: &Shared, principal: &Principal, header: &Header) -> Resource {
    use Operation as O;
    match header.operation {
        O::Hello | O::ListAssets | O::Keyring => Resource::Server,
        O::CreateTenant
        | O::CreateAsset
        | O::CreateBook
        | O::ListTenants
        | O::AuditRows
        | O::ChangeSigners
        | O::Approve
        | O::Approvals
        | O::RequestApproval => Resource::Platform,
        O::ListBooks => Resource::books_of(principal),
        _ => Resource::Book {
            book: header.book,
            owner: shared.engine.directory().owner(header.book),
        },
    }
}

/// Takes the notes out of a post and draws a salt for each, before the batch has a place in order.
fn take_notes(request: &mut Request) -> Result<Vec<(u32, Note)>, Failure> {
    let (Request::Post(post) | Request::DryRun(post)) = request else {
        return Ok(Vec::new());
    };
    std::mem::take(&mut post.notes)
        .into_iter()
        .map(salted)
        .collect()
}

fn salted(note: ItemNote) -> Result<(u32, Note), Failure> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)
        .map_err(|_| Failure::new(Code::Busy, "the machine gives no randomness; retry"))?;
    Ok((
        note.index,
        Note {
            salt,
            reference: note.reference,
            metadata: note.metadata,
        },
    ))
}

fn hello(shared: &Shared, principal: &Arc<Principal>, now: Nanos) -> Result<HelloAnswer, Failure> {
    let platform = ledger::registry::Name::parse("platform");
    let tenant_name = principal
        .tenant_name()
        .or(platform)
        .ok_or_else(|| Failure::new(Code::NameInvalid, "the tenant has no name"))?;
    Ok(HelloAnswer {
        server: Text::cut(concat!("ledgerd ", env!("CARGO_PKG_VERSION"))),
        protocol: limits::PROTOCOL_VERSION,
        batch_transfers_max: ledger::limits::BATCH_TRANSFERS_MAX as u32,
        batch_accounts_max: ledger::limits::BATCH_ACCOUNTS_MAX as u32,
        query_rows_max: ledger::limits::QUERY_ROWS_MAX as u32,
        frame_body_max: limits::FRAME_BODY_MAX as u32,
        in_flight_max: u32::try_from(shared.requests_in_flight).unwrap_or(u32::MAX),
        streams_max: wire::endpoint::TransportLimits::default().streams_max,
        tenant: principal.tenant(),
        tenant_name,
        role: role(principal),
        now,
    })
}

fn role(principal: &Principal) -> Role {
    match principal.role() {
        plugins_host::Role::Read => Role::Read,
        plugins_host::Role::Write => Role::Write,
        plugins_host::Role::Admin => Role::Admin,
        plugins_host::Role::Operator => Role::Operator,
        plugins_host::Role::Auditor => Role::Auditor,
        plugins_host::Role::Billing => Role::Billing,
    }
}
