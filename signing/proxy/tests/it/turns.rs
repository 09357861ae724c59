//! Turns that a chain takes with its operator's consent: a recovery, and a key that is revoked.

use ledger::Digest;
use verify::payload::{Content, Recovery};
use verify::{ChainHead, Kid};

use crate::harness::rows::{Row, chain, row, seal};
use crate::harness::{As, Place};

const KEYS: &[(&str, &str)] = &[("one", "seal"), ("two", "seal")];

/// Starts, asks for these rows, stops, and tells status and short name of each answer.
async fn asked(place: &Place, rows: &[&Row]) -> Vec<(u16, String)> {
    let proxy = place.start();
    let client = place.client(&proxy, As::Certificate("ledger"));
    let mut told = Vec::new();
    for row in rows {
        let answer = client.post("/sign/seal", &row.body()).await;
        let error = answer.body["error"].as_str().unwrap_or("").to_owned();
        told.push((answer.status, error));
    }
    proxy.stop();
    told
}

fn signed() -> (u16, String) {
    (200, String::new())
}

fn refused(name: &str) -> (u16, String) {
    (409, name.to_owned())
}

fn head(row: &Row, seq: u64) -> ChainHead {
    ChainHead {
        seq,
        digest: row.digest,
    }
}

#[tokio::test]
async fn a_recovery_opens_the_epoch_that_the_operator_names() {
    let place = Place::new(KEYS, "");
    let rows = chain("one", 4);
    // The journal was restored from a copy that ends with row 1.
    let recovery = |anchor| {
        let mut payload = seal("one", 2, Some(rows[0].digest), 0);
        payload.origin.epoch = 2;
        let body = Digest([9; 32]);
        payload.content = Content::Recovery(Recovery { body, anchor });
        row(&payload)
    };
    let right = recovery(head(&rows[2], 3));
    let short = recovery(head(&rows[1], 2));
    let mut seal_in_it = seal("one", 2, Some(rows[0].digest), 0);
    seal_in_it.origin.epoch = 2;
    let seal_in_it = row(&seal_in_it);

    let told = asked(&place, &[&rows[0], &rows[1], &rows[2], &right]).await;
    let not_allowed = (403, "origin_not_allowed".to_owned());
    assert_eq!(told, [signed(), signed(), signed(), not_allowed.clone()]);

    place.replace("epoch = 1", "epoch = 2");
    let told = asked(&place, &[&seal_in_it, &short, &right, &right]).await;
    let missing = || refused("not_a_recovery");
    assert_eq!(told, [missing(), missing(), signed(), signed()]);
    // The epoch before gives again what it gave, and nothing new.
    let told = asked(&place, &[&rows[2], &rows[3]]).await;
    assert_eq!(told, [signed(), not_allowed]);
}

#[tokio::test]
async fn a_revoked_key_gives_its_last_places_back_once_the_operator_took_it_away() {
    let place = Place::new(KEYS, "");
    let rows = chain("one", 4);
    let mut revocation = seal("two", 3, Some(rows[1].digest), 0);
    revocation.content = Content::KeyRevoked {
        body: Digest([9; 32]),
        kid: Kid::new("one").unwrap(),
        trusted: head(&rows[1], 2),
    };
    let revocation = row(&revocation);
    let next = row(&seal("two", 4, Some(revocation.digest), 0));

    let told = asked(
        &place,
        &[&rows[0], &rows[1], &rows[2], &rows[3], &revocation],
    )
    .await;
    assert_eq!(told[3..], [signed(), refused("equivocation")]);

    place.remove_key("one");
    let told = asked(&place, &[&revocation, &next, &revocation]).await;
    assert_eq!(told, [signed(), signed(), signed()]);
    let outcomes = place.audit();
    let abandoning = outcomes
        .iter()
        .filter(|line| line["outcome"] == "signed_abandoning");
    assert_eq!(abandoning.count(), 1);
}
