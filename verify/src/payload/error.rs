use std::fmt;

use crate::limits::{JSON_INT_MAX, PAYLOAD_BYTES_MAX};

/// Why bytes are not the payload of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PayloadError {
    /// Longer than [`PAYLOAD_BYTES_MAX`].
    TooLong(usize),
    /// Not an object with the fields of a payload.
    NotAPayload,
    /// A version that this build does not know.
    Version(u64),
    /// A kind that this build does not know.
    Kind(String),
    /// A field that this kind needs is not there.
    Missing(&'static str),
    /// A field that this kind does not have.
    Surplus(&'static str),
    /// A number beyond what JSON keeps exact.
    TooLarge {
        /// The field.
        field: &'static str,
        /// Its value.
        value: u64,
    },
    /// Row 1 names a row before it, or another row names none.
    Prev(u64),
    /// Another spelling than the canonical one.
    NotCanonical,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => write!(
                f,
                "payload of `{bytes}` bytes is longer than {PAYLOAD_BYTES_MAX}"
            ),
            Self::NotAPayload => f.write_str("not an object with the fields of a payload"),
            Self::Version(version) => write!(f, "unknown version `{version}` of a payload"),
            Self::Kind(kind) => write!(f, "unknown kind `{kind}` of a payload"),
            Self::Missing(field) => write!(f, "field `{field}` is missing"),
            Self::Surplus(field) => write!(f, "field `{field}` does not belong to this kind"),
            Self::TooLarge { field, value } => {
                write!(
                    f,
                    "field `{field}` holds `{value}`, more than {JSON_INT_MAX}"
                )
            }
            Self::Prev(seq) => write!(
                f,
                "row `{seq}` contradicts its `prev`: only row 1 has none, and there is no row 0"
            ),
            Self::NotCanonical => f.write_str("payload is not in canonical form"),
        }
    }
}

impl std::error::Error for PayloadError {}
