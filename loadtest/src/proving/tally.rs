//! How requests of one sort were answered.

use std::collections::BTreeMap;
use std::time::Instant;

use ledger::Code;

use crate::outcome::Outcome;
use crate::timeline::Timeline;

/// Faults that are told; more are only counted.
const TOLD_MAX: usize = 5;

/// How requests of one sort were answered.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Requests that were meant to be sent.
    pub offered: u64,
    /// Proofs that came back, in time order.
    pub timeline: Timeline,
    /// Proofs that were verified.
    pub verified: u64,
    /// Answers that were refusals, after which the same was asked again.
    pub refusals: BTreeMap<Code, u64>,
    /// Requests that were given up.
    pub given_up: BTreeMap<Code, u64>,
    /// Proofs that do not hold.
    pub false_proofs: u64,
    /// Why, for the first of them.
    pub told: Vec<String>,
}

impl Tally {
    /// Nothing yet; the first second begins at `start`.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(start: Instant) -> Outcome<Self> {
        Ok(Self {
            offered: 0,
            timeline: Timeline::new(start)?,
            verified: 0,
            refusals: BTreeMap::new(),
            given_up: BTreeMap::new(),
            false_proofs: 0,
            told: Vec::new(),
        })
    }

    /// Proofs that came back.
    pub fn answered(&self) -> u64 {
        self.timeline.latencies().count()
    }

    /// Requests that were given up.
    pub fn lost(&self) -> u64 {
        self.given_up.values().sum()
    }

    /// The share of answers that were refusals or never came.
    pub fn errors(&self) -> f64 {
        let bad = self.refusals.values().sum::<u64>() + self.lost();
        bad as f64 / (bad + self.answered()).max(1) as f64
    }

    pub(super) fn holds(&mut self) {
        self.verified += 1;
    }

    pub(super) fn is_false(&mut self, why: String) {
        self.false_proofs += 1;
        if self.told.len() < TOLD_MAX {
            self.told.push(why);
        }
    }
}
