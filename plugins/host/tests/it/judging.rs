//! What judging costs, from the request to the permit: to be read on a quiet machine, by
//! `cargo test --release -p ledgerd-plugins-host --test it judging -- --nocapture`

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::bounded;
use ledger::registry::Name;
use ledger::{AccountId, BookId, Digest, Nanos, Operation, TenantId, Transfer};
use plugins_host::{
    AccountColumns, Authority, AuthorityLimits, Facts, FactsUnavailable, FactsVersion, Limits,
    LoadOptions, Owner, Policy, PolicySet, Principal, Request, Resource, Role, Runtime,
    RuntimeOptions, Seat, Subject, shipped,
};

const TENANT: TenantId = TenantId(7);
const FAR: Nanos = Nanos(u64::MAX);
const LIMITS: &str = r#"{
  "amounts": [{ "asset": 1, "max": "7700000000", "batch_total": "100000000000000" }],
  "batch": { "max_transfers": 8190 },
  "codes": { "deny": [9], "amounts": [{ "code": 1, "max": "500000000" }] },
  "debit": { "tags": { "deny": [5] } }
}"#;

#[derive(Clone, Debug)]
struct Batch(Arc<[Transfer]>);

impl Batch {
    /// Transfers between accounts of which none comes twice.
    fn of(transfers: u128) -> Self {
        let transfer = |n| Transfer::new(n, 2 * n, 2 * n + 1, 100, 1);
        Self((1..=transfers).map(transfer).collect())
    }
}

impl Subject for Batch {
    fn book(&self) -> BookId {
        BookId(3)
    }

    fn transfers(&self) -> &[Transfer] {
        &self.0
    }
}

/// Every account there is looks alike.
struct Alike;

impl Facts for Alike {
    fn look_up(
        &self,
        _: BookId,
        ids: &[AccountId],
        out: &mut AccountColumns,
    ) -> Result<FactsVersion, FactsUnavailable> {
        out.code.resize(ids.len(), 1);
        out.asset.resize(ids.len(), 1);
        out.state_bits.resize(ids.len(), 0);
        out.tag_bits.resize(ids.len(), 0);
        Ok(FactsVersion(1))
    }
}

fn writer() -> Arc<Principal> {
    let named = (TENANT, Name::parse("acme").unwrap());
    let spiffe = "spiffe://figures.invalid/acme/write";
    Arc::new(Principal::of_tenant(named, Role::Write, spiffe, Digest::ZERO, FAR).unwrap())
}

fn post() -> Request {
    let owner = Owner::tenant(TENANT, Name::parse("acme").unwrap());
    Request {
        operation: Operation::Post,
        resource: Resource::Book {
            book: BookId(3),
            owner: Some(owner),
        },
        id: 5,
        digest: Digest::ZERO,
    }
}

fn median(rounds: usize, mut body: impl FnMut()) -> Duration {
    let rounds = if cfg!(debug_assertions) { 3 } else { rounds };
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

fn report(what: &str, authority: &Authority) {
    let writer = writer();
    for (transfers, rounds) in [(1, 10_001), (8_190, 501)] {
        let batch = Batch::of(transfers);
        let time = median(rounds, || {
            let judged = authority.permit(&writer, post(), batch.clone(), Nanos(1));
            assert!(judged.unwrap().members().is_empty());
        });
        let nanos = time.as_nanos() / transfers;
        println!("{what}, {transfers} transfers: {time:?}, {nanos} ns for each");
    }
}

#[test]
fn a_judgement_costs() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let started = Instant::now();
    let set = PolicySet::shipped(&runtime).unwrap();
    println!("isolation and roles, compiled: {:?}", started.elapsed());
    report("isolation and roles", &Authority::new(set.clone()));

    let new = Authority::new(set.clone());
    let asked = median(2_001, || {
        new.install(set.clone());
        let batch = Batch::of(1);
        new.permit(&writer(), post(), batch, Nanos(1)).unwrap();
    });
    println!("isolation and roles, nothing remembered, and a set installed: {asked:?}");

    let limits = shipped::LIMITS;
    let options = LoadOptions {
        name: "limits",
        component: limits.component,
        digest: limits.digest(),
        config: LIMITS,
        config_version: None,
        limits: Limits::default(),
        cases: None,
    };
    let limits = Policy::load(&runtime, &options).unwrap();
    let limits = Arc::new(Seat::here(Arc::new(limits), Digest::ZERO));
    let own = BTreeMap::from([(TENANT, vec![limits])]);
    let set = PolicySet::new(set.platform().to_vec(), own).unwrap();
    let with_limits = Authority::new(set.clone());
    with_limits.set_facts(Arc::new(Alike));
    report("isolation, roles and limits with tags", &with_limits);

    let apart = Authority::start(set, AuthorityLimits::default()).unwrap();
    apart.set_facts(Arc::new(Alike));
    let (line, writer, batch) = (apart.line(), writer(), Batch::of(1));
    let there_and_back = median(2_001, || {
        let (tell, told) = bounded(1);
        let then = move |judged: Result<_, _>| tell.send(judged.is_ok()).unwrap();
        apart.judge(&line, &writer, post(), batch.clone(), Nanos(1), then);
        assert!(told.recv().unwrap());
    });
    println!("the same, 1 transfer, on a thread of its own: {there_and_back:?}");
}

/// Batches that are judged while the set is exchanged again and again.
#[test]
fn an_exchange_of_the_set_costs() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let set = PolicySet::shipped(&runtime).unwrap();
    let authority = Authority::start(set.clone(), AuthorityLimits::default()).unwrap();
    let (line, writer, batch) = (authority.line(), writer(), Batch::of(1));
    let judge = || {
        let (tell, told) = bounded(1);
        let begun = Instant::now();
        let then = move |judged: Result<_, _>| tell.send(judged.is_ok()).unwrap();
        authority.judge(&line, &writer, post(), batch.clone(), Nanos(1), then);
        assert!(told.recv().unwrap());
        begun.elapsed()
    };
    judge();
    for exchanges in [0, 100] {
        let count = if cfg!(debug_assertions) {
            1_000
        } else {
            200_000
        };
        let mut times = Vec::with_capacity(count);
        for n in 0..count {
            if exchanges != 0 && n % (count / exchanges) == 0 {
                authority.install(set.clone());
            }
            times.push(judge());
        }
        times.sort_unstable();
        let (p99, max) = (times[count * 99 / 100], times[count - 1]);
        println!("{exchanges} exchanges in {count} batches of one: p99 {p99:?}, max {max:?}");
    }
}
