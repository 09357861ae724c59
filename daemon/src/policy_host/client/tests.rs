//! Both ends in one process, over a real connection.

use std::path::Path;
use std::time::Instant;

use ledger::Digest;
use plugins_host::contract::ResourceView;
use plugins_host::shipped::LIMITS;
use plugins_host::{
    AccountColumns, Compiler, Context, Fault, Limits, LoadOptions, Policy, Remote, Runtime,
    RuntimeOptions, Seat, TransferColumns, Verdict,
};
use wire::endpoint::{PolicyServerConfig, ServerLimits, certificates_from_pem};
use wire::identity::SpiffeId;
use wire::{LongBlob, Text};

use super::*;
use crate::pki::{Ask, Ca};
use crate::policy_host::server::Running;
use crate::policy_host::settings::HostLimits;

const DAEMON: &str = "spiffe://internal.test/daemon";
const HOST: &str = "spiffe://internal.test/policy-host";
/// Amounts and accounts are needed.
const CONFIG: &str = r#"{"amounts":[{"max":"1000"}],"codes":{"deny":[77]}}"#;

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let internal = Ca::make(directory.path(), "internal");
        for (stem, uri, server) in [("daemon", DAEMON, false), ("host", HOST, true)] {
            let ask = Ask {
                uris: &[uri],
                server,
                ..Ask::default()
            };
            internal.issue(stem, &ask);
        }
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn credentials(&self, stem: &str) -> Credentials {
        let read = |ending| std::fs::read(self.path().join(format!("{stem}.{ending}"))).unwrap();
        Credentials::from_pem(&read("pem"), &read("key")).unwrap()
    }

    fn pin(&self, id: &str) -> Pin {
        let root = std::fs::read(self.path().join("internal.pem")).unwrap();
        Pin {
            roots: certificates_from_pem(&root).unwrap(),
            crls: Vec::new(),
            id: SpiffeId::parse(id).unwrap(),
        }
    }

    fn host(&self) -> Running {
        let config = PolicyServerConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            credentials: self.credentials("host"),
            daemon: self.pin(DAEMON),
            limits: ServerLimits::default(),
        };
        let limits = HostLimits {
            workers: 2,
            policies: 2,
            calls_in_flight: 16,
            instance_bytes: 64 << 20,
            component_bytes: 32 << 20,
        };
        Running::start(&config, &limits, Compiler::InProcess).unwrap()
    }

    fn client(&self, host: &Running) -> Client {
        let reach = Reach {
            address: host.address.to_string().into(),
            credentials: self.credentials("daemon"),
            pin: self.pin(HOST),
            silence: Duration::from_millis(500),
        };
        Client::start(reach)
    }
}

fn load(config: &str) -> Load {
    let limits = Limits::default();
    Load {
        manifest: Digest::ZERO,
        component: LIMITS.digest(),
        component_bytes: u32::try_from(LIMITS.component.len()).unwrap(),
        name: Text::cut("limits"),
        config: LongBlob::new(config.as_bytes().to_vec()).unwrap(),
        config_version: None,
        cases: None,
        memory_bytes: limits.memory_bytes,
        base_micros: limits.base_micros,
        per_transfer_nanos: limits.per_transfer_nanos,
    }
}

fn component() -> Component {
    Arc::new(|| Some(LIMITS.component.into()))
}

fn here(config: &str) -> Policy {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let options = LoadOptions {
        name: "limits",
        component: LIMITS.component,
        digest: LIMITS.digest(),
        config,
        config_version: None,
        limits: Limits::default(),
        cases: None,
    };
    Policy::load(&runtime, &options).unwrap()
}

fn context() -> Context<'static> {
    Context {
        operation: "post",
        resource: ResourceView {
            kind: "book",
            id: "7",
            owner: "acme",
            owned: true,
        },
        tenant: "acme",
        principal: "spiffe://bank.test/tenant/acme/role/write",
        roles: &["write"],
        scopes: &[],
        attributes: &[],
        now: 0,
        request_id_low: 0,
        request_id_high: 0,
    }
}

/// A batch over accounts of its own. One transfer of `every` is above the limit.
fn batch(transfers: u32, every: u32) -> (AccountColumns, TransferColumns) {
    let rows = 2 * transfers as usize;
    let accounts = AccountColumns {
        id_low: (1..=rows as u64).collect(),
        id_high: vec![0; rows],
        code: vec![7; rows],
        asset: vec![1; rows],
        state_bits: vec![0; rows],
        tag_bits: vec![0; rows],
    };
    let rows = transfers as usize;
    let amount = |at| if at % every == every - 1 { 1_001 } else { 5 };
    let batch = TransferColumns {
        debit: (0..transfers).map(|at| 2 * at).collect(),
        credit: (0..transfers).map(|at| 2 * at + 1).collect(),
        amount_low: (0..transfers).map(amount).collect(),
        amount_high: vec![0; rows],
        asset: vec![0; rows],
        code: vec![1; rows],
        flag_bits: vec![0; rows],
        ..TransferColumns::default()
    };
    (accounts, batch)
}

