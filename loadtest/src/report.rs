//! What a load came to: a table for people, and one line of JSON for scripts.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::{CellAlignment, Table};
use ledger::Code;
use serde::Serialize;

use crate::latency::Latency;
use crate::load::{Answered, Plan};

/// The figures of a load. Names and meanings are what scripts rely on.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Transfers posted per second, from the first request to the last answer.
    pub transfers_per_second: f64,
    /// Transfers offered per second: the rate asked for, or what was sent without one.
    pub offered_per_second: f64,
    /// Time from the intended start of a request to its answer.
    pub latency_ms: Latency,
    /// How items were decided, by the name of the code.
    pub results: BTreeMap<&'static str, u64>,
    /// Processor time; the daemon's goes on until it has written everything that it puts off.
    pub cpu_seconds: CpuSeconds,
    /// What the daemon wrote from the start of the load to its end as a process, its last snapshot
    /// included, per posted transfer.
    pub bytes_written_per_transfer: Option<f64>,
    /// The most memory that the daemon ever used.
    pub daemon_rss_bytes: Option<u64>,
    /// Bytes of memory per account, from before accounts were created to after.
    pub memory_per_account: Option<f64>,
    /// Seconds from the first request to the last answer.
    pub seconds: f64,
    /// Transfers sent.
    pub transfers: u64,
    /// Requests answered.
    pub requests: u64,
    /// Requests that were sent again, by the name of the code that the first answer had.
    pub retries: BTreeMap<&'static str, u64>,
    /// What the naive anchor posts per second on the same machine in the same run.
    pub anchor_per_second: Option<f64>,
    /// Transfers per second as a part of the anchor's.
    pub anchor_ratio: Option<f64>,
    /// What sealed meanwhile; empty if the daemon is not ours.
    pub signer: String,
    /// What sealed, or not, in the daemon that was posted to for comparison.
    pub against: Option<String>,
    /// Transfers per second of that daemon.
    pub against_per_second: Option<f64>,
    /// Transfers per second as a part of that daemon's; the median of all runs.
    pub against_ratio: Option<f64>,
    /// … of every run, least first.
    pub against_ratios: Vec<f64>,
    /// Processor time of the daemon as a part of that daemon's; the median of all runs. It says
    /// more than the rate where other work is on the machine.
    pub against_cpu_ratio: Option<f64>,
    /// Transfers per second of every run, least first.
    pub rates: Vec<f64>,
    /// Balances and totals that differ from what the answers imply.
    pub differences: u64,
    /// The seed of the load.
    pub seed: u64,
}

/// Processor time in seconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CpuSeconds {
    /// Of this program, from the first request to the last answer.
    pub client: f64,
    /// Of the daemon; absent if it is not ours.
    pub daemon: Option<f64>,
}

/// What was measured beside the answers.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// What sealed meanwhile.
    pub signer: String,
    /// Processor time of this program.
    pub client_cpu: Duration,
    /// Processor time of the daemon.
    pub daemon_cpu: Option<Duration>,
    /// Bytes that the daemon wrote.
    pub written: Option<u64>,
    /// The most memory that the daemon ever used.
    pub peak_memory: Option<u64>,
    /// Bytes of memory per account.
    pub memory_per_account: Option<f64>,
    /// What the anchor posts per second.
    pub anchor: Option<f64>,
    /// Balances and totals that differ.
    pub differences: u64,
}

impl Report {
    /// The figures of a load.
    pub fn new(plan: &Plan, answered: &Answered, measured: &Measured) -> Self {
        let rate = answered.rate();
        let posted = answered.posted().max(1) as f64;
        let seconds = answered.elapsed.as_secs_f64();
        Self {
            transfers_per_second: rate,
            offered_per_second: plan.rate.unwrap_or(answered.sent as f64 / seconds),
            latency_ms: answered.latency.quantiles(),
            results: named(&answered.results),
            cpu_seconds: CpuSeconds {
                client: measured.client_cpu.as_secs_f64(),
                daemon: measured.daemon_cpu.map(|time| time.as_secs_f64()),
            },
            bytes_written_per_transfer: measured.written.map(|bytes| bytes as f64 / posted),
            daemon_rss_bytes: measured.peak_memory,
            memory_per_account: measured.memory_per_account,
            seconds,
            transfers: answered.sent,
            requests: answered.requests,
            retries: named(&answered.retries),
            anchor_per_second: measured.anchor,
            anchor_ratio: measured.anchor.map(|anchor| rate / anchor),
            signer: measured.signer.clone(),
            against: None,
            against_per_second: None,
            against_ratio: None,
            against_ratios: Vec::new(),
            against_cpu_ratio: None,
            rates: vec![rate],
            differences: measured.differences,
            seed: plan.seed,
        }
    }

