//! The book shard: an actor on an arbiter of its own, which hosts the account actors of its books.
//!
//! An account takes its postings one at a time because the shard does: both legs of a transfer run
//! in one step, so that what one does the next sees. The shard never hashes, writes or waits.
//!
//! It owns the ledger, the requests that wait, the answers of the open cycle, and the count of
//! cycles in flight.

use std::collections::VecDeque;
use std::time::Duration;

use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Message};
use crossbeam::channel::Sender;
use ledger::limits::{BATCH_TRANSFERS_MAX, BLOCK_EVENTS_MAX, EXPIRIES_PER_BATCH_MAX};
use ledger::{BookId, Code, Ledger, Nanos, Seq};
use plugins_host::Authority;
use store::{Need, Room};
use wire::{Failure, Request};

use crate::clock::{Clock, GuardedClock};
use crate::cycle::{Draft, Held, IN_FLIGHT_MAX};
use crate::directory::Directory;
use crate::fatal;
use crate::past::ShardPast;
use crate::progress::Progress;
use crate::queue::Queues;
use crate::self_check::{Compare, Halt};
use crate::snapshotter::Snapshots;
use crate::submit::{Command, Reply, Submit};

/// Requests that may wait in the mailbox.
pub(crate) const MAILBOX: usize = 16_384;
/// How often due holds are looked for without a request.
const TICK: Duration = Duration::from_millis(50);
/// Bytes of an event in the journal, at most, with its share of everything around it.
const EVENT_BYTES: u64 = 256;

/// Events from which on the open cycle takes no more requests. Larger cycles post hardly faster and
/// make everybody wait longer.
const CYCLE_EVENTS: usize = 8_190;
const _: () =
    assert!(CYCLE_EVENTS + BATCH_TRANSFERS_MAX + EXPIRIES_PER_BATCH_MAX <= BLOCK_EVENTS_MAX);
/// Events from which on a cycle is closed while another one is on its way.
const PIPELINED_EVENTS: usize = 2_048;
/// Bytes of a block beside its events, at most.
const BLOCK_BYTES: u64 = 4_096;
/// Bytes of a note beside its reference and metadata, at most.
const NOTE_BYTES: u64 = 128;

/// The actor.
pub(crate) struct Shard {
    pub(crate) ledger: Ledger,
    pub(crate) past: ShardPast,
    pub(crate) authority: Authority,
    pub(crate) snapshots: Snapshots,
    pub(crate) directory: Directory,
    clock: GuardedClock,
    queues: Queues,
    answers: Vec<Held>,
    /// Events whose notes the open cycle erases.
    pub(crate) erased: Vec<(BookId, Seq)>,
    drafts: Sender<Draft>,
    room: Room,
    covered: Progress,
    /// Number of the cycle that is open.
    pub(crate) open_cycle: u64,
    /// Number of the last durable cycle.
    durable: u64,
    is_stopping: bool,
    /// At least what the open cycle will need in the journal.
    open_need: Need,
    /// What the cycles in flight need, oldest first.
    in_flight: VecDeque<Need>,
}

/// What a shard is started with.
pub(crate) struct Parts {
    pub(crate) ledger: Ledger,
    pub(crate) past: ShardPast,
    pub(crate) authority: Authority,
    pub(crate) snapshots: Snapshots,
    pub(crate) directory: Directory,
    pub(crate) clock: Clock,
    pub(crate) max_clock_step_nanos: u64,
    pub(crate) drafts: Sender<Draft>,
    pub(crate) room: Room,
    /// Cycle that the index on disk covers.
    pub(crate) covered: Progress,
    pub(crate) last_cycle: u64,
}

