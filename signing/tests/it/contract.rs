//! What every signer has to do, whatever stands behind it.

use std::sync::Arc;
use std::time::Duration;

use ledger::{Digest, Nanos};
use signing::limits::NOTE_MAX;
use signing::{Fault, SealRequest, Signer, SignerConfig};
use verify::{Kid, PublicKey};

use crate::keys::TestKey;
use crate::openssl;

/// Runs the contract over the signer of `config`, whose key is `public`.
pub(crate) async fn holds(config: &SignerConfig, kid: &Kid, public: &PublicKey) {
    let published = Signer::published_key(config).await.unwrap();
    let is_told = !matches!(config, SignerConfig::Proxy(_) | SignerConfig::Hmac(_));
    assert_eq!(published.as_ref(), is_told.then_some(public));
    let signer = Signer::connect(config, kid.clone(), public.clone())
        .await
        .unwrap();
    assert_eq!(signer.kid(), kid);
    assert_eq!(signer.algorithm(), public.algorithm());
    signer.self_test().await.unwrap();
    signs_rows(&signer, public).await;
    signs_notes(&signer, public).await;
    signs_many_at_once(signer, public).await;
    refuses_another_key(config, kid, public).await;
}

async fn signs_rows(signer: &Signer, public: &PublicKey) {
    let genesis = br#"{"prev":null,"seq":1}"#.to_vec();
    let first = Digest::of(&genesis);
    let second = format!(r#"{{"prev":"{first}","seq":2}}"#).into_bytes();
    for (canonical, prev) in [(genesis, None), (second, Some(first))] {
        let digest = match prev {
            None => Digest::of(&canonical),
            Some(prev) => Digest::of_parts(&[&canonical, &prev.0]),
        };
        let request = SealRequest {
            canonical: &canonical,
            prev,
            digest,
        };
        let signature = signer.sign_seal(request).await.unwrap();
        public.verify_digest(&digest, &signature).unwrap();
        assert!(openssl::accepts_digest(public, digest, &signature));
        assert!(!openssl::accepts_digest(public, Digest::ZERO, &signature));

        let digest = Digest::of(b"another row");
        let wrong = SealRequest { digest, ..request };
        let error = signer.sign_seal(wrong).await.unwrap_err();
        assert_eq!(*error.fault(), Fault::DigestMismatch);
    }
    let digest = Digest::of(b"a digest alone");
    let signature = signer.sign_digest(digest).await.unwrap();
    assert!(openssl::accepts_digest(public, digest, &signature));
    let canonical = br#"{"kind":"approval_request","v":1}"#;
    let signature = signer.sign_canonical(canonical).await.unwrap();
    let digest = Digest::of(canonical);
    assert!(openssl::accepts_digest(public, digest, &signature));
}

async fn signs_notes(signer: &Signer, public: &PublicKey) {
    let root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let text = format!("here/test/1\n7\n{root}\n").into_bytes();
    let signature = signer.sign_note(&text).await.unwrap();
    public.verify_note(&text, &signature).unwrap();
    assert!(openssl::accepts_note(public, &text, &signature));

    let longest = vec![b'a'; NOTE_MAX];
    let signature = signer.sign_note(&longest).await.unwrap();
    public.verify_note(&longest, &signature).unwrap();
    let error = signer.sign_note(&[b'a'; NOTE_MAX + 1]).await.unwrap_err();
    assert_eq!(error.fault().name(), "too_long");
}

async fn signs_many_at_once(signer: Signer, public: &PublicKey) {
    let signer = Arc::new(signer);
    let before = signer.health(Nanos(0)).await.signatures;
    let tasks: Vec<_> = (0..16_u8)
        .map(|n| {
            let (signer, public) = (signer.clone(), public.clone());
            tokio::spawn(async move {
                let digest = Digest::of(&[n]);
                let signature = signer.sign_digest(digest).await.unwrap();
                public.verify_digest(&digest, &signature).unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    signer.note_verified(Nanos(1_000));
    let health = signer.health(Nanos(3_000)).await;
    health.key.unwrap();
    assert_eq!(health.signatures, before + 16);
    assert_eq!(health.last_verified, Some(Duration::from_nanos(2_000)));
}

/// No signature leaves that the registered key does not verify, and it is clear why.
async fn refuses_another_key(config: &SignerConfig, kid: &Kid, public: &PublicKey) {
    let other = TestKey::like(public).public();
    let error = match Signer::connect(config, kid.clone(), other).await {
        Err(error) => error,
        Ok(signer) => {
            let row = b"{}";
            let request = SealRequest {
                canonical: row,
                prev: None,
                digest: Digest::of(row),
            };
            for error in [
                signer.sign_seal(request).await.unwrap_err(),
                signer.sign_digest(Digest::of(b"x")).await.unwrap_err(),
                signer.sign_note(b"a note\n").await.unwrap_err(),
            ] {
                assert_eq!(error.fault().name(), "wrong_key", "{error}");
            }
            assert_eq!(signer.health(Nanos(0)).await.signatures, 0);
            signer.self_test().await.unwrap_err()
        }
    };
    assert_eq!(error.fault().name(), "wrong_key", "{error}");
    assert!(!error.is_retryable());
}
