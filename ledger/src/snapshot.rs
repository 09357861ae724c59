//! Snapshots: the state of all books in chunks, taken while it changes.
//!
//! The first chunks hold what is exact at the cycle where the snapshot begins: registry, books and
//! heads. Accounts and holds follow in pieces, each as it stands when its piece is taken. Loading
//! then folds every later block, skipping what an account or hold already has by its sequence
//! ([`Fold::Fuzzy`](crate::replay::Fold)); past the cycle where the snapshot ended the fold is
//! exact again.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::{Account, AccountFlags, Balances, Limits};
use crate::asset::{Asset, AssetCode};
use crate::block::Head;
use crate::book::Book;
use crate::digest::Digest;
use crate::fields::{DecodeError, Reader, Write};
use crate::hold::Hold;
use crate::id::{AccountId, AssetId, BookId, Height, Nanos, Seq, TenantId, TransferId};
use crate::ledger::Ledger;
use crate::limits::{AMOUNT_MAX, WINDOW_SLOTS};
use crate::merkle::Frontier;
use crate::registry::{BookInfo, Name, Tenant};
use crate::window::{Window, WindowLimit};

/// Where the chains of all books stand.
pub type Heads = BTreeMap<BookId, Head>;

const REGISTRY: u8 = 1;
const HEADS: u8 = 2;
const ACCOUNTS: u8 = 3;
const HOLDS: u8 = 4;
const VERSION: u8 = 3;

/// How far a snapshot has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cursor {
    book: BookId,
    accounts: usize,
    holds: usize,
}

impl Default for Cursor {
    fn default() -> Self {
        Self {
            book: BookId::SYSTEM,
            accounts: 0,
            holds: 0,
        }
    }
}

impl Ledger {
    /// The chunk of everything that is exact where the snapshot begins, but for the heads. Must be
    /// called between two cycles, with no open block.
    pub fn snapshot_begin(&self) -> Vec<u8> {
        let mut out = vec![REGISTRY, VERSION];
        out.put_u32(self.registry.tenants.len() as u32);
        for tenant in self.registry.tenants.values() {
            out.put_u32(tenant.id.0);
            out.put(&tenant.name.to_bytes());
        }
        out.put_u32(self.registry.assets.len() as u32);
        for asset in self.registry.assets.values() {
            out.put_u32(asset.id.0);
            out.put(&asset.code.to_bytes());
            out.put_u8(asset.exponent);
        }
        out.put_u32(self.registry.books.len() as u32);
        for info in self.registry.books.values() {
            out.put_u32(info.id.0);
            out.put_u32(info.tenant.0);
            out.put(&info.name.to_bytes());
            out.put_u32(info.position);
        }
        out.put_u32(self.books.len() as u32);
        for book in self.books.values() {
            out.put_u32(book.id.0);
            out.put_u8(u8::from(book.state.importing));
            out.put_u8(u8::from(book.state.halted));
            out.put_u8(u8::from(book.state.requires_sealed));
            out.put_u64(book.state.effective_lock.0);
            out.put_u16(book.state.reason);
            out.put_u64(book.next_seq);
            out.put_u64(book.last_posted_at);
            out.put_u64(book.height);
        }
        out
    }

    /// The next piece of accounts or holds, of at most `rows` rows; `None` when all are taken.
    pub fn snapshot_next(&self, cursor: &mut Cursor, rows: usize) -> Option<Vec<u8>> {
        loop {
            let (id, book) = self.books.range(cursor.book..).next()?;
            if *id != cursor.book {
                *cursor = Cursor {
                    book: *id,
                    accounts: 0,
                    holds: 0,
                };
            }
            if cursor.accounts < book.accounts.len() {
                let to = book.accounts.len().min(cursor.accounts + rows);
                let chunk = book.accounts_chunk(cursor.accounts, to);
                cursor.accounts = to;
                return Some(chunk);
            }
            if cursor.holds < book.holds.slot_count() {
                let to = cursor.holds + rows;
                let chunk = book.holds_chunk(cursor.holds, to);
                cursor.holds = to;
                return Some(chunk);
            }
            *cursor = Cursor {
                book: BookId(id.0.checked_add(1)?),
                accounts: 0,
                holds: 0,
            };
        }
    }

