//! Rolling limits as they are written: `24h:100:5000.00`.

use std::fmt;
use std::str::FromStr;

use crate::span::Span;

/// At most so many debits, and so much, in any such time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LimitText {
    /// Length of the window.
    pub(crate) window: Span,
    /// Most debits; 0 if any number may be.
    pub(crate) count: u32,
    /// Most that is given, in major units; nothing if any amount may be.
    pub(crate) amount: Option<String>,
}

/// Why text is not a rolling limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LimitError;

impl FromStr for LimitText {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let parts: Vec<&str> = text.split(':').collect();
        let [window, count, amount] = parts[..] else {
            return Err(LimitError);
        };
        let limit = Self {
            window: window.parse().map_err(|_| LimitError)?,
            count: match count {
                "" => 0,
                count => count.parse().map_err(|_| LimitError)?,
            },
            amount: (!amount.is_empty()).then(|| amount.to_owned()),
        };
        if limit.count == 0 && limit.amount.is_none() {
            return Err(LimitError);
        }
        Ok(limit)
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a limit; write TIME:COUNT:AMOUNT such as `24h:100:5000.00`, where COUNT or AMOUNT \
             may be empty",
        )
    }
}

impl std::error::Error for LimitError {}
