//! The system book's state: tenants, assets and books.

use std::collections::BTreeMap;
use std::fmt;

use crate::asset::Asset;
use crate::fields::DecodeError;
use crate::id::{AssetId, BookId, TenantId};
use crate::limits::NAME_BYTES_MAX;

/// Name of a tenant or book: 1 to 32 bytes of `[a-z0-9-]`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name([u8; NAME_BYTES_MAX]);

impl Name {
    /// Bytes of an encoded name.
    pub const BYTES: usize = NAME_BYTES_MAX;

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; Self::BYTES];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        // Padding is no part of the text.
        Self::from_bytes(bytes)
            .ok()
            .filter(|name| name.as_str() == text)
    }

    /// The name padded with zero bytes.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        self.0
    }

    /// Reads a name padded with zero bytes.
    ///
    /// # Errors
    /// The name is empty or has other characters than `[a-z0-9-]`.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Result<Self, DecodeError> {
        let len = bytes.iter().position(|b| *b == 0).unwrap_or(Self::BYTES);
        let allowed = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        if len == 0 || !bytes[..len].iter().all(allowed) || bytes[len..].iter().any(|b| *b != 0) {
            return Err(DecodeError::BadField("name"));
        }
        Ok(Self(bytes))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let len = self.0.iter().position(|b| *b == 0).unwrap_or(Self::BYTES);
        std::str::from_utf8(&self.0[..len]).unwrap_or("")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tenant {
    /// Its number.
    pub id: TenantId,
    /// Its name, as certificates give it.
    pub name: Name,
}

/// A book as the registry knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookInfo {
    /// Its number.
    pub id: BookId,
    /// Its owner.
    pub tenant: TenantId,
    /// Its name, unique among the tenant's books.
    pub name: Name,
    /// Its fixed position in the tree of heads: books in order of creation from 1 on. The system
    /// book, which is not listed, has 0.
    pub position: u32,
}

/// Tenants, assets and books: few, so kept in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Registry {
    /// Tenants by number.
    pub tenants: BTreeMap<TenantId, Tenant>,
    /// Assets by number.
    pub assets: BTreeMap<AssetId, Asset>,
    /// Books by number.
    pub books: BTreeMap<BookId, BookInfo>,
}

impl Registry {
    /// The tenant with this name.
    pub fn tenant_named(&self, name: Name) -> Option<Tenant> {
        self.tenants
            .values()
            .find(|tenant| tenant.name == name)
            .copied()
    }
}
