//! The examples: mappings over their files, lines that can be posted, commands that are understood.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use clap::Parser;
use ledger::asset::{Asset, AssetCode};
use ledger::{AssetId, Transfer};

use crate::amount::Money;
use crate::args::Cli;
use crate::assets::Assets;
use crate::import::mapping::Mapping;
use crate::import::plan::{Move, Planner};
use crate::import::rows::Rows;
use crate::jsonl;
use crate::key::AccountKey;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn asset(code: &str) -> Asset {
    Asset {
        id: AssetId(1),
        code: AssetCode::parse(code).unwrap(),
        exponent: 2,
    }
}

/// Every row of a file, planned; a bad one fails the test by its own words.
fn plan(mapping: &str, file: &Path, asset: Asset) -> Vec<Move> {
    let text = fs::read_to_string(root().join(mapping)).unwrap();
    let mapping = Mapping::parse(&text).unwrap_or_else(|problem| panic!("{problem}"));
    let mut rows = Rows::open(File::open(file).unwrap(), &mapping.dialect).unwrap();
    let bound = mapping
        .bind(rows.columns())
        .unwrap_or_else(|problem| panic!("{problem}"));
    let assets = [asset];
    let mut planner = Planner::new(&bound, &assets);
    let mut moves = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let row = row.unwrap_or_else(|problem| panic!("{problem}"));
        let planned = planner.plan(&row);
        moves.extend(planned.unwrap_or_else(|problem| panic!("{problem}")));
    }
    moves
}

/// What each account has, and what is taken when it goes below zero.
#[derive(Default)]
struct Balances(BTreeMap<u128, i128>);

impl Balances {
    fn post(&mut self, t: &Transfer) {
        let amount = i128::try_from(t.amount).unwrap();
        *self.0.entry(t.debit.0).or_default() -= amount;
        *self.0.entry(t.credit.0).or_default() += amount;
    }

    fn of(&self, name: &str) -> i128 {
        self.0[&AccountKey::named(name).0]
    }
}

/// The figures are the publisher's; what each customer has is summed here from the file's own
/// columns, by code that shares nothing with the plan.
#[test]
fn the_bank_file_is_planned_to_the_last_coin() {
    let file = root().join("../shared/bank-data/transactions.csv");
    if !file.exists() {
        println!("skipped: `{}` is not here", file.display());
        return;
    }
    let moves = plan("examples/bank/mapping.toml", &file, asset("CZK"));
    assert_eq!(moves.len(), 23_932);
    let accounts = moves.iter().flat_map(|each| &each.new_accounts);
    let accounts: Vec<_> = accounts.map(|named| named.account).collect();
    let customers = accounts.iter().filter(|account| account.code == 100);
    assert!(
        customers
            .clone()
            .all(|account| account.settings.floor.is_none())
    );
    assert_eq!(customers.count(), 591);

    let (mut paid_in, mut paid_out) = (0, 0);
    let mut expected = BTreeMap::<String, i128>::new();
    for line in fs::read_to_string(&file).unwrap().lines().skip(1) {
        let values: Vec<&str> = line.split(';').collect();
        let amount: i128 = values[5].replace('.', "").parse().unwrap();
        let signed = if values[3] == "\"PRIJEM\"" {
            paid_in += amount;
            amount
        } else {
            paid_out += amount;
            -amount
        };
        *expected.entry(values[1].to_owned()).or_default() += signed;
    }
    let grouped = |minor| Money::signed(minor, &asset("CZK")).grouped();
    assert_eq!(grouped(paid_in), "87,119,745.30");
    assert_eq!(grouped(paid_out), "68,062,431.60");

    let mut balances = Balances::default();
    moves.iter().for_each(|each| balances.post(&each.transfer));
    for (customer, balance) in &expected {
        assert_eq!(
            balances.of(&format!("customer:{customer}")),
            *balance,
            "{customer}"
        );
    }
    let others = accounts.iter().filter(|account| account.code != 100);
    let of_bank: i128 = others.map(|account| balances.0[&account.id.0]).sum();
    assert_eq!(of_bank + paid_in - paid_out, 0);
}

/// Every row is posted in its order although buyers and sellers have a floor of zero, and the carts
/// find enough money after it.
#[test]
fn the_marketplace_never_spends_what_it_lacks() {
    let folder = root().join("examples/demo");
    let usd = asset("USD");
    let moves = plan(
        "examples/demo/mapping.toml",
        &folder.join("orders.csv"),
        usd,
    );
    let lines = fs::read(folder.join("holds.jsonl")).unwrap();
    let carts = (1..).zip(lines.split(|byte| *byte == b'\n'));
    let carts = carts
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| {
            let item = jsonl::parse(number, line, Some("USD"), &Assets(vec![usd]));
            item.unwrap_or_else(|problem| panic!("{problem}")).transfer
        });
    let transfers: Vec<Transfer> = moves
        .iter()
        .map(|each| each.transfer)
        .chain(carts)
        .collect();
    assert!(transfers.len() > 2_500);
    let accounts = moves.iter().flat_map(|each| &each.new_accounts);
    let bounded: Vec<u128> = accounts
        .filter(|named| named.account.settings.floor == Some(0))
        .map(|named| named.account.id.0)
        .collect();
    assert_eq!(bounded.len(), 40 + 12);
    let mut balances = Balances::default();
    for transfer in &transfers {
        // A hold counts as if it were posted and what ends it as nothing, which leaves less than
        // is really free.
        if transfer.target.0 == 0 {
            balances.post(transfer);
        }
        for account in &bounded {
            assert!(
                balances.0.get(account).is_none_or(|balance| *balance >= 0),
                "{transfer:?}"
            );
        }
    }
    assert_eq!(balances.0.values().sum::<i128>(), 0);
}

#[test]
fn the_commands_of_the_demo_are_understood() {
    let script = fs::read_to_string(root().join("examples/demo/run")).unwrap();
    let commands = script
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with(":alter "));
    for command in commands {
        let expected = command.strip_prefix(":exit ");
        let command = expected.map_or(command, |rest| rest.split_once(' ').unwrap().1);
        let words = ["ledgerctl"].into_iter().chain(command.split_whitespace());
        Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{command}: {error}"));
    }
}
