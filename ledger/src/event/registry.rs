//! Records of the system book: tenants, assets and books.

use crate::asset::AssetCode;
use crate::event::{VERSION, kind};
use crate::fields::{DecodeError, Reader, Write};
use crate::id::{AssetId, BookId, Nanos, Seq, TenantId};
use crate::registry::Name;

/// A tenant came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TenantCreated {
    /// Position in the system book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// Its number.
    pub tenant: TenantId,
    /// Its name, as certificates give it.
    pub name: Name,
}

/// An asset came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AssetCreated {
    /// Position in the system book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// Its number.
    pub asset: AssetId,
    /// Its code, such as `USD`.
    pub code: AssetCode,
    /// Decimal digits after the point.
    pub exponent: u8,
}

/// A book came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookCreated {
    /// Position in the system book.
    pub seq: Seq,
    /// When it was decided.
    pub posted_at: Nanos,
    /// Its number.
    pub book: BookId,
    /// Its owner.
    pub tenant: TenantId,
    /// Its name, unique among the tenant's books.
    pub name: Name,
    /// Whether it starts in state `importing`.
    pub importing: bool,
}

impl TenantCreated {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 4 + Name::BYTES;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::TENANT_CREATED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u32(self.tenant.0);
        out.put(&self.name.to_bytes());
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            tenant: TenantId(r.u32()?),
            name: Name::from_bytes(r.array()?)?,
        })
    }
}

impl AssetCreated {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 4 + AssetCode::BYTES + 1;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::ASSET_CREATED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u32(self.asset.0);
        out.put(&self.code.to_bytes());
        out.put_u8(self.exponent);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            asset: AssetId(r.u32()?),
            code: AssetCode::from_bytes(r.array()?)?,
            exponent: r.u8()?,
        })
    }
}

impl BookCreated {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 4 + 4 + Name::BYTES + 1;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.put(&[kind::BOOK_CREATED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u32(self.book.0);
        out.put_u32(self.tenant.0);
        out.put(&self.name.to_bytes());
        out.put_u8(u8::from(self.importing));
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            book: BookId(r.u32()?),
            tenant: TenantId(r.u32()?),
            name: Name::from_bytes(r.array()?)?,
            importing: match r.u8()? {
                0 => false,
                1 => true,
                _ => return Err(DecodeError::BadField("importing")),
            },
        })
    }
}
