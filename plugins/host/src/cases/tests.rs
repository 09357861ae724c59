use super::Cases;
use super::moment;

const DAY: u64 = 86_400_000_000_000;

#[test]
fn moments_are_dates_and_times_or_digits() {
    let rows = [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("1970-01-02T00:00:01Z", Some(DAY + 1_000_000_000)),
        ("2000-02-29T12:00:00Z", Some(11_016 * DAY + DAY / 2)),
        ("2026-11-24T09:30:00Z", Some(1_795_512_600_000_000_000)),
        ("77", Some(77)),
        ("1900-01-01T00:00:00Z", None),
        ("2026-02-29T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-00-01T00:00:00Z", None),
        ("2026-01-00T00:00:00Z", None),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01T00:60:00Z", None),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01T00:00:00+01:00", None),
        ("2026-1-1T00:00:00Z", None),
        ("2026-01-01T+1:00:00Z", None),
        ("9999-01-01T00:00:00Z", None),
        ("", None),
    ];
    for (text, expected) in rows {
        assert_eq!(moment::parse(text), expected, "{text}");
    }
}

#[test]
fn accounts_that_nobody_lists_are_found_in_the_batch() {
    let text = r#"[{
      "name": "one", "expect": "allow",
      "batch": [
        { "debit": "5", "credit": "18446744073709551616", "amount": "18446744073709551617" },
        { "debit": "18446744073709551616", "credit": 5, "amount": 2, "id": "9", "flags": 3 }
      ]
    }]"#;
    let cases = Cases::parse(text.as_bytes()).unwrap();
    let case = cases.iter().next().unwrap();
    let (accounts, batch) = (case.accounts(), case.batch());
    assert_eq!(
        (&accounts.id_low[..], &accounts.id_high[..]),
        (&[5, 0][..], &[0, 1][..])
    );
    assert_eq!(accounts.code, [1, 1]);
    assert_eq!(
        (&batch.debit[..], &batch.credit[..]),
        (&[0, 1][..], &[1, 0][..])
    );
    assert_eq!(
        (&batch.amount_low[..], &batch.amount_high[..]),
        (&[1, 2][..], &[1, 0][..])
    );
    assert_eq!(
        (&batch.id_low[..], &batch.flag_bits[..]),
        (&[1, 9][..], &[0, 3][..])
    );
    assert_eq!(batch.len(), 2);
}
