//! The clocks, read where time enters.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use verify::Micros;

/// The time now, as people tell it; a clock that stands before 1970 says 1970.
pub(crate) fn now() -> Micros {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let micros = u64::try_from(since.as_micros()).ok();
    micros.and_then(Micros::new).unwrap_or(Micros::MAX)
}

/// Whole seconds since 1970, as certificates count.
pub(crate) fn seconds(at: Micros) -> i64 {
    i64::try_from(at.get() / 1_000_000).unwrap_or(i64::MAX)
}

/// The time now, to measure how long something takes.
pub(crate) fn start() -> Instant {
    Instant::now()
}
