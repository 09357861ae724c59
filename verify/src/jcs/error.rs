use std::fmt;

use crate::limits::{JSON_BYTES_MAX, JSON_DEPTH_MAX};

/// Why a text is not JCS-strict. Numbers are offsets in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum JcsError {
    /// The text is longer than [`JSON_BYTES_MAX`].
    TooLong(usize),
    /// Arrays and objects stand deeper than [`JSON_DEPTH_MAX`].
    TooDeep(usize),
    /// The text ends too early.
    End,
    /// A byte that may not stand there.
    Unexpected(usize),
    /// Something stands after the end of the value.
    Trailing(usize),
    /// A number that is no integer with |n| ≤ 2^53 − 1, or minus zero.
    Number(usize),
    /// A string that is not UTF-8, or has a control character or an escape that JSON does not know.
    Text(usize),
    /// Half of a surrogate pair.
    Surrogate(usize),
    /// A name of a member that is not `[a-z0-9_]+`.
    Name(usize),
    /// A name that stands twice in one object.
    Duplicate(String),
    /// The value has another spelling, which is the one that counts.
    NotCanonical,
    /// The value cannot be written as JSON.
    NotJson,
}

impl fmt::Display for JcsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => {
                write!(
                    f,
                    "text of `{bytes}` bytes is longer than {JSON_BYTES_MAX} bytes"
                )
            }
            Self::TooDeep(at) => write!(f, "nested deeper than {JSON_DEPTH_MAX} at byte `{at}`"),
            Self::End => f.write_str("text ends too early"),
            Self::Unexpected(at) => write!(f, "unexpected byte at `{at}`"),
            Self::Trailing(at) => write!(f, "something after the end of the value at byte `{at}`"),
            Self::Number(at) => write!(
                f,
                "number at byte `{at}` is not an integer within 2^53 - 1: write it as a string"
            ),
            Self::Text(at) => write!(f, "string with bytes that are not allowed at byte `{at}`"),
            Self::Surrogate(at) => write!(f, "lone surrogate at byte `{at}`"),
            Self::Name(at) => write!(f, "name at byte `{at}` is not `[a-z0-9_]+`"),
            Self::Duplicate(name) => write!(f, "name `{name}` stands twice in one object"),
            Self::NotCanonical => f.write_str("not in canonical form"),
            Self::NotJson => f.write_str("cannot be written as json"),
        }
    }
}

impl std::error::Error for JcsError {}
