//! Fields: how every value of a message is written and read. Little-endian, fixed width where the
//! type allows, no padding, one encoding per value.

pub(crate) mod bounded;
mod scalar;
#[cfg(test)]
mod tests;

use ledger::Code;
use ledger::fields::{DecodeError, Reader};

use crate::limits::LIST_MAX;

pub use bounded::{Blob, LongBlob, Text};
pub(crate) use scalar::choice;

/// Why the body of a frame is not the message it claims to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageError {
    /// The bytes are not a message of this operation.
    Malformed(DecodeError),
    /// A list or text is above a stated limit.
    TooMany {
        /// How many entries or bytes it claims.
        count: usize,
        /// How many are allowed.
        max: usize,
    },
}

/// A value with one encoding.
pub trait Field: Sized {
    /// Fewest bytes of an encoded value.
    const MIN_BYTES: usize;
    /// Whether every value takes [`Field::MIN_BYTES`].
    const FIXED: bool;

    /// What the document calls the type.
    fn kind() -> String;

    /// Appends the value.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads a value.
    ///
    /// # Errors
    /// The bytes run out, hold what they may not, or claim more than a limit.
    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError>;
}

/// Reads exactly one value out of `bytes`.
///
/// # Errors
/// The bytes are not exactly one value.
pub fn decode<T: Field>(bytes: &[u8]) -> Result<T, MessageError> {
    let mut r = Reader::new(bytes);
    let value = T::get(&mut r)?;
    r.end()?;
    Ok(value)
}

impl MessageError {
    /// The code that an answer to such a request carries.
    pub fn code(&self) -> Code {
        match self {
            Self::Malformed(_) => Code::Malformed,
            Self::TooMany { .. } => Code::TooLarge,
        }
    }

    pub(crate) fn bad(field: &'static str) -> Self {
        Self::Malformed(DecodeError::BadField(field))
    }
}

impl From<DecodeError> for MessageError {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

impl std::fmt::Display for MessageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "malformed body: {error}"),
            Self::TooMany { count, max } => write!(f, "length `{count}` is above `{max}`"),
        }
    }
}

impl std::error::Error for MessageError {}

/// A list: its length as a `u32`, then its entries. Memory is reserved for no more entries than
/// the bytes at hand can hold.
impl<T: Field> Field for Vec<T> {
    const MIN_BYTES: usize = 4;
    const FIXED: bool = false;

    fn kind() -> String {
        format!("list of {}", T::kind())
    }

    fn put(&self, out: &mut Vec<u8>) {
        u32::try_from(self.len()).unwrap_or(u32::MAX).put(out);
        for entry in self {
            entry.put(out);
        }
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        let count = read_count(r, LIST_MAX)?;
        let need = count * T::MIN_BYTES;
        if need > r.rest().len() {
            return Err(DecodeError::Truncated {
                need,
                have: r.rest().len(),
            }
            .into());
        }
        let mut entries = Self::with_capacity(count);
        for _ in 0..count {
            entries.push(T::get(r)?);
        }
        Ok(entries)
    }
}

/// Reads a `u32` count of at most `max`.
pub(crate) fn read_count(r: &mut Reader<'_>, max: usize) -> Result<usize, MessageError> {
    let count = usize::try_from(r.u32()?).unwrap_or(usize::MAX);
    if count > max {
        Err(MessageError::TooMany { count, max })
    } else {
        Ok(count)
    }
}

/// An option: a byte 0, or a byte 1 and the value.
impl<T: Field> Field for Option<T> {
    const MIN_BYTES: usize = 1;
    const FIXED: bool = false;

    fn kind() -> String {
        format!("optional {}", T::kind())
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            None => out.push(0),
            Some(value) => {
                out.push(1);
                value.put(out);
            }
        }
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        match r.u8()? {
            0 => Ok(None),
            1 => Ok(Some(T::get(r)?)),
            _ => Err(MessageError::bad("option")),
        }
    }
}
