//! How a policy decides its cases.

use std::fmt;

use plugins_host::cases::{Figures, Outcome};
use serde::Serialize;

use super::bytes;
use crate::policy::Project;
use crate::table::{Column, Table};

/// How a policy decides its cases.
#[derive(Debug, Serialize)]
pub(crate) struct TestView {
    policy: String,
    passed: usize,
    failed: usize,
    /// Most linear memory that it had.
    memory_bytes: usize,
    memory_bytes_max: u64,
    cases: Vec<CaseView>,
}

/// How one case was decided.
#[derive(Debug, Serialize)]
struct CaseView {
    name: String,
    passed: bool,
    expected: String,
    found: String,
    transfers: usize,
    nanos: u64,
    nanos_per_transfer: f64,
    fuel: Option<u64>,
    fuel_per_transfer: Option<f64>,
}

impl TestView {
    pub(crate) fn of(project: &Project, outcomes: &[Outcome], figures: &[Figures]) -> Self {
        let passed = outcomes.iter().filter(|outcome| outcome.passed).count();
        let cases = outcomes.iter().zip(figures);
        Self {
            policy: project.name.to_string(),
            passed,
            failed: outcomes.len() - passed,
            memory_bytes: figures
                .iter()
                .map(|each| each.memory_bytes)
                .max()
                .unwrap_or(0),
            memory_bytes_max: project.limits.memory_bytes,
            cases: cases
                .map(|(outcome, figures)| CaseView::of(outcome, figures))
                .collect(),
        }
    }

    /// Whether every case was decided as it says.
    pub(crate) fn has_passed(&self) -> bool {
        self.failed == 0
    }

    fn differences(&self) -> Table {
        let mut table = Table::new(&[
            Column::Left("case"),
            Column::Left("expected"),
            Column::Left("got"),
        ]);
        for case in self.cases.iter().filter(|case| !case.passed) {
            table.row([case.name.clone(), case.expected.clone(), case.found.clone()]);
        }
        table
    }

    fn costs(&self) -> Table {
        let mut table = Table::new(&[
            Column::Left("case"),
            Column::Left("decided"),
            Column::Right("transfers"),
            Column::Right("µs"),
            Column::Right("ns a transfer"),
            Column::Right("fuel a transfer"),
        ]);
        for case in &self.cases {
            table.row([
                case.name.clone(),
                case.found.clone(),
                case.transfers.to_string(),
                format!("{:.1}", case.nanos as f64 / 1_000.0),
                format!("{:.0}", case.nanos_per_transfer),
                case.fuel_per_transfer
                    .map_or_else(String::new, |fuel| format!("{fuel:.0}")),
            ]);
        }
        table
    }
}

impl CaseView {
    fn of(outcome: &Outcome, figures: &Figures) -> Self {
        Self {
            name: outcome.name.clone(),
            passed: outcome.passed,
            expected: outcome.expected.clone(),
            found: outcome.found.clone(),
            transfers: outcome.transfers,
            nanos: u64::try_from(figures.time.as_nanos()).unwrap_or(u64::MAX),
            nanos_per_transfer: figures.nanos_per_transfer,
            fuel: figures.fuel,
            fuel_per_transfer: figures.fuel_per_transfer,
        }
    }
}

impl fmt::Display for TestView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.costs())?;
        if !self.has_passed() {
            writeln!(f, "{}", self.differences())?;
        }
        writeln!(
            f,
            "{}: {} passed, {} failed; {} of {} memory",
            self.policy,
            self.passed,
            self.failed,
            bytes(self.memory_bytes as u64),
            bytes(self.memory_bytes_max)
        )
    }
}
