//! JCS-strict: the JSON that is hashed and signed.
//!
//! RFC 8785, narrowed until every language agrees: names of members are `[a-z0-9_]+`, numbers are
//! integers with |n| ≤ 2^53 − 1, no member stands twice, no surrogate stands alone. What is read
//! may have white space; what is hashed has none, and its members stand in the order of their
//! names.

mod error;
mod parser;
mod value;

use serde::Serialize;

pub use error::JcsError;
pub use value::Value;

/// Reads one JSON text.
///
/// # Errors
/// The text is not JSON, or not of the narrower kind; the error says where.
pub fn parse(text: &[u8]) -> Result<Value, JcsError> {
    parser::Parser::new(text)?.text()
}

/// Reads one JSON text that is in its canonical form already.
///
/// # Errors
/// As [`parse`], or the bytes are another spelling than the canonical one.
pub fn parse_canonical(text: &[u8]) -> Result<Value, JcsError> {
    let value = parse(text)?;
    if value.canonical() == text {
        Ok(value)
    } else {
        Err(JcsError::NotCanonical)
    }
}

/// The canonical bytes of a struct whose fields are declared in alphabetical order.
///
/// # Errors
/// What it serializes to is not canonical: a float, a name or number that is not allowed, fields
/// in another order.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, JcsError> {
    let bytes = serde_json::to_vec(value).map_err(|_| JcsError::NotJson)?;
    parse_canonical(&bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
