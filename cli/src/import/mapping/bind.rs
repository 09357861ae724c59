//! A mapping bound to the columns of a file: names of columns become their positions.

use jiff::fmt::strtime;

use super::{AmountColumn, Kind, Mapping, MappingFault, MappingProblem, Rule};
use crate::import::template::Template;

/// A mapping bound to the columns of a file.
#[derive(Debug)]
pub(crate) struct Bound {
    /// What keeps the ids of this file's rows apart from those of other files.
    pub(crate) namespace: String,
    /// Names of the columns.
    pub(crate) columns: Vec<String>,
    /// Columns that tell a row from every other one.
    pub(crate) key: Vec<usize>,
    /// Code of the asset.
    pub(crate) asset: Template<usize>,
    /// Reference of a transfer.
    pub(crate) reference: Option<Template<usize>>,
    /// Column of the business date and its format.
    pub(crate) date: Option<(usize, String)>,
    /// The amount.
    pub(crate) amount: AmountColumn<usize>,
    /// Kinds of accounts, each with the name of an account.
    pub(crate) kinds: Vec<(Kind, Template<usize>)>,
    /// What rows mean; the first that fits counts.
    pub(crate) rules: Vec<BoundRule>,
}

/// What rows mean that fit some conditions.
#[derive(Debug)]
pub(crate) struct BoundRule {
    /// For people.
    pub(crate) name: String,
    /// Columns with the values that fit, all of them together.
    pub(crate) when: Vec<(usize, Vec<String>)>,
    /// What the row means.
    pub(crate) action: BoundAction,
}

/// What a row means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BoundAction {
    /// Nothing.
    Skip,
    /// A transfer.
    Move {
        /// Kind of the account that gives, as an index.
        debit: usize,
        /// Kind of the account that receives, as an index.
        credit: usize,
        /// The client's classification.
        code: u16,
    },
}

impl Mapping {
    /// Binds the mapping to the columns of a file.
    pub(crate) fn bind(&self, columns: &[String]) -> Result<Bound, MappingProblem> {
        let find = |key: String| move |column: &str| find(&key, column, columns);
        let key = |(at, column): (usize, &String)| find(format!("key[{at}]"))(column);
        let kinds = self.kinds.iter().map(|kind| {
            let name = kind
                .template
                .bind(find(format!("account.{}.name", kind.name)))?;
            Ok((kind.clone(), name))
        });
        let rules = self.rules.iter().enumerate();
        Ok(Bound {
            namespace: self.namespace.clone(),
            columns: columns.to_vec(),
            key: self
                .key
                .iter()
                .enumerate()
                .map(key)
                .collect::<Result<_, _>>()?,
            asset: self.asset.bind(find("asset".to_owned()))?,
            reference: match &self.reference {
                Some(reference) => Some(reference.bind(find("reference".to_owned()))?),
                None => None,
            },
            date: match &self.date {
                Some((column, format)) => {
                    check_format(format)?;
                    Some((find("date.column".to_owned())(column)?, format.clone()))
                }
                None => None,
            },
            amount: AmountColumn {
                column: find("amount.column".to_owned())(&self.amount.column)?,
                negative: self.amount.negative,
                zero: self.amount.zero,
                decimal: self.amount.decimal,
                group: self.amount.group,
            },
            kinds: kinds.collect::<Result<_, _>>()?,
            rules: rules
                .map(|(at, rule)| bind_rule(rule, find(format!("rule[{at}].when"))))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn bind_rule(
    rule: &Rule,
    find: impl Fn(&str) -> Result<usize, MappingProblem>,
) -> Result<BoundRule, MappingProblem> {
    let when = rule
        .when
        .iter()
        .map(|(column, values)| Ok((find(column)?, values.clone())));
    Ok(BoundRule {
        name: rule.name.clone(),
        when: when.collect::<Result<_, _>>()?,
        action: rule.action,
    })
}

fn find(key: &str, column: &str, columns: &[String]) -> Result<usize, MappingProblem> {
    let mut found = columns
        .iter()
        .enumerate()
        .filter(|(_, name)| *name == column);
    let fault = match (found.next(), found.next()) {
        (Some((at, _)), None) => return Ok(at),
        (Some(_), Some(_)) => MappingFault::SeveralColumns,
        (None, _) => MappingFault::NoColumn(columns.to_vec()),
    };
    Err(MappingProblem::of(key, column, fault))
}

/// Whether a date written in the format can be read back: what a format is good for.
fn check_format(format: &str) -> Result<(), MappingProblem> {
    let day = jiff::civil::date(2001, 2, 3).at(4, 5, 6, 0);
    let zoned = day.to_zoned(jiff::tz::TimeZone::UTC).ok();
    let is_date = zoned
        .and_then(|zoned| strtime::format(format, &zoned).ok())
        .and_then(|text| strtime::parse(format, &text).ok())
        .is_some_and(|read| read.to_date().is_ok_and(|read| read == day.date()));
    if is_date {
        Ok(())
    } else {
        Err(MappingProblem::of(
            "date.format",
            format,
            MappingFault::DateFormat,
        ))
    }
}