impl Shard {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            ledger: parts.ledger,
            past: parts.past,
            authority: parts.authority,
            snapshots: parts.snapshots,
            directory: parts.directory,
            clock: GuardedClock::new(parts.clock, parts.max_clock_step_nanos),
            queues: Queues::default(),
            answers: Vec::new(),
            erased: Vec::new(),
            drafts: parts.drafts,
            room: parts.room,
            covered: parts.covered,
            open_cycle: parts.last_cycle + 1,
            durable: parts.last_cycle,
            is_stopping: false,
            open_need: Need::default(),
            in_flight: VecDeque::new(),
        }
    }

    /// Queues a request and takes what fits.
    pub(crate) fn enqueue(&mut self, submit: Submit) {
        if self.is_stopping {
            let content = refuse(Code::ShuttingDown, "the daemon is stopping");
            let Submit {
                reply, admitted, ..
            } = submit;
            return Held {
                reply,
                content,
                admitted,
            }
            .release();
        }
        let (book, bytes) = (submit.command.value().book, cost(submit.command.value()));
        self.queues.push(book, bytes, submit);
        self.pump();
    }

    /// The oldest draft is through: everything up to cycle `number` is durable.
    pub(crate) fn passed(&mut self, number: u64) {
        self.in_flight.pop_front();
        self.durable = number;
        self.past.durable(number);
        self.ledger.ids_mut().forget(self.covered.get());
        self.step_snapshot();
        self.pump();
    }

    /// Takes what fits into the open cycle and closes it if it can leave.
    fn pump(&mut self) {
        loop {
            let events = self.ledger.open_events();
            let is_recent = self.ledger.ids().generations() <= GENERATIONS_MAX;
            let (ledger, open_need, most) = (&self.ledger, self.open_need, self.room.max());
            let fits = |submit: &Submit| {
                // What does not fit beside the others waits for a cycle of its own.
                let need = open_need.plus(need_of(ledger, submit.command.value()));
                events < CYCLE_EVENTS && is_recent && (events == 0 || need.fits(most))
            };
            let Some(submit) = self.queues.pop(fits) else {
                break;
            };
            self.take(submit);
        }
        self.close_cycle();
    }

    /// Decides one request and holds its answer.
    fn take(&mut self, submit: Submit) {
        let Submit {
            command,
            deadline,
            reply,
            admitted,
        } = submit;
        let content = self.answer(command, deadline);
        self.answers.push(Held {
            reply,
            content,
            admitted,
        });
    }

    fn answer(&mut self, command: plugins_host::Permitted<Command>, deadline: Nanos) -> Reply {
        let operation = command.operation();
        let floor = self
            .ledger
            .book(command.value().book)
            .map(ledger::Book::last_posted_at);
        let now = match self.clock.now(floor.unwrap_or(Nanos(0))) {
            Ok(now) => now,
            Err(error) if wire::message::writes(operation) => {
                tracing::error!(%error, "refusing what needs a time");
                return refuse(
                    Code::ClockStopped,
                    "the clock jumped; set it right and retry",
                );
            }
            Err(error) => error.read,
        };
        if now > deadline {
            return refuse(
                Code::DeadlineExceeded,
                "the deadline passed before it was decided",
            );
        }
        let command = match self.authority.is_current(&command, now) {
            true => command,
            false => match self.authority.renew(command, now) {
                Ok(command) => command,
                Err(denied) => return refuse(Code::Denied, &denied.to_string()),
            },
        };
        if wire::message::writes(operation) {
            let need = need_of(&self.ledger, command.value());
            let all = self
                .in_flight
                .iter()
                .fold(self.open_need.plus(need), |n, i| n.plus(*i));
            if !self.room.has(all) {
                return refuse(
                    Code::StorageFull,
                    "the journal's disk is full; make room, retry",
                );
            }
            self.open_need = self.open_need.plus(need);
        }
        self.decide(command, now)
    }

    /// Sends the open cycle on its way if the pipeline is free to take it.
    fn close_cycle(&mut self) {
        let moved = !self.ledger.moved().is_empty();
        // A small cycle gains more by taking along what comes meanwhile than by being hashed while
        // another one is written.
        let is_small = self.ledger.open_events() < PIPELINED_EVENTS;
        let most = if is_small { 1 } else { IN_FLIGHT_MAX };
        if self.in_flight.len() >= most || (!moved && self.answers.is_empty()) {
            return;
        }
        let blocks = self.ledger.close_blocks();
        let need = Need::of_open(blocks.iter().map(|(_, open)| open));
        self.in_flight.push_back(need);
        self.open_need = Need::default();
        let mut number = self.open_cycle - 1;
        if moved {
            number = self.open_cycle;
            self.past.closed(number, &blocks);
            self.ledger.ids_mut().cycle_closed(number);
            self.open_cycle += 1;
        }
        // Behind a cycle that is not durable yet: pieces wait for it, and so for the beginning,
        // which travels with it.
        let snapshot = if moved {
            self.snapshots.begin(&self.ledger, number, need.cycle)
        } else {
            None
        };
        let answers = std::mem::take(&mut self.answers);
        let erased = std::mem::take(&mut self.erased);
        let draft = Draft {
            number,
            blocks,
            answers,
            snapshot,
            erased,
        };
        if self.drafts.send(draft).is_err() {
            fatal::stop("shard", &"the hashing thread is gone");
        }
    }

    fn stop_if_drained(&mut self, ctx: &mut Context<Self>) {
        if self.is_stopping && self.in_flight.is_empty() && self.queues.is_empty() {
            ctx.stop();
        }
    }

    fn step_snapshot(&mut self) {
        self.snapshots
            .step(&self.ledger, self.durable, self.open_cycle);
    }

    /// Expires due holds of every book, as a request would.
    fn expire_due(&mut self) {
        let Ok(now) = self.clock.now(Nanos(0)) else {
            return;
        };
        let due = |book: &&ledger::Book| book.holds().next_expiry().is_some_and(|at| at <= now);
        let books: Vec<BookId> = self
            .ledger
            .books()
            .filter(due)
            .map(|book| book.id)
            .collect();
        for book in books {
            if self.ledger.open_events() + EXPIRIES_PER_BATCH_MAX > BLOCK_EVENTS_MAX / 2 {
                return;
            }
            let need = Need {
                cycle: EXPIRIES_PER_BATCH_MAX as u64 * EVENT_BYTES,
                notes: 0,
            };
            if self.room.has(
                self.in_flight
                    .iter()
                    .fold(self.open_need.plus(need), |n, i| n.plus(*i)),
            ) {
                self.open_need = self.open_need.plus(need);
                self.ledger.expire(book, now);
            }
        }
    }
}

