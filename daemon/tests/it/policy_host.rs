//! Policies in a process of their own: decided there, denied while it is away, and decided again
//! when it is back, without anybody doing anything about the daemon.

mod deployment;
mod planes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use client::{Client, ClientError};
use ledger::event::BookChange;
use ledger::{Code, Nanos, Transfer, TransferId};
use rustix::process::Signal;
use wire::message as m;

use crate::harness::process::Daemon;
use crate::harness::until;
use crate::harness::world::{BOOK, codes};
use deployment::Deployment;

const REMOTE: &str = "tenant_code = \"remote\"";
/// Transfers above 1,000 and accounts of a code that nobody has are denied, so that amounts and
/// accounts are passed to the policy.
const CONFIG: &str = r#"{"amounts":[{"max":"1000"}],"codes":{"deny":[77]}}"#;

/// What came of one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Came {
    Created,
    /// Denied since no policy could be asked.
    Away,
}

/// Posts one transfer, which must be created or be denied because the host is away.
async fn post(client: &Client, id: u128, amount: u128) -> Came {
    let transfer = Transfer::new(id, 1, 2, amount, 1);
    match client.post(BOOK, &[transfer], &[]).await {
        Ok(outcomes) => {
            assert_eq!(codes(&outcomes), [Code::Created]);
            Came::Created
        }
        Err(ClientError::Refused(failure)) => {
            assert_eq!(failure.code, Code::PolicyUnavailable, "{failure}");
            assert!(failure.code.is_retryable() && failure.code.has_no_side_effects());
            assert!(failure.retry_after_ms > 0);
            Came::Away
        }
        Err(error) => panic!("{error}"),
    }
}

/// Two processes with the policy in force.
async fn running() -> (Deployment, Daemon, Daemon) {
    let deployment = Deployment::new();
    let host = deployment.start_host();
    deployment.configure(host.address(), REMOTE);
    let daemon = deployment.open().await;
    let activated = deployment.activate(&daemon, CONFIG).await;
    assert_eq!(activated.code, Code::Created);
    (deployment, host, daemon)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_policy_decides_in_the_process_of_its_own() {
    let (deployment, host, daemon) = running().await;
    let write = deployment.connect(&daemon, "acme-write").await;
    assert_eq!(post(&write, 1, 1_000).await, Came::Created);
    let transfers = [
        Transfer::new(2, 1, 2, 10, 1),
        Transfer::new(3, 1, 2, 1_001, 1),
    ];
    let outcomes = write.post(BOOK, &transfers, &[]).await.unwrap();
    assert_eq!(codes(&outcomes), [Code::Created, Code::Denied]);
    let log = deployment.log("host.log");
    assert!(log.contains("loaded") && log.contains("limits"), "{log}");
    drop((host, daemon));
}

/// Requests under way while the host is killed, and everything that came of them.
struct Load {
    stop: Arc<AtomicBool>,
    next: Arc<AtomicU64>,
    tasks: Vec<tokio::task::JoinHandle<Vec<(u128, Came)>>>,
}

impl Load {
    async fn start(deployment: &Deployment, daemon: &Daemon) -> Self {
        let (stop, next) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(1)),
        );
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let client = deployment.connect(daemon, "acme-write").await;
            let (stop, next) = (Arc::clone(&stop), Arc::clone(&next));
            tasks.push(tokio::spawn(async move {
                let mut came = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let id = u128::from(next.fetch_add(1, Ordering::Relaxed));
                    came.push((id, post(&client, id, 5).await));
                }
                came
            }));
        }
        Self { stop, next, tasks }
    }

    /// Waits for so many further requests.
    async fn go_on(&self, count: u64) {
        let until_then = self.next.load(Ordering::Relaxed) + count;
        let next = &self.next;
        until("further requests", async || {
            next.load(Ordering::Relaxed) >= until_then
        })
        .await;
    }

    async fn end(self) -> Vec<(u128, Came)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for task in self.tasks {
            all.extend(task.await.unwrap());
        }
        all
    }
}

