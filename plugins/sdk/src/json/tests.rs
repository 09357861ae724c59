use super::*;

#[test]
fn every_kind_of_value_is_read() {
    let text = r#" {"a" : [ 1, -2,0 ] , "b":{"c":null},"d":[true,false],"e":[],"f":{} } "#;
    let list = |values: &[i64]| Json::List(values.iter().copied().map(Json::Number).collect());
    let field = |name: &str, value| (name.to_owned(), value);
    let expected = Json::Object(vec![
        field("a", list(&[1, -2, 0])),
        field("b", Json::Object(vec![field("c", Json::Null)])),
        field("d", Json::List(vec![Json::Bool(true), Json::Bool(false)])),
        field("e", list(&[])),
        field("f", Json::Object(vec![])),
    ]);
    assert_eq!(Json::parse(text), Ok(expected));
}

#[test]
fn texts_are_unescaped() {
    let table = [
        (r#""""#, ""),
        (r#""grün""#, "grün"),
        (r#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"),
        (r#""\u0041\u00e4\ud83d\ude00""#, "Aä😀"),
    ];
    for (json, text) in table {
        assert_eq!(Json::parse(json), Ok(Json::Text(text.to_owned())), "{json}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    let table = [
        ("", "a value is missing at byte 0"),
        ("nul", "a value is missing at byte 0"),
        ("[1 2]", "`,` or a closing bracket is missing at byte 3"),
        ("[1,]", "a value is missing at byte 3"),
        ("[1", "`,` or a closing bracket is missing at byte 2"),
        ("{\"a\" 1}", "`:` is missing at byte 5"),
        ("{a: 1}", "`\"` is missing at byte 1"),
        ("{\"a\":1,\"a\":1}", "a name is there twice at byte 7"),
        ("{\"a\":1,\"\\u0061\":1}", "a name is there twice at byte 7"),
        ("1 2", "text after the end at byte 2"),
        ("01", "not a whole number at byte 0"),
        ("1.0", "not a whole number at byte 0"),
        ("1e3", "not a whole number at byte 0"),
        ("-", "not a whole number at byte 0"),
        ("+1", "a value is missing at byte 0"),
        (
            "9007199254740993",
            "a number beyond 2^53, which belongs in quotes at byte 0",
        ),
        (
            "99999999999999999999",
            "a number beyond 2^53, which belongs in quotes at byte 0",
        ),
        ("\"a", "a text without an end at byte 1"),
        ("\"a\nb\"", "a control character in a text at byte 2"),
        (r#""\x""#, "an unknown escape at byte 1"),
        (r#""\u12""#, "`\\u` without four digits at byte 1"),
        (r#""\u+123""#, "`\\u` without four digits at byte 1"),
        (r#""\ud83d""#, "`\\u` without four digits at byte 7"),
        (r#""\ud83d\u0041""#, "half of a character at byte 13"),
        (r#""\ude00""#, "half of a character at byte 7"),
    ];
    for (json, why) in table {
        let error = Json::parse(json).unwrap_err();
        assert_eq!(error.to_string(), why, "{json}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    Json::parse(&nested(MAX_DEPTH + 1)).unwrap();
    assert!(Json::parse(&nested(MAX_DEPTH + 2)).is_err());
    assert!(Json::parse(&"[".repeat(100_000)).is_err());
}

/// Every text that is cut out of another is an error and no panic.
#[test]
fn no_text_panics() {
    let text = r#"{"ä": ["\u00e4\ud83d\ude00", -12, true, null, {"b": "\\"}]}"#;
    for (from, _) in text.char_indices() {
        for (to, _) in text.char_indices().filter(|(to, _)| *to >= from) {
            let _ = Json::parse(&text[from..to]);
        }
    }
}
