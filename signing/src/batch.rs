//! The batcher of rows: when the next one is made, which are asked to be signed, and in which order
//! they are published. Pure: time is an argument, the actor around it does what it says.
//!
//! A row goes through four stages, in order and without a way back:
//!
//! | stage | what is true | what comes next |
//! |---|---|---|
//! | intended | its intent is durable | it is asked |
//! | asked | a signer has it | an answer: signed, or intended again after a pause |
//! | signed | its signature verified | it is published once all before it are |
//! | published | its row is durable | nothing: it is forgotten here |

use std::collections::VecDeque;
use std::time::Duration;

use ledger::Nanos;

/// Bounds of a batcher.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchLimits {
    /// Least time between two seals while there is much to seal or somebody waits.
    pub busy: Duration,
    /// Least time between two seals otherwise.
    pub idle: Duration,
    /// Events from which on there is much to seal.
    pub busy_events: u64,
    /// Most rows that are intended and not published.
    pub in_flight_max: usize,
    /// Places that are kept for rows of operators: seals leave them free.
    pub reserved: usize,
    /// First pause before a row is asked again; doubled each time.
    pub retry_min: Duration,
    /// Longest pause before a row is asked again.
    pub retry_max: Duration,
}

impl Default for BatchLimits {
    /// 100 ms, 1 s, 1,000 events, 16 rows in flight and 4 more for operators, 50 ms to 2 s.
    fn default() -> Self {
        Self {
            busy: Duration::from_millis(100),
            idle: Duration::from_secs(1),
            busy_events: 1_000,
            in_flight_max: 16,
            reserved: 4,
            retry_min: Duration::from_millis(50),
            retry_max: Duration::from_secs(2),
        }
    }
}

/// When the next seal is to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// Now.
    Now,
    /// Not before this time.
    At(Nanos),
    /// Not before something changes: nothing moved, or no place is free.
    Never,
}

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// To be asked at this time or later.
    Intended(Nanos),
    Asked,
    Signed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Flight {
    seq: u64,
    stage: Stage,
    /// How often it was asked.
    asked: u32,
}

/// Rows between their intent and their publication.
#[derive(Clone, Debug)]
pub struct Batcher {
    limits: BatchLimits,
    /// Dense in sequence, oldest first.
    flights: VecDeque<Flight>,
    last_seal: Option<Nanos>,
    /// Events that no intent covers yet.
    events: u64,
    is_wanted: bool,
}

/// A step that does not follow from where its row stands: a fault of the caller's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Misstep {
    /// The row.
    pub seq: u64,
    /// What was tried.
    pub step: &'static str,
}

impl std::fmt::Display for Misstep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row `{}` cannot be {} now", self.seq, self.step)
    }
}

impl std::error::Error for Misstep {}

impl Batcher {
    /// A batcher without rows.
    pub fn new(limits: BatchLimits) -> Self {
        Self {
            limits,
            flights: VecDeque::new(),
            last_seal: None,
            events: 0,
            is_wanted: false,
        }
    }

    /// This many events are durable and in no intent yet.
    pub fn moved(&mut self, events: u64) {
        self.events = events;
    }

    /// Somebody waits for the next seal.
    pub fn want(&mut self) {
        self.is_wanted = true;
    }

    /// Rows that are intended and not published.
    pub fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// Whether a row of an operator has a place.
    pub fn has_place(&self) -> bool {
        self.flights.len() < self.limits.in_flight_max + self.limits.reserved
    }

    /// When the next seal is to be made.
    pub fn due(&self, now: Nanos) -> Due {
        if self.events == 0 || self.flights.len() >= self.limits.in_flight_max {
            return Due::Never;
        }
        let is_busy = self.is_wanted || self.events >= self.limits.busy_events;
        let pause = if is_busy {
            self.limits.busy
        } else {
            self.limits.idle
        };
        match self.last_seal.map(|last| after(last, pause)) {
            Some(at) if at > now => Due::At(at),
            _ => Due::Now,
        }
    }

