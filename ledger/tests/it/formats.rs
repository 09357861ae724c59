//! `docs/formats.md` and the vectors in `ledger/vectors`, held against the code both ways.
//!
//! After a change of the formats, `cargo xtask docs` writes both anew.

mod pages;
mod records;
mod snapshots;
mod verifier;

use std::fs;

use crate::vectors::path;

/// The bytes of a vector as it is committed.
fn committed(name: &str) -> Vec<u8> {
    let text = fs::read_to_string(path(name)).unwrap();
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}