    /// Gives the rate as a ratio to that of another daemon, whose differences count too.
    pub fn set_against(&mut self, other: &Self) {
        let ratio = self.transfers_per_second / other.transfers_per_second;
        self.against = Some(other.signer.clone());
        self.against_per_second = Some(other.transfers_per_second);
        self.against_ratio = Some(ratio);
        self.against_ratios = vec![ratio];
        let cpu = self.cpu_seconds.daemon.zip(other.cpu_seconds.daemon);
        self.against_cpu_ratio = cpu.map(|(own, other)| own / other);
        self.differences += other.differences;
    }

    /// The run with the median rate, with the rates of all and the median of their ratios.
    pub fn median(mut runs: Vec<Self>) -> Option<Self> {
        runs.sort_by(|a, b| a.transfers_per_second.total_cmp(&b.transfers_per_second));
        let rates = runs.iter().map(|run| run.transfers_per_second).collect();
        let ratios = runs.iter().flat_map(|run| run.against_ratios.clone());
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        let cpu = runs.iter().filter_map(|run| run.against_cpu_ratio);
        let mut cpu: Vec<f64> = cpu.collect();
        cpu.sort_by(f64::total_cmp);
        let middle = runs.len() / 2;
        let median = runs.into_iter().nth(middle)?;
        Some(Self {
            rates,
            against_ratio: ratios.get(ratios.len() / 2).copied(),
            against_ratios: ratios,
            against_cpu_ratio: cpu.get(cpu.len() / 2).copied(),
            ..median
        })
    }

    /// The figures for people.
    pub fn table(&self) -> Table {
        let mut rows = Rows::default();
        rows.add("transfers sent", self.transfers);
        rows.add("requests", self.requests);
        rows.add("seconds", format!("{:.2}", self.seconds));
        rows.add("transfers per second", grouped(self.transfers_per_second));
        if let [least, .., most] = self.rates[..] {
            rows.add(
                "… least and most of all runs",
                format!("{}, {}", grouped(least), grouped(most)),
            );
        }
        rows.add("offered per second", grouped(self.offered_per_second));
        rows.some("anchor per second", self.anchor_per_second.map(grouped));
        rows.some(
            "ratio to the anchor",
            self.anchor_ratio.map(|ratio| format!("{ratio:.2}")),
        );
        self.add_against(&mut rows);
        let Latency {
            p50,
            p95,
            p99,
            p999,
            max,
        } = self.latency_ms;
        for (name, value) in [
            ("p50", p50),
            ("p95", p95),
            ("p99", p99),
            ("p99.9", p999),
            ("max", max),
        ] {
            rows.add(&format!("latency {name} ms"), format!("{value:.2}"));
        }
        for (code, count) in &self.results {
            rows.add(&format!("result {code}"), count);
        }
        for (code, count) in &self.retries {
            rows.add(&format!("sent again after {code}"), count);
        }
        let CpuSeconds { client, daemon } = self.cpu_seconds;
        rows.add("client CPU seconds", format!("{client:.2}"));
        rows.some(
            "daemon CPU seconds",
            daemon.map(|time| format!("{time:.2}")),
        );
        let written = self.bytes_written_per_transfer;
        rows.some(
            "bytes written per transfer",
            written.map(|bytes| format!("{bytes:.0}")),
        );
        let memory = self
            .daemon_rss_bytes
            .map(|bytes| format!("{}", bytes >> 20));
        rows.some("daemon memory MiB", memory);
        let each = self.memory_per_account.map(|bytes| format!("{bytes:.0}"));
        rows.some("memory bytes per account", each);
        rows.add("differences", self.differences);
        rows.table()
    }
}

impl Report {
    fn add_against(&self, rows: &mut Rows) {
        if !self.signer.is_empty() {
            rows.add("signer", &self.signer);
        }
        let Some(other) = &self.against else { return };
        rows.some(
            &format!("per second against {other}"),
            self.against_per_second.map(grouped),
        );
        rows.some(
            "ratio to that",
            self.against_ratio.map(|ratio| format!("{ratio:.3}")),
        );
        if let [least, .., most] = self.against_ratios[..] {
            rows.add(
                "… least and most of all runs",
                format!("{least:.3}, {most:.3}"),
            );
        }
        rows.some(
            "ratio of daemon CPU",
            self.against_cpu_ratio.map(|ratio| format!("{ratio:.3}")),
        );
    }
}

