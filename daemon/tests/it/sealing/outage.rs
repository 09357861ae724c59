//! The signer away, or wrong, under load: postings go on until the window is full, then wait; what
//! waited is sealed in order once it is back, and nothing is handed out meanwhile.

use std::time::Duration;

use wire::message as m;

use super::bank::{Bank, has_no_receipt};
use super::load::{Load, all_verify};
use super::proxy::Proxy;
use crate::harness::process::Daemon;
use crate::harness::until;
use crate::harness::world::BOOK;

/// Events that may wait for a seal.
const WINDOW: u64 = 400;
const NARROW: &str = "max_unsealed_transfers = 400";

/// How the signer is away.
#[derive(Clone, Copy, Debug)]
enum Outage {
    /// Its process is gone.
    Killed,
    /// It answers so.
    Fault(&'static str),
}

impl Outage {
    async fn begin(self, proxy: &mut Proxy) {
        match self {
            Self::Killed => proxy.kill(),
            Self::Fault(fault) => proxy.faults(&[fault]).await,
        }
    }

    async fn end(self, bank: &Bank, proxy: &mut Proxy) {
        match self {
            Self::Killed => proxy.again(bank),
            Self::Fault(_) => proxy.faults(&[]).await,
        }
    }
}

/// A daemon whose key is behind a proxy, with a narrow window.
async fn open(bank: &mut Bank, more: &str) -> (Proxy, Daemon) {
    let (proxy, [key]) = Proxy::start(bank, ["proxy-1"]);
    bank.seal_with(&key, "\"proxy\"", more);
    let daemon = bank.open().await;
    bank.post_and_verify(&daemon, 1..10).await;
    (proxy, daemon)
}

async fn check(bank: &Bank, proxy: &mut Proxy, daemon: &Daemon, outage: Outage, first: u128) {
    let write = bank.connect(daemon, "acme-write").await;
    let status = async || {
        let status = write.seal_status(BOOK, m::SealStatusRequest {}).await;
        status.unwrap()
    };
    until("all is sealed", async || {
        let status = status().await;
        status.sealed.size == status.committed
    })
    .await;
    outage.begin(proxy).await;
    let load = Load::start(bank, daemon, first, true).await;
    until("the window is full", async || load.refused() > 3).await;
    // A row that was asked for before may have come through since; from here on none does.
    let published = bank.rows(daemon).await;
    let full = status().await;
    assert!(full.window_full, "{outage:?}: {full:?}");
    let waiting = full.committed - full.sealed.size;
    assert!(waiting >= WINDOW, "{outage:?}: {full:?}");
    assert!(waiting < 2 * WINDOW, "{outage:?}: {full:?}");
    has_no_receipt(&write, full.committed - 1).await;
    has_no_receipt(&write, full.sealed.size).await;
    assert_eq!(write.totals(BOOK).await.unwrap().events, full.committed);
    assert_eq!(bank.rows(daemon).await, published, "{outage:?}");

    outage.end(bank, proxy).await;
    load.goes_on(2 * WINDOW).await;
    let seqs = load.stop().await;
    until("all is sealed", async || {
        let status = status().await;
        status.sealed.size == status.committed && !status.window_full
    })
    .await;
    all_verify(bank, daemon, &seqs).await;
    let known = published.last().unwrap().head();
    bank.audit(daemon, Some(known)).await;
}

/// A daemon of its own goes through these outages.
async fn goes_through(outages: &[Outage]) {
    let mut bank = Bank::new();
    let (mut proxy, daemon) = open(&mut bank, NARROW).await;
    for (outage, first) in outages.iter().zip((1..).map(|n| n << 32)) {
        check(&bank, &mut proxy, &daemon, *outage, first).await;
    }
    Proxy::was_asked_for_one_history(&bank);
    daemon.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_is_gone_fills_the_window_and_drains_in_order() {
    goes_through(&[Outage::Killed, Outage::Fault("error=1")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_throttles_fills_the_window_and_drains_in_order() {
    goes_through(&[Outage::Fault("throttle=1")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_does_not_answer_fills_the_window_and_drains_in_order() {
    goes_through(&[Outage::Fault("stall=1")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_of_another_key_are_never_published() {
    goes_through(&[Outage::Fault("wrong-key=1")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_that_are_none_are_never_published() {
    goes_through(&[Outage::Fault("garbage=1")]).await;
}

/// Now and then wrong, late or away: seals come all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_fails_now_and_then_seals_all_the_same() {
    let mut bank = Bank::new();
    let (proxy, daemon) = open(&mut bank, NARROW).await;
    let mixed = [
        "latency=5ms±5ms",
        "error=0.1",
        "throttle=0.1",
        "wrong-key=0.1",
        "garbage=0.1",
    ];
    proxy.faults(&mixed).await;
    let load = Load::start(&bank, &daemon, 1 << 32, true).await;
    load.goes_on(3 * WINDOW).await;
    let seqs = load.stop().await;
    all_verify(&bank, &daemon, &seqs).await;
    bank.audit(&daemon, None).await;
    Proxy::was_asked_for_one_history(&bank);
    daemon.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_full_by_age_too() {
    let mut bank = Bank::new();
    let (mut proxy, daemon) = open(&mut bank, "max_unsealed_seconds = 1").await;
    proxy.kill();
    let load = Load::start(&bank, &daemon, 1 << 32, true).await;
    until("the window is full", async || load.refused() > 3).await;
    let posted = load.posted();
    assert!(posted > 0);
    // Whoever waits is not let in one by one.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(load.posted() <= posted + 20);
    proxy.again(&bank);
    load.goes_on(100).await;
    let seqs = load.stop().await;
    all_verify(&bank, &daemon, &seqs).await;
    daemon.stop();
}
