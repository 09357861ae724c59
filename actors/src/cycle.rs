//! A cycle on its way from the shard to the journal, with the answers that wait for it.

use std::sync::Arc;

use ledger::block::OpenBlock;
use ledger::{BookId, Seq};
use store::Cycle;
use tokio::sync::oneshot;

use crate::admission::Admitted;
use crate::submit::Reply;

/// Cycles that may be between the shard and the journal: one being hashed, one being written.
pub(crate) const IN_FLIGHT_MAX: usize = 2;

/// What the shard closed: open blocks, not yet hashed.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Number of the cycle; that of the last one if `blocks` is empty.
    pub(crate) number: u64,
    /// Open blocks; empty when only answers wait, for what was decided before them.
    pub(crate) blocks: Vec<(BookId, OpenBlock)>,
    /// Answers to be released once the cycle is durable.
    pub(crate) answers: Vec<Held>,
    /// First chunk of a snapshot that begins behind this cycle.
    pub(crate) snapshot: Option<Vec<u8>>,
    /// Events of this cycle or before it whose notes this cycle erases.
    pub(crate) erased: Vec<(BookId, Seq)>,
}

/// A cycle ready to be written.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// `None` when only answers wait.
    pub(crate) cycle: Option<Arc<Cycle>>,
    /// Number of the cycle, or of the last one.
    pub(crate) number: u64,
    /// Answers to be released once the cycle is durable.
    pub(crate) answers: Vec<Held>,
    /// First two chunks of a snapshot that begins behind this cycle.
    pub(crate) snapshot: Option<[Vec<u8>; 2]>,
    /// Events whose notes are to be erased once the cycle is durable.
    pub(crate) erased: Vec<(BookId, Seq)>,
}

/// An answer that waits for its cycle. INVARIANT: nothing but [`Held::release`] sends it, and only
/// the committer calls that, behind the append.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) reply: oneshot::Sender<Reply>,
    pub(crate) content: Reply,
    pub(crate) admitted: Admitted,
}

impl Held {
    /// Lets the answer go. Whoever asked may have left; that is no fault of ours.
    pub(crate) fn release(self) {
        let _ = self.reply.send(self.content);
        drop(self.admitted);
    }
}
