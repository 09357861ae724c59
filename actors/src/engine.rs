//! The engine: shard, threads and children put together, and stopped in order.

mod policies;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

use actix::dev::SendError;
use actix::{Actor, Addr, Arbiter};
use crossbeam::channel::bounded;
use ledger::{Code, TenantId};
use parking_lot::Mutex;
use plugins_host::Authority;
use signing::Signer;
use store::Cycle;
use store::audit::AuditReader;
use tokio::sync::oneshot;
use verify::Keyring;
use wire::Failure;

use crate::admission::{Admission, AdmissionLimits, Admitted, Full};
use crate::child::{Child, Priority, Stop};
use crate::clock::Clock;
use crate::committer::Committer;
use crate::cycle::{Draft, IN_FLIGHT_MAX, Sealed as Closed};
use crate::directory::Directory;
use crate::facts::ShardFacts;
use crate::fatal;
use crate::fault::{Fault, Trap};
use crate::hasher;
use crate::history::History;
use crate::index_slot::IndexSlot;
use crate::indexer::Indexer;
use crate::moved::{Moved, events};
use crate::past::ShardPast;
use crate::progress::Progress;
use crate::prover::{NoteKeys, Notes, Prover};
use crate::recovery::Recovered;
use crate::refusal;
use crate::seal_window::SealWindow;
use crate::sealed::Sealed;
use crate::self_check::SelfChecker;
use crate::shard::{Parts, Shard, Shutdown};
use crate::signer::operator::Order;
use crate::signer::start::{Ground, SealStartError, Sealing};
use crate::signer::{
    Chain, Connect, CurrentKeys, Finish, MovedOn, Ordered, Positions, SignerActor, Watch,
};
use crate::snapshotter::{self, Snapshots, Snapshotter};
use crate::submit::{Judged, Reply, Submit};
use crate::tiler::{Tiler, TilesSlot};

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

/// Why an engine does not start.
#[derive(Debug)]
pub enum EngineError {
    /// The machine gives no thread.
    Machine(std::io::Error),
    /// What is sealed does not fit what is there.
    Seals(SealStartError),
}

