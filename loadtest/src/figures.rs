//! What postings and proofs together came to: a table for people, one line of JSON for scripts.

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use comfy_table::Table;
use serde::Serialize;

use crate::latency::{Latencies, Latency, quantile};
use crate::proving::{ProvePlan, Proven, Tally};
use crate::report::{Rows, grouped, named};
use crate::slo::{Judged, Quantile, Slo, Subject, What};
use crate::timeline::Timeline;

/// Seconds after the end within which answers count as in time.
const GRACE: f64 = 1.0;

/// The figures. Names and meanings are what scripts rely on.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Seconds for which requests were offered.
    pub seconds: f64,
    /// Seconds from the start to the last answer.
    pub seconds_to_last_answer: f64,
    /// What sealed, and what it was told to do wrong.
    pub signer: String,
    /// Postings: transfers per second, latency from when a request was meant to be sent.
    pub post: Line,
    /// Receipts of what was just posted: latency from the posting's answer until it was verified.
    pub receipt: Line,
    /// Proofs: latency from when a request was meant to be sent until its proof was verified.
    pub proof: Line,
    /// Latency of proofs by their kind.
    pub proof_kinds_ms: BTreeMap<&'static str, Latency>,
    /// One of so many proofs was verified; the others were only taken.
    pub verified_one_of: u64,
    /// Proofs and receipts that do not hold.
    pub false_proofs: u64,
    /// Seals that were made; absent where nobody could read the chain.
    pub seals: Option<u64>,
    /// Seals per second, from the first to the last.
    pub seals_per_second: Option<f64>,
    /// Most seals within one second.
    pub seals_most_in_a_second: Option<u64>,
    /// Time for which the oldest event without a seal had waited, asked some 14 times a second.
    pub seal_lag_ms: Option<Latency>,
    /// Most events without a seal.
    pub unsealed_most: u64,
    /// Of a hundred times that were asked, so often postings were refused until seals caught up.
    pub window_full_percent: f64,
    /// Processor time of the daemon, in seconds; absent if it is not ours.
    pub daemon_cpu_seconds: Option<f64>,
    /// … in microseconds for each posted transfer, its proofs and seals included.
    pub daemon_cpu_us_per_transfer: Option<f64>,
    /// Processor time of this program, in seconds.
    pub client_cpu_seconds: f64,
    /// Balances and totals that differ from what the answers imply.
    pub differences: u64,
    /// Bounds, and whether they hold.
    pub slo: Vec<Judged>,
    /// The seed of the load.
    pub seed: u64,
}

/// The figures of one sort of requests.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What was offered in a second.
    pub offered_per_second: f64,
    /// What was done in a second, up to the last answer.
    pub achieved_per_second: f64,
    /// Requests that were answered with what they asked for.
    pub answered: u64,
    /// Those that were verified; for postings, transfers that stand.
    pub verified: u64,
    /// Latency; absent if there was nothing.
    pub latency_ms: Option<Latency>,
    /// Refusals after which the same was asked again, by the name of the code.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Requests that were given up, by the name of the code.
    pub given_up: BTreeMap<&'static str, u64>,
    /// The share of answers that were refusals or never came.
    pub errors: f64,
}

/// What was measured beside the answers.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// What sealed.
    pub signer: String,
    /// Processor time of the daemon, in seconds.
    pub daemon_cpu: Option<f64>,
    /// Processor time of this program, in seconds.
    pub client_cpu: f64,
    /// Balances and totals that differ.
    pub differences: u64,
}

