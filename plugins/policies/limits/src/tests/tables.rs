//! Configurations that are refused, and what is told of the others.

use plugins_sdk::{Account, Needs, Policy, PolicyError, Sample, Transfer, Verdict};

use crate::{Limits, rules};

fn limits(config: &str) -> Limits {
    Limits::init(config).unwrap()
}

#[test]
fn what_is_no_configuration_is_refused() {
    let table = [
        (r#"{"amonts": []}"#, "unknown field `amonts`"),
        (
            r#"{"amounts": [{"asset": 1, "min": 5, "max": 4}]}"#,
            "`amounts`: asset `1` has a `min` above its `max`",
        ),
        (
            r#"{"amounts": [{"asset": 1}, {"asset": 1}]}"#,
            "`amounts`: asset `1` is there twice",
        ),
        (
            r#"{"amounts": [{}, {}]}"#,
            "`amounts`: the line without an asset is there twice",
        ),
        (
            r#"{"amounts": [{"asset": 0}]}"#,
            "`amounts`: asset `0` is none",
        ),
        (
            r#"{"amounts": [{"batch_total": 1}]}"#,
            "`amounts`: the line without an asset cannot have a `batch_total`: name the asset",
        ),
        (
            r#"{"amounts": [{"max": 1.5}]}"#,
            "not a whole number at byte 21",
        ),
        (
            r#"{"debit": {"tags": {"deny": [64]}}}"#,
            "there is no tag `64`",
        ),
        (
            r#"{"debit": {"accounts": {"deny": ["0x1"]}}}"#,
            "field `debit`: field `accounts`: field `deny`: item 1: neither a number nor decimal \
             digits in quotes",
        ),
        (
            r#"{"hours": {"open": [{"days": ["Monday"], "from": "08:00", "to": "18:00"}]}}"#,
            "field `hours`: field `open`: item 1: field `days`: item 1: `Monday` is not a day such \
             as `mon`",
        ),
        (
            r#"{"hours": {"open": [{"days": ["mon"], "from": "8:00", "to": "18:00"}]}}"#,
            "`hours`: `8:00` is not a time of day such as `08:30`",
        ),
        (
            r#"{"hours": {"open": [{"days": ["mon"], "from": "24:00", "to": "18:00"}]}}"#,
            "`hours`: a window starts at `24:00`",
        ),
        (
            r#"{"hours": {"utc_offset_minutes": 841, "open": []}}"#,
            "`hours`: `utc_offset_minutes` is `841`",
        ),
        (
            r#"{"batch": {"max": 1}}"#,
            "field `batch`: unknown field `max`",
        ),
        (
            r#"{"codes": {"amounts": [{"code": 1}]}}"#,
            "field `codes`: field `amounts`: item 1: field `max` is missing",
        ),
    ];
    for (config, expected) in table {
        match Limits::init(config) {
            Err(PolicyError::BadConfig(why)) => assert_eq!(why, expected, "{config}"),
            other => panic!("{config}: {other:?}"),
        }
    }
}

#[test]
fn only_what_the_configuration_asks_for_is_needed() {
    let both = Needs::TRANSFERS | Needs::ACCOUNTS;
    let table = [
        ("{}", Needs::empty()),
        (r#"{"hours": {"open": []}}"#, Needs::TIME),
        (r#"{"batch": {}}"#, Needs::empty()),
        (r#"{"batch": {"max_transfers": 1}}"#, Needs::TRANSFERS),
        (r#"{"amounts": []}"#, both),
        (r#"{"assets": {}}"#, both),
        (r#"{"codes": {"deny": [1]}}"#, both),
        (r#"{"debit": {}}"#, both),
    ];
    for (config, needs) in table {
        assert_eq!(limits(config).needs(), needs, "{config}");
    }
}

#[test]
fn postings_alone_are_limited() {
    let closed = limits(r#"{"hours": {"open": []}}"#);
    for operation in ["post", "dry_run"] {
        assert_eq!(
            Sample::new(operation).ask(&closed),
            Verdict::Deny(rules::HOURS.number)
        );
    }
    for operation in ["totals", "create_accounts", "hello"] {
        assert_eq!(Sample::new(operation).ask(&closed), Verdict::Allow);
    }
    for operation in ["", "transmute"] {
        assert_eq!(
            Sample::new(operation).ask(&limits("")),
            Verdict::Deny(rules::UNKNOWN.number)
        );
    }
}

#[test]
fn no_limits_allow_any_posting() {
    let transfer = Transfer {
        amount: u128::MAX,
        ..Transfer::default()
    };
    let sample = Sample::new("post").transfers([transfer; 3]);
    assert_eq!(sample.ask(&limits("")), Verdict::Allow);
}

/// What an explanation says, on a batch that breaks one rule after the other.
#[test]
fn explanations_say_the_figures() {
    let config = r#"{
        "assets": {"deny": [3]},
        "amounts": [{"asset": 1, "min": 10, "max": "1000"}],
        "codes": {"amounts": [{"code": 7, "max": 100}]},
        "credit": {"accounts": {"deny": ["340282366920938463463374607431768211455"]}}
    }"#;
    let account = |id, code, asset| Account {
        id,
        code,
        asset,
        ..Account::default()
    };
    let transfer = |credit, amount, asset| Transfer {
        credit,
        amount,
        asset,
        ..Transfer::default()
    };
    let sample = Sample::new("post")
        .accounts([
            account(5, 1, 1),
            account(6, 1, 1),
            account(7, 7, 1),
            account(u128::MAX, 1, 1),
        ])
        .transfers([
            transfer(1, 500, 0),
            transfer(1, 1_001, 0),
            transfer(1, 9, 1),
            transfer(2, 101, 1),
            transfer(3, 50, 1),
            transfer(1, 50, 3),
        ]);
    let reasons = sample.explain(&limits(config));
    let told: Vec<_> = reasons
        .iter()
        .map(|reason| (reason.index.unwrap(), reason.rule, &*reason.text))
        .collect();
    assert_eq!(
        told,
        [
            (1, 6, "1001 of asset `1` is more than 1000"),
            (2, 5, "9 of asset `1` is less than 10"),
            (3, 11, "101 is more than 100"),
            (
                4,
                15,
                "account `340282366920938463463374607431768211455` with code 1: Accounts that \
                 `credit` denies are not credited."
            ),
            (
                5,
                8,
                "asset `3`: Assets that `assets` denies are not moved."
            ),
        ]
    );
}

#[test]
fn explanations_of_the_whole_request_say_the_figures() {
    let amount = |amount| Transfer {
        amount,
        asset: 1,
        ..Transfer::default()
    };
    let sample = Sample::new("post")
        .accounts([Account::default()])
        .at(1_800_000_000_000_000_000)
        .transfers([amount(6), amount(u128::MAX)]);
    let table = [
        (
            r#"{"amounts": [{"asset": 1, "batch_total": 10}]}"#,
            "the batch moves more than 10 of asset `1`",
        ),
        (
            r#"{"batch": {"max_transfers": 1}}"#,
            "2 transfers, 1 are allowed",
        ),
        (
            r#"{"hours": {"utc_offset_minutes": 60, "open": []}}"#,
            "it is fri 09:00",
        ),
    ];
    for (config, expected) in table {
        let reasons = sample.explain(&limits(config));
        let told: Vec<_> = reasons
            .iter()
            .map(|reason| (reason.index, &*reason.text))
            .collect();
        assert_eq!(told, [(None, expected)]);
    }
}

const PAGE: &str = include_str!("../../../../../docs/policy/shipped.md");

#[test]
fn the_page_has_every_rule_and_a_configuration_that_is_one() {
    for rule in rules::ALL {
        let cells = format!("| {} | `{}` |", rule.number, rule.name);
        assert!(PAGE.contains(&cells), "the page lacks `{cells}`");
    }
    let blocks = PAGE.split("```json\n").skip(1);
    let configs = blocks.filter_map(|block| block.split("```").next());
    let of_limits: Vec<_> = configs
        .filter(|config| config.contains("\"hours\""))
        .collect();
    assert_eq!(of_limits.len(), 1);
    limits(of_limits[0]);
}
