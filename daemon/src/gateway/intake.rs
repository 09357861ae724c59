//! A request on its way in: read, judged, admitted, handed to the engine.

use std::sync::Arc;
use std::time::Duration;

use actors::{Command, Judged, Reply};
use ledger::note::Note;
use ledger::{Code, Digest, Nanos, Operation};
use plugins_host::{Line, Permitted, Principal, Refused, Resource};
use tokio::sync::oneshot;
use tokio::time::Instant;
use wire::frame::{Frame, Header};
use wire::identity::Role;
use wire::message::{HelloAnswer, ItemNote};
use wire::{Answer, Failure, Request, Text, limits};

use super::allowance::Share;
use super::answers::{Source, Waiting};
use super::beside::{self, Beside};
use super::{DEADLINE_DEFAULT, DEADLINE_MAX, Shared};
use crate::authority::Peer;
use crate::clock;
use crate::config::limits::REQUEST_BYTES;
use crate::policies;

/// Takes a request in; what comes back is where its answer will come from. Whatever is refused goes
/// to the shard too, which knows the ids that were accepted before and keeps what was denied.
pub(super) fn take(
    shared: &Arc<Shared>,
    line: &Line,
    peer: &Peer,
    frame: Frame,
    share: Share,
) -> Waiting {
    let (header, arrived) = (frame.header, Instant::now());
    match Asked::of(shared, peer, frame) {
        Ok(asked) => {
            let deadline = arrived + patience(&header);
            let (source, from) = asked.judge(Arc::clone(shared), line);
            Waiting::asked(header, source, from, share, deadline)
        }
        Err(failure) => Waiting::failed(header, failure),
    }
}

/// A request that was read and is to be judged.
struct Asked {
    principal: Arc<Principal>,
    request: plugins_host::Request,
    command: Command,
    bytes: usize,
    now: Nanos,
    /// Until when it may be decided.
    deadline: Nanos,
}

/// Who answers what is permitted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answerer {
    Gateway,
    Shard,
    /// Whoever has no need of the shard.
    Beside,
}

impl Asked {
    fn of(shared: &Shared, peer: &Peer, frame: Frame) -> Result<Self, Failure> {
        let Frame { header, body } = frame;
        let principal = peer.principal();
        let mut request = Request::decode(header.operation, &body)
            .map_err(|error| Failure::new(error.code(), &error.to_string()))?;
        let notes = take_notes(&mut request)?;
        let now = clock::now();
        Ok(Self {
            request: plugins_host::Request {
                operation: header.operation,
                resource: resource(shared, principal, &header, &request),
                id: header.request_id,
                digest: Digest::of_parts(&[&header.to_bytes(), &body]),
            },
            principal: Arc::clone(principal),
            command: Command {
                book: header.book,
                request,
                notes,
            },
            bytes: body.len() + REQUEST_BYTES,
            now,
            deadline: deadline(&header, now),
        })
    }

    /// Has it judged and, then, answered. With where the answer comes from goes the first sequence
    /// that a subscription wants.
    fn judge(self, shared: Arc<Shared>, line: &Line) -> (Source, u64) {
        let from = match &self.command.request {
            Request::Subscribe(subscribe) => subscribe.from.0,
            _ => 0,
        };
        let (reply, answer) = oneshot::channel();
        let source = match answerer(&self.command.request) {
            Answerer::Shard => {
                self.judge_for_shard(shared, line, reply);
                Source::Shard(answer)
            }
            Answerer::Gateway => {
                self.judge_for_gateway(shared, line, reply);
                Source::Shard(answer)
            }
            Answerer::Beside => {
                let (permitted, command) = oneshot::channel();
                self.judge_for_beside(shared, line, permitted, reply);
                Source::Beside(command, answer)
            }
        };
        (source, from)
    }

    fn judge_for_shard(self, shared: Arc<Shared>, line: &Line, reply: oneshot::Sender<Reply>) {
        let (tenant, deadline) = (self.principal.tenant(), self.deadline);
        let admitted = match shared.engine.admit(tenant, self.bytes) {
            Ok(admitted) => admitted,
            Err(failure) => return tell(reply, Reply::Failure(failure)),
        };
        let engine = Arc::clone(&shared.engine);
        self.judge_then(&shared, line, move |judged| {
            engine.submit(judged.into(), admitted, deadline, reply);
        });
    }

    fn judge_for_gateway(self, shared: Arc<Shared>, line: &Line, reply: oneshot::Sender<Reply>) {
        let (now, deadline) = (self.now, self.deadline);
        let behind = Arc::clone(&shared);
        self.judge_then(&shared, line, move |judged| match judged {
            Ok(permitted) => tell(reply, hello(&behind, permitted.principal(), now)),
            Err(refused) => refuse(&behind, refused, deadline, reply),
        });
    }

    fn judge_for_beside(
        self,
        shared: Arc<Shared>,
        line: &Line,
        permitted: oneshot::Sender<Beside>,
        reply: oneshot::Sender<Reply>,
    ) {
        let (tenant, deadline) = (self.principal.tenant(), self.deadline);
        let admitted = match shared.engine.admit(tenant, self.bytes) {
            Ok(admitted) => admitted,
            Err(failure) => return tell(reply, Reply::Failure(failure)),
        };
        let engine = Arc::clone(&shared.engine);
        self.judge_then(&shared, line, move |judged| match judged {
            // Whoever asked may have gone.
            Ok(command) => drop(permitted.send(Beside {
                command: Box::new(command),
                admitted,
            })),
            Err(refused) => engine.submit(Judged::Refused(refused), admitted, deadline, reply),
        });
    }

    fn judge_then(
        self,
        shared: &Shared,
        line: &Line,
        then: impl FnOnce(Result<Permitted<Command>, Refused<Command>>) + Send + 'static,
    ) {
        let Self {
            principal,
            request,
            command,
            now,
            ..
        } = self;
        let authority = &shared.authority;
        authority.judge(line, &principal, request, command, now, then);
    }
}

fn answerer(request: &Request) -> Answerer {
    if request.operation() == Operation::Hello {
        Answerer::Gateway
    } else if beside::is(request) {
        Answerer::Beside
    } else {
        Answerer::Shard
    }
}

/// Has the shard answer a refusal of what would have been answered without it.
fn refuse(
    shared: &Shared,
    refused: Refused<Command>,
    deadline: Nanos,
    reply: oneshot::Sender<Reply>,
) {
    match shared
        .engine
        .admit(refused.principal().tenant(), REQUEST_BYTES)
    {
        Ok(admitted) => {
            let refused = Judged::Refused(refused);
            shared.engine.submit(refused, admitted, deadline, reply);
        }
        Err(failure) => tell(reply, Reply::Failure(failure)),
    }
}

/// Whoever asked may have gone.
fn tell(reply: oneshot::Sender<Reply>, what: Reply) {
    let _ = reply.send(what);
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

fn resource(
    shared: &Shared,
    principal: &Principal,
    header: &Header,
    request: &Request,
) -> Resource {
    use Operation as O;
    if let Some(scope) = policies::scope(request) {
        return policies::resource(shared.engine.directory(), scope);
    }
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

fn hello(shared: &Shared, principal: &Arc<Principal>, now: Nanos) -> Reply {
    let platform = ledger::registry::Name::parse("platform");
    let Some(tenant_name) = principal.tenant_name().or(platform) else {
        return Reply::Failure(Failure::new(Code::NameInvalid, "the tenant has no name"));
    };
    Reply::Answer(Answer::Hello(HelloAnswer {
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
    }))
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
