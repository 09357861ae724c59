//! Who asks an engine, judged by an authority of the test's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::event::{Records, RequestDenied};
use ledger::operation::OperationClass;
use ledger::{BatchEntry, BookId, Code, Digest, Event, Nanos, TenantId, Transfer};
use plugins_host::{Authority, Principal, Resource, Role};
use store::disk::SimDisk;
use tokio::sync::oneshot;
use wire::message::Post;
use wire::{Answer, Failure, Request};

use super::{ACME, BOOK, Engine, ROOMY, answer, name, set_up, start_judged};
use crate::clock::Clock;
use crate::submit::{Command, Judged};

const SECOND: u64 = 1_000_000_000;

/// An engine, who judges for it, and its clock.
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) authority: Authority,
    clock: Arc<AtomicU64>,
}

/// Runs `test` with an engine on `disk` that has books and accounts.
pub(super) fn with_world(disk: &SimDisk, authority: Authority, test: impl AsyncFnOnce(&World)) {
    actix::System::new().block_on(async {
        let world = World::start(disk, authority);
        set_up(&world.engine).await;
        test(&world).await;
        world.engine.stop();
    });
}

impl World {
    pub(super) fn start(disk: &SimDisk, authority: Authority) -> Self {
        let clock = Arc::new(AtomicU64::new(Clock::System.now().0));
        let manual = Clock::Manual(Arc::clone(&clock));
        Self {
            engine: start_judged(disk, ROOMY, manual, authority.clone()),
            authority,
            clock,
        }
    }

    pub(super) fn now(&self) -> Nanos {
        Nanos(self.clock.load(Ordering::Acquire))
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds * SECOND, Ordering::AcqRel);
    }

    /// Has a request about `book` judged, and nothing else.
    pub(super) async fn judge(
        &self,
        who: &Arc<Principal>,
        book: BookId,
        request: Request,
    ) -> Judged {
        let operation = request.operation();
        let owner = self.engine.directory().owner(book);
        let resource = match operation.class() {
            OperationClass::Operate => Resource::Platform,
            _ => Resource::Book { book, owner },
        };
        let judged = plugins_host::Request {
            operation,
            resource,
            id: 77,
            digest: Digest::of(format!("{request:?}").as_bytes()),
        };
        let command = Command {
            book,
            request,
            notes: Vec::new(),
        };
        let (then, judged_then) = oneshot::channel();
        let line = self.authority.line();
        self.authority
            .judge(&line, who, judged, command, self.now(), move |judged| {
                then.send(judged).unwrap();
            });
        judged_then.await.unwrap().into()
    }

    /// Hands what was judged to the shard.
    pub(super) async fn submit(&self, judged: Judged) -> Result<Answer, Failure> {
        let tenant = match &judged {
            Judged::Permitted(permitted) => permitted.principal().tenant(),
            Judged::Refused(refused) => refused.principal().tenant(),
        };
        let admitted = self.engine.admit(tenant, 1_024)?;
        let (reply, receiver) = oneshot::channel();
        let deadline = Nanos(u64::MAX);
        self.engine.submit(judged, admitted, deadline, reply);
        answer(&self.engine, receiver.await.unwrap()).await
    }

    /// Asks as `who`.
    pub(super) async fn ask(
        &self,
        who: &Arc<Principal>,
        book: BookId,
        request: Request,
    ) -> Result<Answer, Failure> {
        let judged = self.judge(who, book, request).await;
        self.submit(judged).await
    }

    /// Posts as `who`; the codes of the transfers.
    pub(super) async fn post(
        &self,
        who: &Arc<Principal>,
        transfers: Vec<Transfer>,
    ) -> Result<Vec<Code>, Failure> {
        let count = transfers.len() as u32;
        match self.ask(who, BOOK, posting(transfers)).await? {
            Answer::Post(outcomes) => Ok((0..count).map(|at| outcomes.code(at)).collect()),
            other => panic!("{other:?}"),
        }
    }

    /// The durable denials of a book, with the entry of the batch list that holds each.
    pub(super) fn denials(&self, book: BookId) -> Vec<(RequestDenied, BatchEntry)> {
        denials(&self.engine, book)
    }
}

pub(super) fn denials(engine: &Engine, book: BookId) -> Vec<(RequestDenied, BatchEntry)> {
    let mut found = Vec::new();
    for cycle in engine.history().reader().cycles(1) {
        for block in &cycle.unwrap().blocks {
            if block.header.book != book {
                continue;
            }
            let entries = entries(&block.batches);
            for (at, record) in (0..).zip(Records(&block.events)) {
                if let Event::RequestDenied(denied) = Event::decode(record.unwrap()).unwrap() {
                    let holds = |entry: &&BatchEntry| {
                        (entry.first..entry.first + entry.count).contains(&at)
                    };
                    found.push((denied, *entries.iter().find(holds).unwrap()));
                }
            }
        }
    }
    found
}

fn entries(mut bytes: &[u8]) -> Vec<BatchEntry> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (entry, rest) = bytes.split_at(BatchEntry::BYTES);
        let mut reader = ledger::fields::Reader::new(entry);
        entries.push(BatchEntry::decode(&mut reader).unwrap());
        bytes = rest;
    }
    entries
}

/// Somebody of the tenant that owns the book.
pub(super) fn own(role: Role) -> Arc<Principal> {
    of_tenant(ACME, role)
}

/// Somebody of a tenant that owns nothing.
pub(super) fn foreign(role: Role) -> Arc<Principal> {
    of_tenant(TenantId(9), role)
}

fn of_tenant(tenant: TenantId, role: Role) -> Arc<Principal> {
    let spiffe = format!("spiffe://t/{tenant}/{role}");
    let fingerprint = Digest::of(spiffe.as_bytes());
    let named = (tenant, name());
    let made = Principal::of_tenant(named, role, &spiffe, fingerprint, Nanos(u64::MAX));
    Arc::new(made.unwrap())
}

/// Somebody of the platform.
pub(super) fn of_platform(role: Role) -> Arc<Principal> {
    let spiffe = format!("spiffe://t/platform/{role}");
    let fingerprint = Digest::of(spiffe.as_bytes());
    let made = Principal::of_platform(role, &spiffe, fingerprint, Nanos(u64::MAX));
    Arc::new(made.unwrap())
}

pub(super) fn posting(transfers: Vec<Transfer>) -> Request {
    Request::Post(Post::new(transfers))
}

/// A transfer from account 1 to account 2.
pub(super) fn transfer(id: u128, amount: u128) -> Transfer {
    Transfer::new(id, 1, 2, amount, 1)
}
