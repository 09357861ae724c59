use super::*;

#[test]
fn dates_and_times_are_read() {
    let rows = [
        (
            "1993-01-01",
            725_846_400_000_000_000,
            "1993-01-01T00:00:00Z",
        ),
        (
            "1993-01-01T12:30:00Z",
            725_891_400_000_000_000,
            "1993-01-01T12:30:00Z",
        ),
        (
            "1993-01-01T12:30:00.000000001+01:00",
            725_887_800_000_000_001,
            "1993-01-01T11:30:00.000000001Z",
        ),
    ];
    for (text, nanos, printed) in rows {
        assert_eq!(parse(text), Ok(Nanos(nanos)), "{text}");
        assert_eq!(show(Nanos(nanos)), printed);
        assert_eq!(parse(printed), Ok(Nanos(nanos)));
    }
    assert_eq!(show(Nanos(0)), "");
    assert!(parse(&show(Nanos(u64::MAX))).is_ok());
}

#[test]
fn people_get_no_more_than_they_read() {
    let rows = [
        ("", ""),
        ("1993-01-01T00:00:00Z", "1993-01-01"),
        ("1993-01-01T00:00:00.000000001Z", "1993-01-01T00:00:00Z"),
        ("1993-01-01T12:30:00Z", "1993-01-01T12:30:00Z"),
    ];
    for (time, text) in rows {
        assert_eq!(brief(time), text);
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "now",
        "1993",
        "1993-02-30",
        "19930101",
        "1993-01-01T12:30:00",
    ] {
        assert_eq!(parse(text), Err(InstantError::NotTime), "{text}");
    }
    for text in ["1970-01-01", "1969-12-31", "2600-01-01"] {
        assert_eq!(parse(text), Err(InstantError::OutOfRange), "{text}");
    }
}

#[test]
fn as_of_a_date_is_its_end() {
    assert_eq!(
        parse_as_of("1993-01-01").map(show).unwrap(),
        "1993-01-01T23:59:59.999999999Z"
    );
    assert_eq!(
        parse_as_of("1993-01-01T12:30:00Z"),
        parse("1993-01-01T12:30:00Z")
    );
}
