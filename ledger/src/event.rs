//! Events: what a block holds and a leaf of the book's tree is the hash of.
//!
//! A record is a kind byte, a version byte and fields of fixed width, little-endian, without
//! padding. One encoding per event; `docs/formats.md` gives every offset.

pub mod account;
pub mod book;
pub mod denial;
pub mod hold_expired;
pub mod note_erased;
pub mod registry;
pub mod transfer;

use crate::fields::{DecodeError, Reader};
use crate::id::{Nanos, Seq};

pub use account::{AccountChanged, AccountCreated};
pub use book::{BookChange, BookChanged};
pub use denial::{Denial, RequestDenied};
pub use hold_expired::HoldExpired;
pub use note_erased::NoteErased;
pub use registry::{AssetCreated, BookCreated, TenantCreated};
pub use transfer::TransferPosted;

/// Kind bytes of event records. Frozen.
pub mod kind {
    /// [`super::AccountCreated`]
    pub const ACCOUNT_CREATED: u8 = 1;
    /// [`super::AccountChanged`]
    pub const ACCOUNT_CHANGED: u8 = 2;
    /// [`super::TransferPosted`] without commitments
    pub const TRANSFER: u8 = 3;
    /// [`super::TransferPosted`] with commitments to its reference and metadata
    pub const TRANSFER_NOTED: u8 = 4;
    /// [`super::HoldExpired`]
    pub const HOLD_EXPIRED: u8 = 5;
    /// [`super::RequestDenied`]
    pub const REQUEST_DENIED: u8 = 6;
    /// [`super::BookChanged`]
    pub const BOOK_CHANGED: u8 = 7;
    /// [`super::TenantCreated`]
    pub const TENANT_CREATED: u8 = 8;
    /// [`super::AssetCreated`]
    pub const ASSET_CREATED: u8 = 9;
    /// [`super::BookCreated`]
    pub const BOOK_CREATED: u8 = 10;
    /// [`super::NoteErased`]
    pub const NOTE_ERASED: u8 = 11;
}

/// One event of a book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// An account came to be.
    AccountCreated(AccountCreated),
    /// Flags, bounds or rolling limits of an account changed.
    AccountChanged(AccountChanged),
    /// A transfer, hold, capture, void or reversal.
    Transfer(TransferPosted),
    /// A hold ran out.
    HoldExpired(HoldExpired),
    /// Policy denied requests, or transfers of requests.
    RequestDenied(RequestDenied),
    /// The book was halted, resumed, locked or opened, or its answers wait for seals or no longer
    /// do.
    BookChanged(BookChanged),
    /// System book: a tenant came to be.
    TenantCreated(TenantCreated),
    /// System book: an asset came to be.
    AssetCreated(AssetCreated),
    /// System book: a book came to be.
    BookCreated(BookCreated),
    /// Reference and metadata of an event were erased.
    NoteErased(NoteErased),
}

impl Event {
    /// Bytes of a record of this kind, or `None` if no record has it.
    #[inline]
    pub const fn width(kind: u8) -> Option<usize> {
        match kind {
            kind::TRANSFER => Some(TransferPosted::BYTES),
            kind::TRANSFER_NOTED => Some(TransferPosted::NOTED_BYTES),
            kind::ACCOUNT_CREATED => Some(AccountCreated::BYTES),
            kind::ACCOUNT_CHANGED => Some(AccountChanged::BYTES),
            kind::HOLD_EXPIRED => Some(HoldExpired::BYTES),
            kind::REQUEST_DENIED => Some(RequestDenied::BYTES),
            kind::BOOK_CHANGED => Some(BookChanged::BYTES),
            kind::TENANT_CREATED => Some(TenantCreated::BYTES),
            kind::ASSET_CREATED => Some(AssetCreated::BYTES),
            kind::BOOK_CREATED => Some(BookCreated::BYTES),
            kind::NOTE_ERASED => Some(NoteErased::BYTES),
            _ => None,
        }
    }

