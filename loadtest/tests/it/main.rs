//! The load tester as people run it, small: a daemon beside it, and a signing proxy that fails.
#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A program of the workspace, built for tests. `cargo nextest run --workspace` builds them all.
fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_ledgerd-loadtest")).with_file_name(name);
    assert!(
        path.is_file(),
        "`{}` is missing: build it first, or test the whole workspace",
        path.display()
    );
    path
}

fn run(words: &[&str], daemon: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledgerd-loadtest"));
    command.args(words);
    if daemon {
        command.arg("--daemon").arg(program("ledgerd"));
    }
    command.output().unwrap()
}

/// The line for scripts, of a run that ended with this code.
fn line(output: &Output, code: i32) -> Value {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    serde_json::from_str(out.lines().last().unwrap()).unwrap()
}

#[test]
fn postings_and_proofs_are_loaded_judged_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.html");
    let mut words = "proof --seconds 2 --post-rate 2000 --batch 50 --proof-rate 40 \
                     --receipt-rate 20 --accounts 50 \
                     --mix receipt=5,range=3,statement=1,checkpoint=1 \
                     --slo receipt_p99=20s --slo proof_p95=20s --slo seal_rate=11 --slo \
                     proof_errors=0.9 --report"
        .split_whitespace()
        .collect::<Vec<_>>();
    words.push(report.to_str().unwrap());
    let line = line(&run(&words, true), 0);
    assert_eq!(line["post"]["verified"], 4_000);
    assert_eq!(line["receipt"]["verified"], 40);
    assert_eq!(line["proof"]["verified"], 80);
    assert_eq!(
        (&line["false_proofs"], &line["differences"]),
        (&0.into(), &0.into())
    );
    assert!(line["seals"].as_u64().unwrap() > 0);
    let kinds = line["proof_kinds_ms"].as_object().unwrap();
    assert!(kinds.contains_key("range") && kinds.contains_key("checkpoint"));
    let page = std::fs::read_to_string(report).unwrap();
    for series in ["receipt p99", "transfers achieved", "seal lag"] {
        assert!(
            page.contains(&format!("data-series=\"{series}\"")),
            "{series}"
        );
    }
    assert!(page.contains("Every bound is held"));
}

#[test]
fn a_signer_that_is_slow_fails_and_is_gone_shows_and_is_a_breach() {
    let proxy = program("ledgerd-signing-proxy");
    let mut words = "proof --seconds 3 --post-rate 1000 --batch 50 --proof-rate 20 \
                     --receipt-rate 20 --accounts 50 --signer-latency 50ms±20ms \
                     --signer-errors 0.05 --signer-down 1s@1s --max-unsealed 600 \
                     --slo receipt_max=500ms --signing-proxy"
        .split_whitespace()
        .collect::<Vec<_>>();
    words.push(proxy.to_str().unwrap());
    let line = line(&run(&words, true), 1);
    assert_eq!(line["slo"][0]["held"], false);
    // It was gone for a second, and everything that was meant came after all.
    assert!(line["receipt"]["latency_ms"]["max"].as_f64().unwrap() > 500.0);
    assert_eq!(line["post"]["verified"], 3_000);
    assert_eq!(line["receipt"]["verified"], 60);
    assert!(
        line["post"]["refusals"]["unsealed_window_full"]
            .as_u64()
            .unwrap()
            > 0
    );
    assert!(line["seal_lag_ms"]["max"].as_f64().unwrap() > 500.0);
    assert_eq!(
        (&line["false_proofs"], &line["differences"]),
        (&0.into(), &0.into())
    );
    let signer = line["signer"].as_str().unwrap();
    assert!(signer.contains("latency=50ms±20ms"), "{signer}");
}

#[test]
fn what_seals_cost_is_a_ratio_of_one_run() {
    let words = "post --transfers 3000 --batch 100 --accounts 50 --against off";
    let words: Vec<_> = words.split_whitespace().collect();
    let line = line(&run(&words, true), 0);
    assert_eq!(line["signer"], "key in the daemon");
    assert_eq!(line["against"], "seals off");
    assert!(line["against_ratio"].as_f64().unwrap() > 0.0);
    assert_eq!(line["differences"], 0);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_starts() {
    for (words, needs) in [
        (
            "proof --slo recipt_p99=300ms",
            "nothing is called `recipt_p99`",
        ),
        ("proof --slo receipt_p99=300", "no bound of `receipt_p99`"),
        ("proof --mix receipt=0", "no mix"),
        ("proof --post-rate 0", "no number per second"),
        ("proof --signer-latency 50", "no time"),
        ("proof --signer-down 5s", "no outage"),
        ("proof --signer dev --signer-errors 0.1", "does not fail"),
        (
            "proof --signer-errors 0.1 --connect a-write.toml",
            "cannot be used with",
        ),
        ("post --seals off --against off", "seal alike"),
        ("post --against instant", "seal alike"),
        ("post --seals off --signer proxy", "has no signer"),
    ] {
        let output = run(&words.split_whitespace().collect::<Vec<_>>(), false);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words}: {text}");
        assert!(text.contains(needs), "{words}: {text}");
    }
}
