use secrecy::SecretString;

use super::*;
use crate::hmac::Hmac;
use crate::local::LocalDev;

fn kid() -> Kid {
    Kid::new("development-key").unwrap()
}

#[tokio::test]
async fn a_development_key_signs_rows_digests_and_notes() {
    let key = LocalDev::generate().unwrap();
    let again = {
        use secrecy::ExposeSecret as _;
        let pem = key.to_pkcs8_pem().unwrap();
        LocalDev::from_pkcs8_pem(pem.expose_secret()).unwrap()
    };
    assert_eq!(again.public_bytes(), key.public_bytes());
    let public = key.public_key().unwrap();
    let config = SignerConfig::LocalDev(key);
    let signer = Signer::connect(&config, kid(), public.clone())
        .await
        .unwrap();
    signer.self_test().await.unwrap();

    let (canonical, prev) = (br#"{"seq":2}"#, Digest::of(b"row 1"));
    let digest = Digest::of_parts(&[canonical, &prev.0]);
    let mut request = SealRequest {
        canonical,
        prev: Some(prev),
        digest,
    };
    let signature = signer.sign_seal(request).await.unwrap();
    public.verify_digest(&digest, &signature).unwrap();
    request.digest = Digest::of(b"another row");
    let error = signer.sign_seal(request).await.unwrap_err();
    assert_eq!(*error.fault(), Fault::DigestMismatch);

    let signature = signer.sign_note(b"a note\n").await.unwrap();
    public.verify_note(b"a note\n", &signature).unwrap();
    let error = signer.sign_note(&[0; NOTE_MAX + 1]).await.unwrap_err();
    assert_eq!(error.fault().name(), "too_long");

    let health = signer.health(Nanos(5_000)).await;
    assert_eq!((health.last_verified, health.signatures), (None, 3));
    signer.note_verified(Nanos(2_000));
    signer.note_verified(Nanos(1_000));
    let health = signer.health(Nanos(5_000)).await;
    assert_eq!(health.last_verified, Some(Duration::from_nanos(3_000)));
    assert_eq!(signer.anchor("here/test").await, Ok(Anchored::NotKept));
}

#[tokio::test]
async fn another_key_than_the_registered_one_is_refused() {
    let config = SignerConfig::LocalDev(LocalDev::generate().unwrap());
    let other = LocalDev::generate().unwrap().public_key().unwrap();
    for registered in [Registered::Public(other), Registered::Shared] {
        let error = Signer::connect(&config, kid(), registered)
            .await
            .unwrap_err();
        assert_eq!(error.fault().name(), "wrong_key", "{error}");
    }
}

#[tokio::test]
async fn a_shared_secret_has_no_public_key() {
    let hmac = Hmac::new(&SecretString::from("a secret of sixteen bytes or more")).unwrap();
    let config = SignerConfig::Hmac(hmac.clone());
    let signer = Signer::connect(&config, kid(), Registered::Shared)
        .await
        .unwrap();
    assert_eq!(signer.algorithm(), Algorithm::HmacSha256);
    assert!(signer.public_key().is_none());
    signer.self_test().await.unwrap();
    let digest = Digest::of(b"a row");
    let code = signer.sign_digest(digest).await.unwrap();
    assert!(hmac.verify(&digest.0, code.as_bytes()));
    let error = signer.sign_note(b"a note\n").await.unwrap_err();
    assert_eq!(error.fault().name(), "setting");

    let public = LocalDev::generate().unwrap().public_key().unwrap();
    let error = Signer::connect(&config, kid(), public).await.unwrap_err();
    assert_eq!(error.fault().name(), "wrong_key", "{error}");
    assert!(Hmac::new(&SecretString::from("short")).is_err());
}
