//! The tally: what became of rows, and what they moved. Pure.

use std::collections::BTreeMap;

use ledger::{AssetId, Code};
use serde::{Deserialize, Serialize};

/// How many rows ended how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    /// Posted by this import.
    pub(crate) posted: u64,
    /// Posted before, exactly so.
    pub(crate) existing: u64,
    /// Refused by the ledger.
    pub(crate) refused: u64,
    /// Bad, and not sent.
    pub(crate) bad: u64,
    /// Left out by a rule.
    pub(crate) skipped: u64,
    /// Accounts created.
    pub(crate) accounts: u64,
    /// Accounts that could not be created.
    pub(crate) accounts_refused: u64,
}

/// What belongs to a transfer on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Origin {
    /// Line of the row.
    pub(crate) line: u64,
    /// The rule that it fits, as an index.
    pub(crate) rule: usize,
    /// Kinds of the debit and the credit account, as indexes.
    pub(crate) kinds: [usize; 2],
}

/// What rows moved that stand in the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    /// Rows and minor units by rule and asset.
    pub(crate) rules: BTreeMap<(usize, AssetId), Sum>,
    /// Minor units by kind of account and asset.
    pub(crate) kinds: BTreeMap<(usize, AssetId), Sides>,
}

/// Rows and what they moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) rows: u64,
    /// Minor units; stays at the most that fits.
    pub(crate) amount: u128,
}

/// What accounts gave and received, in minor units; stays at the most that fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Sides {
    pub(crate) debits: u128,
    pub(crate) credits: u128,
}

impl Counts {
    /// Counts how a transfer was decided.
    pub(crate) fn decided(&mut self, code: Code) {
        match code {
            Code::Created => self.posted += 1,
            Code::Exists => self.existing += 1,
            _ => self.refused += 1,
        }
    }

    /// Rows that were read.
    pub(crate) fn rows(&self) -> u64 {
        self.posted + self.existing + self.refused + self.bad + self.skipped
    }

    /// Whether everything stands that should.
    pub(crate) fn is_clean(&self) -> bool {
        self.refused == 0 && self.bad == 0 && self.accounts_refused == 0
    }
}

impl Tally {
    /// Adds a transfer that stands in the ledger.
    pub(crate) fn add(&mut self, origin: &Origin, asset: AssetId, amount: u128) {
        let rule = self.rules.entry((origin.rule, asset)).or_default();
        rule.rows += 1;
        rule.amount = rule.amount.saturating_add(amount);
        let [debit, credit] = origin.kinds;
        let side = &mut self.kinds.entry((debit, asset)).or_default().debits;
        *side = side.saturating_add(amount);
        let side = &mut self.kinds.entry((credit, asset)).or_default().credits;
        *side = side.saturating_add(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_added() {
        let mut tally = Tally::default();
        let usd = AssetId(1);
        let origin = |rule, kinds| Origin {
            line: 2,
            rule,
            kinds,
        };
        tally.add(&origin(0, [0, 1]), usd, 5);
        tally.add(&origin(1, [1, 0]), usd, 3);
        tally.add(&origin(0, [0, 0]), usd, 2);
        assert_eq!(tally.rules[&(0, usd)], Sum { rows: 2, amount: 7 });
        assert_eq!(
            tally.kinds[&(0, usd)],
            Sides {
                debits: 7,
                credits: 5
            }
        );
        assert_eq!(
            tally.kinds[&(1, usd)],
            Sides {
                debits: 3,
                credits: 5
            }
        );
    }

    #[test]
    fn every_row_ends_somehow() {
        let mut counts = Counts::default();
        for code in [Code::Created, Code::Created, Code::Exists] {
            counts.decided(code);
        }
        assert!(counts.is_clean());
        counts.decided(Code::ExistsWithDifferentAmount);
        assert_eq!((counts.posted, counts.existing, counts.refused), (2, 1, 1));
        assert_eq!(counts.rows(), 4);
        assert!(!counts.is_clean());
    }
}
