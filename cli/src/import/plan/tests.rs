use ledger::account::AccountFlags;
use ledger::asset::AssetCode;

use super::*;
use crate::import::mapping::Mapping;

const MAPPING: &str = r#"
namespace = "shop"
key = ["id"]
asset = "{asset}"
reference = "order {id}"
[date]
column = "day"
format = "%Y-%m-%d"
[amount]
column = "amount"
negative = "swap"
zero = "skip"
decimal = ","
group = "."
[account.buyer]
name = "buyer:{who}"
code = 10
floor = "-5.5"
[account.till]
name = "till {asset}"
code = 20
normal = "debit"
[account.other]
name = "{who}"
code = 30
[[rule]]
name = "sale"
when = { kind = "sale" }
debit = "buyer"
credit = "till"
code = 1
[[rule]]
name = "note"
when = { kind = ["note", ""] }
skip = true
[[rule]]
name = "odd"
when = { kind = "odd" }
debit = "other"
credit = "till"
code = 3
"#;

const COLUMNS: [&str; 6] = ["id", "day", "kind", "who", "asset", "amount"];

fn assets() -> [Asset; 2] {
    let asset = |id, code, exponent| Asset {
        id: AssetId(id),
        code: AssetCode::parse(code).unwrap(),
        exponent,
    };
    [asset(1, "USD", 2), asset(2, "JPY", 0)]
}

fn bound(mapping: &str) -> Bound {
    let columns = COLUMNS.map(str::to_owned);
    Mapping::parse(mapping).unwrap().bind(&columns).unwrap()
}

fn plan_all(mapping: &str, rows: &[&str]) -> Vec<Result<Option<Move>, String>> {
    let (bound, assets) = (bound(mapping), assets());
    let mut planner = Planner::new(&bound, &assets);
    let rows = rows.iter().enumerate().map(|(at, text)| Row {
        line: 2 + at as u64,
        values: text.split('|').map(str::to_owned).collect(),
    });
    let plan = |row| planner.plan(&row).map_err(|problem| problem.to_string());
    rows.map(plan).collect()
}

fn named(name: &str) -> AccountId {
    AccountKey::named(name)
}

#[test]
fn a_row_becomes_a_transfer() {
    let plan = plan_all(MAPPING, &["7|2024-02-29|sale|ann|USD|1.234,50"]);
    let Ok(Some(sale)) = &plan[0] else {
        panic!("{plan:?}")
    };
    assert_eq!(sale.line, 2);
    assert_eq!(sale.rule, 0);
    assert_eq!(sale.reference, "order 7");
    let t = &sale.transfer;
    assert_eq!(t.id.0, Domain::Import.derive(["shop", "7"]));
    assert_eq!((t.debit, t.credit), (named("buyer:ann"), named("till USD")));
    assert_eq!((t.amount, t.asset, t.code), (123_450, AssetId(1), 1));
    assert_eq!(instant::show(t.effective_at), "2024-02-29T00:00:00Z");
    let [buyer, till] = &sale.new_accounts[..] else {
        panic!("{:?}", sale.new_accounts)
    };
    assert_eq!(buyer.name, "buyer:ann");
    assert_eq!((buyer.account.id, buyer.account.code), (t.debit, 10));
    assert_eq!(buyer.account.settings.floor, Some(-550));
    assert_eq!((till.account.id, till.account.code), (t.credit, 20));
    assert_eq!(
        till.account.settings.flags,
        AccountFlags(AccountFlags::DEBIT_NORMAL)
    );
}

