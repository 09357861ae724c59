use proptest::prelude::*;

use super::*;

#[test]
fn known_times_have_their_text() {
    for (micros, text) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (951_782_399_999_999, "2000-02-28T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_764_016_560_123_456, "2025-11-24T20:36:00.123456Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        (Micros::MAX.get(), "9999-12-31T23:59:59.999999Z"),
    ] {
        let time = Micros::new(micros).unwrap();
        assert_eq!(time.to_string(), text);
        assert_eq!(text.parse(), Ok(time));
    }
    assert_eq!(Micros::new(Micros::MAX.get() + 1), None);
    assert_eq!(Micros::MAX.next(), None);
}

#[test]
fn other_texts_are_refused() {
    for text in [
        "",
        "2025-11-24T20:36:00Z",
        "2025-11-24T20:36:00.123Z",
        "2025-11-24 20:36:00.123456Z",
        "2025-11-24T20:36:00.123456z",
        "2025-11-24T20:36:00.123456+00:00",
        "2025-13-24T20:36:00.123456Z",
        "2025-00-24T20:36:00.123456Z",
        "2025-11-31T20:36:00.123456Z",
        "2025-02-29T20:36:00.123456Z",
        "2100-02-29T20:36:00.123456Z",
        "2025-11-00T20:36:00.123456Z",
        "2025-11-24T24:36:00.123456Z",
        "2025-11-24T20:60:00.123456Z",
        "2025-11-24T20:36:60.123456Z",
        "1969-12-31T23:59:59.999999Z",
        "2025-11-24T20:36:00.12345aZ",
        "+025-11-24T20:36:00.123456Z",
    ] {
        assert_eq!(text.parse::<Micros>(), Err(NotATime), "{text}");
    }
}

#[test]
fn every_day_follows_the_one_before() {
    let (mut year, mut month, mut day) = (1970, 1, 1);
    for at in 0..=Micros::MAX.get() / SECOND / DAY_SECONDS {
        assert_eq!(civil(at), (year, month, day), "day {at}");
        assert_eq!(days(year, month, day), at);
        day += 1;
        if day > month_days(year, month) {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
}

proptest! {
    #[test]
    fn text_and_number_agree(micros in 0..=Micros::MAX.get()) {
        let time = Micros::new(micros).unwrap();
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn order_of_texts_is_order_of_times(a in 0..=Micros::MAX.get(), b in 0..=Micros::MAX.get()) {
        let (a, b) = (Micros::new(a).unwrap(), Micros::new(b).unwrap());
        prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
    }
}