    /// A seal over everything that moved so far has its intent.
    ///
    /// # Errors
    /// The sequence is not the next.
    pub fn sealed(&mut self, seq: u64, now: Nanos) -> Result<(), Misstep> {
        self.intended(seq, now)?;
        self.last_seal = Some(now);
        (self.events, self.is_wanted) = (0, false);
        Ok(())
    }

    /// A row of any kind has its intent; for seals there is [`Batcher::sealed`].
    ///
    /// # Errors
    /// The sequence is not the next.
    pub fn intended(&mut self, seq: u64, now: Nanos) -> Result<(), Misstep> {
        if self
            .flights
            .back()
            .is_some_and(|last| last.seq.checked_add(1) != Some(seq))
        {
            return Err(Misstep {
                seq,
                step: "intended",
            });
        }
        self.flights.push_back(Flight {
            seq,
            stage: Stage::Intended(now),
            asked: 0,
        });
        Ok(())
    }

    /// The oldest row that is to be asked now; it counts as asked from here on.
    pub fn ask(&mut self, now: Nanos) -> Option<u64> {
        let flight = self
            .flights
            .iter_mut()
            .find(|flight| matches!(flight.stage, Stage::Intended(at) if at <= now))?;
        flight.stage = Stage::Asked;
        flight.asked = flight.asked.saturating_add(1);
        Some(flight.seq)
    }

    /// When the next row is to be asked, if one waits for its time.
    pub fn next_ask(&self) -> Option<Nanos> {
        self.flights
            .iter()
            .filter_map(|flight| match flight.stage {
                Stage::Intended(at) => Some(at),
                Stage::Asked | Stage::Signed => None,
            })
            .min()
    }

    /// The signature of a row verified: the signer is there, so that rows that wait for their time
    /// are asked at once. An answer for a row that was abandoned is told by `false`.
    ///
    /// # Errors
    /// The row was not asked.
    pub fn signed(&mut self, seq: u64) -> Result<bool, Misstep> {
        let is_here = self.answered(seq, "signed", |_, _| Stage::Signed)?;
        for flight in &mut self.flights {
            if let Stage::Intended(at) = &mut flight.stage {
                *at = Nanos(0);
            }
        }
        Ok(is_here)
    }

    /// A row was not signed; it is asked again after a pause that grows. As [`Batcher::signed`] for
    /// one that was abandoned.
    ///
    /// # Errors
    /// The row was not asked.
    pub fn failed(&mut self, seq: u64, now: Nanos) -> Result<bool, Misstep> {
        self.answered(seq, "failed", |limits, asked| {
            let doubled = limits
                .retry_min
                .saturating_mul(1 << asked.saturating_sub(1).min(16));
            Stage::Intended(after(now, doubled.min(limits.retry_max)))
        })
    }

    fn answered(
        &mut self,
        seq: u64,
        step: &'static str,
        next: impl FnOnce(&BatchLimits, u32) -> Stage,
    ) -> Result<bool, Misstep> {
        let limits = self.limits;
        let Some(flight) = self.flights.iter_mut().find(|flight| flight.seq == seq) else {
            return Ok(false);
        };
        if flight.stage != Stage::Asked {
            return Err(Misstep { seq, step });
        }
        flight.stage = next(&limits, flight.asked);
        Ok(true)
    }

    /// The oldest row, if it is signed: the only one that may be published.
    pub fn publishable(&self) -> Option<u64> {
        self.flights
            .front()
            .filter(|flight| flight.stage == Stage::Signed)
            .map(|flight| flight.seq)
    }

    /// The row is published.
    ///
    /// # Errors
    /// It is not the one that may be.
    pub fn published(&mut self, seq: u64) -> Result<(), Misstep> {
        if self.publishable() != Some(seq) {
            return Err(Misstep {
                seq,
                step: "published",
            });
        }
        self.flights.pop_front();
        Ok(())
    }

    /// Forgets every row from `seq` on: they were under a key that is revoked. What they covered is
    /// to be told of again, as events that are in no intent.
    pub fn abandon(&mut self, seq: u64) {
        self.flights.retain(|flight| flight.seq < seq);
        self.last_seal = None;
    }
}

fn after(at: Nanos, pause: Duration) -> Nanos {
    Nanos(at.0.saturating_add(u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests;
