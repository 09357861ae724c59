//! No two rows for one place: over restarts, kills, and requests that overtake each other.

use serde_json::{Value, json};
use verify::{PublicKey, Signature};

use crate::harness::client::{Answer, Client};
use crate::harness::rows::{Row, chain, row, seal};
use crate::harness::{As, Place, until};

const KEYS: &[(&str, &str)] = &[("one", "seal"), ("two", "seal")];
const LEDGER: As = As::Certificate("ledger");

fn assert_signed(answer: &Answer, row: &Row, key: &PublicKey) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.body["signature"].as_str().unwrap();
    let signature = Signature::from_base64(text).unwrap();
    key.verify_digest(&row.digest, &signature).unwrap();
}

async fn ask(client: &Client, row: &Row) -> Answer {
    client.post("/sign/seal", &row.body()).await
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["error"].as_str().unwrap_or(""))
}

#[tokio::test]
async fn a_second_digest_is_refused_before_and_after_a_restart() {
    let place = Place::new(KEYS, "");
    let key = place.public("one");
    let rows = chain("one", 3);
    let other = row(&seal("one", 3, rows[2].prev, 7));
    for round in 0..3 {
        let proxy = place.start();
        let client = place.client(&proxy, LEDGER);
        if round == 0 {
            for row in &rows {
                assert_signed(&ask(&client, row).await, row, &key);
            }
            a_second_process_is_refused(&place);
        }
        let answer = ask(&client, &other).await;
        assert_eq!(refused(&answer), (409, "equivocation"));
        let signed = rows[2].digest.to_string();
        assert_eq!(answer.body["signed_digest_hex"], Value::String(signed));
        assert_signed(&ask(&client, &rows[2]).await, &rows[2], &key);
        let anchor = client.get("/anchor?origin=bank%2Ftest").await;
        let expected = json!({
            "origin": "bank/test", "epoch": 1, "seq": 3,
            "digest_hex": rows[2].digest.to_string(),
        });
        assert_eq!(anchor.body, expected);
        if round == 1 {
            proxy.kill();
        } else {
            proxy.stop();
        }
    }
}

/// The state is one process's.
fn a_second_process_is_refused(place: &Place) {
    let file = place.file("proxy.toml");
    let run = crate::daemon::command(&["run", "--config", file.to_str().unwrap()]);
    let ended = crate::daemon::end(run);
    assert_eq!(ended.code, Some(64), "{}", ended.complaint);
    assert!(
        ended.complaint.contains("held by another process"),
        "{}",
        ended.complaint
    );
}

/// The key stalls: what is claimed is durable, and no answer has left, when the process is killed.
#[cfg(debug_assertions)]
#[tokio::test]
async fn a_kill_between_the_claim_and_the_answer_forgets_nothing() {
    let place = Place::new(KEYS, "");
    let key = place.public("one");
    let rows = chain("one", 2);
    let proxy = place.start_with(&["--fault", "stall=1"]);
    let client = place.client(&proxy, LEDGER);
    let asking = tokio::spawn({
        let (client, row) = (client.clone(), rows[0].clone());
        async move {
            client
                .request(reqwest::Method::POST, "/sign/seal")
                .json(&row.body())
                .send()
                .await
        }
    });
    until("the claim is durable", async || {
        client.get("/anchor?origin=bank/test").await.status == 200
    })
    .await;
    proxy.kill();
    assert!(asking.await.unwrap().is_err(), "no signature has left");

    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    let other = row(&seal("one", 1, None, 7));
    assert_eq!(refused(&ask(&client, &other).await), (409, "equivocation"));
    assert_signed(&ask(&client, &rows[0]).await, &rows[0], &key);
    assert_signed(&ask(&client, &rows[1]).await, &rows[1], &key);
}

#[tokio::test]
async fn requests_that_overtake_each_other_are_signed_in_order() {
    let place = Place::new(KEYS, "");
    let key = place.public("one");
    let rows = chain("one", 16);
    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    let asked: Vec<_> = rows
        .iter()
        .rev()
        .map(|row| {
            let (client, row) = (client.clone(), row.clone());
            tokio::spawn(async move { (ask(&client, &row).await, row) })
        })
        .collect();
    for each in asked {
        let (answer, row) = each.await.unwrap();
        assert_signed(&answer, &row, &key);
    }
}

