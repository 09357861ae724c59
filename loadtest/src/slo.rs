//! Bounds that a measurement must hold, as they are asked for on the command line.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What may be bounded, for whoever asks.
pub const NAMES: &str = "\
    `{post,receipt,proof,seal_lag}_{p50,p95,p99,p999,max}` with a time such as `300ms` that is not \
    passed, `{post,receipt,proof}_rate` with a number per second that is reached, `seal_rate` with \
    one that is not passed, or `{post,receipt,proof}_errors` with a share from 0 to 1 that is not \
    passed";

/// One bound.
#[derive(Clone, PartialEq, Debug)]
pub struct Slo {
    /// What is bounded.
    pub what: What,
    /// The bound: milliseconds, a number per second, or a share.
    pub bound: f64,
}

/// What is bounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A quantile of a time.
    Time(Subject, Quantile),
    /// How many in a second; of seals at most, of everything else at least.
    Rate(Subject),
    /// The share of answers that were refusals.
    Errors(Subject),
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// Postings.
    Post,
    /// Receipts of what was just posted.
    Receipt,
    /// Proofs.
    Proof,
    /// Seals.
    Seal,
}

/// Which of many times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quantile {
    /// 50 of 100 took at most this.
    P50,
    /// 95 of 100.
    P95,
    /// 99 of 100.
    P99,
    /// 999 of 1,000.
    P999,
    /// All.
    Max,
}

/// How a bound came out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Judged {
    /// Name of what is bounded.
    pub name: String,
    /// The bound: milliseconds, a number per second, or a share.
    pub bound: f64,
    /// What was measured; absent if there was nothing to measure.
    pub measured: Option<f64>,
    /// Whether the bound holds. What was not measured holds nothing.
    pub held: bool,
    /// The unit of both figures.
    pub unit: &'static str,
}

/// A bound that nobody can hold to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SloError {
    /// There is no `=`.
    NoBound(String),
    /// Nothing has this name.
    Name(String),
    /// The bound is none.
    Bound {
        /// The name.
        name: String,
        /// The bound as it was given.
        bound: String,
    },
}

impl Subject {
    const ALL: [(&'static str, Self); 4] = [
        ("post", Self::Post),
        ("receipt", Self::Receipt),
        ("proof", Self::Proof),
        ("seal", Self::Seal),
    ];
}

impl Quantile {
    const ALL: [(&'static str, Self); 5] = [
        ("p50", Self::P50),
        ("p95", Self::P95),
        ("p99", Self::P99),
        ("p999", Self::P999),
        ("max", Self::Max),
    ];
}

impl What {
    fn parse(name: &str) -> Option<Self> {
        if let Some(part) = name.strip_prefix("seal_lag_") {
            // A seal has a lag where everything else has a latency.
            return Some(Self::Time(Subject::Seal, find(&Quantile::ALL, part)?));
        }
        let (subject, part) = name.split_once('_')?;
        let subject = find(&Subject::ALL, subject)?;
        match part {
            "rate" => Some(Self::Rate(subject)),
            _ if subject == Subject::Seal => None,
            "errors" => Some(Self::Errors(subject)),
            quantile => Some(Self::Time(subject, find(&Quantile::ALL, quantile)?)),
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Time(..) => "ms",
            Self::Rate(_) => "/s",
            Self::Errors(_) => "",
        }
    }

    fn bound(self, text: &str) -> Option<f64> {
        let bound = match self {
            Self::Time(..) => millis(text)?,
            Self::Rate(_) | Self::Errors(_) => text.parse().ok()?,
        };
        let most = match self {
            Self::Errors(_) => 1.0,
            Self::Time(..) | Self::Rate(_) => f64::MAX,
        };
        (0.0..=most).contains(&bound).then_some(bound)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(Subject::Seal, quantile) => {
                write!(f, "seal_lag_{}", name(&Quantile::ALL, *quantile))
            }
            Self::Time(subject, quantile) => write!(
                f,
                "{}_{}",
                name(&Subject::ALL, *subject),
                name(&Quantile::ALL, *quantile)
            ),
            Self::Rate(subject) => write!(f, "{}_rate", name(&Subject::ALL, *subject)),
            Self::Errors(subject) => write!(f, "{}_errors", name(&Subject::ALL, *subject)),
        }
    }
}

impl FromStr for Slo {
    type Err = SloError;

    fn from_str(text: &str) -> Result<Self, SloError> {
        let (name, bound) = text
            .split_once('=')
            .ok_or_else(|| SloError::NoBound(text.to_owned()))?;
        let what = What::parse(name).ok_or_else(|| SloError::Name(name.to_owned()))?;
        let bound = what.bound(bound).ok_or_else(|| SloError::Bound {
            name: name.to_owned(),
            bound: bound.to_owned(),
        })?;
        Ok(Self { what, bound })
    }
}

impl Slo {
    /// Judges what was measured.
    pub fn judge(&self, measured: Option<f64>) -> Judged {
        let held = measured.is_some_and(|measured| match self.what {
            What::Rate(Subject::Seal) | What::Time(..) | What::Errors(_) => measured <= self.bound,
            What::Rate(_) => measured >= self.bound,
        });
        Judged {
            name: self.what.to_string(),
            bound: self.bound,
            measured,
            held,
            unit: self.what.unit(),
        }
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, bound, unit, ..
        } = self;
        let verdict = if self.held { "held" } else { "BREACHED" };
        match self.measured {
            Some(measured) => write!(f, "{measured:.2}{unit}, bound {bound}{unit}: {verdict}"),
            None => write!(f, "nothing measured for `{name}`: {verdict}"),
        }
    }
}

impl fmt::Display for SloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBound(text) => {
                write!(f, "`{text}` has no bound; write `receipt_p99=300ms`")
            }
            Self::Name(name) => write!(f, "nothing is called `{name}`; use {NAMES}"),
            Self::Bound { name, bound } => {
                write!(f, "`{bound}` is no bound of `{name}`; use {NAMES}")
            }
        }
    }
}

impl std::error::Error for SloError {}

/// A time with its unit, in milliseconds.
fn millis(text: &str) -> Option<f64> {
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1_000.0)];
    let (number, scale) = units.iter().find_map(|(unit, scale)| {
        let number = text.strip_suffix(unit)?;
        number
            .ends_with(|last: char| last.is_ascii_digit())
            .then_some((number, scale))
    })?;
    Some(number.parse::<f64>().ok()? * scale)
}

fn find<T: Copy>(all: &[(&'static str, T)], name: &str) -> Option<T> {
    all.iter()
        .find(|(each, _)| *each == name)
        .map(|(_, value)| *value)
}

fn name<T: PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter()
        .find(|(_, each)| *each == value)
        .map_or("", |(name, _)| name)
}
