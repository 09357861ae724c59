//! Bytes and text with a longest length.

use std::fmt;
use std::ops::Deref;

use ledger::fields::{Reader, Write};

use super::{Field, MessageError};

/// At most `MAX` bytes; a `u16` length goes before them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Blob<const MAX: usize>(Vec<u8>);

/// At most `MAX` bytes; a `u32` length goes before them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LongBlob<const MAX: usize>(Vec<u8>);

/// At most `MAX` bytes of UTF-8; a `u16` length goes before them.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Blob<MAX> {
    /// `bytes`, unless they are too long.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= MAX).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> Deref for Blob<MAX> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> LongBlob<MAX> {
    /// `bytes`, unless they are too long.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= MAX).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> Deref for LongBlob<MAX> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> Text<MAX> {
    /// `text`, unless it is too long.
    pub fn new(text: String) -> Option<Self> {
        (text.len() <= MAX).then_some(Self(text))
    }

    /// As much of `text` as fits.
    pub fn cut(text: &str) -> Self {
        Self(text[..text.floor_char_boundary(MAX)].to_owned())
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Appends a `u16` length and the bytes; what is beyond 65,535 bytes does not exist in any message.
pub(crate) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.put_u16(len);
    out.put(&bytes[..usize::from(len)]);
}

/// Reads a `u16` length of at most `max` and as many bytes.
pub(crate) fn get_bytes<'a>(r: &mut Reader<'a>, max: usize) -> Result<&'a [u8], MessageError> {
    let count = usize::from(r.u16()?);
    if count > max {
        return Err(MessageError::TooMany { count, max });
    }
    Ok(r.take(count)?)
}

impl<const MAX: usize> Field for Blob<MAX> {
    const MIN_BYTES: usize = 2;
    const FIXED: bool = false;

    fn kind() -> String {
        format!("bytes, at most {MAX}")
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(&self.0, out);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        Ok(Self(get_bytes(r, MAX)?.to_vec()))
    }
}

impl<const MAX: usize> Field for LongBlob<MAX> {
    const MIN_BYTES: usize = 4;
    const FIXED: bool = false;

    fn kind() -> String {
        format!("long bytes, at most {MAX}")
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.put_u32(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        out.put(&self.0);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        let count = super::read_count(r, MAX)?;
        Ok(Self(r.take(count)?.to_vec()))
    }
}

impl<const MAX: usize> Field for Text<MAX> {
    const MIN_BYTES: usize = 2;
    const FIXED: bool = false;

    fn kind() -> String {
        format!("text, at most {MAX} bytes")
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(self.0.as_bytes(), out);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        let bytes = get_bytes(r, MAX)?;
        let text = std::str::from_utf8(bytes).map_err(|_| MessageError::bad("text"))?;
        Ok(Self(text.to_owned()))
    }
}