#[tokio::test]
async fn a_row_whose_predecessor_never_comes_may_be_asked_for_again() {
    let place = Place::new(KEYS, "[limits]\norder_milliseconds = 20\n");
    let key = place.public("one");
    let rows = chain("one", 3);
    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    assert_signed(&ask(&client, &rows[0]).await, &rows[0], &key);
    let answer = ask(&client, &rows[2]).await;
    assert_eq!(refused(&answer), (503, "gap"));
    assert_eq!(answer.retry_after, Some(1));
    for row in &rows[1..] {
        assert_signed(&ask(&client, row).await, row, &key);
    }
    let astray = row(&seal("one", 4, Some(rows[1].digest), 0));
    assert_eq!(
        refused(&ask(&client, &astray).await),
        (409, "other_previous")
    );
}

#[tokio::test]
async fn an_operator_may_let_one_other_digest_have_a_place() {
    let place = Place::new(KEYS, "");
    let key = place.public("one");
    let rows = chain("one", 3);
    let other = row(&seal("one", 2, rows[1].prev, 7));
    let after = row(&seal("one", 3, Some(other.digest), 7));
    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    for row in &rows {
        ask(&client, row).await;
    }
    assert_eq!(refused(&ask(&client, &other).await), (409, "equivocation"));
    proxy.stop();
    place.append(&format!(
        "[[exception]]\ndeployment = \"bank\"\nenvironment = \"test\"\nepoch = 1\nseq = 2\n\
         digest_hex = \"{}\"\nreason = \"a test\"\n",
        other.digest
    ));
    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    assert_signed(&ask(&client, &other).await, &other, &key);
    assert_signed(&ask(&client, &after).await, &after, &key);
    assert_eq!(
        refused(&ask(&client, &rows[2]).await),
        (409, "equivocation")
    );
    let lines = place.audit();
    let excepted = lines
        .iter()
        .filter(|line| line["outcome"] == "signed_by_exception");
    assert_eq!(excepted.count(), 1);
}

#[tokio::test]
async fn a_size_of_a_log_has_one_root() {
    let place = Place::new(&[("seal", "seal"), ("note", "checkpoint")], "");
    let key = place.public("note");
    let text = |size: u64, byte| {
        let root = verify::base64::encode(&[byte; 32]);
        format!("bank/test/1/7\n{size}\n{root}\n")
    };
    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    let sign = async |client: &Client, text: &str| {
        client.post("/sign/note", &json!({ "note": text })).await
    };
    for (text, expected) in [
        (text(10, 1), (200, "")),
        (text(10, 1), (200, "")),
        (text(10, 2), (409, "other_root")),
        (text(9, 2), (200, "")),
        (text(11, 3), (200, "")),
    ] {
        let answer = sign(&client, &text).await;
        assert_eq!(refused(&answer), expected, "{text}");
        if answer.status == 200 {
            let signature = answer.body["signature"].as_str().unwrap();
            let signature = Signature::from_base64(signature).unwrap();
            key.verify_note(text.as_bytes(), &signature).unwrap();
            assert_eq!(answer.body["kid"], "note");
        }
    }
    proxy.kill();
    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    let answer = sign(&client, &text(11, 4)).await;
    assert_eq!(refused(&answer), (409, "other_root"));
}

#[tokio::test]
async fn a_state_that_was_changed_is_refused() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let client = place.client(&proxy, LEDGER);
    for row in chain("one", 2) {
        ask(&client, &row).await;
    }
    proxy.stop();
    let file = place.file("state/signed.log");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"seq\":1", "\"seq\":2", 1)).unwrap();
    let config = place.file("proxy.toml");
    let run = crate::daemon::command(&["run", "--config", config.to_str().unwrap()]);
    let ended = crate::daemon::end(run);
    assert_eq!(ended.code, Some(65), "{}", ended.complaint);
    assert!(
        ended.complaint.contains("damaged at line `1`"),
        "{}",
        ended.complaint
    );
}
