//! A stream: requests read in order, answers written as they come.

use std::sync::Arc;

use ledger::Operation;
use tokio::sync::mpsc;
use wire::Failure;
use wire::endpoint::{CloseCode, FrameReader, FrameWriter, ReadError};
use wire::frame::{FrameError, Header, Kind};

use super::Shared;
use super::allowance::Allowance;
use super::answers::{Answers, Waiting};
use super::intake;
use super::subscription::Subscriptions;
use crate::authority::Peer;

/// Frames of queries and subscriptions that may wait to be written.
const LATE_MAX: usize = 16;

/// What a stream works with.
pub(super) struct Stream {
    pub(super) peer: Arc<Peer>,
    pub(super) shared: Arc<Shared>,
    /// What the connection may have inside.
    pub(super) allowance: Arc<Allowance>,
}

impl Stream {
    /// Serves the stream until either side ends it.
    pub(super) async fn run(self, reader: FrameReader, writer: FrameWriter) {
        let (waiting, to_answer) = mpsc::channel(self.shared.requests_in_flight.min(4096));
        let (late, to_write) = mpsc::channel(LATE_MAX);
        let subscriptions = Arc::new(Subscriptions::default());
        let answers = Answers {
            writer,
            shared: Arc::clone(&self.shared),
            late: late.clone(),
            allowance: Arc::clone(&self.allowance),
            subscriptions: Arc::clone(&subscriptions),
        };
        let written = tokio::spawn(answers.run(to_answer, to_write));
        self.read(reader, waiting, &subscriptions).await;
        subscriptions.cancel_all();
        drop(late);
        // The peer may have gone; then there is nobody to write to.
        let _ = written.await;
    }

    async fn read(
        self,
        mut reader: FrameReader,
        waiting: mpsc::Sender<Waiting>,
        subscriptions: &Subscriptions,
    ) {
        let line = self.shared.authority.line();
        loop {
            let frame = match reader.next().await {
                Ok(Some(frame)) => frame,
                Ok(None) => return,
                Err(error) => {
                    if let Some(failure) = failure(&error) {
                        give_up(&waiting, failure).await;
                    }
                    reader.stop(CloseCode::Protocol);
                    return;
                }
            };
            match frame.header.kind {
                Kind::Cancel => subscriptions.cancel(frame.header.request_id),
                Kind::Request | Kind::RequestSealed => {
                    let Some(share) = self.allowance.take(&frame.header).await else {
                        return;
                    };
                    let next = intake::take(&self.shared, &line, &self.peer, frame, share);
                    if waiting.send(next).await.is_err() {
                        return;
                    }
                }
                kind => {
                    let error = FrameError::Misdirected(kind);
                    let failure = Failure::new(error.code(), &error.to_string());
                    give_up(&waiting, failure).await;
                    reader.stop(CloseCode::Protocol);
                    return;
                }
            }
        }
    }
}

/// Tells the peer what is wrong with the stream as a whole.
async fn give_up(waiting: &mpsc::Sender<Waiting>, failure: Failure) {
    let header = Header::request(Operation::Hello, 0, ledger::BookId(0));
    // It fails only if nobody reads answers any more.
    let _ = waiting.send(Waiting::failed(header, failure)).await;
}

/// What the peer is told about a stream that cannot be read on, if it is still there.
fn failure(error: &ReadError) -> Option<Failure> {
    let code = match error {
        ReadError::Frame(error) => error.code(),
        ReadError::TooSlow => ledger::Code::DeadlineExceeded,
        ReadError::Truncated => ledger::Code::Malformed,
        _ => return None,
    };
    Some(Failure::new(code, &error.to_string()))
}
