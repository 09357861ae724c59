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
use ledger::limits::{BLOCK_EVENTS_MAX, EXPIRIES_PER_BATCH_MAX};
use ledger::operation::OperationClass;
use ledger::{BookId, Code, Ledger, Nanos, Seq};
use plugins_host::{Authority, Permitted};
use store::{Need, Room};
use wire::Failure;

use crate::clock::{Clock, GuardedClock};
use crate::cycle::{Draft, Held, IN_FLIGHT_MAX};
use crate::decide::height_of;
use crate::denials::Denials;
use crate::directory::Directory;
use crate::facts::FactsLog;
use crate::fatal;
use crate::fault::Trap;
use crate::need;
use crate::past::ShardPast;
use crate::progress::Progress;
use crate::queue::{Queues, Turn};
use crate::returns::{Asker, Returns};
use crate::seal_window::SealWindow;
use crate::self_check::{Compare, Halt};
use crate::slice;
use crate::snapshotter::Snapshots;
use crate::submit::{Command, Judged, Reply, Submit};

/// Requests that may wait in the mailbox.
pub(crate) const MAILBOX: usize = 16_384;
/// How often due holds are looked for without a request.
const TICK: Duration = Duration::from_millis(50);
/// Events from which on a cycle is closed while another one is on its way.
const PIPELINED_EVENTS: usize = 1_024;

