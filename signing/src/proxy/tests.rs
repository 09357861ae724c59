use serde_json::json;

use super::*;

#[test]
fn an_answer_is_read_under_all_its_names() {
    let digest = Digest::of(b"a row");
    let text = digest.to_string();
    let good = [
        json!({"kid": "k", "alg": "ed25519", "signature": "AAAA"}),
        json!({"signer_kid": "k", "signature_b64": "AAAA"}),
        json!({"signer_id": "k", "signature": "AAAA", "digestHex": text}),
        json!({"kid": "k", "signer_kid": "k", "signature": "AAAA", "signature_b64": "AAAA"}),
        json!({"kid": "k", "signature": "AAAA", "digest_hex": text.to_uppercase(), "more": 1}),
        json!({"kid": "k", "alg": null, "signature": "AAAA"}),
    ];
    for answer in good {
        let signed = Signed::read(&answer, Some(digest)).unwrap();
        assert_eq!(signed.kid, "k");
        assert_eq!(signed.signature.as_bytes(), [0, 0, 0]);
    }
    let bad = [
        json!({}),
        json!([]),
        json!(null),
        json!({"kid": "k"}),
        json!({"signature": "AAAA"}),
        json!({"kid": 1, "signature": "AAAA"}),
        json!({"kid": "k", "signer_kid": "other", "signature": "AAAA"}),
        json!({"kid": "k", "signature": "AAAA", "signature_b64": "BBBB"}),
        json!({"kid": "k", "signature": ""}),
        json!({"kid": "k", "signature": "not base64"}),
        json!({"kid": "k", "signature": "AAAA", "digestHex": "00"}),
        json!({"kid": "k", "signature": "AAAA", "digest_hex": Digest::ZERO.to_string()}),
    ];
    for answer in bad {
        let fault = Signed::read(&answer, Some(digest)).unwrap_err();
        assert!(matches!(fault, Fault::Garbage(_)), "{answer}: {fault}");
    }
}

#[test]
fn an_anchor_has_a_number_and_a_digest() {
    let digest = Digest::of(b"a row");
    let answer = json!({"seq": 7, "digest_hex": digest.to_string(), "epoch": 2});
    let anchor = Anchor::read(&answer).unwrap();
    let expected = Anchor {
        seq: 7,
        digest,
        epoch: Some(2),
    };
    assert_eq!(anchor, expected);
    for answer in [
        json!({"seq": -1, "digest_hex": digest.to_string()}),
        json!({"seq": 7}),
    ] {
        assert!(Anchor::read(&answer).is_err(), "{answer}");
    }
}

#[test]
fn statuses_are_told_apart() {
    for (status, name) in [
        (301, "refused"),
        (400, "refused"),
        (401, "refused"),
        (403, "refused"),
        (408, "unavailable"),
        (409, "equivocation"),
        (413, "refused"),
        (429, "throttled"),
        (204, "garbage"),
        (500, "unavailable"),
        (503, "unavailable"),
    ] {
        let fault = refusal(StatusCode::from_u16(status).unwrap(), b"{}");
        assert_eq!(fault.name(), name, "{status}");
    }
}

#[test]
fn an_address_is_one_of_a_server() {
    for url in [
        "signer.internal",
        "ftp://signer.internal",
        "http://user@signer.internal",
        "http://signer.internal/?a=b",
        "https://signer.internal",
    ] {
        let config = ProxyConfig {
            url: url.into(),
            ca_pem: None,
            identity: ProxyIdentity::ApiKey(SecretString::from("a key")),
            patience: Patience::default(),
        };
        let error = Proxy::open(&config).unwrap_err();
        assert!(matches!(error.fault(), Fault::Setting(_)), "{url}: {error}");
    }
}

#[test]
fn an_origin_is_escaped() {
    let base = Url::parse("https://signer.internal/keys").unwrap();
    assert_eq!(url_query(&base, "here/test"), "origin=here%2Ftest");
    assert_eq!(url_query(&base, "a&b=c"), "origin=a%26b%3Dc");
}
