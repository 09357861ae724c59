use ledger::Digest;
use secrecy::SecretString;
use verify::approval::{ApprovalSignature, Nonce, Request};
use verify::approver::{Approver, ApproverSet};
use verify::{Keyring, Name, Signature};

use super::*;
use crate::local::LocalDev;

fn kid(text: &str) -> Kid {
    Kid::new(text).unwrap()
}

fn at(seconds: u64) -> Micros {
    Micros::new(seconds * 1_000_000).unwrap()
}

/// Five approvers of whom three are enough.
fn keyring() -> (Keyring, Vec<LocalDev>) {
    let keys: Vec<LocalDev> = (1..=5).map(|n| LocalDev::from_seed([n; 32])).collect();
    let approvers = (1..).zip(&keys).map(|(n, key)| Approver {
        kid: kid(&format!("approver-{n}")),
        name: Name::new(&format!("person-{n}")).unwrap(),
        public_key: key.public_key().unwrap(),
    });
    let approvers = ApproverSet::new(approvers.collect(), 3).unwrap();
    let (deployment, environment) = (Name::new("here").unwrap(), Name::new("test").unwrap());
    (Keyring::new(deployment, environment, approvers), keys)
}

fn request(keyring: &Keyring, content: Content) -> Request {
    Request {
        content,
        environment: keyring.environment().clone(),
        expires_at: at(50),
        nonce: Nonce([1; 16]),
        origin: keyring.deployment().clone(),
        requested_at: at(1),
        requested_by: kid("somebody-else"),
        state: keyring.digest(),
    }
}

fn approve(keyring: &Keyring, keys: &[LocalDev], content: Content, signers: usize) -> Approval {
    let request = request(keyring, content);
    let mut approval = Approval::new(request.clone(), 3);
    for (n, key) in (1..).zip(keys).take(signers) {
        let signature = ApprovalSignature {
            signer: Name::new(&format!("person-{n}")).unwrap(),
            kid: kid(&format!("approver-{n}")),
            alg: verify::Algorithm::Ed25519,
            signature: Signature::new(key.sign(&request.digest().0)).unwrap(),
        };
        let expected = Expected::of(keyring, at(2));
        approval.add(signature, &expected).unwrap();
    }
    approval
}

/// What it is about, content and number of signatures, time, and part of the message.
type Row<'a> = (&'a str, Content, usize, u64, Result<(), &'a str>);

#[tokio::test]
async fn only_the_approved_key_signs_and_only_until_it_expires() {
    let (keyring, keys) = keyring();
    let key = LocalDev::from_seed([9; 32]);
    let public = key.public_key().unwrap();
    let pem = PemKey::parse(&key.to_pkcs8_pem().unwrap()).unwrap();
    let content = |name: &str, key: &PublicKey| Content::Emergency {
        expires_at: at(100),
        kid: kid(name),
        public_key: key.fingerprint(),
    };
    let other = LocalDev::from_seed([10; 32]).public_key().unwrap();
    let recovery = Content::Recovery {
        anchor: verify::ChainHead::NONE,
        epoch: 2,
    };
    let table: &[Row<'_>] = &[
        ("approved", content("rescue", &public), 3, 10, Ok(())),
        ("two", content("rescue", &public), 2, 10, Err("it takes 3")),
        ("late", content("rescue", &public), 3, 50, Err("expired at")),
        ("kid", content("other", &public), 3, 10, Err("key `other`")),
        ("key", content("rescue", &other), 3, 10, Err("public key")),
        ("action", recovery, 3, 10, Err("`recovery`")),
    ];
    for (what, content, signers, now, result) in table {
        let approval = approve(&keyring, &keys, content.clone(), *signers);
        let expected = Expected::of(&keyring, at(*now));
        let key = EmergencyKey::Pem(pem.clone());
        let emergency = EmergencySigner::connect(
            &key,
            kid("rescue"),
            public.clone(),
            &approval,
            &expected,
            at(*now),
        );
        match (emergency.await, result) {
            (Ok(emergency), Ok(())) => {
                let digest = Digest::of(b"a row");
                let signer = emergency.signer(at(99)).unwrap();
                let signature = signer.sign_digest(digest).await.unwrap();
                public.verify_digest(&digest, &signature).unwrap();
                let error = emergency.signer(at(100)).unwrap_err();
                assert!(!error.is_retryable(), "{error}");
            }
            (Err(error), Err(part)) => {
                let text = error.to_string();
                assert!(text.contains(part), "{what}: {text}");
            }
            (emergency, _) => panic!("{what}: {emergency:?}"),
        }
    }
}

#[test]
fn a_private_key_is_read_from_pem_only() {
    let label = "PRIVATE KEY";
    let empty = format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    for text in ["", "nonsense", &empty] {
        let error = PemKey::parse(&SecretString::from(text)).unwrap_err();
        assert!(matches!(error.fault(), Fault::Setting(_)), "{error}");
    }
}
