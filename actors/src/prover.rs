//! Proofs: made beside the shard from closed blocks, tiles and the newest published seal. Nothing
//! leaves that does not lead to a published seal, and nothing is signed for it but checkpoints,
//! from a lane of their own.

mod error;
mod ledger_rows;
mod notes;
mod paths;
mod receipts;
mod statement;

use std::sync::Arc;

use ledger::{BookId, Code, Height, Nanos, Operation};
use store::audit::AuditReader;
use store::tiles::TilesView;
use verify::sealed_head::SealedHead;
use wire::message as m;
use wire::{Answer, Failure, Request};

use crate::clock::Clock;
use crate::history::History;
use crate::progress::Progress;
use crate::seal_window::SealWindow;
use crate::sealed::Sealed;
use crate::signer::Watch;
use crate::submit::{Point, Reply};
use crate::tiler::TilesSlot;

pub use error::ProveError;
pub use notes::{NoteKeys, Notes};

/// Makes proofs. Cheap to clone.
#[derive(Clone)]
pub struct Prover {
    pub(crate) sealed: Sealed,
    pub(crate) history: History,
    pub(crate) tiles: TilesSlot,
    /// Every cycle up to it is in tiles.
    pub(crate) tiled: Progress,
    pub(crate) durable: Progress,
    pub(crate) indexed: Progress,
    pub(crate) audit: AuditReader,
    pub(crate) notes: Arc<Notes>,
    pub(crate) window: SealWindow,
    pub(crate) watch: Watch,
    pub(crate) clock: Clock,
}

impl Prover {
    /// What is sealed.
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// How the signer is.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Answers an operation that the shard has no part in, about `book`. Waits for the seal that it
    /// needs: whoever asks says for how long.
    pub async fn answer(&self, request_id: u128, book: BookId, request: Request) -> Reply {
        let operation = request.operation();
        let proven = self.prove(book, request).await;
        self.reply(request_id, book, operation, proven)
    }

    /// Answers what the shard handed on: a question for receipts of transfers by their ids.
    pub async fn answer_at(&self, request_id: u128, point: &Point) -> Reply {
        let proven = receipts::at(self, point).await;
        self.reply(request_id, point.book, point.request.operation(), proven)
    }

    fn reply(
        &self,
        request_id: u128,
        book: BookId,
        operation: Operation,
        proven: Result<Answer, ProveError>,
    ) -> Reply {
        let request_id = format_args!("{request_id:032x}");
        let range = format_args!("{} of book {book}", operation.name());
        match proven {
            Ok(answer) => {
                let seal = self.sealed.seal();
                tracing::debug!(
                    %request_id,
                    actor_id = "prover",
                    %range,
                    signer_kid = seal.as_ref().map(|seal| seal.signer_kid().as_str()),
                    result = "proven",
                    "proof"
                );
                Reply::Answer(answer)
            }
            Err(error) => {
                if error.is_logged() {
                    let result = &error;
                    tracing::error!(%request_id, actor_id = "prover", %range, %result, "proof");
                }
                Reply::Failure(error.failure())
            }
        }
    }

    async fn prove(&self, book: BookId, request: Request) -> Result<Answer, ProveError> {
        Ok(match request {
            Request::Receipts(r) => receipts::answer(self, book, &r.seqs, Vec::new()).await?,
            Request::SealStatus(_) => Answer::SealStatus(self.status(book)?),
            Request::ProveConsistency(r) => paths::consistency(self, book, r).await?,
            Request::ProveRange(r) => paths::range(self, book, r).await?,
            Request::ProveStatement(r) => statement::answer(self, book, r).await?,
            Request::ProveLedger(r) => ledger_rows::answer(self, book, r).await?,
            Request::Checkpoint(r) => notes::checkpoint(self, book, r).await?,
            Request::TlogProof(r) => notes::inclusion(self, book, r).await?,
            Request::AuditRows(r) => self.rows(r).await?,
            _ => return Err(ProveError::Refused(Code::Unsupported, "not a proof")),
        })
    }

