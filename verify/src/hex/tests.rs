use super::*;

#[test]
fn one_spelling_is_read() {
    assert_eq!(encode(&[0, 0x1f, 0xff]), "001fff");
    for (text, bytes) in [
        ("001fff", Some([0, 0x1f, 0xff])),
        ("001FFF", None),
        ("001ff", None),
        ("001fff0", None),
        ("001ffg", None),
        ("", None),
        ("+01fff", None),
    ] {
        assert_eq!(decode::<3>(text), bytes, "{text}");
    }
}