impl From<std::io::Error> for EngineError {
    fn from(error: std::io::Error) -> Self {
        Self::Machine(error)
    }
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Machine(error) => write!(f, "the machine gives no thread: {error}"),
            Self::Seals(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EngineError {}

/// What the journal thread tells of durable cycles.
pub(crate) struct Sealer {
    pub(crate) moved: Moved,
    pub(crate) window: SealWindow,
    pub(crate) signer: Addr<SignerActor>,
    pub(crate) clock: Clock,
}

impl Sealer {
    /// The cycle is durable and not sealed.
    pub(crate) fn durable(&self, cycle: &Cycle) {
        // Committed before it can be sealed: else the window would be told of the seal first.
        self.window.committed(events(cycle), self.clock.now());
        self.moved.note(cycle);
        // Full: it has enough messages to look by itself.
        let _ = self.signer.try_send(MovedOn);
    }
}

/// A running ledger.
#[derive(Debug)]
pub struct Engine {
    shard: Addr<Shard>,
    /// `None` if nothing seals.
    seals: Option<Seals>,
    admission: Admission,
    history: History,
    directory: Directory,
    durable: Progress,
    stop: Stop,
    /// Taken by whoever stops the engine; no other lock is taken with it.
    running: Mutex<Running>,
}

/// The signer and what is made of its seals.
#[derive(Debug)]
struct Seals {
    signer: Addr<SignerActor>,
    prover: Prover,
}

#[derive(Debug, Default)]
struct Running {
    threads: Vec<JoinHandle<()>>,
    children: Vec<Child>,
}

impl Engine {
    /// Starts shard, threads and children. Must be called inside an actix system.
    ///
    /// `sealing` is what seals; nothing is sealed, and nothing proven, without it.
    ///
    /// # Errors
    /// The machine gives no thread, or what is sealed does not fit what is there.
    #[expect(
        clippy::too_many_lines,
        reason = "here, and only here, every part meets the others"
    )]
    pub fn start(
        mut recovered: Recovered,
        authority: Authority,
        options: &Options,
        sealing: Option<Sealing>,
    ) -> Result<Self, EngineError> {
        recovered.ledger.set_caps(options.caps);
        let trap = |fault| Trap::of(fault, options);
        let durable = Progress::at(recovered.last_cycle);
        let covered = recovered.builder.covered_cycle();
        let (covered, indexed) = (Progress::at(covered), Progress::at(covered));
        let stop = Stop::default();
        let reader = recovered.journal.reader();
        let index = IndexSlot::of(recovered.index);
        let directory = Directory::of(recovered.ledger.registry());
        let history = History::new(
            reader.clone(),
            index.clone(),
            indexed.clone(),
            options.query_events_max,
        );
        let tiles = TilesSlot::default();
        let tiled = Progress::default();
        let ground = Ground {
            reader: &reader,
            heads: &recovered.heads,
            last_cycle: recovered.last_cycle,
            positions: Positions::new(directory.clone()),
        };
        let proofs = |sealed, audit, notes, window: &SealWindow, watch: &Watch| Prover {
            sealed,
            history: history.clone(),
            tiles: tiles.clone(),
            tiled: tiled.clone(),
            durable: durable.clone(),
            indexed: indexed.clone(),
            audit,
            notes: Arc::new(Notes::new(notes)),
            window: window.clone(),
            watch: watch.clone(),
            clock: options.clock.clone(),
        };
        let (sealer, seals) = match sealing {
            Some(sealing) => {
                let (sealer, seals) = start_seals(sealing, ground, options, proofs)?;
                (Some(sealer), Some(seals))
            }
            None => (None, None),
        };
        let (drafts, drafted) = bounded::<Draft>(IN_FLIGHT_MAX);
        let (closed, sealed) = bounded::<Closed>(IN_FLIGHT_MAX);
        let (snapshots, messages) = bounded(snapshotter::QUEUE);
        let (taken_sender, taken) = bounded(1);
        let is_busy = Arc::new(AtomicBool::new(false));
        let every = options.snapshot_every_bytes;
        let begun = Arc::clone(&is_busy);
        let shard = start_shard(Parts {
            ledger: recovered.ledger,
            past: ShardPast::new(reader.clone(), index.clone()),
            authority: authority.clone(),
            directory: directory.clone(),
            snapshots: Snapshots::new(snapshots.clone(), begun, every, recovered.tail_bytes),
            clock: options.clock.clone(),
            max_clock_step_nanos: options.max_clock_step_nanos,
            drafts,
            room: recovered.journal.room(),
            covered: covered.clone(),
            window: sealer.as_ref().map(|sealer| sealer.window.clone()),
            last_cycle: recovered.last_cycle,
            trap: trap(Fault::Shard),
        });
        authority.set_facts(Arc::new(ShardFacts(shard.clone())));
        let committer = Committer {
            journal: recovered.journal,
            sealed,
            shard: shard.clone(),
            durable: durable.clone(),
            snapshots,
            taken,
            sealer,
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
        let tiler = seals.is_some().then(|| Tiler {
            disk: Arc::clone(&recovered.disk),
            reader: reader.clone(),
            slot: tiles,
            durable: durable.clone(),
            tiled,
            stop: stop.clone(),
        });
        let indexer = Indexer {
            disk: recovered.disk,
            limits: recovered.index_limits,
            builder: Some(recovered.builder),
            index,
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
                hasher::run(heads, &drafted, &closed, &hashing);
            })?,
            fatal::spawn("journal", move || committer.run())?,
        ];
        let children = start_children(snapshotter, indexer, tiler, checker, &stop)?;
        Ok(Self {
            shard,
            admission: Admission::new(options.admission),
            history,
            seals,
            directory,
            durable,
            stop,
            running: Mutex::new(Running { threads, children }),
        })
    }

    /// Takes room for a request of about `bytes` of a tenant. It is taken before the request is
    /// judged, so that what waits to be judged is bounded too, and given back when it is answered.
    ///
    /// # Errors
    /// There is no room for it now: `busy`, to be tried again.
    pub fn admit(&self, tenant: TenantId, bytes: usize) -> Result<Admitted, Failure> {
        self.admission.take(tenant, bytes).map_err(|full| {
            busy(match full {
                Full::Daemon => "the daemon's budget of waiting requests is full",
                Full::Tenant => "the tenant's share of waiting requests is full",
            })
        })
    }

    /// Hands a judged request to the shard. What it says goes to `reply` once it is durable, or at
    /// once if the shard has no room or has ended.
    pub fn submit(
        &self,
        judged: Judged,
        admitted: Admitted,
        deadline: ledger::Nanos,
        reply: oneshot::Sender<Reply>,
    ) {
        if let Judged::Refused(refused) = &judged
            && !refused.denied().code().is_denial()
        {
            // What had no room to be judged shall not take room here either. Whoever asked may have
            // gone.
            let _ = reply.send(Reply::Failure(refusal::failure(refused, None)));
            return;
        }
        let submit = Submit {
            judged,
            deadline,
            reply,
            admitted,
        };
        let (failure, submit) = match self.shard.try_send(submit) {
            Ok(()) => return,
            Err(SendError::Full(submit)) => (busy("the shard's mailbox is full"), submit),
            Err(SendError::Closed(submit)) => (stopping(), submit),
        };
        let _ = submit.reply.send(Reply::Failure(failure));
    }

    /// Closed blocks and what can be asked about them.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What makes proofs; `None` if nothing seals.
    pub fn prover(&self) -> Option<&Prover> {
        self.seals.as_ref().map(|seals| &seals.prover)
    }

    /// Has the signer carry out what an operator asks for.
    pub async fn operate(&self, order: Order) -> Reply {
        let Some(seals) = &self.seals else {
            return Reply::Failure(crate::signer::no_signer());
        };
        let (reply, answer) = oneshot::channel();
        match seals.signer.try_send(Ordered { order, reply }) {
            Ok(()) => {}
            Err(SendError::Full(_)) => {
                return Reply::Failure(busy("the signer's mailbox is full"));
            }
            Err(SendError::Closed(_)) => {
                return Reply::Failure(stopping());
            }
        }
        match answer.await {
            Ok(Ok(answer)) => Reply::Answer(answer),
            Ok(Err(failure)) => Reply::Failure(failure),
            Err(_) => Reply::Failure(stopping()),
        }
    }

    /// The keyring that holds now, with changes whose rows are not signed yet; `None` where nothing
    /// is sealed.
    ///
    /// # Errors
    /// The signer is too busy to say, or has ended.
    pub async fn keyring(&self) -> Result<Option<Keyring>, Failure> {
        let Some(seals) = &self.seals else {
            return Ok(None);
        };
        let (reply, answer) = oneshot::channel();
        let busy = || Failure::new(Code::Busy, "the signer is busy, retry");
        let sent = seals.signer.try_send(CurrentKeys(reply));
        sent.map_err(|_| busy())?;
        answer.await.map(Some).map_err(|_| busy())
    }

    /// Takes signers of seals that were connected and tested while it runs; which of them signs the
    /// registry says. False if the signer is too busy: try again.
    pub fn connect(&self, signers: Vec<Arc<Signer>>) -> bool {
        let seals = self.seals.as_ref();
        seals.is_some_and(|seals| seals.signer.try_send(Connect(signers)).is_ok())
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
        while let Err(SendError::Full(_)) = self.shard.try_send(Shutdown) {
            std::thread::yield_now();
        }
        for thread in running.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the engine ended by a panic");
            }
        }
        if let Some(seals) = &self.seals {
            while let Err(SendError::Full(_)) = seals.signer.try_send(Finish) {
                std::thread::yield_now();
            }
            seals.prover.sealed.wait_end();
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

fn stopping() -> Failure {
    Failure::new(Code::ShuttingDown, "the daemon is stopping")
}

/// Starts the signer, once everything fits.
fn start_seals(
    mut sealing: Sealing,
    ground: Ground<'_>,
    options: &Options,
    proofs: impl FnOnce(Sealed, AuditReader, NoteKeys, &SealWindow, &Watch) -> Prover,
) -> Result<(Sealer, Seals), EngineError> {
    let notes = std::mem::take(&mut sealing.notes);
    let chain = Chain::start(sealing, ground, options.clock.now()).map_err(EngineError::Seals)?;
    let (window, moved, watch) = (chain.window.clone(), chain.moved.clone(), Watch::default());
    let (sealed, audit) = (chain.sealed.clone(), chain.log.reader());
    let prover = proofs(sealed, audit, notes, &window, &watch);
    let signer = SignerActor::start(chain, options.clock.clone(), watch);
    let sealer = Sealer {
        moved,
        window,
        signer: signer.clone(),
        clock: options.clock.clone(),
    };
    Ok((sealer, Seals { signer, prover }))
}

fn start_shard(parts: Parts) -> Addr<Shard> {
    let arbiter = Arbiter::new();
    Shard::start_in_arbiter(&arbiter.handle(), move |_| Shard::new(parts))
}

fn start_children(
    snapshotter: Snapshotter,
    mut indexer: Indexer,
    tiler: Option<Tiler>,
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
    let mut children = vec![snapshotter, indexer, checker];
    if let Some(tiler) = tiler {
        // Whoever waits for a proof waits for it.
        let child = Child::start("tiler", Priority::Equal, stop.clone(), move || tiler.run())?;
        children.push(child);
    }
    Ok(children)
}

#[cfg(test)]
mod tests;
