use secrecy::SecretString;

use super::*;
use crate::kms::KmsCredentials;
use crate::proxy::ProxyIdentity;
use crate::retry::Patience;

fn kms(endpoint: Option<&str>) -> KmsConfig {
    KmsConfig {
        key_id: "alias/seal".into(),
        region: None,
        endpoint_url: endpoint.map(Into::into),
        credentials: KmsCredentials::Chain,
        patience: Patience::default(),
    }
}

fn proxy(url: &str, ca: Option<&str>) -> ProxyConfig {
    ProxyConfig {
        url: url.into(),
        ca_pem: ca.map(Into::into),
        identity: ProxyIdentity::ApiKey(SecretString::from("a key")),
        patience: Patience::default(),
    }
}

#[test]
fn production_asks_kms_in_plain_text_on_this_machine_only() {
    for (endpoint, is_taken) in [
        (None, true),
        (Some("https://kms.eu-central-1.amazonaws.com"), true),
        (Some("HTTPS://kms.internal"), true),
        (Some("http://127.0.0.1:4566"), true),
        (Some("http://[::1]:4566"), true),
        (Some("http://kms.internal"), false),
        (Some("http://127.0.0.1.example.com"), false),
        (Some("http://127.0.0.1@example.com"), false),
        (Some("ftp://example.com"), false),
        (Some("nonsense"), false),
    ] {
        let taken = ProductionSigner::kms(kms(endpoint)).is_ok();
        assert_eq!(taken, is_taken, "{endpoint:?}");
    }
}

#[test]
fn production_asks_a_proxy_over_https_with_one_authority_only() {
    for (url, ca, is_taken) in [
        ("https://signer.internal", Some("pem"), true),
        ("https://signer.internal", None, false),
        ("http://signer.internal", Some("pem"), false),
        ("http://127.0.0.1", Some("pem"), false),
    ] {
        let taken = ProductionSigner::proxy(proxy(url, ca)).is_ok();
        assert_eq!(taken, is_taken, "{url} {ca:?}");
    }
}

#[test]
fn secrets_do_not_show() {
    let config = SignerConfig::Proxy(proxy("https://signer.internal", Some("pem")));
    assert!(!format!("{config:?}").contains("a key"));
    let hmac = Hmac::new(&SecretString::from("sixteen bytes or more")).unwrap();
    assert!(!format!("{:?}", SignerConfig::Hmac(hmac)).contains("sixteen"));
    let local = SignerConfig::LocalDev(LocalDev::from_seed([7; 32]));
    assert_eq!(format!("{local:?}"), "LocalDev(LocalDev(<secret>))");
}
