use std::time::{Duration, Instant};

use ledger::Code;

use super::*;
use crate::expect::Expected;
use crate::load::{Answered, Limit, Plan};
use crate::mix::Kind;
use crate::proving::{Sample, Seals};
use crate::timeline::Timeline;
use crate::workload::{IdOrder, Shape};

/// A plan of three seconds.
pub(crate) fn plan() -> ProvePlan {
    ProvePlan {
        load: Plan {
            shape: Shape {
                books: 1,
                accounts: 100,
                hot: 0,
                holds: 0,
                lag: 0,
                effective: None,
            },
            order: IdOrder::Time,
            seed: 1,
            limit: Limit::Transfers(3_000),
            batch: 100,
            clients: 1,
            in_flight: 1,
            rate: Some(1_000.0),
        },
        time: Duration::from_secs(3),
        proofs_per_second: 10.0,
        fresh_per_second: 10.0,
        mix: "receipt=1".parse().unwrap(),
        verify_every: 1,
        range_events: 10,
        statement_events: 10,
        outages: vec!["1s@1s".parse().unwrap()],
    }
}

/// What came of it: receipts take 100 ms, and 1 of 30 takes 400.
pub(crate) fn proven() -> Proven {
    let start = Instant::now();
    let tally = |millis: [u64; 2]| {
        let mut tally = Tally::new(start).unwrap();
        tally.offered = 30;
        for number in 0..30u64 {
            let meant = start + Duration::from_millis(100 * number);
            let took = millis[usize::from(number == 7)];
            tally
                .timeline
                .add(meant, meant + Duration::from_millis(took), 1);
            tally.verified += 1;
        }
        tally
    };
    let mut posts = Timeline::new(start).unwrap();
    for number in 0..30 {
        let meant = start + Duration::from_millis(100 * number);
        posts.add(meant, meant + Duration::from_millis(4), 100);
    }
    let mut latency = Latencies::new().unwrap();
    latency.add(Duration::from_millis(3));
    let mut receipts = tally([100, 400]);
    receipts.refusals.insert(Code::Busy, 10);
    Proven {
        answered: Answered {
            elapsed: Duration::from_secs(3),
            sent: 3_000,
            requests: 30,
            results: BTreeMap::from([(Code::Created, 3_000)]),
            retries: BTreeMap::new(),
            latency: latency.clone(),
            expected: Expected::new(1, 2),
            seeds: Vec::new(),
        },
        posts,
        receipts,
        proofs: tally([2, 3]),
        kinds: BTreeMap::from([(Kind::Receipt, latency)]),
        samples: (0..30u32)
            .map(|at| Sample {
                at: f64::from(at) / 10.0,
                lag_ms: u64::from(at),
                unsealed: 5,
                is_full: at >= 27,
            })
            .collect(),
        seals: Some(Seals {
            count: 30,
            others: 0,
            most_in_a_second: 10,
            span: 2_900_000,
        }),
        elapsed: Duration::from_millis(3_100),
    }
}

fn judged(slos: &[&str], proven: &Proven, differences: u64) -> Figures {
    let slos: Vec<Slo> = slos.iter().map(|text| text.parse().unwrap()).collect();
    let beside = Beside {
        signer: "signing proxy".to_owned(),
        daemon_cpu: Some(0.03),
        client_cpu: 0.01,
        differences,
    };
    Figures::new(&plan(), proven, &beside, &slos)
}

#[test]
fn the_line_has_what_scripts_read() {
    let figures = judged(&["receipt_p99=300ms"], &proven(), 0);
    let line = serde_json::to_value(&figures).unwrap();
    assert_eq!(line["post"]["achieved_per_second"], 1_000.0);
    assert_eq!(line["receipt"]["offered_per_second"], 10.0);
    assert_eq!(line["receipt"]["refusals"]["busy"], 10);
    assert_eq!(line["receipt"]["errors"], 0.25);
    assert_eq!(line["proof"]["verified"], 30);
    assert_eq!(line["seals"], 30);
    assert_eq!(line["unsealed_most"], 5);
    assert_eq!(line["window_full_percent"], 10.0);
    assert_eq!(line["daemon_cpu_us_per_transfer"], 10.0);
    assert_eq!(line["slo"][0]["held"], false);
    let table = figures.table().to_string();
    assert!(table.contains("SLO receipt_p99"), "{table}");
    assert!(table.contains("every proof"), "{table}");
}

#[test]
fn every_bound_is_judged_by_what_it_names() {
    let table: &[(&str, bool)] = &[
        ("receipt_p99=300ms", false),
        ("receipt_p95=101ms", true),
        ("receipt_max=399ms", false),
        ("receipt_errors=0.2", false),
        ("receipt_errors=0.25", true),
        ("receipt_rate=10", true),
        ("proof_p95=5s", true),
        ("proof_p50=1ms", false),
        ("proof_errors=0", true),
        ("post_p99=5ms", true),
        ("post_rate=1001", false),
        ("seal_rate=10", true),
        ("seal_rate=9", false),
        ("seal_lag_p50=14ms", true),
        ("seal_lag_max=28ms", false),
    ];
    for (slo, holds) in table {
        let figures = judged(&[slo], &proven(), 0);
        assert_eq!(figures.holds(), *holds, "{slo}: {}", figures.slo[0]);
        assert!(figures.is_right());
    }
    assert!(judged(&[], &proven(), 0).holds());
}

#[test]
fn what_was_not_measured_or_does_not_hold_is_told() {
    let mut proven = proven();
    proven.seals = None;
    proven.receipts = Tally::new(Instant::now()).unwrap();
    for slo in ["receipt_p99=300ms", "seal_rate=10"] {
        assert!(!judged(&[slo], &proven, 0).holds(), "{slo}");
    }
    assert!(!judged(&[], &proven, 1).is_right());
    proven.proofs.false_proofs = 1;
    assert!(!judged(&[], &proven, 0).is_right());
}
