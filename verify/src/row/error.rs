use std::fmt;

use crate::limits::ROW_LINE_BYTES_MAX;
use crate::payload::PayloadError;

/// Why bytes are not a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowError {
    /// The payload is none.
    Payload(PayloadError),
    /// The line is longer than [`ROW_LINE_BYTES_MAX`].
    TooLong(usize),
    /// The line has no line feed at its end.
    CutShort,
    /// The line is not an object with the columns of a row.
    NotARow,
    /// A column contradicts the payload.
    Column(&'static str),
    /// Another spelling than the one that counts.
    NotCanonical,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload(error) => error.fmt(f),
            Self::TooLong(bytes) => {
                write!(
                    f,
                    "line of `{bytes}` bytes is longer than {ROW_LINE_BYTES_MAX}"
                )
            }
            Self::CutShort => f.write_str("line without a line feed at its end"),
            Self::NotARow => f.write_str("not an object with the columns of a row"),
            Self::Column(column) => write!(f, "column `{column}` contradicts the payload"),
            Self::NotCanonical => f.write_str("line is not in its one spelling"),
        }
    }
}

impl std::error::Error for RowError {}

impl From<PayloadError> for RowError {
    fn from(error: PayloadError) -> Self {
        Self::Payload(error)
    }
}
