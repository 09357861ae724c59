//! How far seals are behind, asked for again and again.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use client::Client;
use tokio::time::{MissedTickBehavior, interval};
use wire::message::SealStatusRequest;

use super::World;

/// How often. Seals are made in steps of tens of milliseconds: this has no factor with them, so
/// that it does not see the same part of each step.
pub(super) const EVERY: Duration = Duration::from_millis(73);

/// How far seals were behind at one time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sample {
    /// Seconds since the start.
    pub at: f64,
    /// Milliseconds for which the oldest event without a seal has waited.
    pub lag_ms: u64,
    /// Events of the book that have no seal yet.
    pub unsealed: u64,
    /// Whether postings are refused until the signer has caught up.
    pub is_full: bool,
}

/// Asks until it is stopped, one book after the other.
pub(super) async fn run(
    client: Client,
    world: Rc<World>,
    start: Instant,
    samples: Rc<RefCell<Vec<Sample>>>,
) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for index in (0..world.books.len()).cycle() {
        ticks.tick().await;
        let at = start.elapsed().as_secs_f64();
        let book = world.book(index);
        // Whoever is not answered has nothing to tell; those who ask for proofs will.
        if let Ok(status) = client.seal_status(book, SealStatusRequest {}).await {
            world.learn(index, status.sealed.size);
            samples.borrow_mut().push(Sample {
                at,
                lag_ms: status.lag_ms,
                unsealed: status.committed.saturating_sub(status.sealed.size),
                is_full: status.window_full,
            });
        }
    }
}