/// The actor.
pub(crate) struct Shard {
    pub(crate) ledger: Ledger,
    pub(crate) past: ShardPast,
    pub(crate) authority: Authority,
    pub(crate) snapshots: Snapshots,
    pub(crate) directory: Directory,
    pub(crate) clock: GuardedClock,
    pub(crate) queues: Queues,
    pub(crate) returns: Returns,
    pub(crate) answers: Vec<Held>,
    pub(crate) denials: Denials,
    pub(crate) facts: FactsLog,
    /// Events whose notes the open cycle erases.
    pub(crate) erased: Vec<(BookId, Seq)>,
    drafts: Sender<Draft>,
    room: Room,
    covered: Progress,
    /// `None` if nothing seals.
    pub(crate) window: Option<SealWindow>,
    /// Number of the cycle that is open.
    pub(crate) open_cycle: u64,
    /// Number of the last durable cycle.
    durable: u64,
    is_stopping: bool,
    /// Whether a [`Pump`] is on its way.
    is_scheduled: bool,
    /// At least what the open cycle will need in the journal.
    pub(crate) open_need: Need,
    /// What the cycles in flight need, oldest first.
    in_flight: VecDeque<Need>,
    trap: Trap,
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
    /// How much may be committed and not sealed; `None` if nothing seals.
    pub(crate) window: Option<SealWindow>,
    pub(crate) last_cycle: u64,
    pub(crate) trap: Trap,
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
            returns: Returns::default(),
            answers: Vec::new(),
            denials: Denials::default(),
            facts: FactsLog::default(),
            erased: Vec::new(),
            drafts: parts.drafts,
            room: parts.room,
            covered: parts.covered,
            window: parts.window,
            open_cycle: parts.last_cycle + 1,
            durable: parts.last_cycle,
            is_stopping: false,
            is_scheduled: false,
            open_need: Need::default(),
            in_flight: VecDeque::new(),
            trap: parts.trap,
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
        let lane = self.lane(&submit.judged);
        self.queues.push(lane, submit);
    }

    /// The oldest draft is through: everything up to cycle `number` is durable.
    pub(crate) fn passed(&mut self, number: u64) {
        self.in_flight.pop_front();
        self.durable = number;
        self.past.durable(number);
        self.ledger.ids_mut().forget(self.covered.get());
        self.step_snapshot();
    }

    /// Decides a slice's worth of what fits into the open cycle, then closes it if it can leave.
    /// Whether there may be more to take at once.
    pub(crate) fn pump(&mut self) -> bool {
        let mut budget = slice::TRANSFERS * ledger::Transfer::BYTES;
        let mut is_more = true;
        let now = self.time();
        self.take_back();
        while is_more && budget > 0 {
            let events = self.ledger.open_events();
            let is_recent = !self.ledger.ids().is_behind();
            let (ledger, open_need, most) = (&self.ledger, self.open_need, self.room.max());
            let fits = |turn: &Turn| {
                // What does not fit beside the others waits for a cycle of its own.
                let need = open_need.plus(need::of_turn(ledger, turn));
                let has_room = events < turn.cycle_events_max()
                    && is_recent
                    && (events == 0 || need.fits(most));
                // What waited too long is refused, whatever the others wait for.
                has_room || (turn.results.is_empty() && now > turn.submit.deadline)
            };
            match self.queues.pop(fits) {
                Some(turn) => {
                    budget = budget.saturating_sub(slice::cost(&turn));
                    self.take(turn);
                }
                None => is_more = false,
            }
        }
        self.close_cycle();
        is_more
    }

    /// Decides a request, or a slice of it, and holds its answer once it has one.
    fn take(&mut self, turn: Turn) {
        let Turn {
            lane,
            submit,
            mut results,
        } = turn;
        let Submit {
            judged,
            deadline,
            reply,
            admitted,
        } = submit;
        let book = judged.command().book;
        let writes = wire::message::writes(judged.command().request.operation());
        let entry = match judged {
            Judged::Refused(refused) => Entry::Closed(self.turn_away(&refused)),
            Judged::Permitted(command) if !results.is_empty() => Entry::Open(command, self.time()),
            Judged::Permitted(command) => self.let_in(command, deadline),
        };
        let content = match entry {
            Entry::Closed(content) => content,
            Entry::Stale(command, now) => {
                let asker = Asker {
                    lane,
                    deadline,
                    reply,
                    admitted,
                };
                return self.judge_again(command, now, asker);
            }
            Entry::Open(command, now) if slice::transfers(command.value()).is_some() => {
                match self.post_slice(&command, now, &mut results) {
                    Some(content) => content,
                    None => {
                        let submit = Submit {
                            judged: Judged::Permitted(command),
                            deadline,
                            reply,
                            admitted,
                        };
                        return self.queues.put_back(Turn {
                            lane,
                            submit,
                            results,
                        });
                    }
                }
            }
            Entry::Open(command, now) => self.decide(command, now),
        };
        let content = self.once_sealed(book, writes, content);
        self.answers.push(Held {
            reply,
            content,
            admitted,
        });
    }

    /// The answer of what writes to a book that requires a seal waits for it.
    fn once_sealed(&self, book: BookId, writes: bool, content: Reply) -> Reply {
        let found = self
            .ledger
            .book(book)
            .filter(|book| writes && self.window.is_some() && book.state().requires_sealed);
        match (found, content) {
            (Some(found), Reply::Answer(answer)) => Reply::Sealed(answer, book, height_of(found)),
            (_, content) => content,
        }
    }

    /// The time as it reads: for what was begun and has to be ended.
    pub(crate) fn time(&mut self) -> Nanos {
        self.clock.now(Nanos(0)).unwrap_or_else(|error| error.read)
    }

    /// Checks what stands before every decision: the clock, the deadline, the permit, the room.
    fn let_in(&mut self, command: Permitted<Command>, deadline: Nanos) -> Entry {
        let writes = wire::message::writes(command.operation());
        let book = self.ledger.book(command.value().book);
        let now = match self
            .clock
            .now(book.map_or(Nanos(0), ledger::Book::last_posted_at))
        {
            Ok(now) => now,
            Err(error) if writes => {
                tracing::error!(%error, "refusing what needs a time");
                let message = "the clock jumped; set it right and retry";
                return Entry::Closed(refuse(Code::ClockStopped, message));
            }
            Err(error) => error.read,
        };
        if now > deadline {
            let message = "the deadline passed before it was decided";
            return Entry::Closed(refuse(Code::DeadlineExceeded, message));
        }
        if !self.is_current(&command, now) {
            return Entry::Stale(command, now);
        }
        // Operators and administrators go on: what they do may be what is needed.
        if command.operation().class() == OperationClass::Write
            && let Some(window) = &self.window
            && window.is_full(now)
        {
            let failure = Failure {
                retry_after_ms: 500,
                ..Failure::new(
                    Code::UnsealedWindowFull,
                    "too much is committed and not sealed yet: postings wait for the signer",
                )
            };
            return Entry::Closed(Reply::Failure(failure));
        }
        if writes {
            let need = need::of_command(&self.ledger, command.value());
            if !self.has_room(need) {
                let message = "the journal's disk is full; make room, retry";
                return Entry::Closed(refuse(Code::StorageFull, message));
            }
            self.open_need = self.open_need.plus(need);
        }
        Entry::Open(command, now)
    }

    /// Whether what a request was judged by still stands.
    fn is_current(&self, command: &Permitted<Command>, now: Nanos) -> bool {
        let book = command.value().book;
        let seen = command.facts();
        self.authority.is_current(command, now)
            && seen.is_none_or(|seen| self.facts.stands(book, seen))
    }

    /// Whether the journal has room for so much beside what is open and on its way.
    pub(crate) fn has_room(&self, need: Need) -> bool {
        let open = self.open_need.plus(need);
        self.room.has(
            self.in_flight
                .iter()
                .fold(open, |all, need| all.plus(*need)),
        )
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
        // What is left of batches was let in for good and comes in later cycles.
        let left = self
            .queues
            .begun()
            .map(|turn| need::left(&self.ledger, turn));
        self.open_need = left.fold(Need::default(), Need::plus);
        let mut number = self.open_cycle - 1;
        if moved {
            self.trap.spring();
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

    pub(crate) fn schedule(&mut self, ctx: &mut Context<Self>) {
        if !self.is_scheduled {
            self.is_scheduled = true;
            ctx.notify(Pump);
        }
    }

    fn stop_if_drained(&mut self, ctx: &mut Context<Self>) {
        if self.is_stopping && self.queues.is_empty() {
            self.flush_all_denials();
        }
        // What was decided while the last cycle was on its way is in the open one.
        let is_open = !self.answers.is_empty() || !self.ledger.moved().is_empty();
        let is_drained = self.in_flight.is_empty() && self.queues.is_empty() && !is_open;
        if self.is_stopping && is_drained {
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
        let due = |book: &&ledger::Book| {
            book.holds().next_expiry().is_some_and(|at| at <= now)
                && !self.queues.is_in_batch(book.id)
        };
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
            if self.has_room(need::EXPIRIES) {
                self.open_need = self.open_need.plus(need::EXPIRIES);
                self.ledger.expire(book, now);
            }
        }
    }
}

/// What becomes of a request that is about to be decided.
enum Entry {
    /// It is decided, at this time.
    Open(Permitted<Command>, Nanos),
    /// What it was judged by has changed: it is judged anew.
    Stale(Permitted<Command>, Nanos),
    /// It is not decided.
    Closed(Reply),
}

/// A refusal of the whole request.
pub(crate) fn refuse(code: Code, message: &str) -> Reply {
    Reply::Failure(Failure::new(code, message))
}

impl Actor for Shard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.returns.wake(ctx.address());
        ctx.run_interval(TICK, |shard, ctx| {
            fatal::guard("shard", || {
                // Requests may wait for the index to catch up while no cycle is in flight.
                shard.ledger.ids_mut().forget(shard.covered.get());
                shard.expire_due();
                shard.flush_denials();
                shard.step_snapshot();
            });
            shard.schedule(ctx);
        });
    }
}

