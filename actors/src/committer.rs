//! The journal thread: appends cycles and releases the answers that waited for them.

use std::time::Duration;

use actix::Addr;
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender};
use store::{AppendError, Journal, ReadError};

use crate::clock::moment;
use crate::cycle::Sealed;
use crate::engine::Sealer;
use crate::fatal;
use crate::fault::Trap;
use crate::progress::Progress;
use crate::shard::{Durable, Shard};
use crate::snapshotter;

/// Nothing came for this long: the journal may do what can wait.
const QUIET: Duration = Duration::from_millis(100);
/// How often the journal is asked again, to notice room on a disk that was full.
const IDLE: Duration = Duration::from_secs(1);

/// What the journal thread works with.
pub(crate) struct Committer {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) sealed: Receiver<Sealed>,
    pub(crate) shard: Addr<Shard>,
    pub(crate) durable: Progress,
    pub(crate) snapshots: Sender<snapshotter::Message>,
    pub(crate) taken: Receiver<u64>,
    /// What is told of durable cycles; `None` if nothing seals.
    pub(crate) sealer: Option<Sealer>,
    pub(crate) trap: Trap,
}

impl Committer {
    /// Appends cycles in order until the hasher is gone, then closes the journal.
    pub(crate) fn run(mut self) {
        let mut patience = QUIET;
        let mut kept = moment();
        loop {
            match self.sealed.recv_timeout(patience) {
                Ok(sealed) => {
                    self.commit(sealed);
                    patience = QUIET;
                    // A journal that is never idle must notice all the same that there is room.
                    if kept.elapsed() >= IDLE && self.is_wanting() {
                        self.keep();
                        kept = moment();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.keep();
                    kept = moment();
                    patience = IDLE;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Err(error) = self.journal.close() {
            fatal::stop("journal", &error);
        }
        self.durable.end();
    }

    /// Whether the journal lacks room that it should have, or has a snapshot to vouch for.
    fn is_wanting(&self) -> bool {
        let room = self.journal.room();
        !room.has(room.max()) || !self.taken.is_empty()
    }

    /// Does what can wait.
    fn keep(&mut self) {
        for end_cycle in self.taken.try_iter() {
            self.journal.snapshot_taken(end_cycle);
        }
        self.check(|journal| journal.idle());
    }

    fn commit(&mut self, sealed: Sealed) {
        let cycle = sealed.cycle.clone();
        let (number, snapshot) =
            match commit(self.journal.as_mut(), &self.durable, sealed, &self.trap) {
                Ok(committed) => committed,
                Err(error) => fatal::stop("journal", &error),
            };
        if let (Some(sealer), Some(cycle)) = (&self.sealer, &cycle) {
            sealer.durable(cycle);
        }
        if let Some(chunks) = snapshot {
            // The snapshotter takes one snapshot at a time and the shard begins none before the
            // last one ended, so there is always room.
            let begin = snapshotter::Message::Begin {
                cycle: number,
                chunks,
            };
            if self.snapshots.send(begin).is_err() {
                tracing::warn!("the snapshotter is gone; no snapshot is taken");
            }
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "at most one message per cycle in flight, which no client can drive up"
        )]
        self.shard.do_send(Durable { number });
    }

    /// What is durable after a failed write or sync is unknown, and so is whether the state that
    /// the shard holds stands: only recovery can tell.
    fn check(&mut self, act: impl FnOnce(&mut dyn Journal) -> Result<(), AppendError>) {
        if let Err(error) = act(self.journal.as_mut()) {
            fatal::stop("journal", &error);
        }
    }
}

/// Why a cycle is not durable, or a note not erased.
#[derive(Debug)]
pub(crate) enum CommitError {
    Append(AppendError),
    Erase(ReadError),
}

impl std::fmt::Display for CommitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Append(error) => error.fmt(f),
            Self::Erase(error) => write!(f, "erasing a note: {error}"),
        }
    }
}

impl From<AppendError> for CommitError {
    fn from(error: AppendError) -> Self {
        Self::Append(error)
    }
}

impl From<ReadError> for CommitError {
    fn from(error: ReadError) -> Self {
        Self::Erase(error)
    }
}

/// Number of a durable cycle, and the first chunks of the snapshot that begins behind it.
pub(crate) type Committed = (u64, Option<[Vec<u8>; 2]>);

/// Appends a cycle and then, and only then, releases the answers that waited for it.
pub(crate) fn commit(
    journal: &mut dyn Journal,
    durable: &Progress,
    sealed: Sealed,
    trap: &Trap,
) -> Result<Committed, CommitError> {
    if let Some(cycle) = &sealed.cycle {
        journal.append(cycle)?;
        // Before the answer, and before any snapshot that covers the cycle begins: recovery erases
        // again what stands behind its snapshot.
        for (book, seq) in &sealed.erased {
            journal.reader().erase_note(*book, *seq)?;
        }
        trap.spring();
        durable.advance(sealed.number);
    }
    for answer in sealed.answers {
        answer.release();
    }
    Ok((sealed.number, sealed.snapshot))
}
