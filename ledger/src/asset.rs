//! Assets: what amounts are counted in.

use std::fmt;

use crate::fields::DecodeError;
use crate::id::AssetId;
use crate::limits::ASSET_CODE_BYTES_MAX;

/// Code of an asset such as `USD`: 1 to 12 bytes of `[A-Z0-9]`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetCode([u8; ASSET_CODE_BYTES_MAX]);

/// An asset: what a number of minor units means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asset {
    /// Its number.
    pub id: AssetId,
    /// Its code.
    pub code: AssetCode,
    /// Decimal digits after the point: `USD/2` counts cents.
    pub exponent: u8,
}

impl AssetCode {
    /// Bytes of an encoded code.
    pub const BYTES: usize = ASSET_CODE_BYTES_MAX;

    /// Parses a code.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; Self::BYTES];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        // Padding is no part of the text.
        Self::from_bytes(bytes)
            .ok()
            .filter(|code| code.as_str() == text)
    }

    /// The code padded with zero bytes.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        self.0
    }

    /// Reads a code padded with zero bytes.
    ///
    /// # Errors
    /// The code is empty or has other characters than `[A-Z0-9]`.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Result<Self, DecodeError> {
        let len = bytes.iter().position(|b| *b == 0).unwrap_or(Self::BYTES);
        let allowed = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        if len == 0 || !bytes[..len].iter().all(allowed) || bytes[len..].iter().any(|b| *b != 0) {
            return Err(DecodeError::BadField("asset code"));
        }
        Ok(Self(bytes))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        let len = self.0.iter().position(|b| *b == 0).unwrap_or(Self::BYTES);
        std::str::from_utf8(&self.0[..len]).unwrap_or("")
    }
}

impl fmt::Display for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