/// Asks on a thread of its own, as policies are asked.
async fn ask(
    policy: &Arc<RemotePolicy>,
    passed: (AccountColumns, TransferColumns),
) -> Result<Verdict, Fault> {
    let policy = Arc::clone(policy);
    let ask = move || policy.evaluate(Digest([9; 32]), &context(), &passed.0, &passed.1);
    tokio::task::spawn_blocking(ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_decides_as_a_policy_here_does() {
    let place = Place::new();
    let host = place.host();
    let client = place.client(&host);
    let holding = client.hold(load(CONFIG), component());
    let remote = holding.now().await.unwrap();
    let local = here(CONFIG);
    for (transfers, every) in [(1, 2), (1, 1), (3, 2), (700, 9), (8_190, 100)] {
        let (accounts, batch) = batch(transfers, every);
        let expected = local.evaluate(&context(), &accounts, &batch);
        assert!(expected.is_ok(), "{expected:?}");
        assert_eq!(ask(&remote, (accounts, batch)).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_refuses_says_why_and_hinders_no_other() {
    let place = Place::new();
    let host = place.host();
    let client = place.client(&host);
    let refused = client.hold(load("{\"amounts\":7}"), component());
    let Err(NotHeld::Refused(reason)) = refused.now().await else {
        panic!("must be refused");
    };
    assert!(reason.contains("configuration"), "{reason}");
    let other = Load {
        component: Digest([1; 32]),
        ..load("{}")
    };
    let refused = client.hold(other, component());
    let Err(NotHeld::Refused(reason)) = refused.now().await else {
        panic!("must be refused");
    };
    assert!(reason.contains("digest"), "{reason}");
    assert!(client.hold(load(CONFIG), component()).now().await.is_ok());
}

/// The host holds two at most; what nobody asks any more makes room.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_longer_asked_makes_room() {
    let place = Place::new();
    let host = place.host();
    let client = place.client(&host);
    let config = |max: u32| format!("{{\"amounts\":[{{\"max\":\"{max}\"}}]}}");
    let first = client.hold(load(&config(100)), component());
    let second = client.hold(load(&config(200)), component());
    let (one, two) = (first.now().await.unwrap(), second.now().await.unwrap());
    let third = client.hold(load(&config(300)), component());
    let Err(NotHeld::Refused(reason)) = third.now().await else {
        panic!("there is no room");
    };
    assert!(reason.contains("limits.policies"), "{reason}");
    drop((first, one, third));
    let fourth = client.hold(load(&config(4)), component());
    let four = fourth.now().await.unwrap();
    for (policy, is_allowed) in [(&two, true), (&four, false)] {
        let verdict = ask(policy, batch(1, 2)).await.unwrap();
        assert_eq!(verdict == Verdict::Allow, is_allowed, "{verdict:?}");
    }
}

/// Calls before those that are measured.
const WARM: usize = 10;

/// What a call takes over a connection on one machine, against the same in this process.
#[tokio::test(flavor = "multi_thread")]
async fn figures() {
    let (few, many) = if cfg!(debug_assertions) {
        (20, 20)
    } else {
        (500, 5_000)
    };
    let place = Place::new();
    let host = place.host();
    let client = place.client(&host);
    let remote = client.hold(load(CONFIG), component()).now().await.unwrap();
    let there = Arc::new(remote.seat(Digest::ZERO));
    let here = Arc::new(Seat::here(Arc::new(here(CONFIG)), Digest::ZERO));
    for (transfers, rounds) in [(1, many), (8_190, few)] {
        for (name, seat) in [("remote", &there), ("here", &here)] {
            let seat = Arc::clone(seat);
            let measured = tokio::task::spawn_blocking(move || {
                let (accounts, batch) = batch(transfers, 10_000);
                let mut times: Vec<Duration> = Vec::with_capacity(rounds);
                for _ in 0..rounds + WARM {
                    let since = Instant::now();
                    let verdict = seat.evaluate(Digest::ZERO, &context(), &accounts, &batch);
                    times.push(since.elapsed());
                    assert_eq!(verdict, Ok(Verdict::Allow));
                }
                times.drain(..WARM);
                times.sort_unstable();
                times
            });
            let times = measured.await.unwrap();
            let (p50, p99) = (times[rounds / 2], times[rounds * 99 / 100]);
            let each = p50.as_nanos() / u128::from(transfers);
            println!("{name}, {transfers}: p50 {p50:?}, p99 {p99:?}, {each} ns per transfer");
        }
    }
}
