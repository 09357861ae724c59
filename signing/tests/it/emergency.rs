//! The emergency signer with keys as people have them in files.

use std::process::Command;

use ledger::Digest;
use secrecy::SecretString;
use signing::{EmergencyKey, EmergencySigner, LocalDev, PemKey, Signer, SignerConfig};
use verify::approval::{ApprovalSignature, Content, Expected, Nonce, Request};
use verify::approver::{Approver, ApproverSet};
use verify::{Algorithm, Approval, Keyring, Micros, Name};

use crate::keys::kid;
use crate::{openssl, tool};

fn at(seconds: u64) -> Micros {
    Micros::new(seconds * 1_000_000).unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A private key made by OpenSSL, as PEM.
fn private_key(arguments: &[&str]) -> SecretString {
    let mut command = Command::new(tool::system("openssl"));
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    SecretString::from(String::from_utf8(output.stdout).unwrap())
}

/// The approval of `content` by the only approver there is.
async fn approve(keyring: &Keyring, approver: LocalDev, content: Content) -> Approval {
    let request = Request {
        content,
        environment: keyring.environment().clone(),
        expires_at: at(50),
        nonce: Nonce([1; 16]),
        origin: keyring.deployment().clone(),
        requested_at: at(1),
        requested_by: kid("bob"),
        state: keyring.digest(),
    };
    let public = approver.public_key().unwrap();
    let config = SignerConfig::LocalDev(approver);
    let signer = Signer::connect(&config, kid("ann-1"), public)
        .await
        .unwrap();
    let signature = ApprovalSignature {
        signer: name("ann"),
        kid: kid("ann-1"),
        alg: Algorithm::Ed25519,
        signature: signer.sign_canonical(&request.encode()).await.unwrap(),
    };
    let mut approval = Approval::new(request, 1);
    let expected = Expected::of(keyring, at(2));
    approval.add(signature, &expected).unwrap();
    approval
}

#[tokio::test]
async fn private_keys_as_openssl_writes_them_sign_once_they_are_approved() {
    let approver = LocalDev::generate().unwrap();
    let approvers = vec![Approver {
        kid: kid("ann-1"),
        name: name("ann"),
        public_key: approver.public_key().unwrap(),
    }];
    let approvers = ApproverSet::new(approvers, 1).unwrap();
    let keyring = Keyring::new(name("here"), name("test"), approvers);
    let bits = "rsa_keygen_bits:2048";
    for arguments in [
        &["genpkey", "-algorithm", "ed25519"][..],
        &["genpkey", "-algorithm", "RSA", "-pkeyopt", bits],
        &["genrsa", "-traditional", "2048"],
    ] {
        let key = PemKey::parse(&private_key(arguments)).unwrap();
        let public = key.public_key().unwrap();
        let content = Content::Emergency {
            expires_at: at(100),
            kid: kid("rescue"),
            public_key: public.fingerprint(),
        };
        let approval = approve(&keyring, approver.clone(), content).await;
        let key = EmergencyKey::Pem(key);
        let expected = Expected::of(&keyring, at(3));
        let kid = kid("rescue");
        let emergency =
            EmergencySigner::connect(&key, kid, public.clone(), &approval, &expected, at(3))
                .await
                .unwrap();
        let signer = emergency.signer(at(99)).unwrap();
        signer.self_test().await.unwrap();
        let digest = Digest::of(b"a row");
        let signature = signer.sign_digest(digest).await.unwrap();
        assert!(openssl::accepts_digest(&public, digest, &signature));
        let signature = signer.sign_note(b"a note\n").await.unwrap();
        assert!(openssl::accepts_note(&public, b"a note\n", &signature));
        assert!(emergency.signer(at(100)).is_err());
    }
}

#[test]
fn keys_that_are_too_short_or_of_another_kind_are_not_taken() {
    for arguments in [
        &[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:1024",
        ][..],
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ],
        &["genpkey", "-algorithm", "x25519"],
    ] {
        let key = PemKey::parse(&private_key(arguments));
        let error = key.and_then(|key| key.public_key()).unwrap_err();
        assert_eq!(error.fault().name(), "setting", "{arguments:?}: {error}");
    }
}
