//! A client that posts all the while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use client::Client;
use ledger::Code;
use tokio::task::JoinHandle;

use super::bank::{Bank, receipts, refusal, transfers};
use crate::harness::process::Daemon;
use crate::harness::until;
use crate::harness::world::BOOK;

/// Transfers of a request.
const BATCH: u128 = 20;
/// One in so many requests waits for its seal.
const SEALED_EVERY: u128 = 10;

/// A client that posts until it is told to stop.
pub(super) struct Load {
    shared: Arc<Shared>,
    task: JoinHandle<Vec<u64>>,
}

#[derive(Default)]
struct Shared {
    stops: AtomicBool,
    posted: AtomicU64,
    refused: AtomicU64,
}

impl Load {
    /// Posts transfers with ids from `first` on. Where `may_wait` says so it bears that postings
    /// wait for the signer, and sends the same ones again.
    pub(super) async fn start(bank: &Bank, daemon: &Daemon, first: u128, may_wait: bool) -> Self {
        let client = bank.connect(daemon, "acme-write").await;
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(post(client, Arc::clone(&shared), first, may_wait));
        Self { shared, task }
    }

    /// Transfers that were acked so far.
    pub(super) fn posted(&self) -> u64 {
        self.shared.posted.load(Ordering::Acquire)
    }

    /// Requests that had to wait for the signer so far.
    pub(super) fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Acquire)
    }

    /// Waits until another `count` transfers are acked.
    pub(super) async fn goes_on(&self, count: u64) {
        let goal = self.posted() + count;
        until("postings go on", async || {
            assert!(!self.task.is_finished(), "it ended");
            self.posted() >= goal
        })
        .await;
    }

    /// Stops; the sequence of every transfer that was acked.
    pub(super) async fn stop(self) -> Vec<u64> {
        self.shared.stops.store(true, Ordering::Release);
        self.task.await.unwrap()
    }
}

async fn post(client: Client, shared: Arc<Shared>, first: u128, may_wait: bool) -> Vec<u64> {
    let mut seqs = Vec::new();
    let mut number = 0;
    while !shared.stops.load(Ordering::Acquire) {
        let begin = first + number * BATCH;
        let batch = transfers(begin..begin + BATCH);
        let answer = if number % SEALED_EVERY == 1 && !may_wait {
            client.post_sealed(BOOK, &batch, &[]).await
        } else {
            client.post(BOOK, &batch, &[]).await
        };
        match answer {
            Ok(outcomes) => {
                assert_eq!(u128::from(outcomes.created), BATCH, "{outcomes:?}");
                seqs.extend((0..outcomes.created).map(|index| outcomes.seq(index).unwrap().0));
                shared
                    .posted
                    .fetch_add(u64::from(outcomes.created), Ordering::AcqRel);
                number += 1;
            }
            Err(error) => {
                assert!(may_wait && error.is_retryable(), "{error}");
                assert_eq!(refusal(&error), Code::UnsealedWindowFull);
                shared.refused.fetch_add(1, Ordering::AcqRel);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
    seqs
}

/// Each of these events has a receipt that verifies by the keyring that is exported.
pub(super) async fn all_verify(bank: &Bank, daemon: &Daemon, seqs: &[u64]) {
    let write = bank.connect(daemon, "acme-write").await;
    let keyring = bank.exported(daemon).await;
    for receipt in receipts(&write, seqs).await {
        receipt.verify(&keyring).unwrap();
    }
}