/// Generations of recent ids above which the shard waits for the index, so that memory is bounded.
const GENERATIONS_MAX: usize = 3;

/// A refusal of the whole request.
pub(crate) fn refuse(code: Code, message: &str) -> Reply {
    Reply::Failure(Failure::new(code, message))
}

/// At least what a command adds to the open cycle.
fn need_of(ledger: &Ledger, command: &Command) -> Need {
    let items = match &command.request {
        Request::Post(post) => {
            let holds = ledger
                .book(command.book)
                .map_or(0, |book| book.holds().len());
            post.transfers.len() + holds.min(EXPIRIES_PER_BATCH_MAX)
        }
        Request::CreateAccounts(create) => create.accounts.len(),
        Request::ChangeAccounts(change) => change.changes.len(),
        _ => 1,
    };
    let notes = command
        .notes
        .iter()
        .map(|(_, note)| NOTE_BYTES + note.reference.len() as u64 + note.metadata.len() as u64);
    Need {
        cycle: BLOCK_BYTES + items as u64 * EVENT_BYTES,
        notes: notes.sum(),
    }
}

/// Bytes that a request costs when turns are given.
fn cost(command: &Command) -> usize {
    match &command.request {
        Request::Post(post) | Request::DryRun(post) => 64 + post.transfers.len() * 128,
        Request::CreateAccounts(create) => 64 + create.accounts.len() * 128,
        Request::ChangeAccounts(change) => 64 + change.changes.len() * 128,
        Request::LookupAccounts(lookup) => 64 + lookup.ids.len() * 64,
        Request::ListAccounts(_) => 64 << 10,
        _ => 1024,
    }
}

impl Actor for Shard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(TICK, |shard, _| {
            fatal::guard("shard", || {
                // Requests may wait for the index to catch up while no cycle is in flight.
                shard.ledger.ids_mut().forget(shard.covered.get());
                shard.expire_due();
                shard.step_snapshot();
                shard.pump();
            });
        });
    }
}

impl Handler<Submit> for Shard {
    type Result = ();

    fn handle(&mut self, submit: Submit, _: &mut Context<Self>) {
        fatal::guard("shard", || self.enqueue(submit));
    }
}

/// The journal took a draft: its cycle is durable and its answers are released.
#[derive(Debug)]
pub(crate) struct Durable {
    /// Number of the last durable cycle.
    pub(crate) number: u64,
}

impl Message for Durable {
    type Result = ();
}

impl Handler<Durable> for Shard {
    type Result = ();

    fn handle(&mut self, durable: Durable, ctx: &mut Context<Self>) {
        fatal::guard("shard", || {
            self.passed(durable.number);
            self.stop_if_drained(ctx);
        });
    }
}

/// Answers what is inside, then ends the shard and, through it, the threads behind it.
#[derive(Debug)]
pub(crate) struct Shutdown;

impl Message for Shutdown {
    type Result = ();
}

impl Handler<Shutdown> for Shard {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Context<Self>) {
        fatal::guard("shard", || {
            self.is_stopping = true;
            self.pump();
            self.stop_if_drained(ctx);
        });
    }
}

impl Handler<Compare> for Shard {
    type Result = ();

    fn handle(&mut self, compare: Compare, _: &mut Context<Self>) {
        fatal::guard("shard", || compare.answer(&self.ledger));
    }
}

impl Handler<Halt> for Shard {
    type Result = ();

    fn handle(&mut self, halt: Halt, _: &mut Context<Self>) {
        fatal::guard("shard", || {
            // The clock may be what is wrong: a book found wrong is halted all the same.
            let now = self.clock.now(Nanos(0)).unwrap_or_else(|error| error.read);
            self.halt(halt.book, now);
            self.pump();
        });
    }
}
