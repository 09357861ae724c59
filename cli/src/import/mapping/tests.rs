use super::*;

const GOOD: &str = r#"
namespace = "n"
key = ["id"]
asset = "USD"
[amount]
column = "amount"
[account.a]
name = "a:{who}"
code = 1
[account.b]
name = "b"
code = 2
[[rule]]
name = "r"
when = { kind = ["x", "y"] }
debit = "a"
credit = "b"
code = 7
"#;

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_mapping_is_read_and_bound() {
    let mapping = Mapping::parse(GOOD).unwrap();
    let bound = mapping
        .bind(&columns(&["kind", "who", "amount", "id"]))
        .unwrap();
    assert_eq!(bound.key, [3]);
    assert_eq!(bound.amount.column, 2);
    assert_eq!(bound.rules[0].when, [(0, columns(&["x", "y"]))]);
    let action = BoundAction::Move {
        debit: 0,
        credit: 1,
        code: 7,
    };
    assert_eq!(bound.rules[0].action, action);
}

/// Each row replaces a piece of the good mapping; what is wrong says where, what, and what to do.
#[test]
fn what_is_wrong_is_said() {
    let rows = [
        (
            "namespace = \"n\"",
            "namespace = \"\"",
            "`namespace`: empty; it tells rows of this file from all others",
        ),
        (
            "key = [\"id\"]",
            "key = []",
            "`key` = `[]`: empty; it tells rows of this file from all others",
        ),
        (
            "debit = \"a\"",
            "debit = \"c\"",
            "`rule[0].debit` = `c`: no such account; declare it as `[account.NAME]`",
        ),
        (
            "credit = \"b\"\n",
            "",
            "`rule[0].credit`: missing; a rule needs `debit`, `credit` and `code`, or `skip = \
            true`",
        ),
        (
            "debit = \"a\"",
            "skip = true",
            "`rule[0].credit`: a rule with `skip = true` moves nothing; leave one of them out",
        ),
        (
            "code = 7",
            "code = 0",
            "`rule[0].code` = `0`: a code is 1 to 65535",
        ),
        (
            "a:{who}",
            "a:{who",
            "`account.a.name` = `a:{who`: a `{` names no column; close it, or write `{{` for the \
            brace itself",
        ),
        (
            "[amount]",
            "[file]\ndelimiter = \";;\"\n[amount]",
            "`file.delimiter` = `;;`: not one character that can stand there",
        ),
        (
            "[amount]",
            "[file]\nquote = \",\"\n[amount]",
            "`file.quote` = `,`: two marks that must differ are the same",
        ),
        (
            "[amount]",
            "[amount]\ngroup = \".\"",
            "`amount.group` = `.`: two marks that must differ are the same",
        ),
    ];
    for (from, to, message) in rows {
        let text = GOOD.replace(from, to);
        assert_ne!(text, GOOD);
        assert_eq!(Mapping::parse(&text).unwrap_err().to_string(), message);
    }
}

#[test]
fn what_is_misspelt_is_named_with_its_line() {
    let rows = [
        (
            "[amount]",
            "[ammount]",
            "line 5: `ammount`: unknown field `ammount`",
        ),
        (
            "code = 7",
            "code = 70000",
            "line 18: `rule[0].code`: invalid value",
        ),
        ("asset = \"USD\"", "asset = ", "line 4: "),
        ("asset = \"USD\"", "", "missing field `asset`"),
    ];
    for (from, to, part) in rows {
        let message = Mapping::parse(&GOOD.replace(from, to))
            .unwrap_err()
            .to_string();
        assert!(message.contains(part), "{message}");
        assert!(
            message.ends_with("; docs/use/import.md has every key"),
            "{message}"
        );
    }
}

#[test]
fn columns_that_the_file_lacks_are_named() {
    let mapping = Mapping::parse(GOOD).unwrap();
    let bind = |names| mapping.bind(&columns(names)).unwrap_err().to_string();
    assert_eq!(
        bind(&["kind", "who", "amount"]),
        "`key[0]` = `id`: no such column in the file; it has: kind, who, amount"
    );
    assert_eq!(
        bind(&["id", "kind", "who", "amount", "who"]),
        "`account.a.name` = `who`: the file has more than one column of that name"
    );
    assert_eq!(
        bind(&["id", "who", "amount"]),
        "`rule[0].when` = `kind`: no such column in the file; it has: id, who, amount"
    );
}

#[test]
fn a_format_must_give_a_date() {
    let bind = |format| {
        let date = format!("[date]\ncolumn = \"id\"\nformat = \"{format}\"\n[amount]");
        let mapping = Mapping::parse(&GOOD.replace("[amount]", &date)).unwrap();
        mapping
            .bind(&columns(&["kind", "who", "amount", "id"]))
            .map(drop)
    };
    for good in [
        "%Y-%m-%d",
        "%y%m%d",
        "%d.%m.%Y %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%z",
    ] {
        assert_eq!(bind(good), Ok(()), "{good}");
    }
    for bad in ["", "%H:%M", "%Y-%m", "yyyy-mm-dd", "%!"] {
        assert!(bind(bad).is_err(), "{bad}");
    }
}
