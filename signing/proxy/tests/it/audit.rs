//! Who asked for what stands in the audit file, and no secret does.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use crate::harness::client::Client;
use crate::harness::rows::chain;
use crate::harness::{As, Place, until};

const KEYS: &[(&str, &str)] = &[("seal", "seal")];

#[tokio::test]
async fn every_request_has_a_line_and_a_signature_has_it_before_it_leaves() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let rows = chain("seal", 2);
    let ledger = place.client(&proxy, As::Certificate("ledger"));
    for (at, row) in rows.iter().enumerate() {
        let request = ledger.request(reqwest::Method::POST, "/sign/seal");
        let request = request.header("x-request-id", format!("cycle-{at}"));
        let answer = Client::send(request.json(&row.body())).await;
        assert_eq!(
            (answer.status, answer.request_id),
            (200, format!("cycle-{at}"))
        );
        // It is there already: the answer waited for it.
        let line = place.audit().pop().unwrap();
        let expected = json!({
            "time": line["time"], "micros": line["micros"], "peer": line["peer"],
            "request_id": format!("cycle-{at}"),
            "client": "ledger", "proof": "spiffe://bank.test/ledger",
            "method": "POST", "path": "/sign/seal", "status": 200,
            "outcome": if at == 0 { "signed_first" } else { "signed" },
            "origin": "bank/test epoch 1", "seq": at + 1,
            "digest": row.digest.to_string(), "kid": "seal",
        });
        assert_eq!(line, expected);
        assert!(
            line["time"]
                .as_str()
                .unwrap()
                .parse::<verify::Micros>()
                .is_ok()
        );
        assert!(line["micros"].as_u64().is_some_and(|micros| micros > 0));
    }
    let kernel = place.client(&proxy, As::Key("kernel"));
    kernel.get("/keys?usage=all").await;
    place.client(&proxy, As::Key("wrong")).get("/health").await;
    let odd = ledger.request(reqwest::Method::GET, "/health");
    let odd = Client::send(odd.header("x-request-id", "a b")).await;
    assert_eq!(
        odd.request_id.len(),
        32,
        "an id that could break a line is replaced"
    );
    until("all lines are written", async || place.audit().len() == 5).await;
    let lines = place.audit();
    assert_eq!(
        (&lines[2]["client"], &lines[2]["proof"]),
        (&json!("kernel"), &json!("API key"))
    );
    assert_eq!(lines[2]["path"], "/keys");
    assert_eq!(
        (&lines[3]["client"], &lines[3]["outcome"]),
        (&json!(""), &json!("unknown_client"))
    );
    let ids: BTreeSet<String> = lines
        .iter()
        .map(|line| line["request_id"].to_string())
        .collect();
    assert_eq!(ids.len(), 5);
    let text = fs::read_to_string(place.file("audit.jsonl")).unwrap();
    for secret in ["kernel-key", "wrong-key"] {
        assert!(!text.contains(secret), "{text}");
    }
    proxy.stop();
    let log = fs::read_to_string(place.file("log")).unwrap();
    assert!(!log.contains("kernel-key"), "{log}");
}

#[tokio::test]
async fn lines_go_to_standard_output_too_if_asked() {
    let place = Place::new(KEYS, "");
    place.replace("[audit]\n", "[audit]\nstdout = true\n");
    let mut proxy = place.start();
    place.client(&proxy, As::Nobody).get("/health").await;
    let line: serde_json::Value = serde_json::from_str(&proxy.line()).unwrap();
    assert_eq!(line["path"], "/health");
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_opened_anew() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let client = place.client(&proxy, As::Nobody);
    client.get("/health").await;
    until("the line is written", async || place.audit().len() == 1).await;
    fs::rename(place.file("audit.jsonl"), place.file("audit.1")).unwrap();
    proxy.signal(rustix::process::Signal::HUP);
    until("there is a new file", async || {
        client.get("/health").await;
        fs::read_to_string(place.file("audit.jsonl")).is_ok_and(|text| !text.is_empty())
    })
    .await;
}
