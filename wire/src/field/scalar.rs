//! Numbers, identities, names and numbered choices.

use ledger::asset::AssetCode;
use ledger::event::BookChange;
use ledger::fields::{Reader, Write};
use ledger::leg::Side;
use ledger::registry::Name;
use ledger::{
    AccountId, AssetId, BookId, Code, Digest, Height, Nanos, Operation, Seq, TenantId, TransferId,
};

use super::{Field, MessageError};

macro_rules! number {
    ($($type:ident, $read:ident, $put:ident;)*) => {
        $(impl Field for $type {
            const MIN_BYTES: usize = size_of::<$type>();
            const FIXED: bool = true;

            fn kind() -> String {
                stringify!($type).to_owned()
            }

            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                out.$put(*self);
            }

            #[inline]
            fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
                Ok(r.$read()?)
            }
        })*
    };
}

number! {
    u8, u8, put_u8;
    u16, u16, put_u16;
    u32, u32, put_u32;
    u64, u64, put_u64;
    u128, u128, put_u128;
    i128, i128, put_i128;
}

macro_rules! identity {
    ($($type:ident($inner:ty);)*) => {
        $(impl Field for $type {
            const MIN_BYTES: usize = <$inner as Field>::MIN_BYTES;
            const FIXED: bool = true;

            fn kind() -> String {
                <$inner as Field>::kind()
            }

            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                self.0.put(out);
            }

            #[inline]
            fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
                Ok(Self(Field::get(r)?))
            }
        })*
    };
}

identity! {
    TenantId(u32);
    BookId(u32);
    AssetId(u32);
    AccountId(u128);
    TransferId(u128);
    Seq(u64);
    Height(u64);
    Nanos(u64);
}

/// Values that are a number on the wire, of which not every one means something.
macro_rules! choice {
    ($($type:ident($inner:ty), $what:literal, |$v:ident| $to:expr, |$n:ident| $from:expr;)*) => {
        $(impl $crate::field::Field for $type {
            const MIN_BYTES: usize = <$inner as $crate::field::Field>::MIN_BYTES;
            const FIXED: bool = true;

            fn kind() -> String {
                format!("{} ({})", <$inner as $crate::field::Field>::kind(), $what)
            }

            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                let $v = *self;
                let number: $inner = $to;
                $crate::field::Field::put(&number, out);
            }

            #[inline]
            fn get(
                r: &mut ledger::fields::Reader<'_>,
            ) -> Result<Self, $crate::field::MessageError> {
                let $n: $inner = $crate::field::Field::get(r)?;
                let value: Option<Self> = $from;
                value.ok_or($crate::field::MessageError::bad($what))
            }
        })*
    };
}
pub(crate) use choice;

choice! {
    bool(u8), "0 or 1",
        |v| u8::from(v),
        |n| match n { 0 => Some(false), 1 => Some(true), _ => None };
    Code(u16), "result code", |v| v.number(), |n| Self::from_number(n);
    Operation(u8), "operation", |v| v as u8, |n| Self::from_number(n);
    BookChange(u8), "1 halted, 2 resumed, 3 locked, 4 opened, 5 seals required, 6 no longer",
        |v| v as u8, |n| Self::from_number(n);
    Side(u8), "1 debit, 2 credit",
        |v| match v { Self::Debit => 1, Self::Credit => 2 },
        |n| match n { 1 => Some(Self::Debit), 2 => Some(Self::Credit), _ => None };
}

impl Field for Digest {
    const MIN_BYTES: usize = 32;
    const FIXED: bool = true;

    fn kind() -> String {
        "digest".to_owned()
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.put(&self.0);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        Ok(Self(r.array()?))
    }
}

macro_rules! padded {
    ($($type:ident, $what:literal;)*) => {
        $(impl Field for $type {
            const MIN_BYTES: usize = $type::BYTES;
            const FIXED: bool = true;

            fn kind() -> String {
                $what.to_owned()
            }

            fn put(&self, out: &mut Vec<u8>) {
                out.put(&self.to_bytes());
            }

            fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
                Ok(Self::from_bytes(r.array()?)?)
            }
        })*
    };
}

padded! {
    Name, "name";
    AssetCode, "asset code";
}
