use super::*;

#[test]
fn one_spelling_is_read() {
    assert_eq!(encode(b"any"), "YW55");
    assert_eq!(encode(b"an"), "YW4=");
    for (text, bytes) in [
        ("", Some(&b""[..])),
        ("YW55", Some(b"any")),
        ("YW4=", Some(b"an")),
        ("YW4", None),
        ("YW5=", None),
        ("YW4==", None),
        ("YW4=\n", None),
        ("YW-_", None),
        (" YW55", None),
    ] {
        assert_eq!(decode(text).as_deref(), bytes, "{text}");
    }
}
