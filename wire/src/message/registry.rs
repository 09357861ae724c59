//! Tenants, assets and books: created, changed, listed.

use ledger::asset::{Asset, AssetCode};
use ledger::event::BookChange;
use ledger::registry::{Name, Tenant};
use ledger::{AssetId, BookId, Height, Nanos, TenantId};

use crate::message::macros::{fields, message};

fields! {
    /// A tenant: an owner of books.
    Tenant as Tenant {
        /// Its number, not 0.
        id: TenantId,
        /// Its name, as certificates give it.
        name: Name,
    }

    /// An asset: what a number of minor units means.
    Asset as Asset {
        /// Its number, not 0.
        id: AssetId,
        /// Its code.
        code: AssetCode,
        /// Decimal digits after the point, at most 18.
        exponent: u8,
    }
}

message! {
    /// Creates a tenant.
    #[derive(Copy)]
    pub struct CreateTenant {
        /// The tenant.
        pub tenant: Tenant,
    }

    /// Creates an asset.
    #[derive(Copy)]
    pub struct CreateAsset {
        /// The asset.
        pub asset: Asset,
    }

    /// Creates a book for a tenant.
    #[derive(Copy)]
    pub struct CreateBook {
        /// Its number, not 0.
        pub book: BookId,
        /// Its owner.
        pub tenant: TenantId,
        /// Its name, unique among the tenant's books.
        pub name: Name,
        /// Whether it takes an import before it is opened.
        pub importing: bool,
    }

    /// Changes the state of the book that the frame names.
    #[derive(Copy)]
    pub struct ChangeBook {
        /// What changes.
        pub change: BookChange,
        /// Why, as a number of the asker's; 65535 is the daemon's own.
        pub reason: u16,
        /// Earliest effective date from now on; 0 unless `change` is `locked`.
        pub effective_lock: Nanos,
    }

    /// Lists tenants, assets, books or accounts in order of their number or creation.
    #[derive(Copy, Default)]
    pub struct ListRequest {
        /// `next` of the answer before; 0 from the start.
        pub after: u64,
        /// Most rows wanted; 0 leaves it to the server.
        pub limit: u32,
    }

    /// Tenants.
    pub struct TenantList {
        /// Height of the system book that the answer was read at.
        pub height: Height,
        /// The tenants.
        pub rows: Vec<Tenant>,
        /// Where the next page starts; 0 at the end.
        pub next: u64,
    }

    /// Assets.
    pub struct AssetList {
        /// Height of the system book that the answer was read at.
        pub height: Height,
        /// The assets.
        pub rows: Vec<Asset>,
        /// Where the next page starts; 0 at the end.
        pub next: u64,
    }

    /// A book and how it stands.
    #[derive(Copy)]
    pub struct BookRow {
        /// Its number.
        pub book: BookId,
        /// Its owner.
        pub tenant: TenantId,
        /// Its name.
        pub name: Name,
        /// Whether it takes only imported transfers.
        pub importing: bool,
        /// Whether it takes no postings.
        pub halted: bool,
        /// Whether answers to writes wait for a published seal.
        pub requires_sealed: bool,
        /// The reason given with the last change.
        pub reason: u16,
        /// Earliest effective date that it takes.
        pub effective_lock: Nanos,
        /// Height of its last block.
        pub height: Height,
        /// Events in it: the sequence that the next one gets.
        pub events: u64,
        /// Accounts in it.
        pub accounts: u64,
    }

    /// Books.
    pub struct BookList {
        /// Height of the system book that the answer was read at.
        pub height: Height,
        /// The books.
        pub rows: Vec<BookRow>,
        /// Where the next page starts; 0 at the end.
        pub next: u64,
    }
}
