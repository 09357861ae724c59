//! How much of everything the proxy takes on.

use std::num::NonZeroU32;
use std::time::Duration;

use super::problem::{Problem, Problems};
use super::raw::RawLimits;

/// Longest body of a request.
pub(crate) const BODY_BYTES_MAX: usize = 64 << 10;
/// Longest head of a request.
pub(crate) const HEAD_BYTES_MAX: usize = 16 << 10;
/// Header fields of a request.
pub(crate) const HEADERS_MAX: usize = 64;

/// How much of everything the proxy takes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limits {
    /// Requests of one client per second, in the long run.
    pub(crate) requests_per_second: NonZeroU32,
    /// Requests of one client that may come at once.
    pub(crate) burst: NonZeroU32,
    /// Requests per second of one address that has not shown who it is.
    pub(crate) unauthenticated_per_second: NonZeroU32,
    /// Open connections.
    pub(crate) connections: usize,
    /// Time for a TLS handshake.
    pub(crate) handshake: Duration,
    /// Time for the head of a request, and for a connection without requests.
    pub(crate) header: Duration,
    /// Time for the body of a request.
    pub(crate) body: Duration,
    /// How long a seal waits for the one before it.
    pub(crate) order: Duration,
}

struct Row {
    key: &'static str,
    default: u32,
    most: u32,
}

const REQUESTS: Row = row("requests_per_second", 200, 100_000);
const BURST: Row = row("burst", 100, 100_000);
const UNAUTHENTICATED: Row = row("unauthenticated_per_second", 20, 100_000);
const CONNECTIONS: Row = row("connections", 256, 65_536);
const HANDSHAKE: Row = row("handshake_seconds", 5, 60);
const HEADER: Row = row("header_seconds", 30, 3_600);
const BODY: Row = row("body_seconds", 10, 600);
const ORDER: Row = row("order_milliseconds", 2_000, 60_000);

const fn row(key: &'static str, default: u32, most: u32) -> Row {
    Row { key, default, most }
}

impl Limits {
    /// Checks them; a value out of its range is noted.
    pub(crate) fn check(raw: &RawLimits, problems: &mut Problems) -> Self {
        let mut take = |row: &Row, value| row.take(value, problems);
        let seconds = |count: NonZeroU32| Duration::from_secs(u64::from(count.get()));
        let connections = take(&CONNECTIONS, raw.connections);
        Self {
            requests_per_second: take(&REQUESTS, raw.requests_per_second),
            burst: take(&BURST, raw.burst),
            unauthenticated_per_second: take(&UNAUTHENTICATED, raw.unauthenticated_per_second),
            connections: usize::try_from(connections.get()).unwrap_or(usize::MAX),
            handshake: seconds(take(&HANDSHAKE, raw.handshake_seconds)),
            header: seconds(take(&HEADER, raw.header_seconds)),
            body: seconds(take(&BODY, raw.body_seconds)),
            order: Duration::from_millis(u64::from(take(&ORDER, raw.order_milliseconds).get())),
        }
    }
}

impl Row {
    fn take(&self, value: Option<u64>, problems: &mut Problems) -> NonZeroU32 {
        let Some(value) = value else {
            return NonZeroU32::new(self.default).unwrap_or(NonZeroU32::MIN);
        };
        let fits = u32::try_from(value)
            .ok()
            .filter(|value| *value <= self.most);
        fits.and_then(NonZeroU32::new).unwrap_or_else(|| {
            let advice = format!("give a number from 1 to {}", self.most);
            let key = format!("limits.{}", self.key);
            problems.push(Problem::of(key, value, "out of range", advice));
            NonZeroU32::MIN
        })
    }
}
