//! The same rule in three languages decides alike.

use std::path::PathBuf;
use std::{env, fs, thread};

use ledger::Digest;
use plugins_host::contract::{Explanation, ResourceView};
use plugins_host::{
    AccountColumns, Context, Limits, LoadOptions, Policy, Runtime, RuntimeOptions, TransferColumns,
    Verdict,
};
use serde_json::json;

/// Says where `cargo xtask test --only authors` has built the examples.
const FOLDER: &str = "LEDGERD_POLICY_EXAMPLES";
const COMPONENTS: [(&str, &str, Limits); 3] = [
    (
        "rust",
        "rust/target/wasm32-unknown-unknown/release/policy.wasm",
        Limits::ROOMY,
    ),
    ("js", "js/policy.wasm", Limits::ROOMY),
    ("python", "python/policy.wasm", Limits::ROOMY),
];

const CONFIGS: usize = 20;
const CASES_PER_CONFIG: usize = 500;

struct Example {
    name: &'static str,
    component: Vec<u8>,
    runtime: Runtime,
    limits: Limits,
}

/// A request in the shape that policies are asked in.
struct Scene {
    operation: &'static str,
    now: u64,
    accounts: AccountColumns,
    batch: TransferColumns,
}

impl Example {
    fn load(&self, config: &str) -> Policy {
        let options = LoadOptions {
            name: self.name,
            component: &self.component,
            digest: Digest::of(&self.component),
            config,
            config_version: Some(1),
            limits: self.limits,
            cases: None,
        };
        let loaded = Policy::load(&self.runtime, &options);
        loaded.unwrap_or_else(|error| panic!("{} with {config}: {error}", self.name))
    }

    /// Every verdict, and every tenth explanation.
    fn decide(&self, configs: &[String], seed: u64) -> Vec<(Verdict, Vec<Explanation>)> {
        // The program stays compiled while a policy is made of it.
        let _kept = self.load("{}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut decided = Vec::new();
        for config in configs {
            let policy = self.load(config);
            for case in 0..CASES_PER_CONFIG {
                let scene = Scene::random(&mut rng);
                let verdict =
                    scene.with(|context| policy.evaluate(context, &scene.accounts, &scene.batch));
                let verdict = verdict.unwrap_or_else(|fault| panic!("{}: {fault}", self.name));
                let reasons = match case % 10 {
                    0 => {
                        scene.with(|context| policy.explain(context, &scene.accounts, &scene.batch))
                    }
                    _ => Ok(Vec::new()),
                };
                let reasons = reasons.unwrap_or_else(|fault| panic!("{}: {fault}", self.name));
                decided.push((verdict, reasons));
            }
        }
        decided
    }
}

impl Scene {
    fn random(rng: &mut fastrand::Rng) -> Self {
        let operations = ["post", "dry_run", "statement", "hello", "mint", "", "Post"];
        let (mut accounts, mut batch) = (AccountColumns::default(), TransferColumns::default());
        for _ in 0..rng.usize(1..8) {
            accounts.id_low.push(rng.u64(..));
            accounts.id_high.push(rng.u64(..));
            accounts.code.push(rng.u16(..));
            accounts.asset.push(rng.u32(0..4));
            accounts.state_bits.push(rng.u16(0..16));
            accounts.tag_bits.push(match rng.u8(0..4) {
                0 => rng.u64(..),
                1 => 1 << rng.u32(0..64),
                _ => 0,
            });
        }
        let places = accounts.len() as u32;
        for _ in 0..rng.usize(0..12) {
            batch.debit.push(rng.u32(..places));
            batch.credit.push(rng.u32(..places));
            batch.amount_low.push(around(rng));
            batch
                .amount_high
                .push(if rng.u8(0..8) == 0 { rng.u64(..) } else { 0 });
            batch.asset.push(rng.u32(0..4));
            batch.code.push(rng.u16(..));
            batch.flag_bits.push(rng.u16(0..512));
            batch.id_low.push(rng.u64(..));
            batch.id_high.push(rng.u64(..));
            batch.timeout.push(rng.u32(..));
            batch.effective_at.push(rng.u64(..));
            batch.user_data.push(rng.u64(..));
        }
        Self {
            operation: operations[rng.usize(..operations.len()).min(rng.usize(..7))],
            now: rng.u64(..),
            accounts,
            batch,
        }
    }

