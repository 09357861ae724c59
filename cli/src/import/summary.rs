//! The summary of an import.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::mapping::Bound;
use super::plan::Planner;
use super::problems::{Problem, Problems};
use super::tally::{Counts, Tally};
use crate::amount::Money;
use crate::assets::{Assets, UnknownAsset};
use crate::table::Column::{Left, Right};
use crate::table::Table;

/// The summary of an import.
#[derive(Debug, Serialize)]
pub(crate) struct Summary<'a> {
    file: String,
    #[serde(flatten)]
    counts: Counts,
    rows: u64,
    /// Rows up to this line were done before; their counts are here, their sums are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    resumed_after_line: Option<u64>,
    seconds: f64,
    rows_per_second: u64,
    rules: Vec<RuleSum<'a>>,
    accounts_by_kind: Vec<KindSum<'a>>,
    problems: &'a [Problem],
    problems_not_listed: u64,
}

#[derive(Debug, Serialize)]
struct RuleSum<'a> {
    rule: &'a str,
    rows: u64,
    asset: String,
    #[serde(flatten)]
    sum: Money,
}

#[derive(Debug, Serialize)]
struct KindSum<'a> {
    kind: &'a str,
    accounts: usize,
    asset: String,
    /// What they received.
    credits: Money,
    /// What they gave.
    debits: Money,
}

/// What a summary is made of.
pub(crate) struct Parts<'a> {
    pub(crate) file: String,
    pub(crate) counts: Counts,
    pub(crate) resumed_after: u64,
    /// Rows of this run alone.
    pub(crate) rows: u64,
    pub(crate) elapsed: Duration,
    pub(crate) mapping: &'a Bound,
    pub(crate) planner: &'a Planner<'a>,
    pub(crate) tally: &'a Tally,
    pub(crate) assets: &'a Assets,
    pub(crate) problems: &'a Problems,
}

impl<'a> Summary<'a> {
    pub(crate) fn of(parts: Parts<'a>) -> Result<Self, UnknownAsset> {
        let rules = parts.tally.rules.iter().map(|((rule, asset), sum)| {
            let asset = parts.assets.get(*asset)?;
            Ok(RuleSum {
                rule: &parts.mapping.rules[*rule].name,
                rows: sum.rows,
                asset: asset.code.to_string(),
                sum: Money::of(sum.amount, asset),
            })
        });
        let kinds = parts.tally.kinds.iter().map(|((kind, id), sides)| {
            let asset = parts.assets.get(*id)?;
            Ok(KindSum {
                kind: &parts.mapping.kinds[*kind].0.name,
                accounts: parts.planner.accounts(*kind, *id),
                asset: asset.code.to_string(),
                credits: Money::of(sides.credits, asset),
                debits: Money::of(sides.debits, asset),
            })
        });
        let seconds = parts.elapsed.as_secs_f64();
        Ok(Self {
            file: parts.file,
            counts: parts.counts,
            rows: parts.counts.rows(),
            resumed_after_line: (parts.resumed_after != 0).then_some(parts.resumed_after),
            seconds,
            rows_per_second: (parts.rows as f64 / seconds.max(1e-9)) as u64,
            rules: rules.collect::<Result<_, UnknownAsset>>()?,
            accounts_by_kind: kinds.collect::<Result<_, UnknownAsset>>()?,
            problems: parts.problems.kept(),
            problems_not_listed: parts.problems.unsaid(),
        })
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            posted,
            existing,
            refused,
            bad,
            skipped,
            accounts,
            accounts_refused,
        } = self.counts;
        if self.problems_not_listed != 0 {
            writeln!(
                f,
                "{} more problems are not listed",
                self.problems_not_listed
            )?;
        }
        if let Some(line) = self.resumed_after_line {
            writeln!(f, "rows up to line {line} were done before")?;
        }
        writeln!(
            f,
            "{}: {} rows in {:.2} s, {} rows/s",
            self.file, self.rows, self.seconds, self.rows_per_second
        )?;
        writeln!(
            f,
            "{posted} posted, {existing} existed, {refused} refused, {bad} bad, {skipped} left \
            out; \
             {accounts} accounts created, {accounts_refused} refused"
        )?;
        if !self.rules.is_empty() {
            let columns = &[Left("rule"), Right("rows"), Right("amount"), Left("asset")];
            let mut table = Table::new(columns);
            for row in &self.rules {
                let rows = row.rows.to_string();
                table.row([
                    row.rule.to_owned(),
                    rows,
                    row.sum.grouped(),
                    row.asset.clone(),
                ]);
            }
            write!(f, "\n{table}")?;
        }
        if !self.accounts_by_kind.is_empty() {
            let mut table = Table::new(&[
                Left("account"),
                Right("accounts"),
                Right("in"),
                Right("out"),
                Left("asset"),
            ]);
            for row in &self.accounts_by_kind {
                table.row([
                    row.kind.to_owned(),
                    row.accounts.to_string(),
                    row.credits.grouped(),
                    row.debits.grouped(),
                    row.asset.clone(),
                ]);
            }
            write!(f, "\n{table}")?;
        }
        Ok(())
    }
}
