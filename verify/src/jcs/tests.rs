use proptest::prelude::*;

use super::*;
use crate::limits::{JSON_BYTES_MAX, JSON_DEPTH_MAX};

#[test]
fn texts_have_one_canonical_form() {
    for (text, canonical) in [
        ("null", "null"),
        (" [ 1 , -2,true\n] ", "[1,-2,true]"),
        ("{}", "{}"),
        ("[]", "[]"),
        (
            r#"{"b":1,"a":{"z":"","_":0}}"#,
            r#"{"a":{"_":0,"z":""},"b":1}"#,
        ),
        ("9007199254740991", "9007199254740991"),
        ("-9007199254740991", "-9007199254740991"),
        (r#""\u0041\/\u00e4\ud83d\ude00""#, r#""A/ä😀""#),
        (
            r#""\u0008\u0009\u000a\u000c\u000d\u0000\u001F\"\\""#,
            r#""\b\t\n\f\r\u0000\u001f\"\\""#,
        ),
        ("\"\u{7f}\"", "\"\u{7f}\""),
    ] {
        let value = parse(text.as_bytes()).unwrap();
        assert_eq!(value.canonical(), canonical.as_bytes(), "{text}");
        assert_eq!(parse_canonical(canonical.as_bytes()), Ok(value));
        if text != canonical {
            assert_eq!(
                parse_canonical(text.as_bytes()),
                Err(JcsError::NotCanonical)
            );
        }
    }
}

#[test]
fn what_is_not_strict_is_refused() {
    let deep = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
    assert!(parse(&deep(JSON_DEPTH_MAX)).is_ok());
    assert!(matches!(
        parse(&deep(JSON_DEPTH_MAX + 1)),
        Err(JcsError::TooDeep(_))
    ));
    let long = vec![b' '; JSON_BYTES_MAX + 1];
    assert_eq!(parse(&long), Err(JcsError::TooLong(long.len())));
    for (text, error) in [
        (&b""[..], JcsError::End),
        (b" ", JcsError::End),
        (b"[1", JcsError::End),
        (b"[1,]", JcsError::Unexpected(3)),
        (b"{\"a\" 1}", JcsError::Unexpected(5)),
        (b"{a:1}", JcsError::Unexpected(1)),
        (b"nul", JcsError::Unexpected(0)),
        (b"1 2", JcsError::Trailing(2)),
        (b"1.0", JcsError::Number(0)),
        (b"1e3", JcsError::Number(0)),
        (b"-0", JcsError::Number(0)),
        (b"-", JcsError::Number(0)),
        (b"01", JcsError::Number(0)),
        (b"9007199254740992", JcsError::Number(0)),
        (b"-9007199254740992", JcsError::Number(0)),
        (b"99999999999999999999999", JcsError::Number(0)),
        (b"+1", JcsError::Unexpected(0)),
        (b"NaN", JcsError::Unexpected(0)),
        (b"\"a", JcsError::End),
        (b"\"\n\"", JcsError::Text(1)),
        (b"\"\\x\"", JcsError::Text(1)),
        (b"\"\\u12\"", JcsError::End),
        (b"\"\\u12g4\"", JcsError::Text(3)),
        (b"\"\xff\"", JcsError::Text(1)),
        (b"\"\xed\xa0\x80\"", JcsError::Text(1)),
        (b"\"\\ud800\"", JcsError::Surrogate(1)),
        (b"\"\\ud800\\u0041\"", JcsError::Surrogate(1)),
        (b"\"\\ud800\\ud800\"", JcsError::Surrogate(1)),
        (b"\"\\udc00\"", JcsError::Surrogate(1)),
        (b"{\"\":1}", JcsError::Name(1)),
        (b"{\"A\":1}", JcsError::Name(1)),
        (b"{\"a b\":1}", JcsError::Name(1)),
        (b"{\"a\":1,\"a\":1}", JcsError::Duplicate("a".into())),
        (b"{\"a\":1,\"\\u0061\":1}", JcsError::Duplicate("a".into())),
    ] {
        let shown = String::from_utf8_lossy(text);
        assert_eq!(parse(text), Err(error), "{shown}");
    }
}

#[test]
fn structs_must_be_declared_in_order() {
    #[derive(serde::Serialize)]
    struct Ordered {
        a: u64,
        b: Option<u64>,
    }
    #[derive(serde::Serialize)]
    struct Unordered {
        b: u64,
        a: u64,
    }
    let bytes = canonical(&Ordered { a: 1, b: None }).unwrap();
    assert_eq!(bytes, br#"{"a":1,"b":null}"#);
    assert_eq!(
        canonical(&Unordered { b: 1, a: 1 }),
        Err(JcsError::NotCanonical)
    );
    assert_eq!(canonical(&0.5), Err(JcsError::Number(0)));
    assert_eq!(canonical(&(1u64 << 53)), Err(JcsError::Number(0)));
}

fn values() -> impl Strategy<Value = Value> {
    let int = -9_007_199_254_740_991i64..=9_007_199_254_740_991;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        int.prop_map(Value::Int),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::btree_map(name(), inner, 0..8).prop_map(Value::Object),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789_".map(char::from);
    prop::collection::vec(prop::sample::select(letters.to_vec()), 1..12).prop_map(String::from_iter)
}

proptest! {
    /// A canonicalizer that shares no code with ours gives the same bytes.
    #[test]
    fn canonical_is_what_another_canonicalizer_says(value in values()) {
        let bytes = value.canonical();
        let foreign: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&serde_json_canonicalizer::to_vec(&foreign).unwrap(), &bytes);
        // Spelled otherwise, it is the same value.
        let pretty = serde_json::to_vec_pretty(&foreign).unwrap();
        prop_assert_eq!(&parse(&pretty).unwrap(), &value);
        prop_assert_eq!(parse_canonical(&bytes).unwrap(), value);
    }

    /// Whatever we accept, another reader accepts as the same value.
    #[test]
    fn what_is_accepted_is_json(text in "[\\[\\]{}:,\"a0-9.eE+\\\\u \\-tnrflsD8]{0,24}") {
        if let Ok(value) = parse(text.as_bytes()) {
            let foreign: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(serde_json_canonicalizer::to_vec(&foreign).unwrap(), value.canonical());
        }
    }
}