impl Figures {
    /// The figures of a run, judged.
    pub fn new(plan: &ProvePlan, proven: &Proven, beside: &Beside, slos: &[Slo]) -> Self {
        let seconds = plan.time.as_secs_f64();
        let posted = proven.answered.posted();
        let seals = proven.seals;
        let elapsed = proven.elapsed.as_secs_f64();
        let full = proven
            .samples
            .iter()
            .filter(|sample| sample.is_full)
            .count();
        let mut figures = Self {
            seconds,
            seconds_to_last_answer: elapsed,
            signer: beside.signer.clone(),
            post: post(plan, proven),
            receipt: line(&proven.receipts, seconds),
            proof: line(&proven.proofs, seconds),
            proof_kinds_ms: proven
                .kinds
                .iter()
                .map(|(kind, latencies)| (kind.name(), latencies.quantiles()))
                .collect(),
            verified_one_of: plan.verify_every,
            false_proofs: proven.receipts.false_proofs + proven.proofs.false_proofs,
            seals: seals.map(|seals| seals.count),
            seals_per_second: seals.and_then(|seals| seals.per_second()),
            seals_most_in_a_second: seals.map(|seals| seals.most_in_a_second),
            seal_lag_ms: lag(proven),
            unsealed_most: proven
                .samples
                .iter()
                .map(|sample| sample.unsealed)
                .max()
                .unwrap_or(0),
            window_full_percent: 100.0 * full as f64 / proven.samples.len().max(1) as f64,
            daemon_cpu_seconds: beside.daemon_cpu,
            daemon_cpu_us_per_transfer: beside
                .daemon_cpu
                .map(|seconds| seconds * 1e6 / posted.max(1) as f64),
            client_cpu_seconds: beside.client_cpu,
            differences: beside.differences,
            slo: Vec::new(),
            seed: plan.load.seed,
        };
        figures.slo = slos
            .iter()
            .map(|slo| slo.judge(figures.measure(slo.what)))
            .collect();
        figures
    }

    /// What was measured of it; `None` if nothing was.
    pub fn measure(&self, what: What) -> Option<f64> {
        let line = |subject| match subject {
            Subject::Post => Some(&self.post),
            Subject::Receipt => Some(&self.receipt),
            Subject::Proof => Some(&self.proof),
            Subject::Seal => None,
        };
        match what {
            What::Time(Subject::Seal, quantile) => Some(of(quantile, self.seal_lag_ms?)),
            What::Time(subject, quantile) => Some(of(quantile, line(subject)?.latency_ms?)),
            What::Rate(Subject::Seal) => self.seals_per_second,
            What::Rate(subject) => Some(line(subject)?.achieved_per_second),
            What::Errors(subject) => Some(line(subject)?.errors),
        }
    }

    /// Whether every bound holds.
    pub fn holds(&self) -> bool {
        self.slo.iter().all(|judged| judged.held)
    }

    /// Whether everything that was said is true: balances, and every proof.
    pub fn is_right(&self) -> bool {
        self.differences == 0 && self.false_proofs == 0
    }

    /// The figures for people.
    pub fn table(&self) -> Table {
        self.rows().table()
    }

    /// Names and values for people.
    pub fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        rows.add("seconds offered", format!("{:.1}", self.seconds));
        let last = format!("{:.1}", self.seconds_to_last_answer);
        rows.add("seconds to the last answer", last);
        rows.add("signer", &self.signer);
        self.post.rows("post", "transfers", &mut rows);
        self.receipt.rows("receipt", "receipts", &mut rows);
        self.proof.rows("proof", "proofs", &mut rows);
        for (kind, latency) in &self.proof_kinds_ms {
            let (p50, p95, p99) = (latency.p50, latency.p95, latency.p99);
            let name = format!("proof {kind}, p50 p95 p99 ms");
            rows.add(&name, format!("{p50:.2} {p95:.2} {p99:.2}"));
        }
        rows.add(
            "verified",
            match self.verified_one_of {
                1 => "every proof".to_owned(),
                each => format!("1 of {each} proofs"),
            },
        );
        rows.add("false proofs", self.false_proofs);
        let rate = self.seals_per_second.map(|rate| format!("{rate:.2}"));
        rows.some("seals per second", rate);
        let most = self.seals_most_in_a_second.map(|most| most.to_string());
        rows.some("… most in a second", most);
        if let Some(Latency { p50, p99, max, .. }) = self.seal_lag_ms {
            rows.add(
                "seal lag p50 p99 max ms",
                format!("{p50:.0} {p99:.0} {max:.0}"),
            );
        }
        rows.add(
            "events without a seal, most",
            grouped(self.unsealed_most as f64),
        );
        rows.add(
            "window full, percent",
            format!("{:.1}", self.window_full_percent),
        );
        let cpu = self.daemon_cpu_seconds.map(|cpu| format!("{cpu:.2}"));
        rows.some("daemon CPU seconds", cpu);
        let each = self.daemon_cpu_us_per_transfer.map(|us| format!("{us:.2}"));
        rows.some("daemon CPU µs per transfer", each);
        rows.add(
            "client CPU seconds",
            format!("{:.2}", self.client_cpu_seconds),
        );
        rows.add("differences", self.differences);
        for judged in &self.slo {
            rows.add(&format!("SLO {}", judged.name), judged);
        }
        rows
    }
}

