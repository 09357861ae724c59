//! What stops the process: a thread that owns state and cannot go on.
//!
//! A crash is recoverable, a wrong balance is not. Recovery decides from what is durable.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Says why and aborts.
pub(crate) fn stop(part: &str, error: &dyn std::fmt::Display) -> ! {
    tracing::error!(part, %error, "stopping the process: recovery decides what stands");
    eprintln!("ledgerd: {part}: {error}; stopping, recovery at the next start decides what stands");
    std::process::abort();
}

/// Runs `work`, and aborts the process if it panics.
pub(crate) fn guard<T>(part: &'static str, work: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => value,
        Err(_) => stop(part, &"it panicked"),
    }
}

/// Starts a thread whose panic stops the process.
///
/// # Errors
/// The machine gives no thread.
pub(crate) fn spawn(
    part: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name(part.to_owned())
        .spawn(move || guard(part, work))
}
