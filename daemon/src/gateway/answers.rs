//! Answers of a stream, written in the order the requests came as far as the shard decides them in
//! that order; answers that closed blocks must be read for come when they are ready.

use std::sync::Arc;
use std::time::Duration;

use actors::Reply;
use bytes::Bytes;
use ledger::{BookId, Code, Height};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use wire::endpoint::{FrameWriter, WriteError};
use wire::frame::{Header, Kind};
use wire::{Answer, Failure, Request};

use super::Shared;
use super::allowance::{Allowance, Share};
use super::beside::{self, Beside};
use super::subscription::{self, Subscriptions};

/// Bytes that are written together at most, beyond the last frame.
const FLUSH_BYTES: usize = 64 << 10;

/// A request that is to be answered.
pub(super) struct Waiting {
    header: Header,
    source: Source,
    /// First sequence that a subscription wants.
    from: u64,
    /// What it takes of the connection's allowance until it is answered.
    share: Option<Share>,
    /// Until when the client waits.
    deadline: Instant,
}

/// Where an answer comes from.
pub(super) enum Source {
    Ready(Box<Reply>),
    /// The shard, or whoever refused it before.
    Shard(oneshot::Receiver<Reply>),
    /// What is permitted is answered beside the shard; what is refused like everything else.
    Beside(oneshot::Receiver<Beside>, oneshot::Receiver<Reply>),
}

/// What is written when it is ready.
pub(super) enum Late {
    Reply(Header, Box<Reply>, Option<Share>),
    /// Whole frames of a subscription.
    Frames(Bytes),
}

impl Waiting {
    pub(super) fn failed(header: Header, failure: Failure) -> Self {
        Self::ready(header, Reply::Failure(failure))
    }

    pub(super) fn asked(
        header: Header,
        source: Source,
        from: u64,
        share: Share,
        deadline: Instant,
    ) -> Self {
        Self {
            header,
            source,
            from,
            share: Some(share),
            deadline,
        }
    }

    fn ready(header: Header, reply: Reply) -> Self {
        Self {
            header,
            source: Source::Ready(Box::new(reply)),
            from: 0,
            share: None,
            deadline: Instant::now(),
        }
    }
}

/// The writing side of a stream.
pub(super) struct Answers {
    pub(super) writer: FrameWriter,
    pub(super) shared: Arc<Shared>,
    pub(super) late: mpsc::Sender<Late>,
    pub(super) allowance: Arc<Allowance>,
    pub(super) subscriptions: Arc<Subscriptions>,
}

impl Answers {
    /// Writes until no request is left to be answered and nothing late is to come.
    pub(super) async fn run(
        mut self,
        mut waiting: mpsc::Receiver<Waiting>,
        mut late: mpsc::Receiver<Late>,
    ) {
        // An error means that the peer reads no more: what is left has no reader.
        let _ = self.write(&mut waiting, &mut late).await;
        self.writer.finish();
    }

    async fn write(
        &mut self,
        waiting: &mut mpsc::Receiver<Waiting>,
        late: &mut mpsc::Receiver<Late>,
    ) -> Result<(), WriteError> {
        loop {
            if let Ok(next) = waiting.try_recv() {
                self.answer(next).await?;
            } else if let Ok(next) = late.try_recv() {
                self.write_late(next);
            } else {
                self.writer.flush().await?;
                tokio::select! {
                    next = waiting.recv() => match next {
                        Some(next) => self.answer(next).await?,
                        None => return self.rest(late).await,
                    },
                    Some(next) = late.recv() => self.write_late(next),
                }
            }
            if self.writer.waiting() >= FLUSH_BYTES {
                self.writer.flush().await?;
            }
        }
    }

    /// No more requests come: what is on its way is still written.
    async fn rest(&mut self, late: &mut mpsc::Receiver<Late>) -> Result<(), WriteError> {
        let (none, _) = mpsc::channel(1);
        self.late = none;
        while let Some(next) = late.recv().await {
            self.write_late(next);
            self.writer.flush().await?;
        }
        Ok(())
    }

    async fn answer(&mut self, next: Waiting) -> Result<(), WriteError> {
        let Waiting {
            header,
            source,
            from,
            share,
            deadline,
        } = next;
        let reply = match source {
            Source::Beside(permitted, refused) => {
                let shared = Arc::clone(&self.shared);
                self.later(header, share, deadline, async move {
                    match permitted.await {
                        Ok(asked) => beside::answer(shared, asked).await,
                        Err(_) => refused.await.unwrap_or_else(|_| unknown()),
                    }
                });
                return Ok(());
            }
            Source::Ready(reply) => *reply,
            Source::Shard(mut receiver) => match receiver.try_recv() {
                Ok(reply) => reply,
                Err(oneshot::error::TryRecvError::Closed) => unknown(),
                Err(oneshot::error::TryRecvError::Empty) => {
                    self.writer.flush().await?;
                    receiver.await.unwrap_or_else(|_| unknown())
                }
            },
        };
        match reply {
            Reply::Continue(point) => {
                let shared = Arc::clone(&self.shared);
                let looking = async move { look_back(&shared, header.request_id, point).await };
                self.later(header, share, deadline, looking);
            }
            Reply::Sealed(answer, book, height) => {
                self.once_sealed(header, share, deadline, (answer, book, height));
            }
            Reply::Answer(answer) if header.wants_sealed() => {
                match beside::place(&header, &answer) {
                    Some((book, height)) => {
                        self.once_sealed(header, share, deadline, (answer, book, height));
                    }
                    None => self.push(&header, &Reply::Answer(answer)),
                }
            }
            Reply::Answer(Answer::Subscribe(_)) => self.subscribe(&header, from, &reply),
            reply => self.push(&header, &reply),
        }
        Ok(())
    }

