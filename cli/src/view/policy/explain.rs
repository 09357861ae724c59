//! Why a case is decided as it is.

use std::fmt;

use plugins_host::contract::Explanation;
use plugins_host::{Fault, Policy, Verdict};
use serde::Serialize;

use crate::table::{Column, Table};

/// Why a case is decided as it is.
#[derive(Debug, Serialize)]
pub(crate) struct ExplainView {
    case: String,
    /// `allow`, `allow_except`, `deny` or `fault`.
    verdict: &'static str,
    fault: Option<String>,
    reasons: Vec<ReasonView>,
}

/// Why one rule denies.
#[derive(Debug, Serialize)]
struct ReasonView {
    /// The transfer; none for the whole request.
    index: Option<u32>,
    rule: u16,
    name: String,
    text: String,
}

impl ExplainView {
    pub(crate) fn of(
        case: &str,
        policy: &Policy,
        verdict: &Result<Verdict, Fault>,
        reasons: Option<Result<Vec<Explanation>, Fault>>,
    ) -> Self {
        let name = match verdict {
            Ok(Verdict::Allow) => "allow",
            Ok(Verdict::AllowExcept(_)) => "allow_except",
            Ok(Verdict::Deny(_)) => "deny",
            Err(_) => "fault",
        };
        let (reasons, unexplained) = match reasons {
            Some(Ok(reasons)) => (reasons, None),
            Some(Err(fault)) => (Vec::new(), Some(fault.to_string())),
            None => (Vec::new(), None),
        };
        let fault = verdict.as_ref().err().map(ToString::to_string);
        Self {
            case: case.to_owned(),
            verdict: name,
            fault: fault.or(unexplained),
            reasons: reasons
                .into_iter()
                .map(|reason| ReasonView {
                    index: reason.index,
                    rule: reason.rule,
                    name: policy
                        .rule(reason.rule)
                        .map_or_else(String::new, |info| info.name.clone()),
                    text: reason.text,
                })
                .collect(),
        }
    }
}

impl fmt::Display for ExplainView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.case, self.verdict.replace('_', " "))?;
        if let Some(fault) = &self.fault {
            writeln!(f, "{fault}")?;
        }
        if self.reasons.is_empty() {
            return Ok(());
        }
        let mut table = Table::new(&[
            Column::Right("transfer"),
            Column::Right("rule"),
            Column::Left("name"),
            Column::Left("why"),
        ]);
        for reason in &self.reasons {
            table.row([
                reason
                    .index
                    .map_or_else(|| "all".to_owned(), |index| index.to_string()),
                reason.rule.to_string(),
                reason.name.clone(),
                reason.text.clone(),
            ]);
        }
        write!(f, "\n{table}")
    }
}
