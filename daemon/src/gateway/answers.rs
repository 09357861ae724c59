//! Answers of a stream, written in the order the requests came as far as the shard decides them in
//! that order; answers that closed blocks must be read for come when they are ready.

use std::sync::Arc;

use actors::Reply;
use bytes::Bytes;
use ledger::Code;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use wire::endpoint::{FrameWriter, WriteError};
use wire::frame::{Header, Kind};
use wire::{Answer, Failure};

use super::Shared;
use super::subscription::{self, Subscriptions};

/// Bytes that are written together at most, beyond the last frame.
const FLUSH_BYTES: usize = 64 << 10;

/// A request that is to be answered.
pub(super) struct Waiting {
    header: Header,
    source: Source,
    /// First sequence that a subscription wants.
    from: u64,
    permit: Option<OwnedSemaphorePermit>,
}

enum Source {
    Ready(Box<Reply>),
    Shard(oneshot::Receiver<Reply>),
}

/// What is written when it is ready.
pub(super) enum Late {
    Reply(Header, Box<Reply>, Option<OwnedSemaphorePermit>),
    /// Whole frames of a subscription.
    Frames(Bytes),
}

impl Waiting {
    pub(super) fn answered(header: Header, answer: Answer) -> Self {
        Self::ready(header, Reply::Answer(answer))
    }

    pub(super) fn failed(header: Header, failure: Failure) -> Self {
        Self::ready(header, Reply::Failure(failure))
    }

    pub(super) fn asked(
        header: Header,
        receiver: oneshot::Receiver<Reply>,
        from: u64,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            header,
            source: Source::Shard(receiver),
            from,
            permit: Some(permit),
        }
    }

    fn ready(header: Header, reply: Reply) -> Self {
        Self {
            header,
            source: Source::Ready(Box::new(reply)),
            from: 0,
            permit: None,
        }
    }
}

/// The writing side of a stream.
pub(super) struct Answers {
    pub(super) writer: FrameWriter,
    pub(super) shared: Arc<Shared>,
    pub(super) late: mpsc::Sender<Late>,
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
            permit,
        } = next;
        let reply = match source {
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
                tokio::spawn(look_back(
                    Arc::clone(&self.shared),
                    header,
                    point,
                    self.late.clone(),
                    permit,
                ));
            }
            reply => {
                self.push(&header, &reply);
                if let Reply::Answer(Answer::Subscribe(_)) = reply {
                    let cancelled = self.subscriptions.begin(header.request_id);
                    let engine = Arc::clone(&self.shared.engine);
                    let late = self.late.clone();
                    tokio::spawn(subscription::run(engine, header, from, cancelled, late));
                }
            }
        }
        Ok(())
    }

    fn write_late(&mut self, next: Late) {
        match next {
            Late::Reply(header, reply, permit) => {
                self.push(&header, &reply);
                drop(permit);
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
            // INVARIANT: a point is looked back from before it comes here.
            Reply::Continue(_) => {}
        }
    }
}

/// The engine ended with the request inside.
fn unknown() -> Reply {
    let message = "the daemon stopped before it could say; retry with the same ids";
    Reply::Failure(Failure::new(Code::OutcomeUnknown, message))
}

async fn look_back(
    shared: Arc<Shared>,
    header: Header,
    point: Box<actors::Point>,
    late: mpsc::Sender<Late>,
    permit: Option<OwnedSemaphorePermit>,
) {
    let reply = match Arc::clone(&shared.queries).acquire_owned().await {
        Ok(_turn) => match shared.engine.history().reached(&point).await {
            Ok(()) => {
                let history = shared.engine.history().clone();
                let answered = tokio::task::spawn_blocking(move || history.answer(&point)).await;
                answered.unwrap_or_else(|_| unreadable())
            }
            Err(_) => unreadable(),
        },
        Err(_) => unreadable(),
    };
    // Nobody is there to read it if this fails.
    let _ = late
        .send(Late::Reply(header, Box::new(reply), permit))
        .await;
}

fn unreadable() -> Reply {
    let message = "closed blocks could not be read; see the daemon's log, then retry";
    Reply::Failure(Failure::new(Code::Busy, message))
}