/// Rows of a table with two columns.
#[derive(Debug, Default)]
pub struct Rows(Vec<[String; 2]>);

impl Rows {
    /// Adds a row.
    pub fn add(&mut self, name: &str, value: impl ToString) {
        self.0.push([name.to_owned(), value.to_string()]);
    }

    /// Adds a row if there is a value.
    pub fn some(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Names and values, in order.
    pub fn pairs(&self) -> &[[String; 2]] {
        &self.0
    }

    /// The table.
    pub fn table(self) -> Table {
        let mut table = Table::new();
        table.load_preset(comfy_table::presets::NOTHING);
        table.add_rows(self.0);
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}

/// A rate with its thousands apart.
pub fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (at, digit) in digits.chars().enumerate() {
        if at != 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Counts that are not 0, by the name of the code.
pub(crate) fn named(counts: &BTreeMap<Code, u64>) -> BTreeMap<&'static str, u64> {
    counts
        .iter()
        .filter(|(_, count)| **count != 0)
        .map(|(code, count)| (code.name(), *count))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::Expected;
    use crate::latency::Latencies;
    use crate::load::Limit;
    use crate::workload::{IdOrder, Shape};

    #[test]
    fn the_line_has_what_scripts_read() {
        let shape = Shape {
            books: 1,
            accounts: 2,
            hot: 0,
            holds: 0,
            lag: 0,
            effective: None,
        };
        let plan = Plan {
            shape,
            order: IdOrder::Time,
            seed: 1,
            limit: Limit::Transfers(10),
            batch: 5,
            clients: 1,
            in_flight: 1,
            rate: None,
        };
        let mut latency = Latencies::new().unwrap();
        latency.add(Duration::from_millis(2));
        let answered = Answered {
            elapsed: Duration::from_secs(2),
            sent: 10,
            requests: 2,
            results: BTreeMap::from([(Code::Created, 8), (Code::BelowFloor, 2)]),
            retries: BTreeMap::new(),
            latency,
            expected: Expected::new(1, 2),
            seeds: Vec::new(),
        };
        let measured = Measured {
            written: Some(1_600),
            ..Measured::default()
        };
        let report = Report::new(&plan, &answered, &measured);
        let line = serde_json::to_value(&report).unwrap();
        assert_eq!(line["transfers_per_second"], 4.0);
        assert_eq!(line["offered_per_second"], 5.0);
        assert_eq!(line["results"]["created"], 8);
        assert_eq!(line["bytes_written_per_transfer"], 200.0);
        assert_eq!(line["latency_ms"]["p999"], 2.0);
        for name in ["p50", "p95", "p99", "max"] {
            assert!(line["latency_ms"][name].is_number());
        }
        assert!(line["cpu_seconds"]["client"].is_number());
        assert!(line["cpu_seconds"]["daemon"].is_null());
        assert!(line.as_object().unwrap().contains_key("daemon_rss_bytes"));
        assert!(report.table().to_string().contains("result below_floor"));

        let run = |rate, ratio| {
            let mut run = report.clone();
            run.transfers_per_second = rate;
            let mut other = report.clone();
            other.transfers_per_second = rate / ratio;
            other.differences = 1;
            (run.cpu_seconds.daemon, other.cpu_seconds.daemon) = (Some(3.0), Some(2.0));
            run.set_against(&other);
            run
        };
        let runs = vec![run(30.0, 0.8), run(10.0, 0.9), run(20.0, 0.5)];
        let median = Report::median(runs).unwrap();
        assert_eq!(median.rates, [10.0, 20.0, 30.0]);
        assert_eq!(median.transfers_per_second, 20.0);
        assert_eq!(median.against_per_second, Some(40.0));
        assert_eq!(median.differences, 1);
        assert_eq!(median.against_cpu_ratio, Some(1.5));
        for (is, should) in median.against_ratios.iter().zip([0.5, 0.8, 0.9]) {
            assert!((is - should).abs() < 1e-9);
        }
        assert_eq!(median.against_ratio, Some(median.against_ratios[1]));
    }

    #[test]
    fn thousands_stand_apart() {
        for (value, text) in [
            (0.0, "0"),
            (999.4, "999"),
            (1_000.0, "1,000"),
            (1e6, "1,000,000"),
        ] {
            assert_eq!(grouped(value), text);
        }
    }
}