/// What was told is what is: everything created is there, and nothing else is.
async fn nothing_passed_undecided(client: &Client, all: &[(u128, Came)]) {
    for part in all.chunks(1_000) {
        let ids: Vec<TransferId> = part.iter().map(|(id, _)| TransferId(*id)).collect();
        let found = client.lookup_transfers(BOOK, &ids).await.unwrap();
        for ((id, came), row) in part.iter().zip(found.rows) {
            assert_eq!(row.is_some(), *came == Came::Created, "transfer {id}");
        }
    }
}

async fn until_created(client: &Client, from: u128) -> Duration {
    let since = Instant::now();
    let mut id = from;
    until("the host is back", async || {
        id += 1;
        post(client, id, 5).await == Came::Created
    })
    .await;
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_denies_and_one_that_is_back_decides_without_a_restart() {
    let (deployment, host, daemon) = running().await;
    let write = deployment.connect(&daemon, "acme-write").await;
    let load = Load::start(&deployment, &daemon).await;
    load.go_on(200).await;
    host.kill();
    let killed = Instant::now();
    until("denials", async || {
        post(&write, 1 << 100, 5).await == Came::Away
    })
    .await;
    let denied = killed.elapsed();
    load.go_on(200).await;
    let host = deployment.start_host();
    let back = until_created(&write, 1 << 101).await;
    load.go_on(200).await;
    let all = load.end().await;
    let count = |which| all.iter().filter(|(_, came)| *came == which).count();
    let (created, away) = (count(Came::Created), count(Came::Away));
    println!(
        "denied {denied:?} after the kill, decided {back:?} after the start; {created} created, \
         {away} denied"
    );
    assert!(created > 100 && away > 100);
    assert!(back < Duration::from_secs(10), "{back:?}");
    nothing_passed_undecided(&write, &all).await;
    drop((host, daemon));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_host_denies_and_decides_when_it_goes_on() {
    let (deployment, host, daemon) = running().await;
    let write = deployment.connect(&daemon, "acme-write").await;
    let load = Load::start(&deployment, &daemon).await;
    load.go_on(100).await;
    host.signal(Signal::STOP);
    until("denials", async || {
        post(&write, 1 << 100, 5).await == Came::Away
    })
    .await;
    // By now nobody waits for it any more.
    let since = Instant::now();
    for id in 0..50_u32 {
        let came = post(&write, (1 << 102) + u128::from(id), 5).await;
        assert_eq!(came, Came::Away);
    }
    let waited = since.elapsed();
    host.signal(Signal::CONT);
    let back = until_created(&write, 1 << 101).await;
    load.go_on(100).await;
    let all = load.end().await;
    println!("50 denials in {waited:?}, decided {back:?} after it went on");
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    nothing_passed_undecided(&write, &all).await;
    drop((host, daemon));
}

/// The daemon starts without its host and asks it from when it is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_starts_before_its_host() {
    let (deployment, host, daemon) = running().await;
    daemon.stop();
    host.kill();
    let daemon = deployment.start();
    let write = deployment.connect(&daemon, "acme-write").await;
    assert_eq!(post(&write, 1, 5).await, Came::Away);
    let host = deployment.start_host();
    until_created(&write, 1 << 101).await;
    let refused = write
        .post(BOOK, &[Transfer::new(9, 1, 2, 1_001, 1)], &[])
        .await;
    let outcomes = refused.unwrap();
    assert_eq!(codes(&outcomes), [Code::Denied]);
    drop((host, daemon));
}

/// What is shipped may run there too, and then nobody does anything without it.
#[tokio::test(flavor = "multi_thread")]
async fn shipped_policies_run_there_too() {
    let deployment = Deployment::new();
    let host = deployment.start_host();
    deployment.configure(
        host.address(),
        "tenant_code = \"none\"\nshipped = \"remote\"",
    );
    let daemon = deployment.open().await;
    let write = deployment.connect(&daemon, "acme-write").await;
    assert_eq!(post(&write, 1, 5).await, Came::Created);
    let halt = m::ChangeBook {
        change: BookChange::Halted,
        reason: 5,
        effective_lock: Nanos(0),
    };
    let refused = write.change_book(BOOK, halt).await.unwrap_err();
    assert_eq!(refused.code(), Code::Denied);
    drop((host, daemon));
}
