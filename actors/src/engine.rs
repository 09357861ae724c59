//! The engine: shard, threads and children put together, and stopped in order.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

use actix::{Actor, Addr, Arbiter};
use crossbeam::channel::bounded;
use ledger::Code;
use parking_lot::Mutex;
use plugins_host::{Authority, Permitted};
use tokio::sync::oneshot;
use wire::Failure;

use crate::admission::{Admission, AdmissionLimits, Full};
use crate::child::{Child, Priority, Stop};
use crate::clock::Clock;
use crate::committer::Committer;
use crate::cycle::{Draft, IN_FLIGHT_MAX, Sealed};
use crate::directory::Directory;
use crate::fatal;
use crate::fault::{Fault, Trap};
use crate::hasher;
use crate::history::History;
use crate::index_slot::IndexSlot;
use crate::indexer::Indexer;
use crate::past::ShardPast;
use crate::progress::Progress;
use crate::recovery::Recovered;
use crate::self_check::SelfChecker;
use crate::shard::{Parts, Shard, Shutdown};
use crate::snapshotter::{self, Snapshots, Snapshotter};
use crate::submit::{Command, Reply, Submit};

/// How an engine runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of requests that may be inside.
    pub admission: AdmissionLimits,
    /// Where time comes from.
    pub clock: Clock,
    /// How far the wall clock may step against the monotonic one, in nanoseconds.
    pub max_clock_step_nanos: u64,
    /// What each book may hold in memory.
    pub caps: ledger::Caps,
    /// Events that one page of a query may look at.
    pub query_events_max: u64,
    /// Bytes journaled between two snapshots, at least.
    pub snapshot_every_bytes: u64,
    /// A thread that panics once, for tests.
    #[cfg(debug_assertions)]
    pub fault: Option<Fault>,
}

/// A running ledger.
#[derive(Debug)]
pub struct Engine {
    shard: Addr<Shard>,
    admission: Admission,
    history: History,
    directory: Directory,
    durable: Progress,
    stop: Stop,
    /// Taken by whoever stops the engine; no other lock is taken with it.
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    threads: Vec<JoinHandle<()>>,
    children: Vec<Child>,
}

