//! What it costs. Run on a quiet machine:
//! `cargo test --release -p ledgerd-plugins-host --test it figures -- --ignored --nocapture`

use std::fs;
use std::time::{Duration, Instant};

use plugins_host::{
    AccountColumns, Compiler, Limits, LoadOptions, Policy, Runtime, RuntimeOptions,
    TransferColumns, Verdict, shipped,
};

use crate::compile;
use crate::guest::{Guest, batch, context, options};

/// Bounds that every transfer is held against.
const CONFIG: &str = r#"{
  "amounts": [{ "asset": 1, "max": "7700000000", "batch_total": "100000000000000" }],
  "batch": { "max_transfers": 8190 },
  "codes": { "deny": [9], "amounts": [{ "code": 1, "max": "500000000" }] },
  "debit": { "tags": { "deny": [5] } }
}"#;

fn median(rounds: usize, mut body: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            body();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[rounds / 2]
}

fn decide(policy: &Policy, (accounts, batch): &(AccountColumns, TransferColumns)) {
    let verdict = policy.evaluate(&context(), accounts, batch);
    assert_eq!(verdict, Ok(Verdict::Allow), "{}", policy.name());
}

fn load(runtime: &Runtime, name: &str, component: &[u8], config: &str) -> Policy {
    let options = LoadOptions {
        name,
        config,
        ..options(component, Limits::default())
    };
    Policy::load(runtime, &options).unwrap()
}

/// Resident memory, in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "figures, not a check"]
fn of_decisions() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let guest = |needs| {
        let guest = Guest {
            needs,
            ..Guest::default()
        };
        guest.build()
    };
    let policies = [
        load(&runtime, "nothing needed", &guest(0), "{}"),
        load(&runtime, "transfers passed", &guest(0b1000), "{}"),
        load(
            &runtime,
            "transfers and accounts passed",
            &guest(0b1100),
            "{}",
        ),
        load(&runtime, "everything passed", &guest(0b11_1111), "{}"),
        load(&runtime, "isolation", shipped::ISOLATION.component, "{}"),
        load(&runtime, "rbac", shipped::RBAC.component, "{}"),
        load(&runtime, "limits", shipped::LIMITS.component, CONFIG),
    ];
    let (one, full) = (batch(1), batch(8_190));
    for policy in &policies {
        decide(policy, &full);
        let small = median(20_000, || decide(policy, &one));
        let large = median(300, || decide(policy, &full));
        println!(
            "{:30} {small:>10.2?} for 1, {large:>10.2?} for 8190 = {:>6.1} ns each, {} KiB",
            policy.name(),
            large.as_nanos() as f64 / 8_190.0,
            policy.peak_bytes() >> 10
        );
    }
}

#[test]
#[ignore = "figures, not a check"]
fn of_beginnings() {
    let none_kept = Runtime::new(RuntimeOptions {
        kept_bytes: 0,
        ..RuntimeOptions::default()
    })
    .unwrap();
    let one = batch(1);
    for (name, component, config) in [
        ("guest", &Guest::default().build()[..], "{}"),
        ("isolation", shipped::ISOLATION.component, "{}"),
        ("limits", shipped::LIMITS.component, CONFIG),
    ] {
        let policy = load(&none_kept, name, component, config);
        let each = median(2_000, || decide(&policy, &one));
        println!("{name:20} {each:>10.2?} for an instance, its configuration and one decision");
    }
    let child = Compiler::Child {
        program: compile::program(),
        args: Vec::new(),
    };
    for (name, compiler) in [("here", Compiler::InProcess), ("in a child", child)] {
        let runtime = Runtime::new(RuntimeOptions {
            compiler,
            ..RuntimeOptions::default()
        })
        .unwrap();
        for shipped in shipped::ALL {
            // Dropped at once, so that it is compiled each time.
            let time = median(5, || {
                drop(load(&runtime, shipped.name, shipped.component, "{}"));
            });
            println!("{:20} {time:>10.2?} to load, compiled {name}", shipped.name);
        }
    }
}

#[test]
#[ignore = "figures, not a check"]
fn of_a_thousand_policies() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let before = resident();
    let policies: Vec<Policy> = (0..1_000)
        .map(|number| {
            let config = CONFIG.replace("7700000000", &(7_700_000_000_u64 + number).to_string());
            load(&runtime, "limits", shipped::LIMITS.component, &config)
        })
        .collect();
    let loaded = resident() - before;
    for (transfers, rounds) in [(1, 3), (100, 3), (8_190, 2)] {
        let columns = batch(transfers);
        for policy in policies.iter().cycle().take(rounds * policies.len()) {
            decide(policy, &columns);
        }
        println!(
            "{} instances, {} MiB of linear memory, {} MiB resident after batches of {transfers}",
            runtime.instances(),
            runtime.instance_bytes() >> 20,
            (resident() - before) >> 10
        );
    }
    println!("{} MiB resident after loading", loaded >> 10);
    assert!(resident() - before <= 300 << 10);
}

/// Of components on disk, whose paths stand in `POLICY_COMPONENTS` with colons between them.
#[test]
#[ignore = "figures, not a check"]
fn of_given_components() {
    let paths = std::env::var("POLICY_COMPONENTS").unwrap_or_default();
    let runtime = Runtime::new(RuntimeOptions {
        compiler: Compiler::Child {
            program: compile::program(),
            args: Vec::new(),
        },
        ..RuntimeOptions::default()
    })
    .unwrap();
    let (one, full) = (batch(1), batch(8_190));
    for path in paths.split(':').filter(|path| !path.is_empty()) {
        let component = fs::read(path).unwrap();
        let options = LoadOptions {
            name: path,
            ..options(&component, Limits::ROOMY)
        };
        let before = (Instant::now(), resident());
        let policy = Policy::load(&runtime, &options).unwrap();
        println!("{path}: {:.2?} to load", before.0.elapsed());
        for columns in [&one, &full] {
            let verdict = policy.evaluate(&context(), &columns.0, &columns.1);
            println!("{}: {verdict:?}", columns.1.len());
            let time = median(20, || {
                drop(policy.evaluate(&context(), &columns.0, &columns.1))
            });
            println!(
                "{time:.2?}, {} MiB of linear memory, {} MiB resident",
                policy.peak_bytes() >> 20,
                (resident() - before.1) >> 10
            );
        }
    }
}
