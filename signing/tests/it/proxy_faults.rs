//! What a signing proxy does when it does not sign.

use std::sync::Arc;
use std::time::Duration;

use ledger::Digest;
use serde_json::{Value, json};
use signing::limits::ANSWER_MAX;
use signing::{Patience, Signer, SignerConfig};
use verify::{Algorithm, base64};

use crate::double::{Act, Double};
use crate::keys::{TestKey, kid};
use crate::proxy::{KID, api_key, config, patience, signed, start};

fn answer(status: u16, body: &Value) -> Act {
    Act::Answer(status, body.to_string())
}

/// What requests meet, how many come, and the name of the fault.
type Row = (Vec<Act>, usize, Result<(), &'static str>);

struct Bench {
    key: Arc<TestKey>,
    double: Double,
    signer: Signer,
}

async fn bench() -> Bench {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone(), None).await;
    let mut config = config(format!("http://{}", double.address), None, api_key());
    config.patience = Patience {
        attempt: Duration::from_millis(300),
        ..patience()
    };
    let signer = Signer::connect(&SignerConfig::Proxy(config), kid(KID), key.public())
        .await
        .unwrap();
    Bench {
        key,
        double,
        signer,
    }
}

async fn check(bench: &Bench, table: Vec<Row>) {
    for (acts, asked, expected) in table {
        bench.double.will(&acts);
        let result = bench.signer.sign_digest(Digest::of(b"a row")).await;
        let found = result.as_ref().map(|_| ()).map_err(|e| e.fault().name());
        assert_eq!(found, expected, "{acts:?}: {result:?}");
        assert_eq!(bench.double.taken().len(), asked, "{acts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_asked_again() {
    let bench = bench().await;
    let status = |status: u16| answer(status, &json!({"error": "as told"}));
    let table: Vec<Row> = vec![
        (vec![], 1, Ok(())),
        (vec![status(429)], 2, Ok(())),
        (vec![status(429); 3], 3, Err("throttled")),
        (vec![status(500), status(503)], 3, Ok(())),
        (vec![status(503); 3], 3, Err("unavailable")),
        (vec![Act::Reset], 2, Ok(())),
        (vec![Act::Reset; 3], 3, Err("unavailable")),
        (vec![Act::Torn; 3], 3, Err("unavailable")),
        (vec![Act::Hang], 2, Ok(())),
        (vec![Act::Hang; 3], 3, Err("timed_out")),
    ];
    check(&bench, table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_final_and_redirects_are_not_followed() {
    let bench = bench().await;
    let elsewhere = start(bench.key.clone(), None).await;
    let redirect = Act::Redirect(format!("http://{}/sign/hash", elsewhere.address));
    let status = |status: u16| vec![answer(status, &json!({"error": "as told"}))];
    let table: Vec<Row> = vec![
        (status(400), 1, Err("refused")),
        (status(401), 1, Err("refused")),
        (status(403), 1, Err("refused")),
        (status(404), 1, Err("refused")),
        (status(409), 1, Err("equivocation")),
        (vec![redirect], 1, Err("refused")),
    ];
    check(&bench, table).await;
    assert_eq!(elsewhere.taken().len(), 0, "a redirect was followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_do_not_hold_are_final() {
    let bench = bench().await;
    let (key, digest) = (&bench.key, Digest::of(b"a row"));
    let good = key.sign_digest(digest);
    let wrong = TestKey::new(Algorithm::Ed25519).sign_digest(digest);
    let rsa = TestKey::new(Algorithm::RsaSha256);
    let text = base64::encode(&good);
    let other = Digest::ZERO.to_string();
    let long = json!({"kid": KID, "signature": text, "more": "x".repeat(ANSWER_MAX)});
    let said = |body: Value| vec![answer(200, &body)];
    let table: Vec<Row> = vec![
        (vec![Act::Answer(200, "garbage".into())], 1, Err("garbage")),
        (vec![Act::Answer(204, String::new())], 1, Err("garbage")),
        (said(json!({})), 1, Err("garbage")),
        (said(long), 1, Err("garbage")),
        (
            said(json!({"kid": KID, "signature": "?"})),
            1,
            Err("garbage"),
        ),
        (
            said(json!({"kid": KID, "signature": "AAAA"})),
            1,
            Err("garbage"),
        ),
        (said(json!({"signature": text})), 1, Err("garbage")),
        (
            said(json!({"kid": KID, "signature": text, "digestHex": other})),
            1,
            Err("garbage"),
        ),
        (
            said(json!({"kid": "other", "signature": text})),
            1,
            Err("wrong_key"),
        ),
        (said(signed(&rsa, KID, &good)), 1, Err("wrong_key")),
        (said(signed(key, KID, &wrong)), 1, Err("wrong_key")),
        (
            said(signed(key, KID, &rsa.sign_digest(digest))),
            1,
            Err("garbage"),
        ),
        (
            said(json!({"signer_kid": KID, "signature_b64": text})),
            1,
            Ok(()),
        ),
        (
            said(json!({"signer_id": KID, "signature": text})),
            1,
            Ok(()),
        ),
    ];
    check(&bench, table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_well_shows_in_health_and_self_test() {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone(), None).await;
    let config = config(format!("http://{}", double.address), None, api_key());
    let signer = Signer::connect(&SignerConfig::Proxy(config), kid(KID), key.public())
        .await
        .unwrap();
    let degraded = answer(200, &json!({"status": "degraded"}));
    double.will(&[degraded.clone(), degraded.clone(), degraded]);
    let health = signer.health(ledger::Nanos(1)).await;
    assert_eq!(health.key.unwrap_err().fault().name(), "unavailable");
    double.taken();
    double.will(&[Act::Good, answer(403, &json!({"error": "as told"}))]);
    let error = signer.self_test().await.unwrap_err();
    assert_eq!(error.fault().name(), "refused", "{error}");
}
