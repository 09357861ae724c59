//! Times of rows and approvals: microseconds, and the one text for each.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Microseconds since 1970-01-01 00:00 UTC, before the year 10000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Micros(u64);

/// A text that is not `YYYY-MM-DDTHH:MM:SS.ffffffZ`, or a time after the year 9999.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotATime;

const SECOND: u64 = 1_000_000;
const DAY_SECONDS: u64 = 86_400;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: u64 = 719_468;
const ERA_DAYS: u64 = 146_097;

impl Micros {
    /// The last microsecond of the year 9999.
    pub const MAX: Self = Self(253_402_300_800 * SECOND - 1);

    /// The time `micros` microseconds after the beginning of 1970; `None` after the year 9999.
    pub const fn new(micros: u64) -> Option<Self> {
        if micros <= Self::MAX.0 {
            Some(Self(micros))
        } else {
            None
        }
    }

    /// Microseconds since the beginning of 1970.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The next microsecond; `None` after the year 9999.
    pub const fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0 / SECOND, self.0 % SECOND);
        let (year, month, day) = civil(seconds / DAY_SECONDS);
        let of_day = seconds % DAY_SECONDS;
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

impl FromStr for Micros {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let text: &[u8; 27] = text.as_bytes().try_into().map_err(|_| NotATime)?;
        for (at, mark) in [
            (4, b'-'),
            (7, b'-'),
            (10, b'T'),
            (13, b':'),
            (16, b':'),
            (19, b'.'),
            (26, b'Z'),
        ] {
            if text[at] != mark {
                return Err(NotATime);
            }
        }
        let year = number(&text[..4])?;
        let month = number(&text[5..7])?;
        let day = number(&text[8..10])?;
        let hour = number(&text[11..13])?;
        let minute = number(&text[14..16])?;
        let second = number(&text[17..19])?;
        let micros = number(&text[20..26])?;
        let is_there = year >= 1970
            && (1..=12).contains(&month)
            && day >= 1
            && day <= month_days(year, month)
            && hour < 24
            && minute < 60
            && second < 60;
        if !is_there {
            return Err(NotATime);
        }
        let seconds = days(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second;
        Ok(Self(seconds * SECOND + micros))
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time: write `YYYY-MM-DDTHH:MM:SS.ffffffZ`, from 1970 to 9999")
    }
}

impl std::error::Error for NotATime {}

fn number(digits: &[u8]) -> Result<u64, NotATime> {
    digits
        .iter()
        .try_fold(0, |sum, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + u64::from(digit - b'0'))
        })
        .ok_or(NotATime)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn month_days(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01. The year is counted from March, so that the leap day is its last one.
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
const fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year % 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year / 400 * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS
}

/// Year, month and day of the day `days` after 1970-01-01. Source: as [`days`].
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH_DAYS;
    let of_era = days % ERA_DAYS;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = days / ERA_DAYS * 400 + year + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests;
