//! Subscriptions: the events of a book in order, from a sequence on, as long as the client wants.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actors::Engine;
use bytes::Bytes;
use ledger::block::Block;
use ledger::event::Records;
use ledger::{BookId, Seq};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use wire::frame::{Header, Kind, encode_frame};
use wire::limits::EVENT_BATCH_BYTES_MAX;
use wire::message::{EventBatch, EventRecords};

use super::answers::Late;

/// The subscriptions of a stream.
#[derive(Default)]
pub(super) struct Subscriptions {
    /// Guards the list only; held for a few instructions.
    running: Mutex<HashMap<u128, Arc<AtomicBool>>>,
}

impl Subscriptions {
    /// Notes a subscription; the flag that comes back is set when it is cancelled.
    pub(super) fn begin(&self, request_id: u128) -> Arc<AtomicBool> {
        let mut running = self.running.lock();
        running.retain(|_, flag| Arc::strong_count(flag) > 1);
        Arc::clone(running.entry(request_id).or_default())
    }

    /// Cancels the subscription with this request id, if it runs.
    pub(super) fn cancel(&self, request_id: u128) {
        if let Some(flag) = self.running.lock().remove(&request_id) {
            flag.store(true, Ordering::Release);
        }
    }

    /// Cancels every subscription.
    pub(super) fn cancel_all(&self) {
        for (_, flag) in self.running.lock().drain() {
            flag.store(true, Ordering::Release);
        }
    }
}

/// Sends events from sequence `from` on until cancelled or the daemon stops.
pub(super) async fn run(
    engine: Arc<Engine>,
    header: Header,
    from: u64,
    cancelled: Arc<AtomicBool>,
    late: mpsc::Sender<Late>,
) {
    let mut next = Seq(from);
    let durable = engine.durable().clone();
    while !cancelled.load(Ordering::Acquire) {
        let seen = durable.get();
        match block_at(&engine, header.book, next).await {
            Ok(Some(block)) => {
                for frames in encode(&header, &block, next) {
                    if late.send(Late::Frames(frames)).await.is_err() {
                        return;
                    }
                }
                next = Seq(block.header.seqs().end);
            }
            Ok(None) => {
                // Looks up once in a while, so that a cancelled subscription ends without events.
                let wait = std::time::Duration::from_millis(250);
                if let Ok(Err(_)) = tokio::time::timeout(wait, durable.reached(seen + 1)).await {
                    break;
                }
                if late.is_closed() {
                    return;
                }
            }
            Err(()) => break,
        }
    }
    let mut end = Vec::new();
    encode_frame(header.reply(Kind::End), &mut end, |_| {});
    let _ = late.send(Late::Frames(Bytes::from(end))).await;
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

/// Frames of the events of `block` from `next` on, each with at most the bytes that a frame of
/// events may have.
fn encode(header: &Header, block: &Block, next: Seq) -> Vec<Bytes> {
    let mut frames = Vec::new();
    let mut batch = Vec::new();
    let mut first = next;
    let mut seq = block.header.first_seq;
    let mut flush = |batch: &mut Vec<u8>, first_seq| {
        let Ok(records) = EventRecords::new(std::mem::take(batch)) else {
            return;
        };
        let events = EventBatch {
            height: block.header.height,
            first_seq,
            records,
        };
        let mut out = Vec::new();
        encode_frame(header.reply(Kind::Events), &mut out, |out| {
            wire::Field::put(&events, out);
        });
        frames.push(Bytes::from(out));
    };
    for record in Records(&block.events).map_while(Result::ok) {
        if seq >= next {
            if batch.len() + record.len() > EVENT_BATCH_BYTES_MAX {
                flush(&mut batch, first);
                first = seq;
            }
            batch.extend_from_slice(record);
        }
        seq.0 += 1;
    }
    if !batch.is_empty() {
        flush(&mut batch, first);
    }
    frames
}