    fn with<T>(&self, then: impl FnOnce(&Context<'_>) -> T) -> T {
        then(&Context {
            operation: self.operation,
            resource: ResourceView {
                kind: "book",
                id: "1",
                owner: "acme",
                owned: true,
            },
            tenant: "acme",
            principal: "spiffe://ledger.example/tenant/acme/app",
            roles: &["write"],
            scopes: &[],
            attributes: &[],
            now: self.now,
            request_id_low: 7,
            request_id_high: 0,
        })
    }
}

/// Amounts where maxima lie, and where numbers of other languages end.
fn around(rng: &mut fastrand::Rng) -> u64 {
    let near = [1_000, 1_000_000, 1 << 32, 1 << 53, 1 << 63, u64::MAX];
    match rng.u8(0..4) {
        0 => rng.u64(..),
        _ => near[rng.usize(..near.len())]
            .wrapping_add(rng.u64(0..3))
            .wrapping_sub(1),
    }
}

fn config(rng: &mut fastrand::Rng) -> String {
    let mut config = serde_json::Map::new();
    if rng.bool() {
        config.insert(
            "hours".into(),
            json!({"from": rng.u8(0..=24), "to": rng.u8(0..=24)}),
        );
    }
    let maximum = (0..rng.u32(0..3)).map(|_| {
        let high = u128::from(if rng.u8(0..3) == 0 { rng.u64(..) } else { 0 });
        let amount = high << 64 | u128::from(around(rng));
        (rng.u32(1..4).to_string(), json!(amount.to_string()))
    });
    config.insert(
        "maximum".into(),
        maximum.collect::<serde_json::Map<_, _>>().into(),
    );
    let tags: Vec<u8> = (0..rng.u8(0..4)).map(|_| rng.u8(0..64)).collect();
    config.insert("tags".into(), json!(tags));
    serde_json::Value::from(config).to_string()
}

/// What was not built is not compared: who builds says so, and runs this.
fn examples() -> Vec<Example> {
    let Some(root) = env::var_os(FOLDER).map(PathBuf::from) else {
        return Vec::new();
    };
    let there = COMPONENTS.into_iter().filter_map(|(name, path, limits)| {
        Some(Example {
            name,
            component: fs::read(root.join(path)).ok()?,
            runtime: Runtime::new(RuntimeOptions::default()).unwrap(),
            limits,
        })
    });
    there.collect()
}

#[test]
fn examples_in_all_languages_decide_alike() {
    let examples = examples();
    if examples.len() < 2 {
        println!("skipped: `{FOLDER}` names no folder with components to compare");
        return;
    }
    let mut rng = fastrand::Rng::with_seed(1);
    let configs: Vec<String> = (0..CONFIGS).map(|_| config(&mut rng)).collect();
    let decided: Vec<_> = thread::scope(|scope| {
        let configs = &configs;
        let running: Vec<_> = examples
            .iter()
            .map(|example| {
                let builder = thread::Builder::new().stack_size(8 << 20);
                builder
                    .spawn_scoped(scope, move || example.decide(configs, 2))
                    .unwrap()
            })
            .collect();
        running
            .into_iter()
            .map(|each| each.join().unwrap())
            .collect()
    });
    let (first, others) = decided.split_first().unwrap();
    assert_eq!(first.len(), CONFIGS * CASES_PER_CONFIG);
    let denied = first
        .iter()
        .filter(|(verdict, _)| *verdict != Verdict::Allow)
        .count();
    assert!(denied > 2_000 && denied < 9_500, "{denied} denied");
    for (other, example) in others.iter().zip(&examples[1..]) {
        for (at, (mine, theirs)) in first.iter().zip(other).enumerate() {
            let config = &configs[at / CASES_PER_CONFIG];
            assert_eq!(mine, theirs, "case {at}, {} with {config}", example.name);
        }
    }
    let names: Vec<_> = examples.iter().map(|example| example.name).collect();
    println!(
        "{} cases decided alike by {}",
        first.len(),
        names.join(", ")
    );
}
