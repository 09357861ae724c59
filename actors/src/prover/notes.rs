//! Checkpoints: signed notes of sealed sizes, made on request from a lane and a budget of their
//! own, and kept for whoever asks next.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger::{BookId, Digest, Nanos};
use parking_lot::Mutex;
use signing::Signer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use verify::checkpoint::{Checkpoint, LogOrigin};
use verify::sealed_head::SealedHead;
use verify::tlog_proof::TlogProof;
use wire::Answer;
use wire::message as m;

use super::{ProveError, Prover, blocking, found};
use ledger::Code;

/// Notes that are kept.
const KEPT: usize = 1_024;
/// Notes that may be signed at once.
const LANES: usize = 2;
/// Ledger proofs whose rows may be read at once: each may read ten million.
const READINGS: usize = 2;
/// Notes that may be signed in a second, beside seals.
const PER_SECOND: u32 = 20;
const SECOND: u64 = 1_000_000_000;

/// Keys of notes.
#[derive(Clone, Debug, Default)]
pub struct NoteKeys {
    /// Signs checkpoints.
    pub checkpoint: Option<Arc<Signer>>,
    /// Signs ledger proofs.
    pub bundle: Option<Arc<Signer>>,
}

/// What signs notes, and those that were signed.
pub struct Notes {
    pub(super) keys: NoteKeys,
    lanes: Semaphore,
    /// Ledger proofs whose rows may be read at once.
    readings: Arc<Semaphore>,
    /// Guards the notes and the budget; no other lock is taken with it.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Last made comes last.
    kept: VecDeque<Note>,
    /// When the second began that is counted, and what was signed in it.
    second: (u64, u32),
}

struct Note {
    book: BookId,
    size: u64,
    root: Digest,
    text: Arc<str>,
}

impl Notes {
    /// No notes yet.
    pub fn new(keys: NoteKeys) -> Self {
        Self {
            keys,
            lanes: Semaphore::new(LANES),
            readings: Arc::new(Semaphore::new(READINGS)),
            state: Mutex::default(),
        }
    }

    fn kept(&self, head: &SealedHead) -> Option<Arc<str>> {
        let (book, size, root) = (head.head.book, head.head.size, head.head.root);
        let state = self.state.lock();
        let note = state
            .kept
            .iter()
            .find(|note| note.book == book && note.size == size && note.root == root)?;
        Some(Arc::clone(&note.text))
    }

    fn keep(&self, head: &SealedHead, text: &Arc<str>) {
        let mut state = self.state.lock();
        if state.kept.len() >= KEPT {
            state.kept.pop_front();
        }
        state.kept.push_back(Note {
            book: head.head.book,
            size: head.head.size,
            root: head.head.root,
            text: Arc::clone(text),
        });
    }

    /// Takes one signature out of the budget.
    pub(super) fn spend(&self, now: Nanos) -> Result<(), ProveError> {
        let mut state = self.state.lock();
        let second = now.0 / SECOND;
        if state.second.0 != second {
            state.second = (second, 0);
        }
        if state.second.1 >= PER_SECOND {
            return Err(ProveError::Busy);
        }
        state.second.1 += 1;
        Ok(())
    }

    /// A place beside those who have something signed. Whoever has one waits for a signer only.
    pub(super) async fn lane(&self) -> Result<SemaphorePermit<'_>, ProveError> {
        self.lanes.acquire().await.map_err(|_| ProveError::Stopping)
    }

    /// A place beside those who read many rows.
    pub(super) async fn reading(&self) -> Result<OwnedSemaphorePermit, ProveError> {
        let readings = Arc::clone(&self.readings);
        let turn = readings.acquire_owned().await;
        turn.map_err(|_| ProveError::Stopping)
    }
}

impl std::fmt::Debug for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notes")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl Prover {
    /// Refuses a key that the registry lets sign no more. A shared secret is in no registry.
    pub(super) fn may_sign(&self, signer: &Signer) -> Result<(), ProveError> {
        if signer.public_key().is_none() || self.watch.report().notes.contains(signer.kid()) {
            return Ok(());
        }
        let message = "the configured key of notes signs no more: see `ledgerctl signers list`";
        Err(ProveError::Refused(Code::SignerUnavailable, message))
    }

    /// The signed note of a sealed head. Two roots of one size cannot come out of here: only what a
    /// published seal commits to is signed, and a log that a recovery took back has another name.
    pub(super) async fn note(&self, head: &SealedHead) -> Result<String, ProveError> {
        if let Some(text) = self.notes.kept(head) {
            return Ok(text.to_string());
        }
        let Some(signer) = &self.notes.keys.checkpoint else {
            let message = "this daemon signs no checkpoints: configure `[signing.checkpoint]`";
            return Err(ProveError::Refused(Code::Unsupported, message));
        };
        self.may_sign(signer)?;
        let _lane = self.notes.lane().await?;
        if let Some(text) = self.notes.kept(head) {
            return Ok(text.to_string());
        }
        self.notes.spend(self.clock.now())?;
        let checkpoint = Checkpoint {
            origin: LogOrigin {
                origin: head.row.payload().origin.clone(),
                book: head.head.book,
            },
            size: head.head.size,
            root: head.head.root,
        };
        let Some(key) = signer.public_key() else {
            let message = "a shared secret signs no checkpoints: others could not verify them";
            return Err(ProveError::Refused(Code::Unsupported, message));
        };
        let text = checkpoint.text();
        let signature = signer.sign_note(text.as_bytes()).await;
        let signature = signature.map_err(ProveError::Signer)?;
        tracing::info!(
            request_id = %format_args!("{}-{}", head.head.book, head.head.size),
            actor_id = "prover",
            range = %format_args!("book {} to {}", head.head.book, head.head.size),
            signer_kid = %signer.kid(),
            result = "signed",
            "checkpoint"
        );
        let note: Arc<str> = checkpoint.note(key, &signature).into();
        self.notes.keep(head, &note);
        Ok(note.to_string())
    }
}

pub(super) async fn checkpoint(
    prover: &Prover,
    book: BookId,
    request: m::CheckpointRequest,
) -> Result<Answer, ProveError> {
    let head = prover.head_from(book, request.size.max(1)).await?;
    if request.size != 0 && request.size != head.head.size {
        let message = "only the newest sealed size has a checkpoint; ask for 0";
        return Err(ProveError::Refused(Code::NotFound, message));
    }
    let note = prover.note(&head).await?;
    Ok(Answer::Checkpoint(found(&head, note.into_bytes())?))
}

pub(super) async fn inclusion(
    prover: &Prover,
    book: BookId,
    request: m::TlogProofRequest,
) -> Result<Answer, ProveError> {
    let size = request.seq.0.saturating_add(1);
    let head = prover.head_from(book, size).await?;
    let note = prover.note(&head).await?;
    let proving = prover.clone();
    let make = move || {
        let mut view = proving.view(&head)?;
        let proof = TlogProof::build(&mut view, request.seq.0, head.head.size, note)?;
        found(&head, proof.encode().into_bytes())
    };
    Ok(Answer::TlogProof(blocking(make).await?))
}
