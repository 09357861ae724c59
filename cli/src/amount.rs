//! Amounts: major units with a point for people, minor units inside.

use std::fmt;

use ledger::asset::Asset;
use ledger::limits::AMOUNT_MAX;
use serde::Serialize;

/// Why text is not an amount of an asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AmountError {
    /// It is not digits with at most one point, and a sign where one may be.
    NotDecimal,
    /// It has digits in groups.
    Grouped,
    /// It has more digits after the point than the asset.
    TooPrecise(Asset),
    /// It has a minus sign where none may be.
    Negative,
    /// It is above 2^127 - 1 minor units.
    TooLarge,
}

/// An amount as scripts get it: in major and in minor units, both as decimal text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Money {
    /// Major units, with as many digits after the point as the asset has.
    pub(crate) amount: String,
    /// Minor units.
    pub(crate) amount_minor: String,
}

impl Money {
    /// An amount without a sign.
    pub(crate) fn of(minor: u128, asset: &Asset) -> Self {
        Self {
            amount: plain(minor, asset.exponent),
            amount_minor: minor.to_string(),
        }
    }

    /// A balance or bound.
    pub(crate) fn signed(minor: i128, asset: &Asset) -> Self {
        Self {
            amount: signed(minor, asset.exponent),
            amount_minor: minor.to_string(),
        }
    }

    /// For people: digits before the point in groups of three.
    pub(crate) fn grouped(&self) -> String {
        let (sign, digits) = match self.amount.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", self.amount.as_str()),
        };
        let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
        let mut text = String::from(sign);
        for (at, digit) in whole.char_indices() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text + fraction
    }
}

/// Reads an amount without a sign, such as `12.34`, into minor units.
pub(crate) fn parse(text: &str, asset: &Asset) -> Result<u128, AmountError> {
    if text.starts_with('-') {
        return match parse(text.trim_start_matches('-'), asset) {
            Ok(_) => Err(AmountError::Negative),
            Err(error) => Err(error),
        };
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.is_empty() || text.ends_with('.') {
        let grouped = text.contains([',', '_', '\'']) || text.trim().contains(' ');
        return Err(if grouped {
            AmountError::Grouped
        } else {
            AmountError::NotDecimal
        });
    }
    let exponent = usize::from(asset.exponent);
    if fraction.len() > exponent {
        return Err(AmountError::TooPrecise(*asset));
    }
    let zeros = std::iter::repeat_n(b'0', exponent - fraction.len());
    whole
        .bytes()
        .chain(fraction.bytes())
        .chain(zeros)
        .try_fold(0u128, |sum, digit| {
            sum.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
        })
        .filter(|minor| *minor <= AMOUNT_MAX)
        .ok_or(AmountError::TooLarge)
}

/// Reads an amount with an optional sign, such as `-12.34`, into minor units.
pub(crate) fn parse_signed(text: &str, asset: &Asset) -> Result<i128, AmountError> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) if !rest.starts_with('-') => (true, rest),
        Some(_) => return Err(AmountError::NotDecimal),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let minor = parse(digits, asset)?;
    let minor = i128::try_from(minor).map_err(|_| AmountError::TooLarge)?;
    Ok(if is_negative { -minor } else { minor })
}

fn signed(minor: i128, exponent: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}", plain(minor.unsigned_abs(), exponent))
}

fn plain(minor: u128, exponent: u8) -> String {
    let exponent = usize::from(exponent);
    let digits = format!("{minor:0>width$}", width = exponent + 1);
    let (whole, fraction) = digits.split_at(digits.len() - exponent);
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDecimal => f.write_str("not a decimal amount; write it like `12.34`"),
            Self::Grouped => {
                f.write_str("not a decimal amount; leave out the marks between groups of digits")
            }
            Self::TooPrecise(asset) => write!(
                f,
                "`{}` has {} digits after the point; write no more",
                asset.code, asset.exponent
            ),
            Self::Negative => {
                f.write_str("an amount has no sign; swap debit and credit to move it back")
            }
            Self::TooLarge => f.write_str("above 2^127 - 1 minor units; split it"),
        }
    }
}

impl std::error::Error for AmountError {}

#[cfg(test)]
mod tests;
