use clap::Parser;
use ledger::AssetId;
use ledger::asset::AssetCode;
use ledger::window::WindowLimit;

use super::*;
use crate::args::{Cli, Command};

fn change(options: &str, before: AccountSettings) -> Result<AccountSettings, String> {
    let usd = Asset {
        id: AssetId(1),
        code: AssetCode::parse("USD").unwrap(),
        exponent: 2,
    };
    let words = ["ledgerctl", "account", "change", "1"].into_iter();
    let cli = Cli::try_parse_from(words.chain(options.split_whitespace())).unwrap();
    let Command::Account(AccountCommand::Change(args)) = cli.command else {
        panic!("another command")
    };
    changed(before, &args, &usd).map_err(|fault| fault.to_string())
}

fn before() -> AccountSettings {
    AccountSettings {
        flags: AccountFlags(AccountFlags::FROZEN_DEBITS | AccountFlags::CHANGED),
        floor: Some(-100),
        ceiling: None,
        limits: [limit(60, 3, 0), WindowLimit::default()],
        tags: 0b101,
    }
}

fn limit(seconds: u32, count: u32, amount: u128) -> WindowLimit {
    WindowLimit {
        seconds,
        count,
        amount,
    }
}

/// What is not named stays; the ledger's own flag is not a client's to send.
#[test]
fn only_what_is_named_changes() {
    let kept = |edit: fn(&mut AccountSettings)| {
        let mut kept = before();
        kept.flags = AccountFlags(AccountFlags::FROZEN_DEBITS);
        edit(&mut kept);
        kept
    };
    let rows = [
        ("", kept(|_| {})),
        ("--floor none", kept(|s| s.floor = None)),
        ("--floor -2.50", kept(|s| s.floor = Some(-250))),
        ("--ceiling 9", kept(|s| s.ceiling = Some(900))),
        (
            "--no-limits",
            kept(|s| s.limits = [WindowLimit::default(); 2]),
        ),
        ("--unfreeze both", kept(|s| s.flags = AccountFlags(0))),
        ("--close", kept(|s| s.flags = AccountFlags(0b1010))),
        (
            "--freeze both --normal debit",
            kept(|s| s.flags = AccountFlags(0b0111)),
        ),
    ];
    for (options, after) in rows {
        assert_eq!(change(options, before()), Ok(after), "{options}");
    }
    let limits = change("--limit 24h::50.00 --limit 1h:5:", before())
        .unwrap()
        .limits;
    assert_eq!(limits, [limit(86_400, 0, 5_000), limit(3_600, 5, 0)]);
}

#[test]
fn what_does_not_fit_the_asset_is_told() {
    let before = AccountSettings::default();
    assert_eq!(
        change("--floor 1.234", before).unwrap_err(),
        "--floor `1.234`: `USD` has 2 digits after the point; write no more"
    );
    assert_eq!(
        change("--limit 1h:1: --limit 2h:1: --limit 3h:1:", before).unwrap_err(),
        "`3` rolling limits: an account has at most 2; leave some out"
    );
}
