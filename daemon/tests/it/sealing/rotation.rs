//! A key gives way to another one while clients post.

use std::collections::BTreeSet;
use std::fs;

use rustix::process::Signal;
use verify::SignedKeyring;
use verify::keyring::State;
use wire::message as m;

use super::bank::{Bank, SealKey};
use super::load::{Load, all_verify};
use super::operator::Operator;
use super::services::{Ministack, token};
use crate::harness::process::Daemon;
use crate::harness::until;
use crate::harness::world::BOOK;
use crate::signers::kid;

/// Waits until `key` seals.
async fn seals(bank: &Bank, daemon: &Daemon, key: &str) {
    let write = bank.connect(daemon, "acme-write").await;
    let before = bank.rows(daemon).await.len();
    until("the new key seals", async || {
        let status = write.seal_status(BOOK, m::SealStatusRequest {}).await;
        let rows = bank.rows(daemon).await;
        let sealed = rows.iter().skip(before).filter(|row| row.seal().is_some());
        &*status.unwrap().signer == key
            && sealed
                .into_iter()
                .any(|row| row.signer_kid().as_str() == key)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_under_load_drops_nothing() {
    let mut bank = Bank::new();
    let old = token(&mut bank, "hsm-1");
    let kms = Ministack::start();
    let new = kms.key("kms-2", "ECC_NIST_EDWARDS25519").await;
    bank.seal_with(&old, "{ directory = \"anchor\" }", "");
    let daemon = bank.open().await;
    let load = Load::start(&bank, &daemon, 1_000, false).await;
    load.goes_on(100).await;

    let operator = Operator::connect(&bank, &daemon).await;
    operator.add(&new).await;
    assert_eq!(operator.state(new.kid).await, State::Candidate);
    // No restart: the key that is to take over is connected and tested by a reload.
    bank.append(&new.section("next"));
    daemon.signal(Signal::HUP);
    until("the signer of the new key is connected", async || {
        bank.log("ledgerd.toml")
            .contains("signers of seals connected and tested")
    })
    .await;
    load.goes_on(100).await;
    let from_seq = operator.promote(new.kid).await;
    seals(&bank, &daemon, new.kid).await;
    load.goes_on(100).await;
    operator.retire(old.kid).await;
    assert_eq!(operator.state(old.kid).await, State::Retiring);
    load.goes_on(100).await;
    operator.retire(old.kid).await;
    assert_eq!(operator.state(old.kid).await, State::Retired);
    load.goes_on(100).await;
    operator.publish().await;
    load.goes_on(100).await;

    let seqs = load.stop().await;
    bank.post_and_verify(&daemon, 1..10).await;
    let write = bank.connect(&daemon, "acme-write").await;
    assert_eq!(
        write.totals(BOOK).await.unwrap().events,
        seqs.len() as u64 + 11
    );
    all_verify(&bank, &daemon, &seqs).await;
    let report = bank.audit(&daemon, None).await;
    let kids: BTreeSet<&str> = report.kids.keys().map(|kid| kid.as_str()).collect();
    assert_eq!(kids, BTreeSet::from([old.kid, new.kid]));
    for row in bank.rows(&daemon).await {
        let is_new = row.signer_kid().as_str() == new.kid;
        assert!(!is_new || row.seq() >= from_seq);
    }
    exported_says_the_same(&bank, &operator, &old, &new).await;
    restart_without_the_old_key(&bank, daemon, &old, &new).await;
}

/// What is exported is the keyring of now, approved, and knows both keys.
async fn exported_says_the_same(
    bank: &Bank,
    operator: &Operator<'_>,
    old: &SealKey,
    new: &SealKey,
) {
    let found = operator.found().await;
    let signed = SignedKeyring::decode(&found.keyring).unwrap();
    let keyring = signed.verify(bank.approvers().set()).unwrap();
    assert_eq!(keyring.digest(), operator.current().await.digest());
    let state = |key: &SealKey| keyring.key(&kid(key.kid)).unwrap().state;
    assert_eq!((state(old), state(new)), (State::Retired, State::Active));
    fs::write(bank.file("keyring.json"), &*found.keyring).unwrap();
}

/// The old key is gone from the configuration, and the chain goes on.
async fn restart_without_the_old_key(bank: &Bank, daemon: Daemon, old: &SealKey, new: &SealKey) {
    let seen = bank.audit(&daemon, None).await.last;
    daemon.stop();
    bank.replace(&old.section("seal"), "");
    bank.replace(&new.section("next"), &new.section("seal"));
    let daemon = bank.start();
    bank.post_and_verify(&daemon, 10..20).await;
    bank.audit(&daemon, Some(seen)).await;
    daemon.stop();
}
