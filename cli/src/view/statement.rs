//! Statements.

use ledger::AccountId;
use ledger::asset::Asset;
use serde::Serialize;
use wire::message::StatementLine;

use super::transfer::TransferView;
use crate::amount::Money;
use crate::key;
use crate::table::Column::{Left, Right};
use crate::table::Table;

/// The postings of an account.
#[derive(Debug, Serialize)]
pub(crate) struct StatementView {
    account: String,
    asset: String,
    /// Credits - debits before the first line.
    opening: Money,
    /// Credits - debits after the last line.
    closing: Money,
    lines: Vec<LineView>,
}

/// A posting and the balance after it.
#[derive(Debug, Serialize)]
struct LineView {
    #[serde(flatten)]
    transfer: TransferView,
    /// What the posting did to the balance; a hold does nothing.
    change: Money,
    balance: Money,
    #[serde(skip)]
    other: String,
}

impl StatementView {
    /// A statement that opens with a balance of `opening` minor units.
    pub(crate) fn of(
        account: AccountId,
        opening: i128,
        lines: &[StatementLine],
        asset: &Asset,
    ) -> Self {
        let mut before = opening;
        let lines = lines.iter().map(|line| {
            let change = line.balance.wrapping_sub(before);
            before = line.balance;
            let record = &line.row.record;
            let other = if record.debit == account {
                record.credit
            } else {
                record.debit
            };
            LineView {
                transfer: TransferView::of(&line.row, asset),
                change: Money::signed(change, asset),
                balance: Money::signed(line.balance, asset),
                other: key::show(other.0),
            }
        });
        let lines = lines.collect();
        Self {
            account: key::show(account.0),
            asset: asset.code.to_string(),
            opening: Money::signed(opening, asset),
            closing: Money::signed(before, asset),
            lines,
        }
    }

    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(&[
            Right("seq"),
            Left("effective"),
            Left("kind"),
            Left("other account"),
            Right("change"),
            Right("balance"),
            Left("reference"),
        ]);
        let edge = |name: &str, balance: &Money| {
            let empty = String::new;
            let balance = balance.grouped();
            [
                empty(),
                name.to_owned(),
                empty(),
                empty(),
                empty(),
                balance,
                empty(),
            ]
        };
        table.row(edge("opening", &self.opening));
        for line in &self.lines {
            let (seq, effective, kind, reference) = line.transfer.for_statement();
            table.row([
                seq.to_string(),
                effective,
                kind.to_owned(),
                line.other.clone(),
                line.change.grouped(),
                line.balance.grouped(),
                reference,
            ]);
        }
        table.row(edge("closing", &self.closing));
        table
    }
}
