//! Sums of a book.

use serde::Serialize;
use wire::message::Totals;

use crate::amount::Money;
use crate::assets::{Assets, UnknownAsset};
use crate::table::Column::{Left, Right};
use crate::table::Table;

/// Sums of a book.
#[derive(Debug, Serialize)]
pub(crate) struct TotalsView {
    height: u64,
    events: u64,
    balanced: bool,
    assets: Vec<AssetTotalsView>,
}

/// Sums over the accounts of one asset.
#[derive(Debug, Serialize)]
struct AssetTotalsView {
    asset: String,
    accounts: u64,
    debits_posted: Money,
    credits_posted: Money,
    debits_pending: Money,
    credits_pending: Money,
    /// Credits - debits, posted: zero, always.
    difference: Money,
}

impl TotalsView {
    pub(crate) fn of(totals: &Totals, assets: &Assets) -> Result<Self, UnknownAsset> {
        let rows = totals.rows.iter().map(|row| {
            let asset = assets.get(row.asset)?;
            Ok(AssetTotalsView {
                asset: asset.code.to_string(),
                accounts: row.accounts,
                debits_posted: Money::of(row.sums.debits_posted, asset),
                credits_posted: Money::of(row.sums.credits_posted, asset),
                debits_pending: Money::of(row.sums.debits_pending, asset),
                credits_pending: Money::of(row.sums.credits_pending, asset),
                difference: Money::signed(row.sums.posted(), asset),
            })
        });
        Ok(Self {
            height: totals.height.0,
            events: totals.events,
            balanced: totals.rows.iter().all(|row| {
                row.sums.debits_posted == row.sums.credits_posted
                    && row.sums.debits_pending == row.sums.credits_pending
            }),
            assets: rows.collect::<Result<_, UnknownAsset>>()?,
        })
    }

    /// Whether both sides are the same, as they always should.
    pub(crate) fn is_balanced(&self) -> bool {
        self.balanced
    }

    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(&[
            Left("asset"),
            Right("accounts"),
            Right("debits"),
            Right("credits"),
            Right("difference"),
            Right("held debits"),
            Right("held credits"),
        ]);
        for row in &self.assets {
            table.row([
                row.asset.clone(),
                row.accounts.to_string(),
                row.debits_posted.grouped(),
                row.credits_posted.grouped(),
                row.difference.grouped(),
                row.debits_pending.grouped(),
                row.credits_pending.grouped(),
            ]);
        }
        table
    }
}
