//! What is wrong with a row.

use std::fmt;

use ledger::limits::REFERENCE_BYTES_MAX;

use crate::amount::AmountError;
use crate::instant::InstantError;

/// What is wrong with a row, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RowProblem {
    /// Line that the row starts on.
    pub(crate) line: u64,
    /// The column, where one is to blame.
    pub(crate) column: Option<String>,
    /// What stands there.
    pub(crate) value: Option<String>,
    /// What is wrong.
    pub(crate) fault: RowFault,
}

/// What is wrong with a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum RowFault {
    /// It has another number of values than there are columns.
    Width {
        /// Columns.
        expected: usize,
        /// Values.
        found: usize,
    },
    /// A value is not written in the file's encoding.
    Encoding,
    /// No rule fits these values of the columns that rules look at.
    NoRule(Vec<(String, String)>),
    /// A value is needed and empty.
    NoValue,
    /// The ledger has no asset of this code.
    NoAsset(String),
    /// Not an amount.
    Amount(AmountError),
    /// Below zero.
    Negative,
    /// Zero.
    Zero,
    /// Not a date of this format.
    Date(String),
    /// A date that the ledger cannot hold.
    Time(InstantError),
    /// Debit and credit are one account.
    SameAccount,
    /// A row before has the account, of this kind, in another asset.
    OtherAsset(String),
    /// A row before has the account of this kind as one of another kind.
    OtherKind(String),
    /// A bound of this kind of account does not fit the asset.
    Bound(String, AmountError),
    /// The row on this line has the same key.
    SameKey(u64),
    /// The reference has this many bytes.
    LongReference(usize),
}

/// Longest value that is shown, in characters.
const SHOWN_MAX: usize = 60;

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        if let Some(value) = &self.value {
            let shown: String = value.chars().take(SHOWN_MAX).collect();
            let more = if shown.len() < value.len() { "…" } else { "" };
            write!(f, " = `{}{more}`", shown.escape_debug())?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Width { expected, found } => write!(
                f,
                "has {found} values for {expected} columns; look for a delimiter or quote too many"
            ),
            Self::Encoding => {
                f.write_str("not UTF-8; set `file.encoding = \"iso-8859-1\"` in the mapping")
            }
            Self::NoRule(values) => {
                f.write_str("no rule fits")?;
                for (column, value) in values {
                    write!(f, " {column}=`{}`", value.escape_debug())?;
                }
                f.write_str("; add a `[[rule]]` to the mapping")
            }
            Self::NoValue => f.write_str("empty, and the mapping needs a value there"),
            Self::NoAsset(code) => write!(
                f,
                "no asset `{code}` in the ledger; `ledgerctl asset list` shows what it has"
            ),
            Self::Amount(error) => error.fmt(f),
            Self::Negative => f.write_str(
                "below zero; set `amount.negative` to `swap` or `absolute` if that has a meaning",
            ),
            Self::Zero => {
                f.write_str("zero; set `amount.zero` to `skip` if such rows mean nothing")
            }
            Self::Date(format) => write!(f, "not a date of the form `{format}`"),
            Self::Time(error) => error.fmt(f),
            Self::SameAccount => f.write_str("debit and credit are one account; look at its rule"),
            Self::OtherAsset(kind) => write!(
                f,
                "account `{kind}` has another asset in a row before; put the asset into its name"
            ),
            Self::OtherKind(kind) => write!(
                f,
                "account `{kind}` has the name of another kind in a row before; names must differ"
            ),
            Self::Bound(kind, error) => write!(f, "bound of account `{kind}`: {error}"),
            Self::SameKey(line) => write!(
                f,
                "the row on line {line} has the same key; add a column to `key` in the mapping"
            ),
            Self::LongReference(bytes) => write!(
                f,
                "the reference has {bytes} bytes, at most {REFERENCE_BYTES_MAX} are allowed"
            ),
        }
    }
}
