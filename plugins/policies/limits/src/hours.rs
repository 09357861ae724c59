//! Business hours by the given time.

use std::fmt;

use plugins_sdk::PolicyError;

use crate::config::{self, Day};

const MINUTE: u64 = 60 * 1_000_000_000;
const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;
/// Offsets in use lie between -12:00 and +14:00.
const MAX_OFFSET: i16 = 14 * 60;
/// Far more than a week is cut into.
const MAX_WINDOWS: usize = 64;

/// Minutes of the week at which postings are accepted.
#[derive(Debug)]
pub(crate) struct Hours {
    offset: i64,
    /// First minute, counted from Monday 00:00, and length.
    windows: Vec<(i64, i64)>,
}

impl Hours {
    pub(crate) fn new(config: config::Hours) -> Result<Self, PolicyError> {
        let offset = config.utc_offset_minutes.unwrap_or_default();
        if !(-MAX_OFFSET..=MAX_OFFSET).contains(&offset) {
            return Err(bad(format_args!("`utc_offset_minutes` is `{offset}`")));
        }
        if config.open.len() > MAX_WINDOWS {
            return Err(bad(format_args!("more than {MAX_WINDOWS} windows")));
        }
        let mut windows = Vec::new();
        for window in &config.open {
            let (from, to) = (minutes(&window.from)?, minutes(&window.to)?);
            if from == DAY {
                return Err(bad(format_args!("a window starts at `{}`", window.from)));
            }
            let length = if to > from {
                to - from
            } else {
                to + DAY - from
            };
            let starts = window.days.iter().map(|day| i64::from(day.0) * DAY + from);
            windows.extend(starts.map(|start| (start, length)));
        }
        Ok(Self {
            offset: offset.into(),
            windows,
        })
    }

    /// Whether postings are accepted at `now`, in nanoseconds since 1970.
    pub(crate) fn are_open(&self, now: u64) -> bool {
        let minute = self.minute_of_week(now);
        self.windows
            .iter()
            .any(|(start, length)| (minute - start).rem_euclid(WEEK) < *length)
    }

    /// Day and time of day there, for people.
    pub(crate) fn local(&self, now: u64) -> Local {
        Local(self.minute_of_week(now))
    }

    fn minute_of_week(&self, now: u64) -> i64 {
        /// 1970 began on a Thursday.
        const START: i64 = 3 * DAY;
        (START + (now / MINUTE).cast_signed() + self.offset).rem_euclid(WEEK)
    }
}

/// A minute of the week.
pub(crate) struct Local(i64);

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = usize::try_from(self.0 / DAY).unwrap_or_default();
        let (hour, minute) = (self.0 % DAY / 60, self.0 % 60);
        write!(f, "{} {hour:02}:{minute:02}", Day::NAMES[day % 7])
    }
}

/// `08:30` or `24:00` as minutes of a day.
fn minutes(text: &str) -> Result<i64, PolicyError> {
    let parsed = (|| {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        let minutes = hour * 60 + minute;
        (minute < 60 && minutes <= DAY).then_some(minutes)
    })();
    parsed.ok_or_else(|| {
        bad(format_args!(
            "`{text}` is not a time of day such as `08:30`"
        ))
    })
}

fn two_digits(text: &str) -> Option<i64> {
    let are_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().ok()).flatten()
}

fn bad(why: fmt::Arguments<'_>) -> PolicyError {
    PolicyError::BadConfig(format!("`hours`: {why}"))
}
