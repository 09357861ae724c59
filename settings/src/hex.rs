//! Hex digits, as certificates are told apart by.

use ledger::Digest;

/// Bytes of `text`, which may have colons between them as `openssl` prints them.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b':').collect();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
        .collect()
}

/// A digest of 64 digits.
pub fn digest(text: &str) -> Option<Digest> {
    bytes(text)?.try_into().ok().map(Digest)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}
