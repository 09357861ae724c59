//! Threads on which policies decide.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam::channel::{self, Receiver, Sender};
use plugins_host::remote::answer::{self, Answer};
use plugins_host::remote::call::Call;
use plugins_host::runtime::Watch;
use plugins_host::{Fault, Turn};
use tokio::sync::mpsc;
use wire::endpoint::OutgoingFrame;
use wire::field::Field;
use wire::policy::{Echo, Header, Kind, Turned};

use super::table::Table;

/// Stack of a thread: guests need 2 MiB of it.
const STACK_BYTES: usize = 4 << 20;

/// Threads on which policies decide.
pub(super) struct Workers {
    jobs: Sender<Job>,
}

/// A call that waits for a thread.
pub(super) struct Job {
    header: Header,
    echo: Echo,
    body: Bytes,
    arrived: Instant,
    reply: mpsc::Sender<OutgoingFrame>,
}

impl Job {
    /// A call of this frame, answered at `reply`; nothing where the body is too short for one.
    pub(super) fn new(
        header: Header,
        body: Bytes,
        reply: &mpsc::Sender<OutgoingFrame>,
    ) -> Option<Self> {
        let (echo, _) = Echo::split(&body).ok()?;
        Some(Self {
            header,
            echo,
            body,
            arrived: Instant::now(),
            reply: reply.clone(),
        })
    }

    /// Answers it.
    pub(super) fn answer(self, answer: &Answer) {
        let mut body = Vec::with_capacity(Echo::MIN_BYTES + 16);
        self.echo.put(&mut body);
        answer::encode(answer, &mut body);
        let header = Header::new(Kind::Decided, self.header.call);
        // Of a stream that nobody reads any more nothing is expected.
        let _ = self.reply.try_send(OutgoingFrame::new(header, body.into()));
    }

    /// Tells whoever asks that the policy's breaker turned.
    fn tell(&self, turn: Turn) {
        let turned = Turned {
            policy: self.echo.policy,
            is_open: turn == Turn::Opened,
        };
        let mut body = Vec::new();
        turned.put(&mut body);
        let frame = OutgoingFrame::new(Header::new(Kind::Turned, 0), body.into());
        let _ = self.reply.try_send(frame);
    }

    /// Whether whoever asks has given up waiting.
    fn is_late(&self) -> bool {
        let limit = Duration::from_micros(u64::from(self.header.limit_micros));
        self.arrived.elapsed() > limit
    }
}

thread_local! {
    /// How a breaker turned during the call that this thread is at.
    static TURNED: Cell<Option<Turn>> = const { Cell::new(None) };
}

/// Is told of breakers, by the thread that asked the policy.
pub(super) fn watch() -> Watch {
    Arc::new(|change| {
        tracing::warn!(policy = %change.name, turn = ?change.turn, "breaker of a policy");
        TURNED.set(Some(change.turn));
    })
}

impl Workers {
    /// Starts `count` threads before which `most` calls may wait.
    ///
    /// # Errors
    /// There are no threads.
    pub(super) fn start(table: Arc<Table>, count: usize, most: usize) -> io::Result<Self> {
        let (jobs, waiting) = channel::bounded::<Job>(most);
        for _ in 0..count {
            let (waiting, table) = (waiting.clone(), Arc::clone(&table));
            std::thread::Builder::new()
                .name("policies".into())
                .stack_size(STACK_BYTES)
                .spawn(move || work(&waiting, &table))?;
        }
        Ok(Self { jobs })
    }

    /// Hands a call to a thread. Where too many wait it is answered at once.
    pub(super) fn submit(&self, job: Job) {
        if let Err(refused) = self.jobs.try_send(job) {
            refused.into_inner().answer(&Err(Fault::Unavailable));
        }
    }
}

fn work(waiting: &Receiver<Job>, table: &Table) {
    let mut call = Call::default();
    while let Ok(job) = waiting.recv() {
        if job.is_late() {
            job.answer(&Err(Fault::Unavailable));
            continue;
        }
        // A fault of ours in one call must not take the others' host with it.
        let decided = catch_unwind(AssertUnwindSafe(|| decide(table, &mut call, &job)));
        let answer = decided.unwrap_or_else(|_| {
            tracing::error!(policy = %job.echo.policy, "a panic while a policy decided");
            Err(Fault::Trapped)
        });
        if let Some(turn) = TURNED.take() {
            job.tell(turn);
        }
        job.answer(&answer);
    }
}

fn decide(table: &Table, call: &mut Call, job: &Job) -> Answer {
    let policy = table.get(&job.echo.policy).ok_or(Fault::Unavailable)?;
    let passed = job.body.get(Echo::MIN_BYTES..).unwrap_or_default();
    if let Err(error) = call.read(passed) {
        tracing::error!(%error, "a call that cannot be read");
        return Err(Fault::Unavailable);
    }
    call.pass(|context, accounts, batch| policy.evaluate(context, accounts, batch))
}
