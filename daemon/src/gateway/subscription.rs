//! Subscriptions: the events of a book in order, from a sequence on, as long as the client wants.

use std::collections::HashMap;
use std::sync::Arc;

use actors::Engine;
use bytes::Bytes;
use ledger::block::Block;
use ledger::event::Records;
use ledger::{BookId, Seq};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use wire::frame::{Header, Kind, encode_frame};
use wire::limits::EVENT_BATCH_BYTES_MAX;
use wire::message::{EventBatch, EventRecords};

use super::answers::Late;

/// The subscriptions of a stream.
#[derive(Default)]
pub(super) struct Subscriptions {
    /// What each ends with when it is dropped. Guards the list only; held for a few instructions.
    running: Mutex<HashMap<u128, oneshot::Sender<()>>>,
}

impl Subscriptions {
    /// Notes a subscription; what comes back ends when it is cancelled. One that has the same id
    /// is cancelled.
    pub(super) fn begin(&self, request_id: u128) -> oneshot::Receiver<()> {
        let (running, cancelled) = oneshot::channel();
        let mut list = self.running.lock();
        list.retain(|_, running| !running.is_closed());
        list.insert(request_id, running);
        cancelled
    }

    /// Cancels the subscription with this request id, if it runs.
    pub(super) fn cancel(&self, request_id: u128) {
        self.running.lock().remove(&request_id);
    }

    /// Cancels every subscription.
    pub(super) fn cancel_all(&self) {
        self.running.lock().clear();
    }
}

/// Sends events from sequence `from` on until cancelled or the daemon stops.
pub(super) async fn run(
    engine: Arc<Engine>,
    header: Header,
    from: u64,
    cancelled: oneshot::Receiver<()>,
    late: mpsc::Sender<Late>,
) {
    tokio::select! {
        _ = cancelled => {}
        () = send(&engine, &header, Seq(from), &late) => {}
    }
    let mut end = Vec::new();
    encode_frame(header.reply(Kind::End), &mut end, |_| {});
    // Nobody is there to read it if this fails.
    let _ = late.send(Late::Frames(Bytes::from(end))).await;
}

/// Sends events until the daemon stops or nobody reads them any more.
async fn send(engine: &Engine, header: &Header, mut next: Seq, late: &mpsc::Sender<Late>) {
    let durable = engine.durable();
    loop {
        let seen = durable.get();
        match block_at(engine, header.book, next).await {
            Ok(Some(block)) => {
                for frame in frames(header, &block, next) {
                    if late.send(Late::Frames(frame)).await.is_err() {
                        return;
                    }
                }
                next = Seq(block.header.seqs().end);
            }
            Ok(None) => tokio::select! {
                reached = durable.reached(seen + 1) => if reached.is_err() {
                    return;
                },
                () = late.closed() => return,
            },
            Err(()) => return,
        }
    }
}

async fn block_at(engine: &Engine, book: BookId, seq: Seq) -> Result<Option<Arc<Block>>, ()> {
    let reader = engine.history().reader().clone();
    let read = tokio::task::spawn_blocking(move || reader.block_at(book, seq)).await;
    match read {
        Ok(Ok(block)) => Ok(block),
        Ok(Err(error)) => {
            tracing::error!(%error, %book, "subscription ended: a block cannot be read");
            Err(())
        }
        Err(_) => Err(()),
    }
}

/// Frames of the events of `block` from `next` on, each made when it is asked for and with at most
/// the bytes that a frame of events may have.
fn frames(header: &Header, block: &Block, next: Seq) -> impl Iterator<Item = Bytes> {
    let header = header.reply(Kind::Events);
    let records = Records(&block.events).map_while(Result::ok);
    let mut records = (block.header.first_seq.0..).zip(records).peekable();
    while records.next_if(|(seq, _)| *seq < next.0).is_some() {}
    std::iter::from_fn(move || {
        let (first_seq, _) = *records.peek()?;
        let mut batch = Vec::new();
        while let Some((_, record)) =
            records.next_if(|(_, record)| batch.len() + record.len() <= EVENT_BATCH_BYTES_MAX)
        {
            batch.extend_from_slice(record);
        }
        let events = EventBatch {
            height: block.header.height,
            first_seq: Seq(first_seq),
            records: EventRecords::new(batch).ok()?,
        };
        let mut out = Vec::new();
        encode_frame(header, &mut out, |out| wire::Field::put(&events, out));
        Some(Bytes::from(out))
    })
}
