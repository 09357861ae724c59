//! Not asking a policy for a while that failed several times in a row.

use crate::limits;

/// The state of one policy's breaker. Time is in ticks of the clock that ends calls.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: State,
    /// Faults in a row.
    faults: u32,
    /// How often it opened in a row: each time twice as long as before.
    openings: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    #[default]
    Closed,
    Open {
        until: u64,
    },
    /// One call is on its way, and its outcome decides; one that says nothing is not waited for.
    HalfOpen {
        until: u64,
    },
}

/// What came of a call that was let through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// The policy answered, be it that it cannot decide.
    Answered,
    /// The policy failed.
    Faulted,
    /// The policy was not reached, so nothing is known about it.
    NotAsked,
}

/// A breaker that opened or closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It opened.
    Opened,
    /// It closed.
    Closed,
}

impl Breaker {
    /// Whether a call may go through at `now`. What comes of it must be told.
    pub(crate) fn lets_through(&mut self, now: u64) -> bool {
        match self.state {
            State::Closed => true,
            State::Open { until } | State::HalfOpen { until } if now < until => false,
            State::Open { .. } | State::HalfOpen { .. } => {
                self.state = State::HalfOpen {
                    until: now + limits::COOL_DOWN_TICKS,
                };
                true
            }
        }
    }

    /// Takes what came of a call.
    pub(crate) fn learn(&mut self, outcome: Outcome, now: u64) -> Option<Turn> {
        match (outcome, self.state) {
            (Outcome::Answered, State::Closed) => {
                self.faults = 0;
                None
            }
            (Outcome::Answered, State::HalfOpen { .. }) => {
                *self = Self::default();
                Some(Turn::Closed)
            }
            (Outcome::Faulted, State::Closed) => {
                self.faults += 1;
                (self.faults >= limits::FAULTS_IN_A_ROW).then(|| self.open(now))
            }
            (Outcome::Faulted, State::HalfOpen { .. }) => {
                self.open(now);
                None
            }
            (Outcome::NotAsked, State::HalfOpen { .. }) => {
                // Somebody else tries at once.
                self.state = State::Open { until: now };
                None
            }
            // A call from before it opened: it has been counted on.
            (_, State::Open { .. }) | (Outcome::NotAsked, State::Closed) => None,
        }
    }

    /// Whether no call goes through until one has shown that it works again.
    pub(crate) fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    fn open(&mut self, now: u64) -> Turn {
        let doublings = self.openings.min(limits::COOL_DOWN_DOUBLINGS);
        self.openings = self.openings.saturating_add(1);
        self.faults = 0;
        self.state = State::Open {
            until: now + (limits::COOL_DOWN_TICKS << doublings),
        };
        Turn::Opened
    }
}

#[cfg(test)]
mod tests;
