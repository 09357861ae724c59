//! Seals by each kind of key, and what is left of them after a kill.

use super::bank::{Bank, SealKey, receipts};
#[cfg(debug_assertions)]
use super::proxy::Proxy;
use super::services::{Ministack, token};

const DIRECTORY: &str = "{ directory = \"anchor\" }";

/// Posts, verifies, kills, and verifies that the chain goes on from what was seen.
async fn seals_and_goes_on(bank: &mut Bank, key: &SealKey, anchor: &str) {
    bank.seal_with(key, anchor, "");
    let daemon = bank.open().await;
    let before = bank.post_and_verify(&daemon, 1..50).await;
    bank.post_and_verify(&daemon, 50..60).await;
    let seen = bank.audit(&daemon, None).await;
    assert!(seen.seals >= 2);
    assert_eq!(seen.kids.keys().next().unwrap().as_str(), key.kid);
    daemon.kill();

    let daemon = bank.start();
    let write = bank.connect(&daemon, "acme-write").await;
    let seqs: Vec<u64> = before.iter().map(|receipt| receipt.seq.0).collect();
    let keyring = bank.exported(&daemon).await;
    for (before, after) in before.iter().zip(receipts(&write, &seqs).await) {
        assert_eq!(before.record, after.record);
        after.verify(&keyring).unwrap();
        before.verify(&keyring).unwrap();
    }
    bank.post_and_verify(&daemon, 60..70).await;
    let now = bank.audit(&daemon, Some(seen.last)).await;
    assert!(now.rows > seen.rows);
    daemon.stop();
}

#[tokio::test]
async fn kms_seals_with_ed25519_and_with_rsa() {
    let kms = Ministack::start();
    for (kid, spec) in [
        ("kms-ed25519", "ECC_NIST_EDWARDS25519"),
        ("kms-rsa", "RSA_2048"),
    ] {
        let key = kms.key(kid, spec).await;
        let mut bank = Bank::new();
        bank.set("REQUIRE_KMS", "true".to_owned());
        seals_and_goes_on(&mut bank, &key, DIRECTORY).await;
    }
}

#[tokio::test]
async fn a_token_seals() {
    let mut bank = Bank::new();
    let key = token(&mut bank, "hsm-1");
    seals_and_goes_on(&mut bank, &key, DIRECTORY).await;
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn the_signing_proxy_seals_and_keeps_the_anchor() {
    let mut bank = Bank::new();
    let (proxy, [key]) = Proxy::start(&bank, ["proxy-1"]);
    bank.set("REQUIRE_SIGNING_PROXY", "true".to_owned());
    seals_and_goes_on(&mut bank, &key, "\"proxy\"").await;
    let daemon = bank.start();
    let seen = bank.audit(&daemon, None).await;
    assert_eq!(proxy.anchor().await, seen.last);
    Proxy::was_asked_for_one_history(&bank);
    daemon.stop();
}
