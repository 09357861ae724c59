//! What is wrong with a configuration: where, which value, and what to do.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Key path such as `client_ca[0].roles`; empty when it is about the whole file.
    pub key: String,
    /// The offending value; none when it is a secret, or missing.
    pub value: Option<String>,
    /// What is wrong with it.
    pub fault: String,
    /// What to do.
    pub advice: String,
}

impl Problem {
    /// A problem with the value of `key`.
    pub fn of(
        key: impl Into<String>,
        value: impl fmt::Display,
        fault: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (key, fault, advice) = (key.into(), fault.into(), advice.into());
        Self {
            key,
            value: Some(value.to_string()),
            fault,
            advice,
        }
    }

    /// Something that is not there, and what to do.
    pub fn missing(
        key: impl Into<String>,
        fault: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            value: None,
            fault: fault.into(),
            advice: advice.into(),
        }
    }

    /// Whether it is about a flag or a variable, and not about a key of the file: those are in
    /// lower case and have no dashes before them.
    fn is_of_environment(&self) -> bool {
        let is_of_name = |c: char| c.is_ascii_uppercase() || "_-".contains(c);
        self.key.chars().next().is_some_and(is_of_name)
    }

    /// A problem with a file that `key` names.
    pub fn of_file(
        key: impl Into<String>,
        file: &Path,
        fault: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::of(key, file.display(), fault, advice)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}", self.key)?;
            if let Some(value) = &self.value {
                write!(f, " = `{value}`")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}; {}", self.fault, self.advice)
    }
}

/// Everything that is wrong with a configuration file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// At least one.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// One thing that is wrong with `file`.
    pub fn of(file: &Path, problem: Problem) -> Self {
        Self {
            file: file.to_owned(),
            problems: vec![problem],
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            if problem.is_of_environment() {
                write!(f, "{problem}")?;
            } else {
                write!(f, "{}: {problem}", self.file.display())?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Problems as they are found, so that one run names them all.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The value, or nothing once its problem is noted.
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.push(problem)).ok()
    }

    /// What was noted.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}
