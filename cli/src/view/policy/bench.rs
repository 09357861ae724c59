//! What a policy costs.

use std::fmt;
use std::time::Duration;

use plugins_host::Policy;
use serde::Serialize;

use super::bytes;
use crate::policy::Project;
use crate::table::{Column, Table};

/// What a policy costs, by size of a batch.
#[derive(Debug, Serialize)]
pub(crate) struct BenchView {
    policy: String,
    sha256: String,
    memory_bytes: usize,
    sizes: Vec<BenchRow>,
}

/// What a policy costs with batches of one size.
#[derive(Debug, Serialize)]
pub(crate) struct BenchRow {
    transfers: u32,
    calls: usize,
    denied: usize,
    median_nanos: u64,
    p99_nanos: u64,
    nanos_per_transfer: f64,
    fault: Option<String>,
}

impl BenchView {
    pub(crate) fn of(project: &Project, policy: &Policy, sizes: Vec<BenchRow>) -> Self {
        Self {
            policy: project.name.to_string(),
            sha256: project.digest.to_string(),
            memory_bytes: policy.peak_bytes(),
            sizes,
        }
    }

    /// Whether the policy gave no verdict at one of the sizes.
    pub(crate) fn has_faults(&self) -> bool {
        self.sizes.iter().any(|row| row.fault.is_some())
    }
}

impl BenchRow {
    /// `times` in rising order.
    pub(crate) fn of(
        transfers: u32,
        times: &[Duration],
        denied: usize,
        fault: Option<String>,
    ) -> Self {
        let at = |part: usize| {
            let time = times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
            time.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
        };
        let median_nanos = at(50);
        Self {
            transfers,
            calls: times.len(),
            denied,
            median_nanos,
            p99_nanos: at(99),
            nanos_per_transfer: median_nanos as f64 / f64::from(transfers.max(1)),
            fault,
        }
    }
}

impl fmt::Display for BenchView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&[
            Column::Right("transfers"),
            Column::Right("calls"),
            Column::Right("denied"),
            Column::Right("median µs"),
            Column::Right("p99 µs"),
            Column::Right("ns a transfer"),
            Column::Left("fault"),
        ]);
        let micros = |nanos: u64| format!("{:.1}", nanos as f64 / 1_000.0);
        for row in &self.sizes {
            table.row([
                row.transfers.to_string(),
                row.calls.to_string(),
                row.denied.to_string(),
                micros(row.median_nanos),
                micros(row.p99_nanos),
                format!("{:.0}", row.nanos_per_transfer),
                row.fault.clone().unwrap_or_default(),
            ]);
        }
        writeln!(f, "{table}")?;
        let memory = bytes(self.memory_bytes as u64);
        writeln!(f, "{}: {memory} memory", self.policy)
    }
}
