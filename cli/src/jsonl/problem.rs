//! What is wrong with a line.

use std::fmt;

use crate::amount::AmountError;
use crate::assets::UnknownAsset;
use crate::instant::InstantError;
use crate::key::KeyError;

/// What is wrong with a line, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LineProblem {
    /// The line, from 1.
    pub(crate) line: u64,
    /// The field, where one is to blame.
    pub(crate) field: String,
    /// What stands there.
    pub(crate) value: String,
    /// What is wrong with it.
    pub(crate) fault: LineFault,
}

/// What is wrong with a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum LineFault {
    /// Not JSON, or not the fields of a transfer.
    Shape(String),
    /// Not an id.
    Key(KeyError),
    /// Not a point in time.
    Time(InstantError),
    /// Not an amount.
    Amount(AmountError),
    /// An amount as a number of JSON.
    AmountNotText,
    /// Neither or both of the two forms of an amount.
    OneAmount,
    /// The ledger has no such asset.
    Asset(UnknownAsset),
    /// An amount in major units of nobody knows what.
    NoAsset,
    /// Not a number, or too large for one.
    NotNumber,
    /// No flag has that name.
    NoFlag,
    /// Another line of the same entry set is bad.
    BadSet(u64),
}

impl LineProblem {
    pub(crate) fn of(line: u64, field: &str, value: &str, fault: LineFault) -> Self {
        Self {
            line,
            field: field.to_owned(),
            value: value.to_owned(),
            fault,
        }
    }

    pub(super) fn not_json(line: u64, error: &serde_json::Error) -> Self {
        Self::of(line, "", "", LineFault::Shape(message(error)))
    }

    pub(super) fn misfit(line: u64, error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = error.path().to_string();
        // A dot is the line as a whole, and a question mark what was not read yet.
        let field = if matches!(path.as_str(), "." | "?") {
            ""
        } else {
            &path
        };
        Self::of(line, field, "", LineFault::Shape(message(error.inner())))
    }
}

/// The message with the column alone: the line is that of the file.
fn message(error: &serde_json::Error) -> String {
    error
        .to_string()
        .replace(" at line 1 column ", " at column ")
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.field.is_empty() {
            write!(f, ", field `{}`", self.field)?;
        }
        if !self.value.is_empty() {
            write!(f, " = `{}`", self.value.escape_debug())?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(message) => {
                write!(f, "{message}; docs/use/cli.md has every field")
            }
            Self::Key(error) => error.fmt(f),
            Self::Time(error) => error.fmt(f),
            Self::Amount(error) => error.fmt(f),
            Self::AmountNotText => {
                f.write_str("not text; put it into quotes, so that nothing on its way rounds it")
            }
            Self::OneAmount => f.write_str("give one of `amount` and `amount_minor`"),
            Self::Asset(error) => error.fmt(f),
            Self::NoAsset => f.write_str(
                "missing; an amount in major units needs it, here or as `--asset`, or give \
                 `amount_minor`",
            ),
            Self::NotNumber => f.write_str("not a number, or too large for one"),
            Self::NoFlag => {
                let names = ledger::TransferFlags::ALL.iter().map(|(_, name)| *name);
                let names: Vec<&str> = names.collect();
                write!(f, "no such flag; there are: {}", names.join(", "))
            }
            Self::BadSet(line) => {
                write!(
                    f,
                    "linked to line {line}, which is bad; all or nothing is sent"
                )
            }
        }
    }
}
