//! What is wrong with a mapping.

use std::fmt;

use crate::import::template::TemplateError;

/// What is wrong with a mapping, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct MappingProblem {
    /// Line of the file, from 1; 0 where only the key is known.
    pub(crate) line: usize,
    /// The key, such as `rule[2].debit`; empty for the file as a whole.
    pub(crate) key: String,
    /// What stands there.
    pub(crate) value: String,
    /// What is wrong with it.
    pub(crate) fault: MappingFault,
}

/// What is wrong with a value of a mapping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum MappingFault {
    /// The file is not TOML, or has keys or types that a mapping has not.
    Shape(String),
    /// Something must stand there.
    Empty,
    /// The key must be there.
    Missing,
    /// Not one character.
    NotOneMark,
    /// Two marks that must differ are the same.
    SameMarks,
    /// A code of 0.
    ZeroCode,
    /// Not a template.
    Template(TemplateError),
    /// No account of that name is declared.
    UnknownKind,
    /// A rule that leaves rows out cannot move anything.
    SkipMoves,
    /// The file has no such column; it has these.
    NoColumn(Vec<String>),
    /// The file has this column twice.
    SeveralColumns,
    /// Not a format of dates.
    DateFormat,
}

impl MappingProblem {
    pub(crate) fn of(
        key: impl Into<String>,
        value: impl Into<String>,
        fault: MappingFault,
    ) -> Self {
        Self {
            line: 0,
            key: key.into(),
            value: value.into(),
            fault,
        }
    }

    pub(super) fn not_toml(text: &str, error: &toml::de::Error) -> Self {
        Self {
            line: line(text, error),
            ..Self::of("", "", MappingFault::Shape(first_line(error)))
        }
    }

    pub(super) fn misfit(text: &str, error: serde_path_to_error::Error<toml::de::Error>) -> Self {
        let key = error.path().to_string();
        let error = error.into_inner();
        Self {
            line: line(text, &error),
            key: if key == "." { String::new() } else { key },
            value: String::new(),
            fault: MappingFault::Shape(first_line(&error)),
        }
    }
}

fn line(text: &str, error: &toml::de::Error) -> usize {
    let before = error.span().and_then(|span| text.get(..span.start));
    before.map_or(0, |before| 1 + before.matches('\n').count())
}

fn first_line(error: &toml::de::Error) -> String {
    error
        .message()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line != 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, "`{}`", self.key)?;
            if !self.value.is_empty() {
                write!(f, " = `{}`", self.value)?;
            }
            f.write_str(": ")?;
        }
        self.fault.fmt(f)
    }
}

impl std::error::Error for MappingProblem {}

impl fmt::Display for MappingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape(message) => {
                return write!(f, "{message}; docs/use/import.md has every key");
            }
            Self::Template(error) => return error.fmt(f),
            Self::NoColumn(columns) => {
                return write!(
                    f,
                    "no such column in the file; it has: {}",
                    columns.join(", ")
                );
            }
            Self::Empty => "empty; it tells rows of this file from all others",
            Self::Missing => "missing; a rule needs `debit`, `credit` and `code`, or `skip = true`",
            Self::NotOneMark => "not one character that can stand there",
            Self::SameMarks => "two marks that must differ are the same",
            Self::ZeroCode => "a code is 1 to 65535",
            Self::UnknownKind => "no such account; declare it as `[account.NAME]`",
            Self::SkipMoves => "a rule with `skip = true` moves nothing; leave one of them out",
            Self::SeveralColumns => "the file has more than one column of that name",
            Self::DateFormat => "not a format of dates; write it like `%Y-%m-%d`",
        })
    }
}