    /// Takes one chunk of a snapshot into an empty ledger, in the order they were made.
    ///
    /// # Errors
    /// The chunk is none that this version writes.
    pub fn load_chunk(&mut self, heads: &mut Heads, chunk: &[u8]) -> Result<(), DecodeError> {
        let mut r = Reader::new(chunk);
        let kind = r.u8()?;
        let version = r.u8()?;
        if version != VERSION {
            return Err(DecodeError::UnknownVersion(u16::from(version)));
        }
        match kind {
            REGISTRY => self.load_registry(&mut r)?,
            HEADS => *heads = decode_heads(&mut r)?,
            ACCOUNTS => {
                let count = r.u32()?;
                let Some(book) = self.book_to_load(&mut r)? else {
                    return Ok(());
                };
                for _ in 0..count {
                    book.load_account(&mut r)?;
                }
            }
            HOLDS => {
                let count = r.u32()?;
                let Some(book) = self.book_to_load(&mut r)? else {
                    return Ok(());
                };
                for _ in 0..count {
                    let hold = decode_hold(&mut r)?;
                    if book.holds.get(hold.id).is_some() {
                        return Err(DecodeError::BadField("hold"));
                    }
                    book.holds.insert(hold);
                }
            }
            other => return Err(DecodeError::UnknownKind(other)),
        }
        r.end()
    }

    fn load_registry(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        for _ in 0..r.u32()? {
            let tenant = Tenant {
                id: TenantId(r.u32()?),
                name: Name::from_bytes(r.array()?)?,
            };
            once(self.registry.tenants.insert(tenant.id, tenant))?;
        }
        for _ in 0..r.u32()? {
            let (id, code) = (AssetId(r.u32()?), AssetCode::from_bytes(r.array()?)?);
            let exponent = r.u8()?;
            let asset = Asset { id, code, exponent };
            once(self.registry.assets.insert(id, asset))?;
        }
        let books = r.u32()?;
        let mut positions = BTreeSet::new();
        for _ in 0..books {
            let (id, tenant) = (BookId(r.u32()?), TenantId(r.u32()?));
            let info = BookInfo {
                id,
                tenant,
                name: Name::from_bytes(r.array()?)?,
                position: r.u32()?,
            };
            let is_one_of_them = (1..=books).contains(&info.position);
            if !is_one_of_them || !positions.insert(info.position) {
                return Err(DecodeError::BadField("position"));
            }
            once(self.registry.books.insert(id, info))?;
        }
        for _ in 0..r.u32()? {
            let id = BookId(r.u32()?);
            let tenant = self
                .registry
                .books
                .get(&id)
                .map_or(TenantId::PLATFORM, |b| b.tenant);
            let mut book = Book::new(id, tenant, flag(r)?, self.seed);
            book.state.halted = flag(r)?;
            book.state.requires_sealed = flag(r)?;
            book.state.effective_lock = Nanos(r.u64()?);
            book.state.reason = r.u16()?;
            book.next_seq = counter(r)?;
            book.last_posted_at = counter(r)?;
            book.height = counter(r)?;
            self.books.insert(id, Box::new(book));
        }
        Ok(())
    }

    /// The book of a chunk; `None` for one that was created after the snapshot began, whose every
    /// event is in later blocks.
    fn book_to_load(&mut self, r: &mut Reader<'_>) -> Result<Option<&mut Book>, DecodeError> {
        let id = BookId(r.u32()?);
        Ok(self.books.get_mut(&id).map(Box::as_mut))
    }
}

/// Nothing stands twice in a list: one of the two would be lost.
fn once<T>(before: Option<T>) -> Result<(), DecodeError> {
    match before {
        None => Ok(()),
        Some(_) => Err(DecodeError::BadField("id")),
    }
}

/// The chunk of the heads of all books where the snapshot begins.
pub fn encode_heads(heads: &Heads) -> Vec<u8> {
    let mut out = vec![HEADS, VERSION];
    out.put_u32(heads.len() as u32);
    for (book, head) in heads {
        out.put_u32(book.0);
        out.put_u64(head.height.0);
        out.put(&head.hash.0);
        head.frontier.encode(&mut out);
    }
    out
}

/// A sum of an account or hold, in the range that deciding keeps it in.
fn sum(r: &mut Reader<'_>) -> Result<u128, DecodeError> {
    let sum = r.u128()?;
    if sum > AMOUNT_MAX {
        return Err(DecodeError::BadField("sum"));
    }
    Ok(sum)
}

/// A number that counts on: there is room to do so for as long as anybody will.
fn counter(r: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let number = r.u64()?;
    if number > i64::MAX as u64 {
        return Err(DecodeError::BadField("counter"));
    }
    Ok(number)
}

fn flag(r: &mut Reader<'_>) -> Result<bool, DecodeError> {
    match r.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::BadField("flag")),
    }
}

