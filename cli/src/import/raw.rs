//! The shape of a mapping file.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    /// What keeps the ids of this file's rows apart from those of other files.
    pub(crate) namespace: String,
    /// Columns that tell a row from every other one.
    pub(crate) key: Vec<String>,
    /// Code of the asset, as a template.
    pub(crate) asset: String,
    /// Reference of each transfer, as a template.
    pub(crate) reference: Option<String>,
    /// How the file is written.
    #[serde(default)]
    pub(crate) file: RawFile,
    /// The business date.
    pub(crate) date: Option<RawDate>,
    /// The amount.
    pub(crate) amount: RawAmount,
    /// Kinds of accounts, by the name that rules give them.
    pub(crate) account: BTreeMap<String, RawAccount>,
    /// What rows mean; the first that fits counts.
    pub(crate) rule: Vec<RawRule>,
}

/// How the file is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawFile {
    pub(crate) delimiter: String,
    pub(crate) quote: String,
    pub(crate) encoding: RawEncoding,
    /// Names of the columns of a file without a line of names.
    pub(crate) columns: Option<Vec<String>>,
    /// Blanks around values do not count.
    pub(crate) trim: bool,
}

impl Default for RawFile {
    fn default() -> Self {
        Self {
            delimiter: ",".to_owned(),
            quote: "\"".to_owned(),
            encoding: RawEncoding::Utf8,
            columns: None,
            trim: false,
        }
    }
}

/// How characters are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub(crate) enum RawEncoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "iso-8859-1")]
    Latin1,
}

/// The business date.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDate {
    pub(crate) column: String,
    /// As `strptime` takes it.
    pub(crate) format: String,
}

/// The amount.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAmount {
    pub(crate) column: String,
    #[serde(default)]
    pub(crate) negative: RawNegative,
    #[serde(default)]
    pub(crate) zero: RawZero,
    #[serde(default = "point")]
    pub(crate) decimal: String,
    /// What stands between groups of digits.
    #[serde(default)]
    pub(crate) group: String,
}

fn point() -> String {
    ".".to_owned()
}

/// What an amount below zero means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawNegative {
    /// The row is bad.
    #[default]
    Refuse,
    /// Debit and credit change places.
    Swap,
    /// Nothing; the sign is dropped.
    Absolute,
}

/// What an amount of zero means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawZero {
    /// The row is bad.
    #[default]
    Refuse,
    /// The row says nothing.
    Skip,
}

/// A kind of accounts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAccount {
    /// Name of an account, as a template.
    pub(crate) name: String,
    pub(crate) code: u16,
    pub(crate) floor: Option<String>,
    pub(crate) ceiling: Option<String>,
    #[serde(default)]
    pub(crate) normal: RawNormal,
}

/// Which side an account is shown on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawNormal {
    #[default]
    Credit,
    Debit,
}

/// What a row means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRule {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) when: BTreeMap<String, RawValues>,
    /// Rows that fit are left out.
    #[serde(default)]
    pub(crate) skip: bool,
    pub(crate) debit: Option<String>,
    pub(crate) credit: Option<String>,
    pub(crate) code: Option<u16>,
}

/// One value, or several that are alike.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawValues {
    One(String),
    Some(Vec<String>),
}
