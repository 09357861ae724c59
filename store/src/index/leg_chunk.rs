//! Chunks of a list, and what is known of one without reading its legs.

use ledger::leg::Side;

use super::leg_code::{Cut, HistoryLeg, Legs, State};

/// The most legs of a chunk.
pub(super) const CHUNK: u32 = 512;

/// Sums of posted amounts, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Posted {
    /// Posted debits.
    pub debits: u128,
    /// Posted credits.
    pub credits: u128,
}

impl Posted {
    /// Adds what a leg posted. Sums wrap: the rules of the ledger keep them far below, so only
    /// bytes that are not ours could make them.
    #[inline]
    pub(super) fn add_leg(&mut self, leg: &HistoryLeg) {
        match leg.side {
            Side::Debit => self.debits = self.debits.wrapping_add(leg.posted),
            Side::Credit => self.credits = self.credits.wrapping_add(leg.posted),
        }
    }

    /// Adds other sums.
    #[inline]
    pub(super) fn add(&mut self, other: Self) {
        self.debits = self.debits.wrapping_add(other.debits);
        self.credits = self.credits.wrapping_add(other.credits);
    }
}

/// Which legs count: those up to a sequence, with a business date up to a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bound {
    /// The last sequence.
    pub(super) seq: u64,
    /// The last business date.
    pub(super) effective_at: u64,
}

/// How many of some legs count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Share {
    All,
    Some,
    None,
}

/// What is known of a chunk without reading its legs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chunk {
    /// What the first leg is told by; its sequence is at or before the first leg's.
    pub(super) base: State,
    /// Sequence of the last leg.
    pub(super) last_seq: u64,
    /// Earliest business date.
    pub(super) min_effective: u64,
    /// Latest business date.
    pub(super) max_effective: u64,
    /// Sums of its legs.
    pub(super) posted: Posted,
    /// How many legs.
    pub(super) legs: u32,
}

impl Chunk {
    /// A chunk without legs yet.
    pub(super) fn new(base: State) -> Self {
        Self {
            base,
            last_seq: base.seq,
            min_effective: u64::MAX,
            max_effective: 0,
            posted: Posted::default(),
            legs: 0,
        }
    }

    /// What is to be known of the legs in `bytes`.
    pub(super) fn scan(base: State, bytes: &[u8]) -> Result<Self, Cut> {
        let mut chunk = Self::new(base);
        let mut legs = Legs::new(bytes, base);
        while let Some(leg) = legs.next()? {
            chunk.admit(&leg);
        }
        Ok(chunk)
    }

    /// Adds the next leg.
    #[inline]
    pub(super) fn admit(&mut self, leg: &HistoryLeg) {
        self.last_seq = leg.seq.0;
        self.min_effective = self.min_effective.min(leg.effective_at.0);
        self.max_effective = self.max_effective.max(leg.effective_at.0);
        self.posted.add_leg(leg);
        self.legs += 1;
    }

    /// How many of the legs count.
    #[inline]
    pub(super) fn share(&self, bound: Bound) -> Share {
        if self.base.seq > bound.seq || self.min_effective > bound.effective_at {
            Share::None
        } else if self.last_seq <= bound.seq && self.max_effective <= bound.effective_at {
            Share::All
        } else {
            Share::Some
        }
    }
}

/// Adds up the legs in `bytes` that count.
pub(super) fn fold(
    base: State,
    bytes: &[u8],
    bound: Bound,
    posted: &mut Posted,
) -> Result<(), Cut> {
    let mut legs = Legs::new(bytes, base);
    let mut sums = Posted::default();
    loop {
        // Masks instead of branches: dates that stray would have every other one guessed wrong.
        while let Some(leg) = legs.next_plain() {
            let known = u64::from(leg.seq <= bound.seq).wrapping_neg();
            let counts = u64::from(leg.effective_at <= bound.effective_at).wrapping_neg() & known;
            let credit = u64::from(leg.is_credit).wrapping_neg();
            sums.add(Posted {
                debits: u128::from(leg.posted & counts & !credit),
                credits: u128::from(leg.posted & counts & credit),
            });
        }
        let Some(leg) = legs.next()? else { break };
        if leg.seq.0 > bound.seq {
            break;
        }
        if leg.effective_at.0 <= bound.effective_at {
            sums.add_leg(&leg);
        }
    }
    posted.add(sums);
    Ok(())
}
