//! The wall clock, read where time enters.

use std::time::{SystemTime, UNIX_EPOCH};

use ledger::Nanos;

/// The time now; a clock that stands before 1970 says 0.
pub(crate) fn now() -> Nanos {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