impl Engine {
    /// Starts shard, threads and children. Must be called inside an actix system.
    ///
    /// # Errors
    /// The machine gives no thread.
    #[expect(
        clippy::too_many_lines,
        reason = "here, and only here, every part meets the others"
    )]
    pub fn start(
        mut recovered: Recovered,
        authority: Authority,
        options: &Options,
    ) -> std::io::Result<Self> {
        recovered.ledger.set_caps(options.caps);
        let trap = |fault| Trap::of(fault, options);
        let durable = Progress::at(recovered.last_cycle);
        let covered = recovered.builder.covered_cycle();
        let (covered, indexed) = (Progress::at(covered), Progress::at(covered));
        let stop = Stop::default();
        let reader = recovered.journal.reader();
        let index = IndexSlot::of(recovered.index);
        let directory = Directory::of(recovered.ledger.registry());
        let (drafts, drafted) = bounded::<Draft>(IN_FLIGHT_MAX);
        let (seals, sealed) = bounded::<Sealed>(IN_FLIGHT_MAX);
        let (snapshots, messages) = bounded(snapshotter::QUEUE);
        let (taken_sender, taken) = bounded(1);
        let is_busy = Arc::new(AtomicBool::new(false));
        let every = options.snapshot_every_bytes;
        let begun = Arc::clone(&is_busy);
        let shard = start_shard(Parts {
            ledger: recovered.ledger,
            past: ShardPast::new(reader.clone(), index.clone()),
            authority,
            directory: directory.clone(),
            snapshots: Snapshots::new(snapshots.clone(), begun, every, recovered.tail_bytes),
            clock: options.clock.clone(),
            max_clock_step_nanos: options.max_clock_step_nanos,
            drafts,
            room: recovered.journal.room(),
            covered: covered.clone(),
            last_cycle: recovered.last_cycle,
            trap: trap(Fault::Shard),
        });
        let committer = Committer {
            journal: recovered.journal,
            sealed,
            shard: shard.clone(),
            durable: durable.clone(),
            snapshots,
            taken,
            trap: trap(Fault::Journal),
        };
        let snapshotter = Snapshotter {
            disk: Arc::clone(&recovered.disk),
            messages,
            is_busy,
            durable: durable.clone(),
            taken: taken_sender,
            trap: trap(Fault::Snapshotter),
        };
        let indexer = Indexer {
            disk: recovered.disk,
            limits: recovered.index_limits,
            builder: Some(recovered.builder),
            index: index.clone(),
            reader: reader.clone(),
            durable: durable.clone(),
            covered,
            indexed: indexed.clone(),
            stop: stop.clone(),
            trap: trap(Fault::Indexer),
        };
        let checker = SelfChecker {
            reader: reader.clone(),
            shard: shard.clone(),
            durable: durable.clone(),
            stop: stop.clone(),
            trap: trap(Fault::SelfCheck),
        };
        let (heads, hashing) = (recovered.heads, trap(Fault::Hasher));
        let threads = vec![
            fatal::spawn("hasher", move || {
                hasher::run(heads, &drafted, &seals, &hashing);
            })?,
            fatal::spawn("journal", move || committer.run())?,
        ];
        let children = start_children(snapshotter, indexer, checker, &stop)?;
        Ok(Self {
            shard,
            admission: Admission::new(options.admission),
            history: History::new(reader, index, indexed, options.query_events_max),
            directory,
            durable,
            stop,
            running: Mutex::new(Running { threads, children }),
        })
    }

    /// Hands a permitted request of about `bytes` to the shard; its reply comes once what it says
    /// is durable.
    ///
    /// # Errors
    /// There is no room for it now: `busy`, to be tried again.
    pub fn submit(
        &self,
        command: Permitted<Command>,
        bytes: usize,
        deadline: ledger::Nanos,
    ) -> Result<oneshot::Receiver<Reply>, Failure> {
        let tenant = command.principal().tenant();
        let admitted = self.admission.take(tenant, bytes).map_err(|full| {
            busy(match full {
                Full::Daemon => "the daemon's budget of waiting requests is full",
                Full::Tenant => "the tenant's share of waiting requests is full",
            })
        })?;
        let (reply, answer) = oneshot::channel();
        let submit = Submit {
            command,
            deadline,
            reply,
            admitted,
        };
        match self.shard.try_send(submit) {
            Ok(()) => Ok(answer),
            Err(actix::dev::SendError::Full(_)) => Err(busy("the shard's mailbox is full")),
            Err(actix::dev::SendError::Closed(_)) => {
                Err(Failure::new(Code::ShuttingDown, "the daemon is stopping"))
            }
        }
    }

    /// Closed blocks and what can be asked about them.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Who owns which book.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Number of the last durable cycle.
    pub fn durable(&self) -> &Progress {
        &self.durable
    }

    /// The budget of requests inside.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Answers what is inside, closes the journal and ends every thread.
    pub fn stop(&self) {
        let running = std::mem::take(&mut *self.running.lock());
        // Full mailbox: the shard is busy with what came before; it is asked again.
        while let Err(actix::dev::SendError::Full(_)) = self.shard.try_send(Shutdown) {
            std::thread::yield_now();
        }
        for thread in running.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the engine ended by a panic");
            }
        }
        self.stop.set();
        for child in running.children {
            child.join();
        }
    }
}

fn busy(message: &str) -> Failure {
    Failure {
        retry_after_ms: 20,
        ..Failure::new(Code::Busy, message)
    }
}

fn start_shard(parts: Parts) -> Addr<Shard> {
    let arbiter = Arbiter::new();
    Shard::start_in_arbiter(&arbiter.handle(), move |_| Shard::new(parts))
}

fn start_children(
    snapshotter: Snapshotter,
    mut indexer: Indexer,
    checker: SelfChecker,
    stop: &Stop,
) -> std::io::Result<Vec<Child>> {
    // A snapshot that fails is given up inside; the end of the shard ends this child.
    let snapshotter = Child::start("snapshotter", Priority::Low, Stop::default(), move || {
        snapshotter.run();
        Ok::<(), String>(())
    })?;
    // The shard takes no more ids than the index will cover.
    let indexer = Child::start("indexer", Priority::Equal, stop.clone(), move || {
        indexer.run()
    })?;
    let checker = Child::start("self-check", Priority::Low, stop.clone(), move || {
        checker.run()
    })?;
    Ok(vec![snapshotter, indexer, checker])
}

#[cfg(test)]
mod tests;
