//! Delivery: batches to the server, many in flight, each answered in order.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use client::ClientError;
use ledger::{BookId, Code, Transfer};
use wire::message::{ItemNote, Outcomes};

use crate::batch::Batch;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::flight::Flight;
use crate::output::note;
use crate::session::Session;

/// Batches in flight: enough that the server never waits for us.
const IN_FLIGHT: usize = 8;
/// How often a batch is sent again that the server could not take.
const ATTEMPTS_MAX: u32 = 8;
/// How long to wait before the first of them, where the server does not say.
const PAUSE: Duration = Duration::from_millis(100);

/// What is done with batches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    /// They are posted.
    Post,
    /// They are posted, and answered when a published seal covers them.
    PostSealed,
    /// They are decided and forgotten.
    DryRun,
}

/// Batches on their way.
pub(crate) struct Delivery<'a, M> {
    session: &'a Session,
    book: BookId,
    deed: Deed,
    flight: Flight<'a, Batch<M>, Result<Outcomes, ClientError>>,
    done: VecDeque<(Batch<M>, Outcomes)>,
}

impl<'a, M> Delivery<'a, M> {
    /// Nothing on its way.
    pub(crate) fn new(session: &'a Session, book: BookId, deed: Deed) -> Self {
        Self {
            session,
            book,
            deed,
            flight: Flight::new(),
            done: VecDeque::new(),
        }
    }

    /// Sends a batch, and waits for the oldest if enough are on their way.
    pub(crate) async fn send(&mut self, batch: Batch<M>) -> Result<(), Fault> {
        if self.flight.len() >= IN_FLIGHT {
            self.settle().await?;
        }
        let request = ask(self.session, self.book, Body::of(self.deed, &batch));
        self.flight.push(batch, request).await;
        Ok(())
    }

    /// Waits for all of them.
    pub(crate) async fn finish(&mut self) -> Result<(), Fault> {
        while self.flight.len() > 0 {
            self.settle().await?;
        }
        Ok(())
    }

    /// Gives up after `fault`. If the outcome of a batch on its way is unknown, that is what there
    /// is to say: the fault itself may have been about something that posts nothing.
    pub(crate) async fn give_up(&mut self, fault: Fault) -> Fault {
        let mut said = fault;
        while let Some((_, answer)) = self.flight.pop().await {
            if let Err(error @ ClientError::OutcomeUnknown { .. }) = answer
                && said.exit() != Exit::Unknown
            {
                said = error.into();
            }
        }
        said
    }

    /// The next batch that was answered, in the order they were sent.
    pub(crate) fn answered(&mut self) -> Option<(Batch<M>, Outcomes)> {
        self.done.pop_front()
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        let Some((batch, mut answer)) = self.flight.pop().await else {
            return Ok(());
        };
        for attempt in 0..ATTEMPTS_MAX {
            let Some(pause) = pause(&answer, attempt) else {
                break;
            };
            tokio::time::sleep(pause).await;
            answer = ask(self.session, self.book, Body::of(self.deed, &batch)).await;
        }
        let outcomes = answer?;
        if outcomes.count() != batch.len() {
            return Err(ClientError::Unexpected("outcomes of another batch").into());
        }
        self.done.push_back((batch, outcomes));
        Ok(())
    }
}

/// The body of a request.
enum Body {
    Post(Bytes),
    PostSealed(Bytes),
    DryRun(Vec<Transfer>, Vec<ItemNote>),
}

impl Body {
    fn of<M>(deed: Deed, batch: &Batch<M>) -> Self {
        match deed {
            Deed::Post => Self::Post(batch.encode().into()),
            Deed::PostSealed => Self::PostSealed(batch.encode().into()),
            Deed::DryRun => {
                let (transfers, notes) = batch.parts();
                Self::DryRun(transfers.to_vec(), notes.to_vec())
            }
        }
    }
}

async fn ask(session: &Session, book: BookId, body: Body) -> Result<Outcomes, ClientError> {
    let (client, timeout) = (&session.client, session.timeout);
    match body {
        Body::Post(body) => client.post_encoded(book, body, timeout).await,
        Body::PostSealed(body) => client.post_encoded_sealed(book, body, timeout).await,
        Body::DryRun(transfers, notes) => client.dry_run(book, transfers, notes).await,
    }
}

/// How long to wait before the batch is sent again; nothing if it should not be. Only what
/// certainly posted nothing is: whether to repeat the rest is the user's to say.
fn pause(answer: &Result<Outcomes, ClientError>, attempt: u32) -> Option<Duration> {
    let Err(ClientError::Refused(failure)) = answer else {
        return None;
    };
    if !matches!(failure.code, Code::Busy | Code::DeadlineExceeded) {
        return None;
    }
    note(format_args!("{failure}; it is sent again"));
    Some(if failure.retry_after_ms == 0 {
        PAUSE * 2u32.pow(attempt)
    } else {
        Duration::from_millis(u64::from(failure.retry_after_ms))
    })
}
