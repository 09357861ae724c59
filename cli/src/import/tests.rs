//! The mappings in `examples/`, over the files they are for.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use ledger::AssetId;
use ledger::asset::{Asset, AssetCode};

use super::mapping::Mapping;
use super::plan::{Move, Planner};
use super::rows::Rows;
use crate::amount::Money;
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
    let text = std::fs::read_to_string(root().join(mapping)).unwrap();
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

fn balances(moves: &[Move]) -> BTreeMap<u128, i128> {
    let mut balances = BTreeMap::new();
    for each in moves {
        let amount = i128::try_from(each.transfer.amount).unwrap();
        *balances.entry(each.transfer.debit.0).or_default() -= amount;
        *balances.entry(each.transfer.credit.0).or_default() += amount;
    }
    balances
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
    for line in std::fs::read_to_string(&file).unwrap().lines().skip(1) {
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

    let balances = balances(&moves);
    for (customer, balance) in &expected {
        let id = AccountKey::named(&format!("customer:{customer}"));
        assert_eq!(balances[&id.0], *balance, "customer {customer}");
    }
    let of_bank: i128 = ["cash", "fee", "interest"]
        .iter()
        .map(|name| balances[&AccountKey::named(name).0])
        .sum();
    let of_partners: i128 = accounts
        .iter()
        .filter(|account| account.code == 300)
        .map(|account| balances[&account.id.0])
        .sum();
    assert_eq!(of_bank + of_partners + paid_in - paid_out, 0);
}
