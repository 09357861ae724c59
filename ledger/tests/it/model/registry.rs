//! Tenants, assets and books of the model.

use std::collections::BTreeMap;

use ledger::asset::AssetCode;
use ledger::event::{AssetCreated, BookChange, BookCreated, Denial, RequestDenied, TenantCreated};
use ledger::posting::Batch;
use ledger::registry::Name;
use ledger::{AccountChange, AssetId, BookId, Code, Event, NewAccount, Seq, TenantId};

use super::{Book, Item, Log, lowest};

/// A whole ledger, decided naively.
#[derive(Clone, Default, Debug)]
pub(crate) struct Model {
    tenants: BTreeMap<u32, String>,
    assets: BTreeMap<u32, (String, u8)>,
    names: BTreeMap<u32, (u32, String)>,
    /// Books in order of creation.
    pub(crate) created: Vec<u32>,
    /// Events of the system book.
    pub(crate) system: Log,
    /// Books by number.
    pub(crate) books: BTreeMap<u32, Book>,
}

impl Model {
    pub(crate) fn create_tenant(&mut self, now: u64, id: u32, name: &str) -> Code {
        let mut codes = vec![];
        if id == 0 {
            codes.push(Code::IdIsZero);
        }
        if !is_name(name) {
            codes.push(Code::NameInvalid);
        }
        match self.tenants.get(&id) {
            Some(old) if old == name => codes.push(Code::Exists),
            Some(_) => codes.push(Code::ExistsWithDifferentName),
            None if self.tenants.values().any(|other| other == name) => {
                codes.push(Code::ExistsWithDifferentName);
            }
            None => {}
        }
        if let Some(code) = lowest(&codes) {
            return code;
        }
        let (seq, posted_at) = self.system.stamp(now);
        self.tenants.insert(id, name.to_owned());
        let name = Name::parse(name).unwrap();
        let event = TenantCreated {
            seq,
            posted_at,
            tenant: TenantId(id),
            name,
        };
        self.system.push(Event::TenantCreated(event));
        Code::Created
    }

    pub(crate) fn create_asset(&mut self, now: u64, id: u32, code: &str, exponent: u8) -> Code {
        let mut codes = vec![];
        if id == 0 {
            codes.push(Code::IdIsZero);
        }
        let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if code.is_empty() || code.len() > 12 || !code.chars().all(allowed) {
            codes.push(Code::NameInvalid);
        }
        if exponent > 18 {
            codes.push(Code::ExponentTooLarge);
        }
        if let Some((old_code, old_exponent)) = self.assets.get(&id) {
            codes.push(match (old_code == code, *old_exponent == exponent) {
                (true, true) => Code::Exists,
                (false, _) => Code::ExistsWithDifferentName,
                (true, false) => Code::ExistsWithDifferentExponent,
            });
        } else if self.assets.values().any(|(other, _)| other == code) {
            codes.push(Code::ExistsWithDifferentName);
        }
        if let Some(code) = lowest(&codes) {
            return code;
        }
        let (seq, posted_at) = self.system.stamp(now);
        self.assets.insert(id, (code.to_owned(), exponent));
        let code = AssetCode::parse(code).unwrap();
        let event = AssetCreated {
            seq,
            posted_at,
            asset: AssetId(id),
            code,
            exponent,
        };
        self.system.push(Event::AssetCreated(event));
        Code::Created
    }

    pub(crate) fn create_book(
        &mut self,
        now: u64,
        id: u32,
        tenant: u32,
        name: &str,
        importing: bool,
    ) -> Code {
        let mut codes = vec![];
        if id == 0 {
            codes.push(Code::IdIsZero);
        }
        if !is_name(name) {
            codes.push(Code::NameInvalid);
        }
        match self.names.get(&id) {
            Some((old_tenant, old_name)) => {
                if old_name != name {
                    codes.push(Code::ExistsWithDifferentName);
                }
                if *old_tenant != tenant {
                    codes.push(Code::ExistsWithDifferentTenant);
                }
                codes.push(Code::Exists);
                if codes.len() > 1 {
                    codes.retain(|code| *code != Code::Exists);
                }
            }
            None if self.names.values().any(|(t, n)| *t == tenant && n == name) => {
                codes.push(Code::ExistsWithDifferentName);
            }
            None => {}
        }
        if !self.tenants.contains_key(&tenant) {
            codes.push(Code::TenantNotFound);
        }
        if let Some(code) = lowest(&codes) {
            return code;
        }
        let (seq, posted_at) = self.system.stamp(now);
        self.names.insert(id, (tenant, name.to_owned()));
        self.created.push(id);
        self.books.insert(
            id,
            Book {
                importing,
                ..Book::default()
            },
        );
        self.system.push(Event::BookCreated(BookCreated {
            seq,
            posted_at,
            book: BookId(id),
            tenant: TenantId(tenant),
            name: Name::parse(name).unwrap(),
            importing,
        }));
        Code::Created
    }

    pub(crate) fn change_book(
        &mut self,
        now: u64,
        book: u32,
        change: BookChange,
        reason: u16,
        lock: u64,
    ) -> Code {
        match self.books.get_mut(&book) {
            Some(book) => book.change(now, change, reason, lock),
            None => Code::BookNotFound,
        }
    }

    pub(crate) fn create_accounts(
        &mut self,
        now: u64,
        book: u32,
        accounts: &[NewAccount],
    ) -> Vec<Code> {
        let known: Vec<u32> = self.assets.keys().copied().collect();
        match self.books.get_mut(&book) {
            Some(book) => accounts
                .iter()
                .map(|new| book.create(now, new, &known))
                .collect(),
            None => vec![Code::BookNotFound; accounts.len()],
        }
    }

    pub(crate) fn change_accounts(
        &mut self,
        now: u64,
        book: u32,
        changes: &[AccountChange],
    ) -> Vec<Code> {
        match self.books.get_mut(&book) {
            Some(book) => {
                book.expire(now);
                changes
                    .iter()
                    .map(|change| book.change_account(now, change))
                    .collect()
            }
            None => vec![Code::BookNotFound; changes.len()],
        }
    }

    pub(crate) fn deny(&mut self, now: u64, book: u32, denial: Denial) -> Option<Seq> {
        let (log, now) = match self.books.get_mut(&book) {
            Some(book) if book.importing => (&mut book.log, 0),
            Some(book) => (&mut book.log, now),
            None if book == 0 => (&mut self.system, now),
            None => return None,
        };
        let (seq, posted_at) = log.stamp(now);
        log.push(Event::RequestDenied(RequestDenied {
            seq,
            posted_at,
            denial,
        }));
        Some(seq)
    }

    pub(crate) fn post(&mut self, now: u64, book: u32, batch: &Batch<'_>) -> Vec<Item> {
        match self.books.get_mut(&book) {
            Some(book) => book.post(now, batch),
            None => vec![
                Item {
                    code: Code::BookNotFound,
                    seq: Seq(0)
                };
                batch.transfers.len()
            ],
        }
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 32 && text.chars().all(allowed)
}
