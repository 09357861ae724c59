//! The clock that ends calls: it runs for as long as the engine has a user.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use wasmtime::Engine;

use crate::limits::TICK;

/// Ticks since the clock was started. They are counted, not read off a clock: a machine that
/// stands still counts none.
#[derive(Clone, Debug)]
pub(crate) struct Ticker {
    ticks: Arc<AtomicU64>,
}

impl Ticker {
    /// Starts the clock of `engine`. Its thread ends within a tick of the last user's leaving.
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let ticks = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&ticks);
        let engine = engine.weak();
        thread::Builder::new()
            .name("policy-ticker".to_owned())
            .stack_size(128 << 10)
            .spawn(move || {
                while let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                    counted.fetch_add(1, Ordering::Relaxed);
                    drop(engine);
                    thread::sleep(TICK);
                }
            })?;
        Ok(Self { ticks })
    }

    /// Ticks until now.
    pub(crate) fn now(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }
}
