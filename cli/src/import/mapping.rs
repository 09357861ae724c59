//! Mappings: what the rows of a file mean, checked as a whole before the file is opened.

mod bind;
mod problem;

use std::collections::BTreeMap;

use ledger::account::AccountFlags;
use serde_path_to_error::deserialize;

use super::raw::{
    Raw, RawAccount, RawEncoding, RawFile, RawNegative, RawNormal, RawRule, RawValues, RawZero,
};
use super::template::Template;

pub(crate) use bind::{Bound, BoundAction};
pub(crate) use problem::{MappingFault, MappingProblem};

/// What the rows of a file mean.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// What keeps the ids of this file's rows apart from those of other files.
    pub(crate) namespace: String,
    /// How the file is written.
    pub(crate) dialect: Dialect,
    /// Kinds of accounts.
    pub(crate) kinds: Vec<Kind>,
    key: Vec<String>,
    asset: Template<String>,
    reference: Option<Template<String>>,
    date: Option<(String, String)>,
    amount: AmountColumn<String>,
    rules: Vec<Rule>,
}

/// How a file is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Dialect {
    /// What stands between values.
    pub(crate) delimiter: u8,
    /// What stands around values that hold a delimiter; nothing if there is no such mark.
    pub(crate) quote: Option<u8>,
    /// How characters are written.
    pub(crate) encoding: RawEncoding,
    /// Names of the columns of a file without a line of names.
    pub(crate) columns: Option<Vec<String>>,
    /// Blanks around values do not count.
    pub(crate) trim: bool,
}

/// A kind of accounts, all alike but for their name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kind {
    /// How rules call it.
    pub(crate) name: String,
    /// Name of an account.
    pub(crate) template: Template<String>,
    /// The client's classification.
    pub(crate) code: u16,
    /// Lowest balance, in major units.
    pub(crate) floor: Option<String>,
    /// Highest balance, in major units.
    pub(crate) ceiling: Option<String>,
    /// Display side.
    pub(crate) flags: AccountFlags,
}

/// Where the amount stands and what its sign means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AmountColumn<C> {
    /// The column.
    pub(crate) column: C,
    /// What an amount below zero means.
    pub(crate) negative: RawNegative,
    /// What an amount of zero means.
    pub(crate) zero: RawZero,
    /// What stands before the digits after the point.
    pub(crate) decimal: char,
    /// What stands between groups of digits.
    pub(crate) group: Option<char>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Rule {
    name: String,
    when: Vec<(String, Vec<String>)>,
    action: BoundAction,
}

impl Mapping {
    /// Reads a mapping.
    pub(crate) fn parse(text: &str) -> Result<Self, MappingProblem> {
        let document = toml::Deserializer::parse(text)
            .map_err(|error| MappingProblem::not_toml(text, &error))?;
        let raw: Raw =
            deserialize(document).map_err(|error| MappingProblem::misfit(text, error))?;
        Self::check(raw)
    }

    fn check(raw: Raw) -> Result<Self, MappingProblem> {
        if raw.namespace.is_empty() {
            return Err(MappingProblem::of("namespace", "", MappingFault::Empty));
        }
        if raw.key.is_empty() {
            return Err(MappingProblem::of("key", "[]", MappingFault::Empty));
        }
        let group = raw.amount.group.as_str();
        let amount = AmountColumn {
            column: raw.amount.column,
            negative: raw.amount.negative,
            zero: raw.amount.zero,
            decimal: one_char("amount.decimal", &raw.amount.decimal)?,
            group: (!group.is_empty())
                .then(|| one_char("amount.group", group))
                .transpose()?,
        };
        if amount.group == Some(amount.decimal) {
            return Err(MappingProblem::of(
                "amount.group",
                group,
                MappingFault::SameMarks,
            ));
        }
        let kinds = kinds(raw.account)?;
        let rules = raw.rule.into_iter().enumerate();
        Ok(Self {
            namespace: raw.namespace,
            dialect: dialect(raw.file)?,
            key: raw.key,
            asset: template("asset", &raw.asset)?,
            reference: raw
                .reference
                .map(|text| template("reference", &text))
                .transpose()?,
            date: raw.date.map(|date| (date.column, date.format)),
            amount,
            rules: rules
                .map(|(at, raw)| rule(at, raw, &kinds))
                .collect::<Result<_, _>>()?,
            kinds,
        })
    }
}

