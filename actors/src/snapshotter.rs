//! Snapshots: pieces of state that the shard gives between cycles, written by a thread of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender};
use ledger::Ledger;
use ledger::snapshot::Cursor;
use store::disk::Disk;
use store::snapshot::SnapshotWriter;

use crate::fault::Trap;
use crate::progress::Progress;

/// Rows of one piece: a few hundred kilobytes, copied in well under a millisecond.
const PIECE_ROWS: usize = 2_048;
/// Messages that may wait for the thread.
pub(crate) const QUEUE: usize = 4;

/// What the snapshot thread is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A snapshot begins behind this cycle, with registry and heads.
    Begin { cycle: u64, chunks: [Vec<u8>; 2] },
    /// The next piece of accounts or holds.
    Piece(Vec<u8>),
    /// All pieces are given; the snapshot counts once this cycle is durable.
    End { cycle: u64 },
}

/// The shard's side: when a snapshot begins and how far it has come.
pub(crate) struct Snapshots {
    messages: Sender<Message>,
    /// Whether a snapshot is being written; cleared by the thread.
    is_busy: Arc<AtomicBool>,
    /// Cycle behind which the snapshot begins, and how far it has come.
    running: Option<(u64, Cursor)>,
    every_bytes: u64,
    bytes: u64,
}

impl Snapshots {
    pub(crate) fn new(
        messages: Sender<Message>,
        is_busy: Arc<AtomicBool>,
        every_bytes: u64,
        since: u64,
    ) -> Self {
        Self {
            messages,
            is_busy,
            running: None,
            every_bytes,
            bytes: since,
        }
    }

    /// The first chunk, if enough was journaled since the last snapshot to begin one behind the
    /// cycle that was just closed with `bytes`.
    pub(crate) fn begin(&mut self, ledger: &Ledger, cycle: u64, bytes: u64) -> Option<Vec<u8>> {
        self.bytes += bytes;
        let accounts: usize = ledger.books().map(|book| book.accounts().len()).sum();
        // The state itself is written again: a large one less often than a small one.
        let every = self.every_bytes.max(accounts as u64 * 256);
        let is_due = cycle != 0 && self.running.is_none() && self.bytes >= every;
        if !is_due || self.is_busy.swap(true, Ordering::AcqRel) {
            return None;
        }
        self.bytes = 0;
        self.running = Some((cycle, Cursor::default()));
        Some(ledger.snapshot_begin())
    }

    /// Gives the next piece, if the thread has room for it. What it holds may be of the open cycle,
    /// so the snapshot ends with that one.
    pub(crate) fn step(&mut self, ledger: &Ledger, durable: u64, open_cycle: u64) {
        let Some((begin, mut cursor)) = self.running else {
            return;
        };
        // The beginning travels with its cycle and stands before every piece.
        if durable < begin || self.messages.is_full() {
            return;
        }
        let message = match ledger.snapshot_next(&mut cursor, PIECE_ROWS) {
            Some(piece) => {
                self.running = Some((begin, cursor));
                Message::Piece(piece)
            }
            None => {
                self.running = None;
                let is_open = !ledger.moved().is_empty();
                Message::End {
                    cycle: if is_open { open_cycle } else { open_cycle - 1 },
                }
            }
        };
        if self.messages.try_send(message).is_err() {
            tracing::warn!("the snapshotter is gone; no snapshot is taken");
            self.running = None;
        }
    }
}

/// What the snapshot thread works with.
pub(crate) struct Snapshotter {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) messages: Receiver<Message>,
    pub(crate) is_busy: Arc<AtomicBool>,
    pub(crate) durable: Progress,
    pub(crate) taken: Sender<u64>,
    pub(crate) trap: Trap,
}

impl Snapshotter {
    /// Writes snapshots until the shard is gone. A snapshot that fails is given up: the journal
    /// has everything, only the next start takes longer.
    pub(crate) fn run(&self) {
        let mut writer = None;
        for message in &self.messages {
            let done = match message {
                Message::Begin { cycle, chunks } => self.begin(cycle, &chunks),
                Message::Piece(piece) => add(writer.take(), &piece),
                Message::End { cycle } => self.end(writer.take(), cycle),
            };
            writer = done.unwrap_or_else(|error| {
                tracing::warn!(%error, "snapshot given up");
                None
            });
        }
    }

    fn begin(&self, cycle: u64, chunks: &[Vec<u8>; 2]) -> io::Result<Option<SnapshotWriter>> {
        let mut writer = SnapshotWriter::begin(Arc::clone(&self.disk), cycle)?;
        for chunk in chunks {
            writer.chunk(chunk)?;
        }
        Ok(Some(writer))
    }

    fn end(
        &self,
        writer: Option<SnapshotWriter>,
        cycle: u64,
    ) -> io::Result<Option<SnapshotWriter>> {
        let _next = Done(&self.is_busy);
        while self.durable.get() < cycle {
            let seen = self.durable.get();
            if self
                .durable
                .wait_above(seen, Duration::from_secs(1))
                .is_err()
            {
                return Ok(None);
            }
        }
        self.trap.spring();
        let finished = writer.map(|writer| writer.finish(cycle)).transpose();
        if finished?.is_some() {
            // Full only if the journal never idles; the name is then vouched for a snapshot later.
            let _ = self.taken.try_send(cycle);
            tracing::info!(cycle, "snapshot taken");
        }
        Ok(None)
    }
}

/// Lets the next snapshot begin when this one has ended, however it has.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Adds a piece; the pieces of a snapshot that was given up go nowhere.
fn add(writer: Option<SnapshotWriter>, piece: &[u8]) -> io::Result<Option<SnapshotWriter>> {
    let Some(mut writer) = writer else {
        return Ok(None);
    };
    writer.chunk(piece)?;
    Ok(Some(writer))
}
