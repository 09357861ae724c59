//! The wall clock, read where time enters.

use std::time::{SystemTime, UNIX_EPOCH};

use ledger::Nanos;
use verify::Micros;

/// The time now; a clock that stands before 1970 says 0.
pub(crate) fn now() -> Nanos {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// The time now as rows of the audit chain and approvals count it.
pub(crate) fn micros() -> Micros {
    Micros::new(now().0 / 1_000).unwrap_or(Micros::MAX)
}
