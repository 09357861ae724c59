//! What KMS does when it does not sign: throttling, failing, hanging, answering nonsense.

use std::sync::Arc;
use std::time::Duration;

use ledger::Digest;
use serde_json::{Value, json};
use signing::{Fault, Patience, Signer, SignerConfig};
use verify::{Algorithm, base64};

use crate::double::{Act, Double, Seen};
use crate::keys::{TestKey, kid};
use crate::{contract, ministack};

const ATTEMPT: Duration = Duration::from_millis(300);

fn patience() -> Patience {
    Patience {
        connect: Duration::from_millis(200),
        attempt: ATTEMPT,
        operation: Duration::from_secs(2),
        attempts: 3,
        pause: Duration::from_millis(5),
        pause_max: Duration::from_millis(20),
    }
}

/// A server that answers as KMS does and does not hash what it is told is a digest.
async fn start(key: Arc<TestKey>) -> Double {
    let respond = move |seen: &Seen| {
        let target = seen.headers.get("x-amz-target").unwrap().to_str().unwrap();
        match target {
            "TrentService.GetPublicKey" => {
                let der = base64::encode(&key.public().to_spki_der());
                (200, json!({"KeyId": "seal", "PublicKey": der}))
            }
            "TrentService.Sign" => (200, sign(&key, &seen.body)),
            _ => (400, error("UnknownOperationException")),
        }
    };
    Double::start(None, respond).await
}

fn sign(key: &TestKey, body: &Value) -> Value {
    let text = |name: &str| body[name].as_str().unwrap();
    let message = base64::decode(text("Message")).unwrap();
    let asked = (text("SigningAlgorithm"), text("MessageType"));
    let signature = match key.algorithm() {
        Algorithm::RsaSha256 => {
            assert_eq!(asked, ("RSASSA_PKCS1_V1_5_SHA_256", "DIGEST"));
            key.sign_digest(Digest(message.try_into().unwrap()))
        }
        _ => {
            assert_eq!(asked, ("ED25519_SHA_512", "RAW"));
            key.sign_note(&message)
        }
    };
    json!({"KeyId": "seal", "Signature": base64::encode(&signature), "SigningAlgorithm": asked.0})
}

fn error(code: &str) -> Value {
    json!({"__type": code, "message": "as told"})
}

fn answer(status: u16, code: &str) -> Act {
    Act::Answer(status, error(code).to_string())
}

async fn signer(double: &Double, key: &TestKey) -> Signer {
    let url = format!("http://{}", double.address);
    let config = SignerConfig::Kms(ministack::config(&url, "seal", patience()));
    Signer::connect(&config, kid("seal"), key.public())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_double_holds_the_contract() {
    for algorithm in [Algorithm::Ed25519, Algorithm::RsaSha256] {
        let key = Arc::new(TestKey::new(algorithm));
        let double = start(key.clone()).await;
        let url = format!("http://{}", double.address);
        let config = SignerConfig::Kms(ministack::config(&url, "seal", Patience::default()));
        contract::holds(&config, &kid("seal"), &key.public()).await;
    }
}

/// What requests meet, how many come, and the name of the fault.
type Row = (Vec<Act>, usize, Result<(), &'static str>);

async fn check(double: &Double, signer: &Signer, table: Vec<Row>) {
    for (acts, asked, expected) in table {
        double.will(&acts);
        let result = signer.sign_digest(Digest::of(b"a row")).await;
        let found = result.as_ref().map(|_| ()).map_err(|e| e.fault().name());
        assert_eq!(found, expected, "{acts:?}: {result:?}");
        assert_eq!(double.taken().len(), asked, "{acts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_asked_again() {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone()).await;
    let signer = signer(&double, &key).await;
    let throttled = || answer(400, "ThrottlingException");
    let failed = || answer(500, "KMSInternalException");
    let late = || answer(503, "DependencyTimeoutException");
    let page = || Act::Answer(502, "<html>".into());
    let table: Vec<Row> = vec![
        (vec![], 1, Ok(())),
        (vec![throttled()], 2, Ok(())),
        (vec![throttled(), throttled()], 3, Ok(())),
        (vec![throttled(); 3], 3, Err("throttled")),
        (vec![failed()], 2, Ok(())),
        (vec![failed(); 3], 3, Err("unavailable")),
        (vec![late(); 3], 3, Err("unavailable")),
        (vec![page(); 3], 3, Err("unavailable")),
        (vec![Act::Reset], 2, Ok(())),
        (vec![Act::Reset, throttled()], 3, Ok(())),
        (vec![Act::Reset; 3], 3, Err("unavailable")),
        (vec![Act::Hang], 2, Ok(())),
        (vec![Act::Hang; 3], 3, Err("timed_out")),
    ];
    check(&double, &signer, table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_is_asked_once() {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone()).await;
    let signer = signer(&double, &key).await;
    let refused = |code: &str| vec![answer(400, code)];
    let said = |body: &str| Act::Answer(200, body.to_owned());
    let signed = |bytes: &[u8]| {
        let body = json!({"KeyId": "seal", "Signature": base64::encode(bytes)});
        said(&body.to_string())
    };
    let wrong = TestKey::new(Algorithm::Ed25519).sign_digest(Digest::of(b"a row"));
    let throttled = answer(400, "ThrottlingException");
    let table: Vec<Row> = vec![
        (refused("AccessDeniedException"), 1, Err("refused")),
        (refused("DisabledException"), 1, Err("refused")),
        (refused("KMSInvalidStateException"), 1, Err("refused")),
        (refused("NotFoundException"), 1, Err("no_such_key")),
        (refused("InvalidKeyUsageException"), 1, Err("refused")),
        (vec![said("garbage")], 1, Err("garbage")),
        (vec![said("{}")], 1, Err("garbage")),
        (vec![signed(b"")], 1, Err("garbage")),
        (vec![signed(&[7; 63])], 1, Err("garbage")),
        (vec![signed(&[7; 64])], 1, Err("wrong_key")),
        (vec![signed(&wrong)], 1, Err("wrong_key")),
        (vec![throttled, signed(&wrong)], 2, Err("wrong_key")),
    ];
    check(&double, &signer, table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_of_another_is_noticed_before_anything_is_signed() {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(Arc::new(TestKey::new(Algorithm::Ed25519))).await;
    let signer = signer(&double, &key).await;
    let error = signer.self_test().await.unwrap_err();
    assert!(matches!(error.fault(), Fault::WrongKey(_)), "{error}");
    let seen = double.taken();
    let targets: Vec<_> = seen.iter().map(|s| &s.headers["x-amz-target"]).collect();
    assert_eq!(targets, ["TrentService.GetPublicKey"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_asks_for_the_public_key_alone() {
    let key = Arc::new(TestKey::new(Algorithm::RsaSha256));
    let double = start(key.clone()).await;
    let signer = signer(&double, &key).await;
    signer.health(ledger::Nanos(1)).await.key.unwrap();
    double.will(&[answer(400, "AccessDeniedException")]);
    let health = signer.health(ledger::Nanos(1)).await;
    assert_eq!(health.key.unwrap_err().fault().name(), "refused");
    let seen = double.taken();
    let gets = |seen: &&Seen| seen.headers["x-amz-target"] == "TrentService.GetPublicKey";
    assert_eq!((seen.len(), seen.iter().filter(gets).count()), (2, 2));
}
