//! A key that is revoked while rows wait for it: they are given up by a row that verifiers know,
//! and what they covered is sealed anew by another key.

use ledger::Code;
use verify::SignedKeyring;
use verify::keyring::State;
use verify::payload::Content;
use wire::message as m;

use super::bank::{Bank, receipts, transfers};
use super::operator::{Operator, change};
use super::proxy::Proxy;
use crate::harness::until;
use crate::harness::world::BOOK;
use crate::signers::kid;

#[tokio::test(flavor = "multi_thread")]
async fn rows_in_flight_under_a_revoked_key_are_given_up_and_sealed_anew() {
    let mut bank = Bank::new();
    let (mut proxy, [old, new]) = Proxy::start(&bank, ["proxy-1", "proxy-2"]);
    bank.register(&new);
    bank.seal_with(&old, "\"proxy\"", "");
    bank.append(&new.section("next"));
    let daemon = bank.open().await;
    bank.post_and_verify(&daemon, 1..10).await;
    let trusted = bank.audit(&daemon, None).await.last;
    proxy.faults(&["stall=1"]).await;
    let write = bank.connect(&daemon, "acme-write").await;
    let outcomes = write.post(BOOK, &transfers(10..20), &[]).await.unwrap();
    until("a row is asked for", async || {
        proxy.anchor().await.seq > trusted.seq
    })
    .await;

    let operator = Operator::connect(&bank, &daemon).await;
    let revoke = m::ChangeSigners {
        trusted_seq: trusted.seq,
        trusted_digest: trusted.digest,
        ..change(m::SignerAction::Revoke, old.kid)
    };
    let changed = operator.change(revoke).await;
    assert_eq!(
        (changed.code, changed.row),
        (Code::Created, trusted.seq + 1)
    );
    assert_eq!(operator.state(old.kid).await, State::Revoked);
    proxy.remove_key(&bank, old.kid);
    bank.post_and_verify(&daemon, 20..30).await;

    let rows = bank.rows(&daemon).await;
    let place = usize::try_from(trusted.seq).unwrap();
    let content = &rows[place].payload().content;
    let says_so = matches!(content, Content::KeyRevoked { kid, trusted: head, .. }
        if kid.as_str() == old.kid && *head == trusted);
    assert!(says_so, "{content:?}");
    let seqs: Vec<u64> = (0..10).map(|at| outcomes.seq(at).unwrap().0).collect();
    let keyring = bank.exported(&daemon).await;
    for receipt in receipts(&write, &seqs).await {
        receipt.verify(&keyring).unwrap();
    }
    let seen = bank.audit(&daemon, Some(trusted)).await.last;
    let found = operator.found().await;
    let signed = SignedKeyring::decode(&found.keyring).unwrap();
    assert_eq!(signed.revocations, rows[place..=place]);
    daemon.kill();

    bank.replace(&old.section("seal"), "");
    bank.replace(&new.section("next"), &new.section("seal"));
    let daemon = bank.start();
    bank.post_and_verify(&daemon, 30..40).await;
    bank.audit(&daemon, Some(seen)).await;
    let keyring = bank.exported(&daemon).await;
    assert!(keyring.key(&kid(new.kid)).is_some());
    daemon.stop();
}
