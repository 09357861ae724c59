//! Lengths of time in whole seconds, such as `90`, `15m` or `7d`.

use std::fmt;
use std::str::FromStr;

/// Seconds, at least one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span(pub(crate) u32);

/// Why text is not a length of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SpanError {
    /// Not digits with an optional `s`, `m`, `h` or `d`.
    NotSpan,
    /// No time at all.
    Zero,
    /// Above 2^32 - 1 seconds.
    TooLong,
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let (digits, unit) = match text.char_indices().next_back() {
            Some((at, 's')) => (&text[..at], 1),
            Some((at, 'm')) => (&text[..at], 60),
            Some((at, 'h')) => (&text[..at], 3_600),
            Some((at, 'd')) => (&text[..at], 86_400),
            _ => (text, 1),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SpanError::NotSpan);
        }
        let count: u32 = digits.parse().map_err(|_| SpanError::TooLong)?;
        match count.checked_mul(unit) {
            None => Err(SpanError::TooLong),
            Some(0) => Err(SpanError::Zero),
            Some(seconds) => Ok(Self(seconds)),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSpan => "not a length of time; write it like `90`, `15m`, `24h` or `7d`",
            Self::Zero => "no time at all; leave it out instead",
            Self::TooLong => "above 2^32 - 1 seconds",
        })
    }
}

impl std::error::Error for SpanError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        let rows = [
            ("90", Ok(90)),
            ("90s", Ok(90)),
            ("15m", Ok(900)),
            ("24h", Ok(86_400)),
            ("7d", Ok(604_800)),
            ("4294967295", Ok(u32::MAX)),
            ("0", Err(SpanError::Zero)),
            ("", Err(SpanError::NotSpan)),
            ("m", Err(SpanError::NotSpan)),
            ("-1", Err(SpanError::NotSpan)),
            ("1.5h", Err(SpanError::NotSpan)),
            ("4294967296", Err(SpanError::TooLong)),
            ("99999999d", Err(SpanError::TooLong)),
        ];
        for (text, expected) in rows {
            let span = text.parse::<Span>().map(|span| span.0);
            assert_eq!(span, expected, "{text}");
        }
    }
}
