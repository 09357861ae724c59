//! AWS KMS, against a double that OpenSSL agrees with.

use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use ledger::Digest;
use signing::{Fault, Patience, ProductionSigner, Registered, Signer, SignerConfig};
use std::time::Duration;
use verify::Algorithm;

use crate::contract;
use crate::keys::{TestKey, kid};
use crate::ministack::{self, Ministack};

#[tokio::test(flavor = "multi_thread")]
async fn rsa_and_ed25519_keys_hold_the_contract() {
    let kms = Ministack::start().await;
    for (spec, algorithm) in [
        (KeySpec::Rsa2048, Algorithm::RsaSha256),
        (KeySpec::EccNistEdwards25519, Algorithm::Ed25519),
    ] {
        let key_id = kms.create(spec, KeyUsageType::SignVerify).await;
        let public = kms.public(&key_id).await;
        assert_eq!(public.algorithm(), algorithm);
        let config = SignerConfig::Kms(kms.config(&key_id));
        contract::holds(&config, &kid("seal"), &public).await;
        let production = ProductionSigner::kms(kms.config(&key_id)).unwrap();
        let signer = production.connect(kid("seal"), public).await.unwrap();
        signer.self_test().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_secret_is_verified_by_kms_itself() {
    let kms = Ministack::start().await;
    let key_id = kms
        .create(KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac)
        .await;
    let config = SignerConfig::Kms(kms.config(&key_id));
    let signer = Signer::connect(&config, kid("mac"), Registered::Shared)
        .await
        .unwrap();
    signer.self_test().await.unwrap();
    let digest = Digest::of(b"a row");
    let code = signer.sign_digest(digest).await.unwrap();
    assert_eq!(code.as_bytes().len(), 32);
    let again = signer.sign_digest(digest).await.unwrap();
    assert_eq!(code, again);

    let public = TestKey::new(Algorithm::Ed25519).public();
    let signer = Signer::connect(&config, kid("mac"), public).await.unwrap();
    let error = signer.self_test().await.unwrap_err();
    assert!(!error.is_retryable(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_cannot_sign_are_told_apart() {
    let mut kms = Ministack::start().await;
    let public = TestKey::new(Algorithm::Ed25519).public();
    let connect = |config| {
        let public = public.clone();
        async move { Signer::connect(&config, kid("seal"), public).await.unwrap() }
    };
    let missing = "00000000-0000-0000-0000-000000000000";
    let signer = connect(SignerConfig::Kms(kms.config(missing))).await;
    let error = signer.sign_digest(Digest::ZERO).await.unwrap_err();
    assert_eq!(*error.fault(), Fault::NoSuchKey(missing.into()), "{error}");

    let usage = KeyUsageType::SignVerify;
    let key_id = kms
        .create(KeySpec::EccNistEdwards25519, usage.clone())
        .await;
    let public = kms.public(&key_id).await;
    let config = SignerConfig::Kms(kms.config(&key_id));
    let signer = Signer::connect(&config, kid("seal"), public).await.unwrap();
    signer.sign_digest(Digest::ZERO).await.unwrap();
    kms.disable(&key_id).await;
    let error = signer.sign_digest(Digest::ZERO).await.unwrap_err();
    assert_eq!(error.fault().name(), "refused", "{error}");
    assert!(error.to_string().contains("DisabledException"), "{error}");

    let p256 = kms.create(KeySpec::EccNistP256, usage).await;
    let signer = connect(SignerConfig::Kms(kms.config(&p256))).await;
    let error = signer.self_test().await.unwrap_err();
    assert_eq!(error.fault().name(), "wrong_key", "{error}");
    let error = signer.sign_digest(Digest::ZERO).await.unwrap_err();
    assert!(!error.is_retryable(), "{error}");

    kms.stop().await;
    let error = signer.sign_digest(Digest::ZERO).await.unwrap_err();
    assert_eq!(error.fault().name(), "unavailable", "{error}");
    assert!(error.is_retryable());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_where_nobody_is_costs_no_more_than_the_time_allowed() {
    let patience = Patience {
        connect: Duration::from_millis(100),
        attempt: Duration::from_millis(200),
        operation: Duration::from_millis(500),
        ..Patience::default()
    };
    // A block of addresses for documentation: nothing is routed there.
    let config = ministack::config("http://192.0.2.1:4566", "seal", patience);
    let public = TestKey::new(Algorithm::Ed25519).public();
    let signer = Signer::connect(&SignerConfig::Kms(config), kid("seal"), public)
        .await
        .unwrap();
    let begin = tokio::time::Instant::now();
    let error = signer.sign_digest(Digest::ZERO).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(2), "{error}");
}