    /// The newest published seal that covers at least `size` events of the book, once there is one
    /// and tiles reach it. Nobody waits for what is not even committed.
    async fn head_from(&self, book: BookId, size: u64) -> Result<SealedHead, ProveError> {
        if size > self.history.committed(book)? {
            let message = "the book has no event there yet; ask for less, or later";
            return Err(ProveError::Refused(Code::NotFound, message));
        }
        self.sealed
            .covers(book, size, Height(0))
            .await
            .map_err(|_| ProveError::Stopping)?;
        let head = self.sealed.proven_head(book).ok_or(ProveError::NotSealed)?;
        // What is sealed is durable, and tiles follow what is durable.
        let durable = self.durable.get();
        self.tiled
            .reached(durable)
            .await
            .map_err(|_| ProveError::Stopping)?;
        Ok(head)
    }

    fn view(&self, head: &SealedHead) -> Result<TilesView, ProveError> {
        let tiles = self.tiles.load().ok_or(ProveError::Stopping)?;
        Ok(tiles.view(head.head.book, head.head.size))
    }

    fn status(&self, book: BookId) -> Result<m::SealStatus, ProveError> {
        let now = self.clock.now();
        let committed = self.history.committed(book)?;
        let sealed = match self.sealed.proven_head(book) {
            Some(head) => point(&head),
            None => m::SealedPoint::NONE,
        };
        let lag_ms = if committed > sealed.size {
            u64::try_from(self.window.age(now).as_millis()).unwrap_or(u64::MAX)
        } else {
            0
        };
        let signer = self.watch.current_kid();
        Ok(m::SealStatus {
            sealed,
            committed,
            lag_ms,
            window_full: self.window.is_full(now),
            signer: wire::Text::new(signer.unwrap_or_default()).ok_or(ProveError::TooLong)?,
        })
    }

    async fn rows(&self, request: m::AuditRows) -> Result<Answer, ProveError> {
        let audit = self.audit.clone();
        let read = move || -> Result<m::AuditRowList, ProveError> {
            let most = match request.limit {
                0 => ROWS_DEFAULT,
                limit => (limit as usize).min(ROWS_MAX),
            };
            let from = request.from_seq.max(1);
            let mut rows = Vec::new();
            for row in audit.rows(from, most)? {
                let mut line = Vec::new();
                row.encode_line(&mut line);
                line.pop();
                rows.push(wire::Blob::new(line).ok_or(ProveError::TooLong)?);
            }
            let end = from + rows.len() as u64;
            let last = audit.last().map_or(0, |head| head.seq);
            Ok(m::AuditRowList {
                rows,
                next: if end <= last { end } else { 0 },
            })
        };
        Ok(Answer::AuditRows(blocking(read).await?))
    }
}

/// Rows of a page if the client does not say.
const ROWS_DEFAULT: usize = 200;
/// Most rows of a page: as many as fit into a frame at their longest.
const ROWS_MAX: usize = 240;

/// Where a proof leads to.
fn point(head: &SealedHead) -> m::SealedPoint {
    m::SealedPoint {
        seal_seq: head.row.seq(),
        size: head.head.size,
        height: head.head.height,
        at: Nanos(head.row.created_at().get().saturating_mul(1_000)),
    }
}

fn found(head: &SealedHead, proof: Vec<u8>) -> Result<m::ProofFound, ProveError> {
    Ok(m::ProofFound {
        sealed: point(head),
        proof: wire::LongBlob::new(proof).ok_or(ProveError::TooLong)?,
    })
}

/// Runs what reads the disk where it keeps nobody waiting.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ProveError> + Send + 'static,
) -> Result<T, ProveError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(ProveError::Stopping),
    }
}

impl std::fmt::Debug for Prover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prover")
            .field("published", &self.sealed.published())
            .finish_non_exhaustive()
    }
}

/// A failure that says to try again a little later.
pub(crate) fn later(code: Code, message: &str) -> Failure {
    Failure {
        retry_after_ms: 100,
        ..Failure::new(code, message)
    }
}