fn decode_heads(r: &mut Reader<'_>) -> Result<Heads, DecodeError> {
    let mut heads = Heads::new();
    for _ in 0..r.u32()? {
        let book = BookId(r.u32()?);
        let (height, hash) = (Height(r.u64()?), Digest(r.array()?));
        heads.insert(
            book,
            Head {
                height,
                hash,
                frontier: Frontier::decode(r)?,
            },
        );
    }
    Ok(heads)
}

fn decode_hold(r: &mut Reader<'_>) -> Result<Hold, DecodeError> {
    Ok(Hold {
        id: TransferId(r.u128()?),
        debit: AccountId(r.u128()?),
        credit: AccountId(r.u128()?),
        remaining: sum(r)?,
        expires_at: Nanos(r.u64()?),
        seq: Seq(r.u64()?),
        last_seq: Seq(r.u64()?),
    })
}

impl Book {
    fn accounts_chunk(&self, from: usize, to: usize) -> Vec<u8> {
        let mut out = vec![ACCOUNTS, VERSION];
        out.put_u32((to - from) as u32);
        out.put_u32(self.id.0);
        for (ordinal, account) in (from as u32..).zip(&self.accounts[from..to]) {
            let limits = self.limits_of(account);
            out.put_u128(account.id.0);
            out.put_u128(account.balances.debits_posted);
            out.put_u128(account.balances.credits_posted);
            out.put_u128(account.balances.debits_pending);
            out.put_u128(account.balances.credits_pending);
            out.put_i128(account.floor);
            out.put_i128(account.ceiling);
            out.put_u64(account.seq);
            out.put_u64(account.created_at.0);
            out.put_u64(account.user_data);
            out.put_u32(account.asset.0);
            out.put_u32(account.open_holds);
            out.put_u16(account.code);
            out.put_u16(account.flags.0);
            out.put_u64(self.tags_of(ordinal));
            out.put_u8(u8::from(limits.is_some()));
            if let Some(limits) = limits {
                for (limit, window) in limits.limits.iter().zip(&limits.windows) {
                    limit.encode(&mut out);
                    out.put_u64(window.newest);
                    for at in 0..WINDOW_SLOTS {
                        out.put_u32(window.counts[at]);
                        out.put_u128(window.amounts[at]);
                    }
                }
            }
        }
        out
    }

    fn holds_chunk(&self, from: usize, to: usize) -> Vec<u8> {
        let mut out = vec![HOLDS, VERSION];
        out.put_u32(self.holds.slots(from, to).count() as u32);
        out.put_u32(self.id.0);
        for hold in self.holds.slots(from, to) {
            out.put_u128(hold.id.0);
            out.put_u128(hold.debit.0);
            out.put_u128(hold.credit.0);
            out.put_u128(hold.remaining);
            out.put_u64(hold.expires_at.0);
            out.put_u64(hold.seq.0);
            out.put_u64(hold.last_seq.0);
        }
        out
    }

    fn load_account(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        let ordinal = self.accounts.len() as u32;
        let mut account = Account {
            id: AccountId(r.u128()?),
            balances: Balances {
                debits_posted: sum(r)?,
                credits_posted: sum(r)?,
                debits_pending: sum(r)?,
                credits_pending: sum(r)?,
            },
            floor: r.i128()?,
            ceiling: r.i128()?,
            seq: counter(r)?,
            created_at: Nanos(r.u64()?),
            user_data: r.u64()?,
            asset: AssetId(r.u32()?),
            limits: 0,
            open_holds: r.u32()?,
            touched: 0,
            code: r.u16()?,
            flags: AccountFlags(r.u16()?),
        };
        if self.ordinal(account.id).is_some() {
            return Err(DecodeError::BadField("account"));
        }
        self.set_tags(ordinal, r.u64()?);
        if flag(r)? {
            let mut limits = Limits::default();
            for at in 0..limits.limits.len() {
                limits.limits[at] = WindowLimit::decode(r)?;
                limits.windows[at] = decode_window(r)?;
            }
            self.limits.push(limits);
            account.limits = self.limits.len() as u32;
        }
        self.accounts.push(account);
        let accounts = &self.accounts;
        self.index
            .insert(account.id, ordinal, |o| accounts[o as usize].id);
        Ok(())
    }
}

fn decode_window(r: &mut Reader<'_>) -> Result<Window, DecodeError> {
    let mut window = Window {
        newest: r.u64()?,
        ..Window::default()
    };
    for at in 0..WINDOW_SLOTS {
        window.counts[at] = r.u32()?;
        window.amounts[at] = r.u128()?;
    }
    Ok(window)
}
