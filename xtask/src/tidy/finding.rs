//! Something a rule does not allow.

use std::fmt;

/// A place and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    place: String,
    line: Option<usize>,
    problem: String,
}

impl Finding {
    /// About a crate or a whole file.
    pub(crate) fn about(place: &str, problem: impl Into<String>) -> Self {
        Self {
            place: place.to_owned(),
            line: None,
            problem: problem.into(),
        }
    }

    /// About one line, counted from 1.
    pub(crate) fn at(file: &str, line: usize, problem: impl Into<String>) -> Self {
        Self {
            place: file.to_owned(),
            line: Some(line),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.place, self.problem),
            None => write!(f, "{}: {}", self.place, self.problem),
        }
    }
}