    /// Splits the first record off `bytes`: the record and what follows it.
    ///
    /// # Errors
    /// The kind is unknown or the record is cut short.
    #[inline]
    pub fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
        let kind = *bytes
            .first()
            .ok_or(DecodeError::Truncated { need: 1, have: 0 })?;
        let width = Self::width(kind).ok_or(DecodeError::UnknownKind(kind))?;
        bytes.split_at_checked(width).ok_or(DecodeError::Truncated {
            need: width,
            have: bytes.len(),
        })
    }

    /// Reads exactly one record.
    ///
    /// # Errors
    /// The bytes are not exactly one record, or a field holds what it may not.
    pub fn decode(record: &[u8]) -> Result<Self, DecodeError> {
        let (record, rest) = Self::split(record)?;
        if !rest.is_empty() {
            return Err(DecodeError::TrailingBytes(rest.len()));
        }
        let mut r = Reader::new(record);
        let kind = r.u8()?;
        let version = r.u8()?;
        if version != VERSION {
            return Err(DecodeError::UnknownVersion(u16::from(version)));
        }
        let event = match kind {
            kind::TRANSFER => Self::Transfer(TransferPosted::decode(&mut r, false)?),
            kind::TRANSFER_NOTED => Self::Transfer(TransferPosted::decode(&mut r, true)?),
            kind::ACCOUNT_CREATED => Self::AccountCreated(AccountCreated::decode(&mut r)?),
            kind::ACCOUNT_CHANGED => Self::AccountChanged(AccountChanged::decode(&mut r)?),
            kind::HOLD_EXPIRED => Self::HoldExpired(HoldExpired::decode(&mut r)?),
            kind::REQUEST_DENIED => Self::RequestDenied(RequestDenied::decode(&mut r)?),
            kind::BOOK_CHANGED => Self::BookChanged(BookChanged::decode(&mut r)?),
            kind::TENANT_CREATED => Self::TenantCreated(TenantCreated::decode(&mut r)?),
            kind::ASSET_CREATED => Self::AssetCreated(AssetCreated::decode(&mut r)?),
            kind::BOOK_CREATED => Self::BookCreated(BookCreated::decode(&mut r)?),
            kind::NOTE_ERASED => Self::NoteErased(NoteErased::decode(&mut r)?),
            other => return Err(DecodeError::UnknownKind(other)),
        };
        r.end()?;
        Ok(event)
    }

    /// Appends the record of this event.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::AccountCreated(e) => e.encode(out),
            Self::AccountChanged(e) => e.encode(out),
            Self::Transfer(e) => e.encode(out),
            Self::HoldExpired(e) => e.encode(out),
            Self::RequestDenied(e) => e.encode(out),
            Self::BookChanged(e) => e.encode(out),
            Self::TenantCreated(e) => e.encode(out),
            Self::AssetCreated(e) => e.encode(out),
            Self::BookCreated(e) => e.encode(out),
            Self::NoteErased(e) => e.encode(out),
        }
    }

    /// Position of the event in its book.
    pub fn seq(&self) -> Seq {
        match self {
            Self::AccountCreated(e) => e.seq,
            Self::AccountChanged(e) => e.seq,
            Self::Transfer(e) => e.seq,
            Self::HoldExpired(e) => e.seq,
            Self::RequestDenied(e) => e.seq,
            Self::BookChanged(e) => e.seq,
            Self::TenantCreated(e) => e.seq,
            Self::AssetCreated(e) => e.seq,
            Self::BookCreated(e) => e.seq,
            Self::NoteErased(e) => e.seq,
        }
    }

    /// When the event was decided.
    pub fn posted_at(&self) -> Nanos {
        match self {
            Self::AccountCreated(e) => e.posted_at,
            Self::AccountChanged(e) => e.posted_at,
            Self::Transfer(e) => e.posted_at,
            Self::HoldExpired(e) => e.posted_at,
            Self::RequestDenied(e) => e.posted_at,
            Self::BookChanged(e) => e.posted_at,
            Self::TenantCreated(e) => e.posted_at,
            Self::AssetCreated(e) => e.posted_at,
            Self::BookCreated(e) => e.posted_at,
            Self::NoteErased(e) => e.posted_at,
        }
    }
}

/// The version byte of every record this build writes.
pub const VERSION: u8 = 1;

/// The records that stand one after the other in `bytes`.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a>(pub &'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = Result<&'a [u8], DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        match Event::split(self.0) {
            Ok((record, rest)) => {
                self.0 = rest;
                Some(Ok(record))
            }
            Err(error) => {
                self.0 = &[];
                Some(Err(error))
            }
        }
    }
}