#[test]
fn accounts_are_declared_once() {
    let rows = ["1|2024-01-01|sale|ann|USD|1", "2|2024-01-01|sale|bob|USD|1"];
    let needed: Vec<usize> = plan_all(MAPPING, &rows)
        .into_iter()
        .map(|planned| match planned {
            Ok(Some(each)) => each.new_accounts.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(needed, [2, 1]);
}

#[test]
fn signs_and_skips_are_followed() {
    let rows = [
        "1|2024-01-01|sale|ann|JPY|-300",
        "2|2024-01-01|note|ann|USD|what?",
        "3|2024-01-01|sale|ann|USD|0,00",
    ];
    let free = MAPPING.replace("floor = \"-5.5\"\n", "");
    let plan = plan_all(&free, &rows);
    let Ok(Some(refund)) = &plan[0] else {
        panic!("{plan:?}")
    };
    let t = refund.transfer;
    assert_eq!((t.debit, t.credit), (named("till JPY"), named("buyer:ann")));
    assert_eq!((t.amount, t.asset), (300, AssetId(2)));
    assert_eq!(plan[1..], [Ok(None), Ok(None)]);
}

/// Line, column and value, what is wrong, and what to do about it.
#[test]
fn bad_rows_are_named() {
    let rows = [
        (
            "1|2024-01-01|gift|ann|USD|1",
            "line 2: no rule fits kind=`gift`; add a `[[rule]]` to the mapping",
        ),
        (
            "1|2024-01-01|sale||USD|1",
            "line 2, column `who` = ``: empty, and the mapping needs a value there",
        ),
        (
            "|2024-01-01|sale|ann|USD|1",
            "line 2, column `id` = ``: empty, and the mapping needs a value there",
        ),
        (
            "1|2024-01-01|sale|ann|EUR|1",
            "line 2: no asset `EUR` in the ledger; `ledgerctl asset list` shows what it has",
        ),
        (
            "1|2024-01-01|sale|ann|USD|1,234",
            "line 2, column `amount` = `1,234`: `USD` has 2 digits after the point; write no more",
        ),
        (
            "1|2024-01-01|sale|ann|USD|12x",
            "line 2, column `amount` = `12x`: not a decimal amount; write it like `12.34`",
        ),
        (
            "1|29.02.2024|sale|ann|USD|1",
            "line 2, column `day` = `29.02.2024`: not a date of the form `%Y-%m-%d`",
        ),
        (
            "1|2023-02-29|sale|ann|USD|1",
            "line 2, column `day` = `2023-02-29`: not a date of the form `%Y-%m-%d`",
        ),
        (
            "1|1950-01-01|sale|ann|USD|1",
            "line 2, column `day` = `1950-01-01`: the ledger holds times after \
            1970-01-01T00:00:00Z and before 2554",
        ),
        (
            "1|2024-01-01|odd|till USD|USD|1",
            "line 2: debit and credit are one account; look at its rule",
        ),
        (
            "1|2024-01-01|sale|ann|JPY|1",
            "line 2: bound of account `buyer`: `JPY` has 0 digits after the point; write no more",
        ),
    ];
    for (row, message) in rows {
        assert_eq!(plan_all(MAPPING, &[row]), [Err(message.to_owned())]);
    }
    let refusing = MAPPING
        .replace("negative = \"swap\"", "")
        .replace("zero = \"skip\"", "");
    let rows = [
        (
            "1|2024-01-01|sale|ann|USD|-1",
            "line 2, column `amount` = `-1`: below zero; set `amount.negative` to `swap` or \
            `absolute` if that has a meaning",
        ),
        (
            "1|2024-01-01|sale|ann|USD|0",
            "line 2, column `amount` = `0`: zero; set `amount.zero` to `skip` if such rows mean \
            nothing",
        ),
    ];
    for (row, message) in rows {
        assert_eq!(plan_all(&refusing, &[row]), [Err(message.to_owned())]);
    }
}

#[test]
fn rows_that_do_not_fit_together_are_named() {
    let free = MAPPING.replace("floor = \"-5.5\"\n", "");
    let first = "1|2024-01-01|sale|ann|USD|1";
    let rows = [
        (
            "1|2024-01-02|sale|ann|USD|2",
            "line 3, column `id` = `1`: the row on line 2 has the same key; add a column to `key` \
            in the mapping",
        ),
        (
            "2|2024-01-01|sale|ann|JPY|1",
            "line 3: account `buyer` has another asset in a row before; put the asset into its \
            name",
        ),
        (
            "2|2024-01-01|odd|buyer:ann|USD|1",
            "line 3: account `other` has the name of another kind in a row before; names must \
            differ",
        ),
    ];
    for (row, message) in rows {
        let plan = plan_all(&free, &[first, row]);
        assert_eq!(plan[1], Err(message.to_owned()));
    }
}

/// A bad row must not take the key, or the declaration of an account, of a good one after it.
#[test]
fn a_bad_row_leaves_no_trace() {
    let bad = "1|2024-01-01|sale|ann|JPY|1";
    let good = "1|2024-01-01|sale|ann|USD|1";
    let plan = plan_all(MAPPING, &[bad, good]);
    assert!(plan[0].is_err());
    assert!(matches!(&plan[1], Ok(Some(each)) if each.new_accounts.len() == 2));
}
