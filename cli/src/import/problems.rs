//! What went wrong with rows: said as it happens, and kept for the summary.

use std::fmt;

use ledger::{Code, TransferId};
use serde::Serialize;

use super::plan::{Named, RowProblem};
use crate::key;

/// Most of them that are said and kept; more are only counted.
const KEPT_MAX: usize = 1_000;

/// What went wrong with rows.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    count: u64,
}

/// What went wrong with a row.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// Line of the row; absent for an account that several rows may need.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    message: String,
}

impl Problems {
    /// Keeps one; it comes back if it is to be said.
    pub(crate) fn add(&mut self, problem: Problem) -> Option<&Problem> {
        self.count += 1;
        if self.kept.len() >= KEPT_MAX {
            return None;
        }
        self.kept.push(problem);
        self.kept.last()
    }

    /// Those that were kept.
    pub(crate) fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many were only counted.
    pub(crate) fn unsaid(&self) -> u64 {
        self.count - self.kept.len() as u64
    }
}

impl Problem {
    /// A bad row.
    pub(crate) fn row(problem: &RowProblem) -> Self {
        Self {
            line: Some(problem.line),
            column: problem.column.clone(),
            id: None,
            code: None,
            message: problem.to_string(),
        }
    }

    /// A transfer that the ledger refused.
    pub(crate) fn refused(line: u64, id: TransferId, code: Code) -> Self {
        let id = key::show(id.0);
        Self {
            line: Some(line),
            column: None,
            code: Some(code.name()),
            message: format!("line {line}: {id}: {code}: {}", code.doc()),
            id: Some(id),
        }
    }

    /// An account that the ledger refused.
    pub(crate) fn account(named: &Named, code: Code) -> Self {
        let message = format!("account `{}`: {code}: {}", named.name, code.doc());
        Self {
            line: None,
            column: None,
            id: Some(key::show(named.account.id.0)),
            code: Some(code.name()),
            message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
