//! Breakers of policies: whoever reads the chain is told when one denies without asking.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use ledger::Digest;
use verify::Name;
use verify::policy::{BreakerRecord, BreakerState, Scope};

use super::rollout::Rollout;

/// How often breakers are looked at. One that opens stays open for at least a second.
const EVERY: Duration = Duration::from_millis(500);
/// Least time between two rows about one policy: what happens in between is counted.
const BETWEEN: Duration = Duration::from_secs(60);
/// Rows that are made in one look.
const ROWS_MAX: usize = 4;

/// Follows the breakers from now on.
pub(super) fn start(rollout: &Arc<Rollout>) {
    tokio::spawn(follow(Arc::downgrade(rollout)));
}

/// Follows the breakers until there are no more policies.
async fn follow(rollout: Weak<Rollout>) {
    let mut watched = Watched::default();
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(rollout) = rollout.upgrade() else {
            return;
        };
        watched.look(&rollout);
        watched.tell(&rollout).await;
    }
}

/// What is known of each breaker.
#[derive(Debug, Default)]
struct Watched(BTreeMap<(Scope, Box<str>), Breaker>);

#[derive(Debug, Default)]
struct Breaker {
    component: Option<Digest>,
    is_open: bool,
    /// Changes that no row tells of.
    changes: u64,
    told: Option<Instant>,
}

impl Watched {
    /// Notes how breakers stand. Those of policies that are asked no more are forgotten.
    fn look(&mut self, rollout: &Rollout) {
        let active = rollout.active.read();
        let mut seen = BTreeMap::new();
        for (scope, name, placed) in active.all() {
            let key = (scope.clone(), Box::from(name));
            let mut breaker = self.0.remove(&key).unwrap_or_default();
            let component = Some(placed.seat.id().digest);
            if breaker.component != component {
                // Another policy of the name, with a breaker of its own.
                breaker = Breaker {
                    component,
                    ..Breaker::default()
                };
            }
            breaker.note(placed.is_breaker_open(), scope, name);
            seen.insert(key, breaker);
        }
        drop(active);
        self.0 = seen;
    }

    /// Has rows made of what changed.
    async fn tell(&mut self, rollout: &Rollout) {
        let now = Instant::now();
        let due = self.0.iter_mut().filter(|(_, one)| one.is_due(now));
        for ((scope, name), breaker) in due.take(ROWS_MAX) {
            let (Ok(name), Some(component)) = (Name::new(name), breaker.component) else {
                continue;
            };
            let record = BreakerRecord {
                changes: breaker.changes,
                component,
                name,
                state: match breaker.is_open {
                    true => BreakerState::Opened,
                    false => BreakerState::Closed,
                },
                tenant: scope.clone(),
            };
            let mut salt = [0; 16];
            if getrandom::fill(&mut salt).is_err() {
                return;
            }
            // What could not be told now is told later, with what happens until then.
            if rollout.engine.tell_breaker(record, salt).await.is_err() {
                return;
            }
            (breaker.changes, breaker.told) = (0, Some(now));
        }
    }
}

impl Breaker {
    fn note(&mut self, is_open: bool, scope: &Scope, name: &str) {
        if self.is_open == is_open {
            return;
        }
        self.is_open = is_open;
        self.changes += 1;
        let tenant = scope.as_ref().map(Name::as_str);
        if is_open {
            tracing::warn!(
                policy = name,
                tenant,
                "breaker open: the policy failed too often, and what it would be asked is denied"
            );
        } else {
            tracing::info!(
                policy = name,
                tenant,
                "breaker closed: the policy is asked again"
            );
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let is_late = |told: Instant| now.duration_since(told) >= BETWEEN;
        self.changes > 0 && self.told.is_none_or(is_late)
    }
}
