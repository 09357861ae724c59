//! PKCS#11, against SoftHSM2.

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use ledger::{Digest, Nanos};
use secrecy::SecretString;
use signing::pkcs11::{KeyKind, generate};
use signing::{KeyName, Pkcs11Config, ProductionSigner, Signer, SignerConfig, SignerError};
use verify::{Algorithm, PublicKey, Signature};

use crate::keys::{TestKey, kid};
use crate::{contract, softhsm};

fn make(config: &Pkcs11Config, kind: KeyKind) -> PublicKey {
    PublicKey::from_spki_der(&generate(config, kind).unwrap()).unwrap()
}

async fn connect(config: &Pkcs11Config, public: &PublicKey) -> Result<Signer, SignerError> {
    let config = SignerConfig::Pkcs11(config.clone());
    Signer::connect(&config, kid("hsm"), public.clone()).await
}

async fn sign(config: &Pkcs11Config, public: &PublicKey) -> Result<Signature, SignerError> {
    let signer = connect(config, public).await?;
    signer.sign_digest(Digest::of(b"a row")).await
}

#[test]
fn keys_of_a_token_hold_the_contract() {
    softhsm::inside("pkcs11::keys_of_a_token_hold_the_contract", contract());
}

async fn contract() {
    for (label, kind) in [
        ("rsa", KeyKind::Rsa(2_048)),
        ("rsa long", KeyKind::Rsa(3_072)),
        ("ed25519", KeyKind::Ed25519),
    ] {
        let config = softhsm::config(label);
        let public = make(&config, kind);
        let production = ProductionSigner::pkcs11(config);
        contract::holds(production.config(), &kid("hsm"), &public).await;
    }
}

#[test]
fn a_session_that_is_lost_is_opened_anew() {
    softhsm::inside(
        "pkcs11::a_session_that_is_lost_is_opened_anew",
        lost_session(),
    );
}

async fn lost_session() {
    let config = softhsm::config("seal");
    let public = make(&config, KeyKind::Ed25519);
    let signer = connect(&config, &public).await.unwrap();
    signer.self_test().await.unwrap();

    // Somebody else in this process logs everybody out: login belongs to the token.
    let module = Pkcs11::new(softhsm::module()).unwrap();
    let slot = module.get_slots_with_initialized_token().unwrap()[0];
    let session = module.open_ro_session(slot).unwrap();
    session.logout().unwrap();
    for n in 0..8_u8 {
        let signature = signer.sign_digest(Digest::of(&[n])).await.unwrap();
        public.verify_digest(&Digest::of(&[n]), &signature).unwrap();
    }
    drop(session);

    // The module is ended and begun by somebody else: no handle is good any more.
    module.finalize().unwrap();
    let module = Pkcs11::new(softhsm::module()).unwrap();
    let flags = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    match module.initialize(flags) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(e) => panic!("{e}"),
    }
    for n in 0..8_u8 {
        let signature = signer.sign_digest(Digest::of(&[n])).await.unwrap();
        public.verify_digest(&Digest::of(&[n]), &signature).unwrap();
    }

    // It is ended, and nobody begins it again but the signer itself.
    module.finalize().unwrap();
    signer.sign_digest(Digest::of(b"a row")).await.unwrap();
    signer.health(Nanos(1)).await.key.unwrap();
}

#[test]
fn sessions_are_closed_before_the_process_can_end() {
    softhsm::inside(
        "pkcs11::sessions_are_closed_before_the_process_can_end",
        closed(),
    );
}

async fn closed() {
    let config = softhsm::config("seal");
    let public = make(&config, KeyKind::Ed25519);
    for _ in 0..20 {
        let signer = connect(&config, &public).await.unwrap();
        signer.self_test().await.unwrap();
        assert_ne!(threads(), 0);
        drop(signer);
        assert_eq!(threads(), 0);
    }
}

/// How many threads of this process hold a session.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")));
    names
        .filter(|name| name.as_ref().is_ok_and(|name| name.trim() == "pkcs11"))
        .count()
}

#[test]
fn tokens_that_cannot_sign_are_told_apart() {
    softhsm::inside("pkcs11::tokens_that_cannot_sign_are_told_apart", faults());
}

async fn faults() {
    let good = softhsm::config("seal");
    let public = make(&good, KeyKind::Ed25519);
    let fault = async |config: &Pkcs11Config, public: &PublicKey| {
        let error = sign(config, public).await.unwrap_err();
        (error.fault().name(), error.to_string())
    };
    let mut config = good.clone();
    config.token = "another".into();
    let (name, text) = fault(&config, &public).await;
    assert_eq!(name, "unavailable", "{text}");
    let mut config = good.clone();
    config.module = "/nowhere/libhsm.so".into();
    let (name, text) = fault(&config, &public).await;
    assert_eq!(name, "setting", "{text}");
    let (name, text) = fault(&softhsm::config("nobody"), &public).await;
    assert_eq!(name, "no_such_key", "{text}");
    let rsa = TestKey::new(Algorithm::RsaSha256).public();
    let (name, text) = fault(&good, &rsa).await;
    assert_eq!(name, "wrong_key", "{text}");
    let other = TestKey::new(Algorithm::Ed25519).public();
    let (name, text) = fault(&good, &other).await;
    assert_eq!(name, "wrong_key", "{text}");

    make(&softhsm::config("twice"), KeyKind::Ed25519);
    make(&softhsm::config("twice"), KeyKind::Ed25519);
    let (name, text) = fault(&softhsm::config("twice"), &public).await;
    assert_eq!(name, "setting", "{text}");

    for (sessions, label) in [(0, Some("seal")), (1_000, Some("seal")), (1, None)] {
        let mut config = good.clone();
        config.sessions = sessions;
        config.key = KeyName {
            label: label.map(Into::into),
            id: None,
        };
        let (name, text) = fault(&config, &public).await;
        assert_eq!(name, "setting", "{text}");
    }
}

#[test]
fn a_wrong_pin_is_tried_once() {
    softhsm::inside("pkcs11::a_wrong_pin_is_tried_once", wrong_pin());
}

async fn wrong_pin() {
    let mut config = softhsm::config("seal");
    // Nobody is logged in yet, so that the PIN is looked at. The key is not: login comes first.
    config.pin = SecretString::from("9999");
    let public = TestKey::new(Algorithm::Ed25519).public();
    let signer = connect(&config, &public).await.unwrap();
    for text in ["pin", "PIN was refused before", "PIN was refused before"] {
        let error = signer.sign_digest(Digest::ZERO).await.unwrap_err();
        assert_eq!(error.fault().name(), "refused", "{error}");
        let found = error.to_string().to_lowercase();
        assert!(found.contains(&text.to_lowercase()), "{error}");
    }
}
