//! Accounts and balances.

use ledger::account::{AccountFlags, AccountSettings};
use ledger::asset::Asset;
use ledger::{AccountId, Balances};
use serde::Serialize;
use wire::message::AccountRow;

use crate::amount::Money;
use crate::instant;
use crate::key;
use crate::table::Column::{Left, Right};
use crate::table::Table;

/// The sums of an account at some point.
#[derive(Debug, Serialize)]
pub(crate) struct BalanceView {
    account: String,
    /// As it was written on the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    asset: String,
    normal: &'static str,
    /// Credits - debits, posted.
    balance: Money,
    debits_posted: Money,
    credits_posted: Money,
    debits_pending: Money,
    credits_pending: Money,
    #[serde(skip)]
    shown: Money,
}

/// An account with its settings.
#[derive(Debug, Serialize)]
pub(crate) struct AccountView {
    #[serde(flatten)]
    balance: BalanceView,
    code: u16,
    user_data: String,
    floor: Option<Money>,
    ceiling: Option<Money>,
    limits: Vec<LimitView>,
    tags: Vec<u8>,
    frozen_debits: bool,
    frozen_credits: bool,
    closed: bool,
    open_holds: u32,
    seq: u64,
    created_at: String,
}

/// A rolling limit.
#[derive(Debug, Serialize)]
pub(crate) struct LimitView {
    seconds: u32,
    count: Option<u32>,
    amount: Option<Money>,
}

impl BalanceView {
    pub(crate) fn of(
        id: AccountId,
        name: Option<&str>,
        settings: &AccountSettings,
        balances: &Balances,
        asset: &Asset,
    ) -> Self {
        let is_debit_normal = settings.flags.any(AccountFlags::DEBIT_NORMAL);
        let posted = balances.posted();
        Self {
            account: key::show(id.0),
            name: name
                .map(str::to_owned)
                .filter(|name| *name != key::show(id.0)),
            asset: asset.code.to_string(),
            normal: if is_debit_normal { "debit" } else { "credit" },
            balance: Money::signed(posted, asset),
            debits_posted: Money::of(balances.debits_posted, asset),
            credits_posted: Money::of(balances.credits_posted, asset),
            debits_pending: Money::of(balances.debits_pending, asset),
            credits_pending: Money::of(balances.credits_pending, asset),
            shown: Money::signed(if is_debit_normal { -posted } else { posted }, asset),
        }
    }

    /// What the account is called in tables.
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.account.clone())
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[
            Left("account"),
            Left("asset"),
            Left("normal"),
            Right("balance"),
            Right("debits"),
            Right("credits"),
            Right("held debits"),
            Right("held credits"),
        ]);
        for row in rows {
            table.row([
                row.title(),
                row.asset.clone(),
                row.normal.to_owned(),
                row.shown.grouped(),
                row.debits_posted.grouped(),
                row.credits_posted.grouped(),
                row.debits_pending.grouped(),
                row.credits_pending.grouped(),
            ]);
        }
        table
    }
}

impl AccountView {
    pub(crate) fn of(row: &AccountRow, name: Option<&str>, asset: &Asset) -> Self {
        let settings = &row.account.settings;
        let limits = settings.limits.iter().filter(|limit| limit.is_set());
        Self {
            balance: BalanceView::of(row.account.id, name, settings, &row.balances, asset),
            code: row.account.code,
            user_data: row.account.user_data.to_string(),
            floor: settings.floor.map(|floor| Money::signed(floor, asset)),
            ceiling: settings
                .ceiling
                .map(|ceiling| Money::signed(ceiling, asset)),
            limits: limits
                .map(|limit| LimitView {
                    seconds: limit.seconds,
                    count: (limit.count != 0).then_some(limit.count),
                    amount: (limit.amount != 0).then(|| Money::of(limit.amount, asset)),
                })
                .collect(),
            tags: tags(settings.tags),
            frozen_debits: settings.flags.any(AccountFlags::FROZEN_DEBITS),
            frozen_credits: settings.flags.any(AccountFlags::FROZEN_CREDITS),
            closed: settings.flags.any(AccountFlags::CLOSED),
            open_holds: row.open_holds,
            seq: row.seq,
            created_at: instant::show(row.created_at),
        }
    }

    fn state(&self) -> &'static str {
        match (self.closed, self.frozen_debits, self.frozen_credits) {
            (true, ..) => "closed",
            (_, true, true) => "frozen",
            (_, true, false) => "debits frozen",
            (_, false, true) => "credits frozen",
            (_, false, false) => "open",
        }
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[
            Left("account"),
            Left("asset"),
            Right("code"),
            Left("normal"),
            Right("balance"),
            Right("held debits"),
            Right("held credits"),
            Right("floor"),
            Right("ceiling"),
            Left("limits"),
            Left("tags"),
            Left("state"),
        ]);
        let bound = |bound: &Option<Money>| bound.as_ref().map(Money::grouped).unwrap_or_default();
        for row in rows {
            let limits: Vec<String> = row.limits.iter().map(LimitView::to_string).collect();
            let tags: Vec<String> = row.tags.iter().map(u8::to_string).collect();
            table.row([
                row.balance.title(),
                row.balance.asset.clone(),
                row.code.to_string(),
                row.balance.normal.to_owned(),
                row.balance.shown.grouped(),
                row.balance.debits_pending.grouped(),
                row.balance.credits_pending.grouped(),
                bound(&row.floor),
                bound(&row.ceiling),
                limits.join(" "),
                tags.join(" "),
                row.state().to_owned(),
            ]);
        }
        table
    }
}

/// Numbers of the tags that are set.
pub(super) fn tags(bits: u64) -> Vec<u8> {
    (0..64).filter(|tag| bits >> tag & 1 != 0).collect()
}

/// As `--limit` takes it.
impl std::fmt::Display for LimitView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}s:", self.seconds)?;
        if let Some(count) = self.count {
            write!(f, "{count}")?;
        }
        f.write_str(":")?;
        match &self.amount {
            Some(amount) => f.write_str(&amount.amount),
            None => Ok(()),
        }
    }
}