    /// Answers when `reply` is there, without holding up what comes behind.
    fn later(
        &self,
        header: Header,
        share: Option<Share>,
        deadline: Instant,
        reply: impl Future<Output = Reply> + Send + 'static,
    ) {
        let late = self.late.clone();
        tokio::spawn(async move {
            let reply = tokio::time::timeout_at(deadline, reply).await;
            let reply = Box::new(reply.unwrap_or_else(|_| too_late()));
            // Nobody is there to read it if this fails.
            let _ = late.send(Late::Reply(header, reply, share)).await;
        });
    }

    /// Gives the answer once a published seal covers what it says.
    fn once_sealed(
        &self,
        header: Header,
        share: Option<Share>,
        deadline: Instant,
        (answer, book, height): (Answer, BookId, Height),
    ) {
        let shared = Arc::clone(&self.shared);
        let sealing = async move {
            let covered = beside::covered(&shared, book, height);
            match tokio::time::timeout_at(deadline, covered).await {
                Ok(Ok(())) => Reply::Answer(answer),
                Ok(Err(failure)) => Reply::Failure(failure),
                Err(_) => beside::not_sealed(),
            }
        };
        // Its own deadline comes first: what was committed must not be told as undecided.
        let patience = deadline + Duration::from_secs(1);
        self.later(header, share, patience, sealing);
    }

    fn subscribe(&mut self, header: &Header, from: u64, reply: &Reply) {
        let Some(place) = self.allowance.subscription() else {
            let failure = Failure {
                retry_after_ms: 1_000,
                ..Failure::new(
                    Code::Busy,
                    "the connection has all its subscriptions; end one",
                )
            };
            return self.push(header, &Reply::Failure(failure));
        };
        self.push(header, reply);
        let cancelled = self.subscriptions.begin(header.request_id);
        let engine = Arc::clone(&self.shared.engine);
        let running = subscription::run(engine, *header, from, cancelled, self.late.clone());
        tokio::spawn(async move {
            running.await;
            drop(place);
        });
    }

    fn write_late(&mut self, next: Late) {
        match next {
            Late::Reply(header, reply, share) => {
                self.push(&header, &reply);
                drop(share);
            }
            Late::Frames(frames) => self.writer.push_raw(&frames),
        }
    }

    fn push(&mut self, header: &Header, reply: &Reply) {
        match reply {
            Reply::Answer(answer) => {
                self.writer
                    .push(header.reply(Kind::Answer), |out| answer.encode(out));
            }
            Reply::Failure(failure) => {
                self.writer.push(header.reply(Kind::Failure), |out| {
                    wire::Field::put(failure, out);
                });
            }
            // INVARIANT: a point is looked back from, and a seal waited for, before it comes here.
            Reply::Continue(_) | Reply::Sealed(..) => {}
        }
    }
}

/// The engine ended with the request inside.
fn unknown() -> Reply {
    let message = "the daemon stopped before it could say; retry with the same ids";
    Reply::Failure(Failure::new(Code::OutcomeUnknown, message))
}

/// Answers what only closed blocks can. The turn is given back when the reading ends, which it does
/// by itself even if nobody waits for it any more.
async fn look_back(shared: &Shared, request_id: u128, point: Box<actors::Point>) -> Reply {
    if matches!(point.request, Request::Receipts(_)) {
        return beside::answer_at(shared, request_id, &point).await;
    }
    let Ok(turn) = Arc::clone(&shared.queries).acquire_owned().await else {
        return unreadable();
    };
    let history = shared.engine.history().clone();
    if history.reached(&point).await.is_err() {
        return unreadable();
    }
    let read = move || {
        let reply = history.answer(&point);
        drop(turn);
        reply
    };
    let answered = tokio::task::spawn_blocking(read).await;
    answered.unwrap_or_else(|_| unreadable())
}

fn too_late() -> Reply {
    let message = "the deadline passed before the blocks were closed, or sealed for a proof";
    Reply::Failure(Failure::new(Code::DeadlineExceeded, message))
}

fn unreadable() -> Reply {
    let message = "closed blocks could not be read; see the daemon's log, then retry";
    Reply::Failure(Failure::new(Code::Busy, message))
}
