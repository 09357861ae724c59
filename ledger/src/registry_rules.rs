//! Creating tenants, assets and books, and changing a book's own state: how each is decided.

use crate::asset::{Asset, AssetCode};
use crate::book::Book;
use crate::code::Code;
use crate::event::{
    AssetCreated, BookChange, BookChanged, BookCreated, Event, NoteErased, TenantCreated,
};
use crate::id::{AssetId, BookId, Nanos, Seq, TenantId};
use crate::ledger::{Context, Ledger};
use crate::limits::ASSET_EXPONENT_MAX;
use crate::registry::{BookInfo, Name, Tenant};

impl Ledger {
    /// Creates a tenant.
    pub fn create_tenant(&mut self, ctx: &Context, id: TenantId, name: &str) -> Code {
        if id == TenantId::PLATFORM {
            return Code::IdIsZero;
        }
        let Some(name) = Name::parse(name) else {
            return Code::NameInvalid;
        };
        match (
            self.registry.tenants.get(&id),
            self.registry.tenant_named(name),
        ) {
            (Some(known), _) if known.name == name => return Code::Exists,
            (None, None) => {}
            _ => return Code::ExistsWithDifferentName,
        }
        self.record(ctx, |book| {
            Event::TenantCreated(TenantCreated {
                seq: book.next_seq(),
                posted_at: book.next_posted_at(ctx.now),
                tenant: id,
                name,
            })
        })
    }

    /// Creates an asset.
    pub fn create_asset(&mut self, ctx: &Context, id: AssetId, code: &str, exponent: u8) -> Code {
        if id.0 == 0 {
            return Code::IdIsZero;
        }
        let Some(code) = AssetCode::parse(code) else {
            return Code::NameInvalid;
        };
        if exponent > ASSET_EXPONENT_MAX {
            return Code::ExponentTooLarge;
        }
        let named = self
            .registry
            .assets
            .values()
            .find(|asset| asset.code == code);
        match (self.registry.assets.get(&id), named) {
            (Some(known), _) if known.code != code => return Code::ExistsWithDifferentName,
            (Some(known), _) if known.exponent != exponent => {
                return Code::ExistsWithDifferentExponent;
            }
            (Some(_), _) => return Code::Exists,
            (None, Some(_)) => return Code::ExistsWithDifferentName,
            (None, None) => {}
        }
        self.record(ctx, |book| {
            Event::AssetCreated(AssetCreated {
                seq: book.next_seq(),
                posted_at: book.next_posted_at(ctx.now),
                asset: id,
                code,
                exponent,
            })
        })
    }

    /// Creates a book for a tenant.
    pub fn create_book(
        &mut self,
        ctx: &Context,
        id: BookId,
        tenant: TenantId,
        name: &str,
        importing: bool,
    ) -> Code {
        if id == BookId::SYSTEM {
            return Code::IdIsZero;
        }
        let Some(name) = Name::parse(name) else {
            return Code::NameInvalid;
        };
        let mut of_tenant = self
            .registry
            .books
            .values()
            .filter(|book| book.tenant == tenant);
        match (
            self.registry.books.get(&id),
            of_tenant.find(|book| book.name == name),
        ) {
            (Some(known), _) if known.name != name => return Code::ExistsWithDifferentName,
            (Some(known), _) if known.tenant != tenant => return Code::ExistsWithDifferentTenant,
            (Some(_), _) => return Code::Exists,
            (None, Some(_)) => return Code::ExistsWithDifferentName,
            (None, None) => {}
        }
        if !self.registry.tenants.contains_key(&tenant) {
            return Code::TenantNotFound;
        }
        self.record(ctx, |book| {
            Event::BookCreated(BookCreated {
                seq: book.next_seq(),
                posted_at: book.next_posted_at(ctx.now),
                book: id,
                tenant,
                name,
                importing,
            })
        })
    }

    /// Halts, resumes, locks or opens a book, or says whether its answers wait for seals.
    pub fn change_book(
        &mut self,
        ctx: &Context,
        book: BookId,
        change: BookChange,
        reason: u16,
        lock: Nanos,
    ) -> Code {
        if book == BookId::SYSTEM {
            return Code::BookNotFound;
        }
        self.in_book(ctx, book, |book, _, _| {
            book.change(ctx.now, change, reason, lock)
        })
        .unwrap_or(Code::BookNotFound)
    }

    fn record(&mut self, ctx: &Context, event: impl FnOnce(&Book) -> Event) -> Code {
        let event = self.in_book(ctx, BookId::SYSTEM, |book, _, _| {
            let event = event(book);
            book.append(&event);
            event
        });
        match event {
            Some(event) => {
                self.apply_registry(&event);
                Code::Created
            }
            None => Code::BookNotFound,
        }
    }

    /// Changes the registry as an event of the system book does.
    pub(crate) fn apply_registry(&mut self, event: &Event) {
        match event {
            Event::TenantCreated(e) => {
                self.registry.tenants.insert(
                    e.tenant,
                    Tenant {
                        id: e.tenant,
                        name: e.name,
                    },
                );
            }
            Event::AssetCreated(e) => {
                let asset = Asset {
                    id: e.asset,
                    code: e.code,
                    exponent: e.exponent,
                };
                self.registry.assets.insert(e.asset, asset);
            }
            Event::BookCreated(e) => {
                let info = BookInfo {
                    id: e.book,
                    tenant: e.tenant,
                    name: e.name,
                    position: self.registry.books.len() as u32 + 1,
                };
                self.registry.books.insert(e.book, info);
                let mut book = Book::new(e.book, e.tenant, e.importing, self.seed);
                book.caps = self.caps;
                self.books.insert(e.book, Box::new(book));
            }
            _ => {}
        }
    }
}

impl Book {
    fn change(&mut self, now: Nanos, change: BookChange, reason: u16, lock: Nanos) -> Code {
        let state = self.state;
        let stands = match change {
            BookChange::Halted => state.halted,
            BookChange::Resumed => !state.halted,
            BookChange::Locked => state.effective_lock == lock,
            BookChange::Opened => !state.importing,
            BookChange::SealedRequired => state.requires_sealed,
            BookChange::SealedNotRequired => !state.requires_sealed,
        };
        if stands {
            return Code::Exists;
        }
        if change == BookChange::Locked && lock < state.effective_lock {
            return Code::BookStateConflict;
        }
        let effective_lock = if change == BookChange::Locked {
            lock
        } else {
            state.effective_lock
        };
        let event = BookChanged {
            seq: self.next_seq(),
            posted_at: self.next_posted_at(now),
            change,
            reason,
            effective_lock,
        };
        self.append(&Event::BookChanged(event));
        self.apply_change(&event);
        Code::Created
    }
}

impl Ledger {
    /// Records that the note of the event `target` is erased; erasing it is the caller's, once
    /// this is durable.
    pub fn erase_note(&mut self, ctx: &Context, book: BookId, target: Seq) -> Code {
        if book == BookId::SYSTEM {
            return Code::BookNotFound;
        }
        let erased = self.in_book(ctx, book, |book, _, _| {
            if target.0 >= book.next_seq().0 {
                return Code::NotFound;
            }
            let event = NoteErased {
                seq: book.next_seq(),
                posted_at: book.next_posted_at(ctx.now),
                target,
            };
            book.append(&Event::NoteErased(event));
            Code::Created
        });
        erased.unwrap_or(Code::BookNotFound)
    }
}
