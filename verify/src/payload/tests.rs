use proptest::prelude::*;

use super::*;
use crate::ChainHead;
use crate::fixture::{Chain, kid, revocation, seal};
use crate::jcs;

/// One payload of every kind.
pub(crate) fn every_kind() -> Vec<Content> {
    let anchor = ChainHead {
        seq: 7,
        digest: Digest::of(b"anchor"),
    };
    let body = Digest::of(b"body");
    let mut contents = vec![
        seal(3, Digest::of(b"heads")),
        revocation("seal-2", anchor),
        Content::Recovery(Recovery { body, anchor }),
    ];
    contents.extend(Action::ALL.iter().map(|action| Content::Action {
        action: *action,
        body,
    }));
    contents
}

fn payload(content: Content) -> Payload {
    Chain::of_seals(1).payload(&kid("seal-1"), content)
}

#[test]
fn a_seal_has_these_bytes() {
    let payload = payload(seal(3, Digest([0xab; 32])));
    let expected = format!(
        r#"{{"alg":"ed25519","books":3,"heads_root":"{}","kind":"seal","lease":1,"#,
        "ab".repeat(32)
    ) + r#""origin":{"deployment":"bank","environment":"test","epoch":1},"#
        + &format!(
            r#""policy_set":"{}","prev":"{}","seq":2,"signer_kid":"seal-1","#,
            Digest::of(b"policies"),
            payload.prev.unwrap(),
        )
        + r#""trace":"01010101010101010101010101010101","ts":"2025-11-24T12:00:00.100000Z","v":1}"#;
    assert_eq!(
        String::from_utf8(payload.canonical().unwrap()).unwrap(),
        expected
    );
}

#[test]
fn every_kind_is_read_back_and_is_strict_json() {
    for content in every_kind() {
        let payload = payload(content);
        let bytes = payload.canonical().unwrap();
        assert_eq!(Payload::decode(&bytes).as_ref(), Ok(&payload));
        let value = jcs::parse_canonical(&bytes).unwrap();
        assert_eq!(
            value.get("kind").and_then(|kind| kind.as_str()),
            Some(payload.content.kind())
        );
        let event_type = match payload.content.kind() {
            "seal" => "ledger.seal",
            "recovery" => "ledger.recovery",
            "operator" => "ledger.operator",
            "approval_signed" => "ledger.approval",
            kind if kind.starts_with("policy_") => "ledger.policy",
            _ => "ledger.key",
        };
        assert_eq!(payload.event_type(), event_type);
    }
}

#[test]
fn the_first_row_has_no_row_before() {
    let mut first = Chain::new().payload(&kid("seal-1"), seal(1, Digest::ZERO));
    assert!(
        first
            .canonical()
            .unwrap()
            .windows(12)
            .any(|part| part == b"\"prev\":null,")
    );
    for (seq, prev) in [(0, None), (1, Some(Digest::ZERO)), (2, None)] {
        (first.seq, first.prev) = (seq, prev);
        assert_eq!(first.canonical(), Err(PayloadError::Prev(seq)));
    }
}

#[test]
fn numbers_stay_exact() {
    let limit = crate::limits::JSON_INT_MAX;
    let mut payload = payload(seal(limit, Digest::ZERO));
    payload.lease = limit;
    assert!(payload.canonical().is_ok());
    payload.lease += 1;
    let error = PayloadError::TooLarge {
        field: "lease",
        value: limit + 1,
    };
    assert_eq!(payload.canonical(), Err(error));
}

/// Each change of a seal's text, and why it is refused.
#[test]
fn other_texts_are_refused() {
    let bytes = payload(seal(3, Digest::ZERO)).canonical().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let surplus = PayloadError::Surplus("body");
    let body = format!("\"body\":\"{}\",\"books\"", Digest::ZERO);
    for (from, to, error) in [
        ("\"alg\":", " \"alg\":", PayloadError::NotCanonical),
        ("\"v\":1", "\"v\":2", PayloadError::Version(2)),
        ("\"v\":1", "\"v\":1.0", PayloadError::NotAPayload),
        ("\"v\":1", "\"v\":1,\"w\":1", PayloadError::NotAPayload),
        ("\"v\":1", "\"v\":1,\"v\":1", PayloadError::NotAPayload),
        ("\"seal\"", "\"sea1\"", PayloadError::Kind("sea1".into())),
        ("\"seal\"", "\"operator\"", PayloadError::Missing("body")),
        ("\"books\":3,", "", PayloadError::Missing("books")),
        ("\"books\"", &body, surplus),
        (
            "\"books\":3",
            "\"books\":null",
            PayloadError::Missing("books"),
        ),
        ("\"ed25519\"", "\"rsa\"", PayloadError::NotAPayload),
        ("\"bank\"", "\"Bank\"", PayloadError::NotAPayload),
        ("\"epoch\":1", "\"epoch\":-1", PayloadError::NotAPayload),
        (
            "\"epoch\":1",
            "\"epoch\":9007199254740992",
            PayloadError::TooLarge {
                field: "origin.epoch",
                value: 1 << 53,
            },
        ),
        ("12:00:00.100000Z", "12:00:00.1Z", PayloadError::NotAPayload),
        ("0101\",\"ts\"", "010A\",\"ts\"", PayloadError::NotAPayload),
        ("seal-1", "seal\\u002d1", PayloadError::NotCanonical),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert_eq!(
            Payload::decode(changed.as_bytes()),
            Err(error),
            "{from} to {to}"
        );
    }
    let long = text.replace("{\"alg\"", &format!("{{{}\"alg\"", " ".repeat(4_096)));
    assert_eq!(
        Payload::decode(long.as_bytes()),
        Err(PayloadError::TooLong(long.len()))
    );
}

#[test]
fn the_digest_covers_the_one_before() {
    let prev = Digest::of(b"before");
    assert_eq!(digest(b"payload", None), Digest::of(b"payload"));
    assert_eq!(
        digest(b"payload", Some(&prev)),
        Digest::of_parts(&[b"payload", &prev.0])
    );
    assert_eq!(
        body_commitment(&[1; 16], b"{}"),
        Digest::of_parts(&[&[1; 16], b"{}"])
    );
}

proptest! {
    #[test]
    fn accepted_is_as_written(at in 0usize..400, byte in 0u8..128, kind in 0usize..13) {
        let mut bytes = payload(every_kind()[kind].clone()).canonical().unwrap();
        if let Some(old) = bytes.get_mut(at) {
            *old = byte;
        }
        if let Ok(payload) = Payload::decode(&bytes) {
            prop_assert_eq!(payload.canonical().unwrap(), bytes);
        }
    }
}
