use ledger::asset::{Asset, AssetCode};

use super::*;

fn assets() -> Assets {
    Assets(vec![Asset {
        id: AssetId(7),
        code: AssetCode::parse("USD").unwrap(),
        exponent: 2,
    }])
}

fn read(line: &str) -> Result<Item<u64>, String> {
    parse(3, line.as_bytes(), None, &assets()).map_err(|problem| problem.to_string())
}

#[test]
fn a_line_becomes_a_transfer() {
    let item = read(
        r#"{"id":"0x10","debit":1,"credit":"name:bob","amount":"12.34","asset":"USD","code":9,
            "flags":["hold","linked"],"timeout":60,"effective_at":"1993-01-01","user_data":"5",
            "reference":"r","metadata":{"a":1}}"#,
    )
    .unwrap();
    let t = item.transfer;
    assert_eq!((t.id.0, t.debit.0, t.amount, t.asset.0), (16, 1, 1_234, 7));
    assert_eq!(t.credit, AccountKey::named("bob"));
    assert_eq!(t.flags, TransferFlags::HOLD.with(TransferFlags::LINKED));
    assert_eq!((t.timeout, t.code, t.user_data), (60, 9, 5));
    assert_eq!(instant::show(t.effective_at), "1993-01-01T00:00:00Z");
    assert_eq!((item.reference.as_str(), item.belongings), ("r", 3));
    assert_eq!(item.metadata, b"{\"a\":1}");
}

#[test]
fn what_is_left_out_has_a_meaning() {
    let t = read(r#"{"id":1,"debit":2,"credit":3,"amount_minor":4}"#)
        .unwrap()
        .transfer;
    assert_eq!(t, Transfer::new(1, 2, 3, 4, 1));
    let void = r#"{"id":1,"debit":2,"credit":3,"flags":["void"],"target":9}"#;
    let void = read(void).unwrap().transfer;
    assert_eq!((void.amount, void.target.0), (0, 9));
    let line = br#"{"id":1,"debit":2,"credit":3,"amount":"4"}"#;
    let t = parse(1, line, Some("USD"), &assets()).unwrap().transfer;
    assert_eq!((t.amount, t.asset.0), (400, 7));
}

#[test]
fn bad_lines_are_named() {
    let rows = [
        (
            "{",
            "line 3: EOF while parsing an object at column 1; docs/use/cli.md has every field",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amount_minor":4} x"#,
            "line 3: trailing characters at column 48; docs/use/cli.md has every field",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amout":4}"#,
            "line 3, field `amout`: unknown field `amout`",
        ),
        (r#"{"id":1,"debit":2}"#, "line 3: missing field `credit`"),
        (
            r#"{"id":1,"debit":2,"credit":[]}"#,
            "line 3, field `credit`: neither text nor a whole number at column 30",
        ),
        (
            r#"{"id":"x","debit":2,"credit":3,"amount_minor":4}"#,
            "line 3, field `id` = `x`: not an id; write a number, `0x…`, a UUID or `name:TEXT`",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amount":12.34,"asset":"USD"}"#,
            "line 3, field `amount` = `12.34`: not text; put it into quotes",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amount":"12.345","asset":"USD"}"#,
            "line 3, field `amount` = `12.345`: `USD` has 2 digits after the point",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amount":"1","asset":"EUR"}"#,
            "line 3, field `asset` = `EUR`: no asset `EUR` in the ledger; it has: USD",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amount":"1"}"#,
            "line 3, field `asset`: missing",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3}"#,
            "line 3, field `amount`: give one of `amount` and `amount_minor`",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amount_minor":4,"flags":["pending"]}"#,
            "line 3, field `flags` = `pending`: no such flag; there are: linked, hold",
        ),
        (
            r#"{"id":1,"debit":2,"credit":3,"amount_minor":4,"effective_at":"today"}"#,
            "line 3, field `effective_at` = `today`: not a time",
        ),
    ];
    for (line, message) in rows {
        let error = read(line).unwrap_err();
        assert!(error.starts_with(message), "{error}");
    }
}
