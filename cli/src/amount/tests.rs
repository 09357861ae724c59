use ledger::AssetId;
use ledger::asset::{Asset, AssetCode};

use super::*;

fn asset(exponent: u8) -> Asset {
    Asset {
        id: AssetId(1),
        code: AssetCode::parse("USD").unwrap(),
        exponent,
    }
}

#[test]
fn amounts_read_and_print() {
    let rows = [
        (2, "12.34", 1_234, "12.34"),
        (2, "12.3", 1_230, "12.30"),
        (2, "12", 1_200, "12.00"),
        (2, "0.01", 1, "0.01"),
        (2, "000.10", 10, "0.10"),
        (0, "7", 7, "7"),
        (0, "0", 0, "0"),
        (8, "0.00000001", 1, "0.00000001"),
        (18, "1", 1_000_000_000_000_000_000, "1.000000000000000000"),
        (
            0,
            "170141183460469231731687303715884105727",
            AMOUNT_MAX,
            "170141183460469231731687303715884105727",
        ),
    ];
    for (exponent, text, minor, printed) in rows {
        let asset = asset(exponent);
        assert_eq!(parse(text, &asset), Ok(minor), "{text}");
        assert_eq!(Money::of(minor, &asset).amount, printed);
        assert_eq!(Money::of(minor, &asset).amount_minor, minor.to_string());
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    use AmountError::{Grouped, Negative, NotDecimal, TooLarge, TooPrecise};
    let rows = [
        ("", NotDecimal),
        (".", NotDecimal),
        (".5", NotDecimal),
        ("5.", NotDecimal),
        ("1.2.3", NotDecimal),
        ("1e3", NotDecimal),
        ("0x10", NotDecimal),
        ("+1", NotDecimal),
        (" 1", NotDecimal),
        ("٣", NotDecimal),
        ("1,234.50", Grouped),
        ("1 234", Grouped),
        ("-1.00", Negative),
        ("1.234", TooPrecise(asset(2))),
        ("1.230", TooPrecise(asset(2))),
        ("1701411834604692317316873037158841057.28", TooLarge),
        ("99999999999999999999999999999999999999999999", TooLarge),
    ];
    for (text, error) in rows {
        assert_eq!(parse(text, &asset(2)), Err(error), "{text:?}");
    }
    assert_eq!(
        parse("1.234", &asset(2)).unwrap_err().to_string(),
        "`USD` has 2 digits after the point; write no more"
    );
}

#[test]
fn signs_are_read_where_they_may_be() {
    let usd = asset(2);
    assert_eq!(parse_signed("-12.34", &usd), Ok(-1_234));
    assert_eq!(parse_signed("+12.34", &usd), Ok(1_234));
    assert_eq!(parse_signed("0", &usd), Ok(0));
    assert_eq!(parse_signed("--1", &usd), Err(AmountError::NotDecimal));
    assert_eq!(parse_signed("-+1", &usd), Err(AmountError::NotDecimal));
    assert_eq!(Money::signed(-5, &usd).amount, "-0.05");
    assert_eq!(Money::signed(-123_456, &usd).amount, "-1234.56");
}

#[test]
fn people_get_groups_of_three() {
    let rows = [
        (0, "0.00"),
        (12_345, "123.45"),
        (123_456, "1,234.56"),
        (8_711_974_530, "87,119,745.30"),
        (-100_000, "-1,000.00"),
    ];
    for (minor, text) in rows {
        assert_eq!(Money::signed(minor, &asset(2)).grouped(), text);
    }
    assert_eq!(Money::signed(1_000, &asset(0)).grouped(), "1,000");
}