impl Line {
    fn rows(&self, name: &str, unit: &str, rows: &mut Rows) {
        let offered = grouped(self.offered_per_second);
        rows.add(&format!("{name}: {unit} per second offered"), offered);
        let achieved = grouped(self.achieved_per_second);
        rows.add(&format!("{name}: {unit} per second achieved"), achieved);
        if let Some(latency) = self.latency_ms {
            let Latency {
                p50, p95, p99, max, ..
            } = latency;
            let text = format!("{p50:.2} {p95:.2} {p99:.2} {max:.2}");
            rows.add(&format!("{name}: p50 p95 p99 max ms"), text);
        }
        for (code, count) in &self.refusals {
            rows.add(&format!("{name}: asked again after {code}"), count);
        }
        for (code, count) in &self.given_up {
            rows.add(&format!("{name}: given up after {code}"), count);
        }
    }
}

fn post(plan: &ProvePlan, proven: &Proven) -> Line {
    let answered = &proven.answered;
    let retries: u64 = answered.retries.values().sum();
    let attempts = retries + answered.requests;
    Line {
        offered_per_second: plan.load.rate.unwrap_or_default(),
        achieved_per_second: answered.posted() as f64
            / busy(&proven.posts, plan.time.as_secs_f64()),
        answered: answered.requests,
        verified: answered.posted(),
        latency_ms: quantiles(proven.posts.latencies()),
        refusals: named(&answered.retries),
        given_up: BTreeMap::new(),
        errors: retries as f64 / attempts.max(1) as f64,
    }
}

fn line(tally: &Tally, seconds: f64) -> Line {
    Line {
        offered_per_second: tally.offered as f64 / seconds,
        achieved_per_second: tally.answered() as f64 / busy(&tally.timeline, seconds),
        answered: tally.answered(),
        verified: tally.verified,
        latency_ms: quantiles(tally.timeline.latencies()),
        refusals: named(&tally.refusals),
        given_up: named(&tally.given_up),
        errors: tally.errors(),
    }
}

/// Seconds over which what was done is spread: those for which it was offered, unless answers came
/// long after.
fn busy(timeline: &Timeline, seconds: f64) -> f64 {
    let end = timeline.end().as_secs_f64();
    if end > seconds + GRACE { end } else { seconds }
}

fn lag(proven: &Proven) -> Option<Latency> {
    let lags = proven.samples.iter().map(|sample| sample.lag_ms);
    let mut lags: Vec<u64> = lags.collect();
    lags.sort_unstable();
    let at = |share| quantile(&lags, share).map(|lag| lag as f64);
    Some(Latency {
        p50: at(0.5)?,
        p95: at(0.95)?,
        p99: at(0.99)?,
        p999: at(0.999)?,
        max: at(1.0)?,
    })
}

fn quantiles(latencies: &Latencies) -> Option<Latency> {
    (latencies.count() > 0).then(|| latencies.quantiles())
}

fn of(quantile: Quantile, latency: Latency) -> f64 {
    match quantile {
        Quantile::P50 => latency.p50,
        Quantile::P95 => latency.p95,
        Quantile::P99 => latency.p99,
        Quantile::P999 => latency.p999,
        Quantile::Max => latency.max,
    }
}
