//! Base64 of RFC 4648 §4 with padding, the one way in which signatures stand in text.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

/// `bytes` in base64.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes that `text` spells; `None` if it has white space, lacks padding, or has bits set that
/// no byte carries.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests;
