//! Tenants, assets and books.

use ledger::asset::Asset;
use ledger::registry::Tenant;
use serde::Serialize;
use wire::message::BookRow;

use crate::instant;
use crate::table::Column::{Left, Right};
use crate::table::Table;

/// A tenant.
#[derive(Debug, Serialize)]
pub(crate) struct TenantView {
    id: u32,
    name: String,
}

/// An asset.
#[derive(Debug, Serialize)]
pub(crate) struct AssetView {
    id: u32,
    code: String,
    exponent: u8,
}

/// A book.
#[derive(Debug, Serialize)]
pub(crate) struct BookView {
    id: u32,
    name: String,
    tenant: u32,
    state: &'static str,
    importing: bool,
    halted: bool,
    requires_sealed: bool,
    reason: u16,
    effective_lock: Option<String>,
    height: u64,
    events: u64,
    accounts: u64,
}

impl TenantView {
    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self {
            id: tenant.id.0,
            name: tenant.name.to_string(),
        }
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[Right("id"), Left("name")]);
        for row in rows {
            table.row([row.id.to_string(), row.name.clone()]);
        }
        table
    }
}

impl AssetView {
    pub(crate) fn of(asset: &Asset) -> Self {
        Self {
            id: asset.id.0,
            code: asset.code.to_string(),
            exponent: asset.exponent,
        }
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[Right("id"), Left("code"), Right("digits")]);
        for row in rows {
            table.row([
                row.id.to_string(),
                row.code.clone(),
                row.exponent.to_string(),
            ]);
        }
        table
    }
}

impl BookView {
    pub(crate) fn of(book: &BookRow) -> Self {
        let lock = instant::show(book.effective_lock);
        Self {
            id: book.book.0,
            name: book.name.to_string(),
            tenant: book.tenant.0,
            state: match (book.halted, book.importing) {
                (true, _) => "halted",
                (false, true) => "importing",
                (false, false) => "open",
            },
            importing: book.importing,
            halted: book.halted,
            requires_sealed: book.requires_sealed,
            reason: book.reason,
            effective_lock: (!lock.is_empty()).then_some(lock),
            height: book.height.0,
            events: book.events,
            accounts: book.accounts,
        }
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[
            Right("id"),
            Left("name"),
            Right("tenant"),
            Left("state"),
            Right("accounts"),
            Right("events"),
            Right("height"),
            Left("answers"),
            Left("locked before"),
        ]);
        for row in rows {
            table.row([
                row.id.to_string(),
                row.name.clone(),
                row.tenant.to_string(),
                row.state.to_owned(),
                row.accounts.to_string(),
                row.events.to_string(),
                row.height.to_string(),
                match row.requires_sealed {
                    true => "sealed".to_owned(),
                    false => "durable".to_owned(),
                },
                row.effective_lock
                    .as_deref()
                    .map(instant::brief)
                    .unwrap_or_default(),
            ]);
        }
        table
    }
}
