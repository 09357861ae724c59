//! Every path, with everybody who may ask and with bodies of all kinds.

use reqwest::Method;
use serde_json::{Value, json};
use verify::{PublicKey, Signature};

use ledger::Digest;

use crate::harness::client::Client;
use crate::harness::rows::{row, seal};
use crate::harness::{As, Place};

const KEYS: &[(&str, &str)] = &[
    ("seal", "seal"),
    ("note", "checkpoint"),
    ("approver", "approval"),
    ("bundle", "bundle"),
];

const NOBODY: As = As::Nobody;
const WRONG: As = As::Key("wrong");
const KERNEL: As = As::Key("kernel");
const READER: As = As::Key("reader");
const LEDGER: As = As::Certificate("ledger");
const AUDITOR: As = As::Certificate("auditor");
const STRANGER: As = As::Certificate("stranger");

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Method, path, who asks, body, and the status with the short name of a refusal.
type Ask = (&'static str, &'static str, As, Value, u16, &'static str);

async fn judge(place: &Place, proxy: &crate::harness::process::Proxy, rows: &[Ask]) {
    let mut wrong = Vec::new();
    for (method, path, who, body, status, error) in rows {
        let client = place.client(proxy, *who);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = client.request(method, path);
        let request = match body {
            Value::Null => request,
            Value::String(text) => request.body(text.clone()),
            body => request.json(body),
        };
        let answer = Client::send(request).await;
        let told = answer.body["error"].as_str().unwrap_or("");
        if (answer.status, told) != (*status, *error) || answer.request_id.is_empty() {
            wrong.push(format!("{path} as {who:?} with {body}: {answer:?}"));
        }
        if *status >= 400 && answer.body["message"].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("{path} as {who:?} says nothing: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
#[rustfmt::skip]
async fn who_may_ask_for_what() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let hash = json!({ "digest_hex": ZEROS });
    let check = json!({ "digest_hex": ZEROS, "signature": "AAAA" });
    let canonical = json!({ "canonical": r#"{"kind":"self_test","v":1}"#, "kid": "seal" });
    judge(&place, &proxy, &[
        // For everybody.
        ("GET", "/health", NOBODY, Value::Null, 200, ""),
        ("GET", "/health", KERNEL, Value::Null, 200, ""),
        ("GET", "/keys", NOBODY, Value::Null, 200, ""),
        // What is shown and is not known is refused there too.
        ("GET", "/health", WRONG, Value::Null, 403, "unknown_client"),
        ("GET", "/keys", STRANGER, Value::Null, 403, "unknown_client"),
        // For readers.
        ("GET", "/anchor?origin=bank/test", NOBODY, Value::Null, 401, "unauthenticated"),
        ("GET", "/anchor?origin=bank/test", WRONG, Value::Null, 403, "unknown_client"),
        ("GET", "/anchor?origin=bank/test", READER, Value::Null, 404, "no_anchor"),
        ("GET", "/anchor?origin=bank/test", AUDITOR, Value::Null, 404, "no_anchor"),
        ("POST", "/verify", NOBODY, check.clone(), 401, "unauthenticated"),
        ("POST", "/verify", READER, check.clone(), 200, ""),
        ("POST", "/verify", AUDITOR, check, 200, ""),
        // For signers.
        ("POST", "/sign/hash", NOBODY, hash.clone(), 401, "unauthenticated"),
        ("POST", "/sign/hash", WRONG, hash.clone(), 403, "unknown_client"),
        ("POST", "/sign/hash", STRANGER, hash.clone(), 403, "unknown_client"),
        ("POST", "/sign/hash", READER, hash.clone(), 403, "forbidden"),
        ("POST", "/sign/hash", AUDITOR, hash.clone(), 403, "forbidden"),
        ("POST", "/sign/hash", KERNEL, hash.clone(), 200, ""),
        ("POST", "/sign/hash", LEDGER, hash, 200, ""),
        ("POST", "/sign/canonical", NOBODY, canonical.clone(), 401, "unauthenticated"),
        ("POST", "/sign/canonical", READER, canonical.clone(), 403, "forbidden"),
        ("POST", "/sign/canonical", LEDGER, canonical, 200, ""),
        ("POST", "/sign/seal", NOBODY, json!({}), 401, "unauthenticated"),
        ("POST", "/sign/seal", AUDITOR, json!({}), 403, "forbidden"),
        ("POST", "/sign/note", NOBODY, json!({}), 401, "unauthenticated"),
        ("POST", "/sign/note", READER, json!({}), 403, "forbidden"),
        // Nowhere else, and in no other way.
        ("GET", "/", KERNEL, Value::Null, 404, "no_such_path"),
        ("GET", "/health/", NOBODY, Value::Null, 404, "no_such_path"),
        ("POST", "/health", NOBODY, Value::Null, 405, "method"),
        ("DELETE", "/keys", KERNEL, Value::Null, 405, "method"),
        ("GET", "/sign/hash", KERNEL, Value::Null, 405, "method"),
        ("PUT", "/sign/seal", LEDGER, json!({}), 405, "method"),
    ]).await;
}

#[tokio::test]
#[rustfmt::skip]
async fn what_may_stand_in_a_body() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let good = row(&seal("seal", 1, None, 0));
    let with = |canonical: &str, prev: Value| json!({ "canonical": canonical, "prev_hex": prev });
    let mut elsewhere = seal("seal", 1, None, 0);
    elsewhere.origin.epoch = 2;
    let mut other = seal("seal", 1, None, 0);
    other.alg = verify::Algorithm::RsaSha256;
    let by = |kid| row(&seal(kid, 1, None, 0)).body();
    let log = |origin: &str| format!("{origin}\n5\n{}\n", verify::base64::encode(&[1; 32]));
    let note = |text: &str| json!({ "note": text });
    let canonical = |text: &str| json!({ "canonical": text });
    let of = |text: &str, kid: &str| json!({ "canonical": text, "kid": kid });
    let approval = r#"{"kind":"approval_request","v":1}"#;
    let spaced = good.canonical.replace(":1,", ": 1,");
    let escaped = r#"{"kind":"self_t\u0065st"}"#;
    judge(&place, &proxy, &[
        ("POST", "/sign/seal", LEDGER, Value::Null, 400, "bad_json"),
        ("POST", "/sign/seal", LEDGER, json!("{"), 400, "bad_json"),
        ("POST", "/sign/seal", LEDGER, json!({ "canonical": 1 }), 400, "bad_json"),
        ("POST", "/sign/seal", LEDGER,
            json!({ "canonical": "", "digest_hex": ZEROS }), 400, "bad_json"),
        ("POST", "/sign/seal", LEDGER, with("", Value::Null), 400, "bad_payload"),
        ("POST", "/sign/seal", LEDGER, with("{}", Value::Null), 400, "bad_payload"),
        ("POST", "/sign/seal", LEDGER, with(&spaced, Value::Null), 400, "bad_payload"),
        ("POST", "/sign/seal", LEDGER, with(&good.canonical, json!("")), 400, "bad_digest"),
        ("POST", "/sign/seal", LEDGER, with(&good.canonical, json!("00")), 400, "bad_digest"),
        ("POST", "/sign/seal", LEDGER, with(&good.canonical, json!(ZEROS)), 400, "other_prev"),
        ("POST", "/sign/seal", LEDGER, row(&elsewhere).body(), 403, "origin_not_allowed"),
        ("POST", "/sign/seal", LEDGER, row(&other).body(), 400, "other_algorithm"),
        ("POST", "/sign/seal", LEDGER, by("nobody"), 404, "no_such_key"),
        ("POST", "/sign/seal", LEDGER, by("note"), 404, "no_such_key"),
        ("POST", "/sign/seal", LEDGER, good.body(), 200, ""),
        ("POST", "/sign/seal", KERNEL, with(&good.canonical, Value::Null), 200, ""),

        ("POST", "/sign/note", LEDGER, note(""), 400, "bad_checkpoint"),
        ("POST", "/sign/note", LEDGER, note("a\n1\nx\n"), 400, "bad_checkpoint"),
        ("POST", "/sign/note", LEDGER,
            note(log("bank/test/1/7").trim_end()), 400, "bad_checkpoint"),
        ("POST", "/sign/note", LEDGER,
            note(&(log("bank/test/1/7") + "more\n")), 400, "bad_checkpoint"),
        ("POST", "/sign/note", LEDGER, note(&log("bank/test/01/7")), 400, "bad_checkpoint"),
        ("POST", "/sign/note", LEDGER, note(&log("bank/live/1/7")), 403, "origin_not_allowed"),
        ("POST", "/sign/note", LEDGER, note(&log("bank/test/2/7")), 403, "origin_not_allowed"),
        ("POST", "/sign/note", LEDGER, note(&log("bank/test/1/7")), 200, ""),
        ("POST", "/sign/note", LEDGER, json!({ "text": log("bank/test/1/7") }), 200, ""),
        ("POST", "/sign/note", LEDGER,
            json!({ "note": log("bank/test/1/7"), "kid": "seal" }), 404, "no_such_key"),

        ("POST", "/sign/canonical", LEDGER, canonical("nothing"), 400, "bad_canonical"),
        ("POST", "/sign/canonical", LEDGER, canonical("[]"), 400, "bad_canonical"),
        ("POST", "/sign/canonical", LEDGER, canonical("{ }"), 400, "bad_canonical"),
        ("POST", "/sign/canonical", LEDGER, canonical(r#"{"b":1,"a":1}"#), 400, "bad_canonical"),
        ("POST", "/sign/canonical", LEDGER, canonical(escaped), 400, "bad_canonical"),
        ("POST", "/sign/canonical", LEDGER, canonical(&good.canonical), 400, "row_elsewhere"),
        ("POST", "/sign/canonical", LEDGER, of(&good.canonical, "bundle"), 400, "row_elsewhere"),
        ("POST", "/sign/canonical", LEDGER, canonical(approval), 200, ""),
        ("POST", "/sign/canonical", LEDGER, of(approval, "seal"), 404, "no_such_key"),
        ("POST", "/sign/canonical", LEDGER, of(approval, "bundle"), 404, "no_such_key"),
        ("POST", "/sign/canonical", LEDGER, of("{}", "bundle"), 200, ""),
        ("POST", "/sign/canonical", LEDGER, of("{}", "approver"), 404, "no_such_key"),
        ("POST", "/sign/canonical", LEDGER, of("{}", "note"), 404, "no_such_key"),
        ("POST", "/sign/canonical", LEDGER, canonical(r#"{"kind":"self_test"}"#), 400, "which_key"),

        ("POST", "/sign/hash", LEDGER, json!({ "digest_hex": "0g" }), 400, "bad_digest"),
        ("POST", "/sign/hash", LEDGER, json!({ "digest_hex": &ZEROS[1..] }), 400, "bad_digest"),
        ("POST", "/sign/hash", LEDGER,
            json!({ "digest_hex": ZEROS.replace('0', "A") }), 400, "bad_digest"),
        ("POST", "/sign/hash", LEDGER, json!({ "digestHex": ZEROS }), 200, ""),
        ("POST", "/sign/hash", LEDGER,
            json!({ "digest_hex": ZEROS, "kid": "other" }), 404, "no_such_key"),
    ]).await;
}

#[tokio::test]
#[rustfmt::skip]
async fn what_may_stand_in_a_question() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let good = row(&seal("seal", 1, None, 0)).body();
    judge(&place, &proxy, &[
        ("POST", "/sign/seal", LEDGER, good, 200, ""),
        ("POST", "/verify", READER,
            json!({ "digest_hex": "x", "signature": "AA==" }), 400, "bad_digest"),
        ("POST", "/verify", READER,
            json!({ "digest_hex": ZEROS, "signature": "!" }), 400, "bad_signature"),
        ("POST", "/verify", READER,
            json!({ "digest_hex": ZEROS, "signature_b64": "AAAA" }), 200, ""),

        ("GET", "/anchor", READER, Value::Null, 400, "bad_query"),
        ("GET", "/anchor?origin=bank", READER, Value::Null, 400, "bad_query"),
        ("GET", "/anchor?origin=bank/x/y", READER, Value::Null, 400, "bad_query"),
        ("GET", "/anchor?origin=bank/test", READER, Value::Null, 200, ""),
        ("GET", "/anchor?origin=bank%2Ftest", READER, Value::Null, 200, ""),
        ("GET", "/keys?usage=checkpoint", NOBODY, Value::Null, 200, ""),
        ("GET", "/keys?usage=all&format=pem", NOBODY, Value::Null, 200, ""),
        ("GET", "/keys?usage=none", NOBODY, Value::Null, 400, "bad_query"),
        ("GET", "/keys?format=xml", NOBODY, Value::Null, 400, "bad_query"),
    ]).await;
}

#[tokio::test]
async fn signatures_are_those_of_the_keys_that_are_published() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let client = place.client(&proxy, KERNEL);
    let digest = Digest::of(b"anything");
    let hash = json!({ "digest_hex": digest.to_string() });
    let signed = client.post("/sign/hash", &hash).await.body;
    assert_eq!(
        (&signed["kid"], &signed["alg"]),
        (&json!("seal"), &json!("ed25519"))
    );

    let published = client.get("/keys").await.body;
    let signers = published["signers"].as_array().unwrap();
    assert_eq!(
        signers.len(),
        1,
        "keys that sign no rows are not among them: {published}"
    );
    let members: Vec<&String> = signers[0].as_object().unwrap().keys().collect();
    let shape = [
        "algorithm",
        "deployedAt",
        "description",
        "public_key_pem",
        "signer_kid",
    ];
    assert_eq!(members, shape);
    assert_eq!(signers[0]["deployedAt"], "2025-11-01T00:00:00Z");
    let key = PublicKey::from_spki_pem(signers[0]["public_key_pem"].as_str().unwrap()).unwrap();
    let text = signed["signature"].as_str().unwrap();
    key.verify_digest(&digest, &Signature::from_base64(text).unwrap())
        .unwrap();

    let all = client.get("/keys?usage=all&format=pem").await.body;
    assert_eq!(
        all.as_str().unwrap().matches("BEGIN PUBLIC KEY").count(),
        KEYS.len()
    );

    for (kid, digest, valid) in [
        (None, digest, true),
        (Some("seal"), digest, true),
        (Some("bundle"), digest, false),
        (None, Digest::of(b"another"), false),
    ] {
        let mut body = json!({ "digest_hex": digest.to_string(), "signature": text });
        if let Some(kid) = kid {
            body["kid"] = json!(kid);
        }
        let answer = client.post("/verify", &body).await;
        assert_eq!(answer.body, json!({ "valid": valid }), "{body}");
    }
    let health = client.get("/health").await.body;
    assert_eq!(health["status"], "ok");
    assert!(
        health["now"]
            .as_str()
            .unwrap()
            .parse::<verify::Micros>()
            .is_ok(),
        "{health}"
    );
}

#[tokio::test]
#[rustfmt::skip]
async fn digests_are_signed_blindly_only_where_that_is_on() {
    let place = Place::new(KEYS, "[signing]\nallow_sign_hash = false\n");
    let proxy = place.start();
    let canonical = |text: &str| json!({ "canonical": text });
    judge(&place, &proxy, &[
        ("POST", "/sign/hash", LEDGER, json!({ "digest_hex": ZEROS }), 403, "sign_hash_is_off"),
        ("POST", "/sign/hash", LEDGER, json!({ "digest_hex": "x" }), 400, "bad_digest"),
        ("POST", "/sign/hash", LEDGER,
            json!({ "digest_hex": ZEROS, "kid": "seal" }), 403, "sign_hash_is_off"),
        ("POST", "/sign/hash", LEDGER,
            json!({ "digest_hex": ZEROS, "kid": "note" }), 403, "sign_hash_is_off"),
        // Of a ledger proof, the ledger alone has the rows.
        ("POST", "/sign/hash", LEDGER, json!({ "digest_hex": ZEROS, "kid": "bundle" }), 200, ""),
        ("POST", "/sign/canonical", LEDGER,
            json!({ "canonical": "{}", "kid": "seal" }), 404, "no_such_key"),
        // What is no row and no approval is taken for a bundle.
        ("POST", "/sign/canonical", LEDGER, canonical("{}"), 200, ""),
        ("POST", "/sign/canonical", LEDGER, canonical(r#"{"kind":"approval_request"}"#), 200, ""),
        ("POST", "/sign/canonical", LEDGER,
            json!({ "canonical": r#"{"kind":"self_test"}"#, "kid": "seal" }), 200, ""),
    ]).await;
}

#[tokio::test]
async fn without_api_keys_nobody_connects_without_a_certificate() {
    let place = Place::without_api_keys(KEYS, "");
    let proxy = place.start();
    let asked = place
        .client(&proxy, NOBODY)
        .request(Method::GET, "/health")
        .send()
        .await;
    assert!(asked.is_err());
    assert_eq!(
        place.client(&proxy, LEDGER).get("/health").await.status,
        200
    );
}

#[tokio::test]
async fn certificates_of_others_and_certificates_that_ended_are_refused() {
    use crate::pki::{Ask, Ca};
    let place = Place::new(KEYS, "");
    let other = tempfile::tempdir().unwrap();
    let uris: &[&str] = &["spiffe://bank.test/ledger"];
    let ask = Ask {
        uris,
        ..Ask::default()
    };
    Ca::make(other.path(), "clients").issue("forged", &ask);
    for ending in ["pem", "key"] {
        let name = format!("forged.{ending}");
        std::fs::copy(other.path().join(&name), place.file(&name)).unwrap();
    }
    place.ca().issue(
        "ended",
        &Ask {
            ended: true,
            ..ask.clone()
        },
    );
    let two: &[&str] = &["spiffe://bank.test/ledger", "spiffe://bank.test/auditor"];
    place.ca().issue(
        "two",
        &Ask {
            uris: two,
            ..Ask::default()
        },
    );
    let proxy = place.start();
    for stem in ["forged", "ended"] {
        let client = place.client(&proxy, As::Certificate(stem));
        let asked = client.request(Method::GET, "/health").send().await;
        assert!(asked.is_err(), "{stem}: {asked:?}");
    }
    let client = place.client(&proxy, As::Certificate("two"));
    assert_eq!(client.get("/anchor?origin=bank/test").await.status, 403);
}

#[tokio::test]
async fn a_connection_does_not_outlive_its_certificate() {
    use crate::pki::Ask;
    let place = Place::new(KEYS, "");
    let uris: &[&str] = &["spiffe://bank.test/ledger"];
    let lasts = Some(std::time::Duration::from_secs(2));
    place.ca().issue(
        "brief",
        &Ask {
            uris,
            lasts,
            ..Ask::default()
        },
    );
    let proxy = place.start();
    let client = place.client(&proxy, As::Certificate("brief"));
    assert_eq!(client.get("/anchor?origin=bank/test").await.status, 404);
    crate::harness::until("the certificate has ended", async || {
        client.get("/anchor?origin=bank/test").await.status == 403
    })
    .await;
}
