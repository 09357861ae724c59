//! Points in time: dates and times as people write them, nanoseconds since 1970 inside.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use ledger::Nanos;

/// Why text is not a point in time that the ledger can hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InstantError {
    /// Neither a date nor a time.
    NotTime,
    /// Not after 1970-01-01T00:00:00Z, which stands for "not given", or after the year 2554.
    OutOfRange,
}

const DAY: u64 = 86_400 * 1_000_000_000;

/// Reads `1993-01-31` as the first moment of that day in UTC, or a time such as
/// `1993-01-31T12:00:00Z`.
pub(crate) fn parse(text: &str) -> Result<Nanos, InstantError> {
    match day(text) {
        Some(date) => of_date(date),
        None => of_time(text),
    }
}

/// Reads a date as the last moment of that day in UTC, and a time as it is: the end of what is
/// asked for "as of" it.
pub(crate) fn parse_as_of(text: &str) -> Result<Nanos, InstantError> {
    match day(text) {
        Some(date) => {
            let start = of_date(date)?;
            let end = start.0.checked_add(DAY - 1);
            end.map(Nanos).ok_or(InstantError::OutOfRange)
        }
        None => of_time(text),
    }
}

/// Reads a date as the first moment of the day after it in UTC, and a time as it is: the end of
/// what is asked for "before" it.
pub(crate) fn parse_end(text: &str) -> Result<Nanos, InstantError> {
    let end = parse_as_of(text)?;
    match day(text) {
        Some(_) => end
            .0
            .checked_add(1)
            .map(Nanos)
            .ok_or(InstantError::OutOfRange),
        None => Ok(end),
    }
}

/// The first moment of a day in UTC.
pub(crate) fn of_date(date: Date) -> Result<Nanos, InstantError> {
    of_civil(date.at(0, 0, 0, 0))
}

/// A date and time of day in UTC.
pub(crate) fn of_civil(time: DateTime) -> Result<Nanos, InstantError> {
    let zoned = time.to_zoned(TimeZone::UTC);
    nanos(zoned.map_err(|_| InstantError::OutOfRange)?.timestamp())
}

/// A moment, if the ledger can hold it.
pub(crate) fn nanos(time: Timestamp) -> Result<Nanos, InstantError> {
    u64::try_from(time.as_nanosecond())
        .ok()
        .filter(|nanos| *nanos != 0)
        .map(Nanos)
        .ok_or(InstantError::OutOfRange)
}

/// In UTC, with as many digits of the second as it has; empty for 0, which stands for "not given".
pub(crate) fn show(time: Nanos) -> String {
    if time.0 == 0 {
        return String::new();
    }
    match Timestamp::from_nanosecond(i128::from(time.0)) {
        Ok(time) => time.to_string(),
        Err(_) => time.0.to_string(),
    }
}

/// For people: a date alone where it is the first moment of one, else without parts of a second.
pub(crate) fn brief(time: &str) -> String {
    if let Some(date) = time.strip_suffix("T00:00:00Z") {
        return date.to_owned();
    }
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}

/// Longer text goes to the reader of times: `Date` alone would read a time and drop its hours.
fn day(text: &str) -> Option<Date> {
    (text.len() == "1993-01-31".len())
        .then(|| text.parse().ok())
        .flatten()
}

fn of_time(text: &str) -> Result<Nanos, InstantError> {
    nanos(text.parse().map_err(|_| InstantError::NotTime)?)
}

impl fmt::Display for InstantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTime => {
                "not a time; write a date like `1993-01-31` or a time like `1993-01-31T12:00:00Z`"
            }
            Self::OutOfRange => "the ledger holds times after 1970-01-01T00:00:00Z and before 2554",
        })
    }
}

impl std::error::Error for InstantError {}

#[cfg(test)]
mod tests;
