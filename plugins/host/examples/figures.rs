//! What policies cost: decisions, beginnings, a thousand of them, and components that are named.
//!
//! `cargo run --release -p ledgerd-plugins-host --example figures -- [COMPONENT…]`
#![expect(
    clippy::unwrap_used,
    reason = "a tool for developers, which may just end"
)]

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use plugins_host::{
    AccountColumns, Compiler, Limits, LoadOptions, Policy, Runtime, RuntimeOptions,
    TransferColumns, Verdict, shipped,
};

use guest::{Guest, batch, context, options};

#[path = "../tests/it/guest.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod guest;

fn main() {
    let mut paths = std::env::args().skip(1).peekable();
    if paths.next_if_eq("compile").is_some() {
        plugins_host::compile::serve(&mut io::stdin().lock(), &mut io::stdout().lock()).unwrap();
        return;
    }
    of_decisions();
    of_beginnings();
    of_a_thousand_policies();
    for path in paths {
        of_a_component(&path);
    }
}

/// A compiler in a process of its own, which is this program once more.
fn child() -> Compiler {
    Compiler::Child {
        program: std::env::current_exe().unwrap(),
        args: vec!["compile".into()],
    }
}

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
    for (name, compiler) in [("here", Compiler::InProcess), ("in a child", child())] {
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
}

/// Of a component on disk.
fn of_a_component(path: &str) {
    let component = fs::read(path).unwrap();
    let runtime = Runtime::new(RuntimeOptions {
        compiler: child(),
        ..RuntimeOptions::default()
    })
    .unwrap();
    let options = LoadOptions {
        name: path,
        ..options(&component, Limits::ROOMY)
    };
    let (start, before) = (Instant::now(), resident());
    let policy = Policy::load(&runtime, &options).unwrap();
    println!("{path}: {:.2?} to load", start.elapsed());
    for columns in [batch(1), batch(8_190)] {
        let mut verdict = None;
        let time = median(20, || {
            verdict = Some(policy.evaluate(&context(), &columns.0, &columns.1).is_ok());
        });
        println!(
            "{time:.2?} for {}, a verdict: {}, {} MiB of linear memory, {} MiB resident",
            columns.1.len(),
            verdict == Some(true),
            policy.peak_bytes() >> 20,
            (resident() - before) >> 10
        );
    }
}