fn kinds(raw: BTreeMap<String, RawAccount>) -> Result<Vec<Kind>, MappingProblem> {
    let kind = |(name, raw): (String, RawAccount)| {
        let key = |field: &str| format!("account.{name}.{field}");
        if raw.code == 0 {
            return Err(MappingProblem::of(key("code"), "0", MappingFault::ZeroCode));
        }
        Ok(Kind {
            template: template(&key("name"), &raw.name)?,
            code: raw.code,
            floor: raw.floor,
            ceiling: raw.ceiling,
            flags: match raw.normal {
                RawNormal::Credit => AccountFlags::default(),
                RawNormal::Debit => AccountFlags(AccountFlags::DEBIT_NORMAL),
            },
            name,
        })
    };
    raw.into_iter().map(kind).collect()
}

fn dialect(raw: RawFile) -> Result<Dialect, MappingProblem> {
    let delimiter = match raw.delimiter.as_str() {
        "tab" => b'\t',
        text => one_byte("file.delimiter", text)?,
    };
    let quote = match raw.quote.as_str() {
        "" => None,
        text => Some(one_byte("file.quote", text)?),
    };
    if quote == Some(delimiter) {
        return Err(MappingProblem::of(
            "file.quote",
            raw.quote,
            MappingFault::SameMarks,
        ));
    }
    Ok(Dialect {
        delimiter,
        quote,
        encoding: raw.encoding,
        columns: raw.columns,
        trim: raw.trim,
    })
}

fn rule(at: usize, raw: RawRule, kinds: &[Kind]) -> Result<Rule, MappingProblem> {
    let key = |field: &str| format!("rule[{at}].{field}");
    let kind = |field: &str, value: Option<String>| {
        let Some(value) = value else {
            return Err(MappingProblem::of(key(field), "", MappingFault::Missing));
        };
        kinds
            .iter()
            .position(|kind| kind.name == value)
            .ok_or_else(|| MappingProblem::of(key(field), value, MappingFault::UnknownKind))
    };
    let action = if raw.skip {
        let extra = [
            ("debit", raw.debit.is_some()),
            ("credit", raw.credit.is_some()),
        ];
        if let Some((field, _)) = extra.iter().find(|(_, is_given)| *is_given) {
            return Err(MappingProblem::of(key(field), "", MappingFault::SkipMoves));
        }
        BoundAction::Skip
    } else {
        BoundAction::Move {
            debit: kind("debit", raw.debit)?,
            credit: kind("credit", raw.credit)?,
            code: match raw.code {
                None => return Err(MappingProblem::of(key("code"), "", MappingFault::Missing)),
                Some(0) => {
                    return Err(MappingProblem::of(key("code"), "0", MappingFault::ZeroCode));
                }
                Some(code) => code,
            },
        }
    };
    let values = |values| match values {
        RawValues::One(value) => vec![value],
        RawValues::Some(values) => values,
    };
    Ok(Rule {
        name: raw.name,
        when: raw
            .when
            .into_iter()
            .map(|(column, raw)| (column, values(raw)))
            .collect(),
        action,
    })
}

fn template(key: &str, text: &str) -> Result<Template<String>, MappingProblem> {
    Template::parse(text)
        .map_err(|error| MappingProblem::of(key, text, MappingFault::Template(error)))
}

fn one_byte(key: &str, text: &str) -> Result<u8, MappingProblem> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(*byte),
        _ => Err(MappingProblem::of(key, text, MappingFault::NotOneMark)),
    }
}

fn one_char(key: &str, text: &str) -> Result<char, MappingProblem> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(mark), None) if !mark.is_ascii_digit() && mark != '-' => Ok(mark),
        _ => Err(MappingProblem::of(key, text, MappingFault::NotOneMark)),
    }
}

#[cfg(test)]
mod tests;
