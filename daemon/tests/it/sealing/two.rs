//! One chain, and two who would seal it; one row, and two who ask for it.

use super::bank::{Bank, has_no_receipt, transfers};
use super::proxy::Proxy;
use super::restored::copy_folder;
use crate::harness::until;
use crate::harness::world::BOOK;

const SECOND: &str = "second.toml";

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ledger_on_a_copy_seals_nothing() {
    let mut bank = Bank::new();
    let (_proxy, [key]) = Proxy::start(&bank, ["proxy-1"]);
    bank.seal_with(&key, "\"proxy\"", "");
    let first = bank.open().await;
    bank.post_and_verify(&first, 1..10).await;
    first.stop();
    copy_folder(&bank.file("journal"), &bank.file("copy"));
    bank.copy_configuration(SECOND, "copy");
    let first = bank.start();
    let second = bank.start_with(SECOND);
    let shared = bank.rows(&second).await;
    bank.post_and_verify(&first, 10..20).await;

    let write = bank.connect(&second, "acme-write").await;
    let outcomes = write.post(BOOK, &transfers(100..110), &[]).await.unwrap();
    let seq = outcomes.seq(0).unwrap().0;
    until("the second is refused", async || {
        bank.log(SECOND).contains("409") || bank.log(SECOND).contains("equivocation")
    })
    .await;
    has_no_receipt(&write, seq).await;
    assert_eq!(bank.rows(&second).await, shared);
    let refused = Proxy::audit(&bank)
        .into_iter()
        .filter(|line| line["status"] == 409);
    assert!(refused.count() >= 1);
    // The first one seals on.
    bank.post_and_verify(&first, 20..30).await;
    let known = shared.last().unwrap().head();
    bank.audit(&first, Some(known)).await;
    assert_eq!(bank.rows(&second).await, shared);
    second.kill();
    // Started again, the second finds that the proxy knows more than its journal.
    bank.replace("directory = \"journal\"", "directory = \"copy\"");
    let ended = bank.run();
    assert_eq!(ended.code, Some(65), "{}", ended.complaint);
    first.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_intent_and_answer_asks_for_the_same_row_again() {
    let mut bank = Bank::new();
    let (proxy, [key]) = Proxy::start(&bank, ["proxy-1"]);
    bank.seal_with(&key, "\"proxy\"", "");
    let mut daemon = bank.open().await;
    bank.post_and_verify(&daemon, 1..10).await;
    for round in 1..4_u128 {
        let before = bank.audit(&daemon, None).await.last;
        proxy.faults(&["stall=1"]).await;
        let write = bank.connect(&daemon, "acme-write").await;
        let ids = round * 100..round * 100 + 10;
        let outcomes = write.post(BOOK, &transfers(ids), &[]).await.unwrap();
        // The proxy has given the place away, and the key does not answer.
        until("a row is asked for", async || {
            proxy.anchor().await.seq > before.seq
        })
        .await;
        let asked = proxy.anchor().await;
        assert_eq!(bank.rows(&daemon).await.last().unwrap().head(), before);
        daemon.kill();
        proxy.faults(&[]).await;

        daemon = bank.start();
        bank.post_and_verify(&daemon, round * 100 + 10..round * 100 + 20)
            .await;
        let rows = bank.rows(&daemon).await;
        let place = usize::try_from(asked.seq).unwrap() - 1;
        assert_eq!(rows[place].head(), asked);
        bank.audit(&daemon, Some(asked)).await;
        let write = bank.connect(&daemon, "acme-write").await;
        let seqs: Vec<u64> = (0..10).map(|at| outcomes.seq(at).unwrap().0).collect();
        super::bank::receipts(&write, &seqs).await;
    }
    Proxy::was_asked_for_one_history(&bank);
    daemon.stop();
}