impl Handler<Submit> for Shard {
    type Result = ();

    fn handle(&mut self, submit: Submit, ctx: &mut Context<Self>) {
        fatal::guard("shard", || self.enqueue(submit));
        self.schedule(ctx);
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
        self.schedule(ctx);
    }
}

/// Goes on with what waits: behind the messages that came meanwhile, so that none of them waits
/// for more than a slice.
#[derive(Debug)]
struct Pump;

impl Message for Pump {
    type Result = ();
}

impl Handler<Pump> for Shard {
    type Result = ();

    fn handle(&mut self, _: Pump, ctx: &mut Context<Self>) {
        self.is_scheduled = false;
        if fatal::guard("shard", || self.pump()) {
            self.schedule(ctx);
        }
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
            self.stop_if_drained(ctx);
        });
        self.schedule(ctx);
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

    fn handle(&mut self, halt: Halt, ctx: &mut Context<Self>) {
        if self.queues.is_in_batch(halt.book) {
            // Behind the batch, whose events follow each other without gap.
            ctx.notify(halt);
            return self.schedule(ctx);
        }
        fatal::guard("shard", || {
            // The clock may be what is wrong: a book found wrong is halted all the same.
            let now = self.time();
            self.halt(halt.book, now);
        });
        self.schedule(ctx);
    }
}
