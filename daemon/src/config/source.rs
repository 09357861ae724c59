//! Where a value comes from, and what happens when two places say different things.

use std::collections::BTreeSet;
use std::fmt;

use toml::{Table, Value};

use super::problem::Problem;
use crate::environment::{Name, Way};

/// Where a value comes from. What stands first counts, and all that speak must agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// A flag or a variable.
    Given(Name, Way),
    /// The configuration file.
    File,
    /// Nobody says anything else.
    Default,
}

/// A value and where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sourced<T> {
    /// What it is.
    pub(crate) value: T,
    /// Where it comes from.
    pub(crate) source: Source,
}

/// Keys that the configuration file sets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Keys(BTreeSet<String>);

impl Source {
    /// The kind of place.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Given(_, Way::Flag | Way::FlagFile) => "flag",
            Self::Given(_, Way::Variable | Way::VariableFile) => "environment",
            Self::File => "file",
            Self::Default => "default",
        }
    }

    /// What a person calls the place, where it has a name other than the key's.
    pub(crate) fn name(self) -> Option<String> {
        match self {
            Self::Given(name, way) => Some(way.call(name)),
            Self::File | Self::Default => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self.name() {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}

impl<T> Sourced<T> {
    /// A value of the configuration file.
    pub(crate) const fn file(value: T) -> Self {
        Self {
            value,
            source: Source::File,
        }
    }

    /// The same place with another value.
    pub(crate) fn map<U>(self, make: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced {
            value: make(self.value),
            source: self.source,
        }
    }

    /// What a person calls the place, `key` being the one in the file.
    pub(crate) fn place(&self, key: &str) -> String {
        self.source.name().unwrap_or_else(|| key.to_owned())
    }
}

/// The value that counts of what flags or variables say and what `key` of the file says.
///
/// # Errors
/// They say different things.
pub(crate) fn agree<T: PartialEq>(
    key: &str,
    given: Option<Sourced<T>>,
    file: Option<T>,
    show: impl Fn(&T) -> Option<String>,
) -> Result<Option<Sourced<T>>, Problem> {
    match (given, file) {
        (Some(given), Some(file)) if given.value != file => {
            let place = given.place(key);
            let other = match show(&file) {
                Some(value) => format!("`{key}` in the file is `{value}`"),
                None => format!("`{key}` in the file is another"),
            };
            Err(Problem {
                value: show(&given.value),
                fault: format!("contradicts the configuration file, where {other}"),
                advice: format!("remove {place} or `{key}`, or let both say the same"),
                key: place,
            })
        }
        (Some(given), _) => Ok(Some(given)),
        (None, file) => Ok(file.map(Sourced::file)),
    }
}

impl Keys {
    /// The keys of a whole file, in the spelling of the table of settings.
    pub(crate) fn of(table: &Table) -> Self {
        let mut keys = BTreeSet::new();
        collect(table, "", &mut keys);
        Self(keys)
    }

    /// Where the value of `key` comes from when no flag or variable speaks of it.
    pub(crate) fn source(&self, key: &str) -> Source {
        if self.0.contains(key) {
            Source::File
        } else {
            Source::Default
        }
    }
}

fn collect(table: &Table, prefix: &str, keys: &mut BTreeSet<String>) {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        if let Value::Table(inner) = value {
            collect(inner, &format!("{key}."), keys);
        }
        if let Value::Array(list) = value {
            keys.extend((0..list.len()).map(|at| format!("{key}[{at}]")));
        }
        keys.insert(key);
    }
}
