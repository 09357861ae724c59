use super::{most, parts};
use crate::load::LoadError;

#[test]
fn a_version_has_three_numbers() {
    let rows = [
        ("0.1.0", Some([0, 1, 0])),
        ("10.20.30", Some([10, 20, 30])),
        ("0.1", None),
        ("0.1.0.0", None),
        ("0.1.0-beta", None),
        ("0.1.x", None),
        ("", None),
    ];
    for (text, expected) in rows {
        assert_eq!(parts(text), expected, "{text}");
    }
}

#[test]
fn what_is_counted_never_wraps() {
    let mut count = u64::MAX - 1;
    let error = most("things", &mut count, 5, 10).unwrap_err();
    let count = u64::MAX;
    assert_eq!(
        error,
        LoadError::TooComplex {
            what: "things",
            count,
            most: 10
        }
    );
}
