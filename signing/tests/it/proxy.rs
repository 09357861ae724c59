//! The client of a signing proxy, against a server that speaks TLS.

use std::sync::Arc;
use std::time::Duration;

use ledger::Digest;
use secrecy::SecretString;
use serde_json::{Value, json};
use signing::{
    Anchored, Fault, Patience, ProductionSigner, ProxyConfig, ProxyIdentity, SealRequest, Signer,
    SignerConfig,
};
use tokio_rustls::TlsAcceptor;
use verify::{Algorithm, base64, hex};

use crate::contract;
use crate::double::{Act, Double, Seen};
use crate::keys::{TestKey, kid};
use crate::tls::Authority;

pub(crate) const KID: &str = "seal-1";
const API_KEY: &str = "an api key that is long enough";

pub(crate) fn patience() -> Patience {
    Patience {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(1),
        operation: Duration::from_secs(4),
        attempts: 3,
        pause: Duration::from_millis(5),
        pause_max: Duration::from_millis(20),
    }
}

/// A server that answers as a signing proxy does.
pub(crate) async fn start(key: Arc<TestKey>, tls: Option<TlsAcceptor>) -> Double {
    let respond = move |seen: &Seen| {
        let text = |name: &str| seen.body[name].as_str();
        let signature = match seen.path.as_str() {
            "/health" => return (200, json!({"status": "ok", "now": "now"})),
            "/sign/seal" => {
                let prev = text("prev_hex").map(|hex| hex::decode::<32>(hex).unwrap());
                let prev = prev.as_ref().map_or(&[][..], |prev| prev);
                let canonical = text("canonical").unwrap().as_bytes();
                key.sign_digest(Digest::of_parts(&[canonical, prev]))
            }
            "/sign/hash" => {
                assert_eq!(text("kid"), Some(KID));
                key.sign_digest(hex::digest(text("digest_hex").unwrap()).unwrap())
            }
            "/sign/canonical" => {
                assert_eq!(text("kid"), Some(KID));
                key.sign_digest(Digest::of(text("canonical").unwrap().as_bytes()))
            }
            "/sign/note" => {
                assert_eq!(text("kid"), Some(KID));
                key.sign_note(text("note").unwrap().as_bytes())
            }
            "/anchor?origin=here%2Ftest" => {
                let digest = Digest::of(b"the last row").to_string();
                return (200, json!({"seq": 41, "digest_hex": digest, "epoch": 1}));
            }
            "/anchor?origin=here%2Fnew" => return (404, json!({"error": "no_anchor"})),
            _ => return (404, json!({"error": "no_such_path"})),
        };
        (200, signed(&key, KID, &signature))
    };
    Double::start(tls, respond).await
}

pub(crate) fn signed(key: &TestKey, kid: &str, signature: &[u8]) -> Value {
    let signature = base64::encode(signature);
    json!({"kid": kid, "alg": key.algorithm(), "signature": signature})
}

pub(crate) fn api_key() -> ProxyIdentity {
    ProxyIdentity::ApiKey(SecretString::from(API_KEY))
}

pub(crate) fn config(url: String, ca: Option<&Authority>, identity: ProxyIdentity) -> ProxyConfig {
    ProxyConfig {
        url: url.into(),
        ca_pem: ca.map(Authority::pem),
        identity,
        patience: patience(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutual_tls_and_api_keys_hold_the_contract() {
    let (servers, clients) = (Authority::new(), Authority::new());
    for algorithm in [Algorithm::Ed25519, Algorithm::RsaSha256] {
        let key = Arc::new(TestKey::new(algorithm));
        let tls = servers.server("127.0.0.1", Some(&clients));
        let double = start(key.clone(), Some(tls)).await;
        let url = format!("https://{}", double.address);
        let config = config(url, Some(&servers), clients.client());
        let production = ProductionSigner::proxy(config).unwrap();
        contract::holds(production.config(), &kid(KID), &key.public()).await;
        let seen = double.taken();
        assert!(
            seen.iter()
                .all(|s| !s.headers.contains_key("authorization"))
        );
    }
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone(), Some(servers.server("127.0.0.1", None))).await;
    let url = format!("https://{}/", double.address);
    let config = SignerConfig::Proxy(config(url, Some(&servers), api_key()));
    contract::holds(&config, &kid(KID), &key.public()).await;
    let bearer = format!("Bearer {API_KEY}");
    let seen = double.taken();
    assert!(seen.iter().all(|s| s.headers["authorization"] == bearer));
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_for_development() {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone(), None).await;
    let url = format!("http://{}", double.address);
    let plain = config(url, None, api_key());
    assert!(ProductionSigner::proxy(plain.clone()).is_err());
    let config = SignerConfig::Proxy(plain);
    contract::holds(&config, &kid(KID), &key.public()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_authority_or_name_is_not_asked() {
    let (servers, clients, others) = (Authority::new(), Authority::new(), Authority::new());
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let table = [
        ("good", &servers, "127.0.0.1", clients.client(), true),
        ("authority", &others, "127.0.0.1", clients.client(), false),
        ("name", &servers, "signer.example", clients.client(), false),
        ("client", &servers, "127.0.0.1", others.client(), false),
        ("no client", &servers, "127.0.0.1", api_key(), false),
    ];
    for (what, authority, name, identity, works) in table {
        let tls = authority.server(name, Some(&clients));
        let double = start(key.clone(), Some(tls)).await;
        let url = format!("https://{}", double.address);
        let config = SignerConfig::Proxy(config(url, Some(&servers), identity));
        let signer = Signer::connect(&config, kid(KID), key.public()).await;
        let result = signer.unwrap().sign_digest(Digest::ZERO).await;
        assert_eq!(result.is_ok(), works, "{what}: {result:?}");
        assert_eq!(double.taken().len(), usize::from(works), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_anchor_is_read() {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone(), None).await;
    let config = config(format!("http://{}", double.address), None, api_key());
    let signer = Signer::connect(&SignerConfig::Proxy(config), kid(KID), key.public())
        .await
        .unwrap();
    let Anchored::Head(head) = signer.anchor("here/test").await.unwrap() else {
        panic!("no head");
    };
    let digest = Digest::of(b"the last row");
    assert_eq!((head.seq, head.digest, head.epoch), (41, digest, Some(1)));
    assert_eq!(signer.anchor("here/new").await, Ok(Anchored::Nothing));
    assert_eq!(signer.anchor("elsewhere/x").await, Ok(Anchored::NotKept));
    double.will(&[Act::Answer(200, "{}".into())]);
    let error = signer.anchor("here/test").await.unwrap_err();
    assert_eq!(error.fault().name(), "garbage");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_digest_at_one_place_is_a_fault_of_its_own() {
    let key = Arc::new(TestKey::new(Algorithm::Ed25519));
    let double = start(key.clone(), None).await;
    let config = config(format!("http://{}", double.address), None, api_key());
    let signer = Signer::connect(&SignerConfig::Proxy(config), kid(KID), key.public())
        .await
        .unwrap();
    let refusal = json!({"error": "equivocation", "message": "row 7 is signed"});
    double.will(&[Act::Answer(409, refusal.to_string())]);
    let request = SealRequest {
        canonical: b"{}",
        prev: None,
        digest: Digest::of(b"{}"),
    };
    let error = signer.sign_seal(request).await.unwrap_err();
    assert!(matches!(error.fault(), Fault::Equivocation(_)), "{error}");
    assert!(error.to_string().contains("row 7"), "{error}");
    assert!(!error.is_retryable());
    assert_eq!(double.taken().len(), 1);
}
