//! Identities and numbers of the ledger: a type of its own for each, so that none is mistaken for
//! another.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

number! {
    /// A tenant: an owner of books. 0 is the platform itself, to which operators belong.
    TenantId(u32)
}
number! {
    /// A book: one ledger of a tenant, one order of events. 0 is the system book, whose events
    /// create tenants, assets and books.
    BookId(u32)
}
number! {
    /// An asset such as `USD/2`: what amounts of an account are counted in.
    AssetId(u32)
}
number! {
    /// An account of a book, named by the client. 0 and `u128::MAX` are not accounts.
    AccountId(u128)
}
number! {
    /// A transfer, named by the client and unique in its book for ever. 0 and `u128::MAX` are not
    /// transfers.
    TransferId(u128)
}
number! {
    /// Position of an event in its book, dense from 0.
    Seq(u64)
}
number! {
    /// Position of a block in its book, dense from 1; 0 means "before any block".
    Height(u64)
}
number! {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    Nanos(u64)
}

impl BookId {
    /// The book that records tenants, assets and books.
    pub const SYSTEM: Self = Self(0);
}

impl TenantId {
    /// The tenant that operators belong to.
    pub const PLATFORM: Self = Self(0);
}
