//! What goes wrong on purpose does, and the ledger's own client bears it as it should.

use std::time::{Duration, Instant};

use serde_json::json;
use signing::{Fault, Patience, ProxyConfig, ProxyIdentity, Signer, SignerConfig};
use verify::Kid;

use ledger::Digest;

use crate::harness::process::Proxy;
use crate::harness::{As, Place};

const KEYS: &[(&str, &str)] = &[("seal", "seal")];

type Fits = fn(&Fault) -> bool;

/// A signer that asks once.
async fn signer(place: &Place, proxy: &Proxy) -> Signer {
    let read = |name: &str| std::fs::read_to_string(place.file(name)).unwrap();
    let config = ProxyConfig {
        url: format!("https://localhost:{}", proxy.address().port()).into(),
        ca_pem: Some(read("clients.pem").into()),
        identity: ProxyIdentity::MutualTls {
            chain_pem: read("ledger.pem").into(),
            key_pem: read("ledger.key").into(),
        },
        patience: Patience {
            attempts: 1,
            ..Patience::default()
        },
    };
    let kid = Kid::new("seal").unwrap();
    let key = place.public("seal");
    Signer::connect(&SignerConfig::Proxy(config), kid, key)
        .await
        .unwrap()
}

#[tokio::test]
async fn each_fault_is_what_it_is_called() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let signer = signer(&place, &proxy).await;
    let kernel = place.client(&proxy, As::Key("kernel"));
    signer.self_test().await.unwrap();
    let table: [(&str, Fits); 4] = [
        ("error=1", |fault| matches!(fault, Fault::Unavailable(_))),
        ("throttle=1", |fault| matches!(fault, Fault::Throttled)),
        ("wrong-key=1", |fault| matches!(fault, Fault::WrongKey(_))),
        ("garbage=1", |fault| !fault.is_retryable()),
    ];
    for (fault, fits) in table {
        let body = json!({ "faults": [fault], "seed": 7 });
        assert_eq!(kernel.post("/faults", &body).await.status, 200);
        let error = signer.sign_digest(Digest::of(b"x")).await.unwrap_err();
        assert!(fits(error.fault()), "{fault}: {error}");
    }
    let body = json!({ "faults": [] });
    assert_eq!(kernel.post("/faults", &body).await.status, 200);
    signer.sign_digest(Digest::of(b"x")).await.unwrap();
    let body = json!({ "faults": ["flood=1"] });
    assert_eq!(kernel.post("/faults", &body).await.status, 400);
    let nobody = place.client(&proxy, As::Nobody);
    assert_eq!(nobody.post("/faults", &body).await.status, 401);
}

#[tokio::test]
async fn a_signature_takes_as_long_as_it_is_told() {
    let place = Place::new(KEYS, "");
    let proxy = place.start_with(&["--fault", "latency=50ms±20ms", "--fault-seed", "1"]);
    let signer = signer(&place, &proxy).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let start = Instant::now();
        signer.sign_digest(Digest::of(b"x")).await.unwrap();
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(30), "{took:?}");
        slowest = slowest.max(took);
    }
    assert!(slowest >= Duration::from_millis(50), "{slowest:?}");
    // Others wait for no key.
    let start = Instant::now();
    place.client(&proxy, As::Nobody).get("/health").await;
    assert!(start.elapsed() < Duration::from_secs(5));
}
