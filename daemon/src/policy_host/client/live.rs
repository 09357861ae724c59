//! A connection that the host answers on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use plugins_host::Fault;
use tokio::sync::{Notify, mpsc};
use wire::endpoint::OutgoingFrame;
use wire::policy::{Echo, Header, Kind};

use super::calls::{Calls, Reply};

/// A connection that the host answers on.
#[derive(Debug)]
pub(super) struct Live {
    /// Which connection it is, of all that there were.
    pub(super) generation: u64,
    pub(super) calls: Calls,
    /// Where frames of calls go; a call takes one of them by its number.
    streams: Vec<mpsc::Sender<OutgoingFrame>>,
    next: AtomicU64,
    since: Instant,
    /// Milliseconds after `since` at which something came.
    heard: AtomicU64,
    has_heard: AtomicBool,
    /// Told when something comes for the first time.
    pub(super) first: Notify,
}

impl Live {
    pub(super) fn new(generation: u64, streams: Vec<mpsc::Sender<OutgoingFrame>>) -> Self {
        Self {
            generation,
            calls: Calls::default(),
            streams,
            next: AtomicU64::new(1),
            since: Instant::now(),
            heard: AtomicU64::new(0),
            has_heard: AtomicBool::new(false),
            first: Notify::new(),
        }
    }

    /// Asks, and waits for the answer no longer than `limit`. `body` begins with `echo`.
    pub(super) fn ask(&self, echo: Echo, body: Vec<u8>, limit: Duration) -> Reply {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let waiting = self.calls.begin(number, echo).ok_or(Fault::Unavailable)?;
        let header = Header {
            limit_micros: u32::try_from(limit.as_micros()).unwrap_or(u32::MAX),
            ..Header::new(Kind::Evaluate, number)
        };
        if self.send(number, OutgoingFrame::new(header, body.into()))
            && let Ok(reply) = waiting.recv_timeout(limit)
        {
            return reply;
        }
        self.calls.forget(number);
        Err(Fault::Unavailable)
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&self) {
        // A full queue is one that nobody takes from: silence will tell.
        let _ = self.send(
            0,
            OutgoingFrame::new(Header::new(Kind::Ping, 0), [].as_slice().into()),
        );
    }

    /// Notes that something came.
    pub(super) fn hear(&self) {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard.fetch_max(now, Ordering::Relaxed);
        if !self.has_heard.swap(true, Ordering::Relaxed) {
            self.first.notify_one();
        }
    }

    /// How long nothing has come.
    pub(super) fn silence(&self) -> Duration {
        let heard = Duration::from_millis(self.heard.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(heard)
    }

    fn send(&self, number: u64, frame: OutgoingFrame) -> bool {
        let count = self.streams.len() as u64;
        let at = usize::try_from(number % count.max(1)).unwrap_or(0);
        let stream = self.streams.get(at);
        stream.is_some_and(|stream| stream.try_send(frame).is_ok())
    }
}
