//! What a component is.

use std::fmt;

use plugins_host::outline::Outline;
use plugins_host::{Needs, Policy};
use serde::Serialize;

use super::bytes;
use crate::policy::Project;
use crate::table::{Column, Pairs, Table};

/// What a component is, and what it says of itself if a daemon would take it.
#[derive(Debug, Serialize)]
pub(crate) struct CheckView {
    component: String,
    bytes: usize,
    sha256: String,
    imports: Vec<String>,
    exports: Vec<String>,
    contract: Option<String>,
    memory_bytes: u64,
    base_micros: u32,
    per_transfer_nanos: u32,
    accepted: bool,
    #[serde(flatten)]
    described: Option<Described>,
}

/// What a component says of itself.
#[derive(Debug, Serialize)]
struct Described {
    name: String,
    config_version: u32,
    needs: Vec<&'static str>,
    rules: Vec<RuleView>,
}

/// A rule.
#[derive(Debug, Serialize)]
struct RuleView {
    rule: u16,
    name: String,
    doc: String,
}

const NEEDS: [(Needs, &str); 6] = [
    (Needs::TIME, "time"),
    (Needs::REQUEST_ID, "request-id"),
    (Needs::ACCOUNTS, "accounts"),
    (Needs::TRANSFERS, "transfers"),
    (Needs::TRANSFER_IDS, "transfer-ids"),
    (Needs::TRANSFER_DETAILS, "transfer-details"),
];

impl CheckView {
    pub(crate) fn of(project: &Project, outline: &Outline, policy: Option<&Policy>) -> Self {
        Self {
            component: project.file.display().to_string(),
            bytes: project.component.len(),
            sha256: project.digest.to_string(),
            imports: outline.imports.clone(),
            exports: outline.exports.clone(),
            contract: outline.contract.clone(),
            memory_bytes: project.limits.memory_bytes,
            base_micros: project.limits.base_micros,
            per_transfer_nanos: project.limits.per_transfer_nanos,
            accepted: policy.is_some(),
            described: policy.map(Described::of),
        }
    }

    fn pairs(&self) -> Pairs {
        let list = |names: &[String]| match names {
            [] => "nothing".to_owned(),
            names => names.join(", "),
        };
        let mut pairs = vec![
            ("component", self.component.clone()),
            ("size", bytes(self.bytes as u64)),
            ("sha256", self.sha256.clone()),
            ("imports", list(&self.imports)),
            ("exports", list(&self.exports)),
            (
                "contract",
                self.contract.clone().unwrap_or_else(|| "none".to_owned()),
            ),
            ("memory", bytes(self.memory_bytes)),
            (
                "time",
                format!(
                    "{} µs a call and {} ns a row",
                    self.base_micros, self.per_transfer_nanos
                ),
            ),
        ];
        if let Some(described) = &self.described {
            let needs: Vec<String> = described.needs.iter().copied().map(String::from).collect();
            pairs.extend([
                ("name", described.name.clone()),
                (
                    "configuration",
                    format!("version {}", described.config_version),
                ),
                ("needs", list(&needs)),
            ]);
        }
        Pairs(pairs)
    }
}

impl Described {
    fn of(policy: &Policy) -> Self {
        let needs = NEEDS
            .iter()
            .filter(|(need, _)| policy.needs().contains(*need));
        Self {
            name: policy.component_name().to_owned(),
            config_version: policy.config_version(),
            needs: needs.map(|(_, name)| *name).collect(),
            rules: policy
                .rules()
                .iter()
                .map(|rule| RuleView {
                    rule: rule.rule,
                    name: rule.name.clone(),
                    doc: rule.doc.clone(),
                })
                .collect(),
        }
    }
}

impl fmt::Display for CheckView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pairs().fmt(f)?;
        let Some(described) = &self.described else {
            return Ok(());
        };
        let mut table = Table::new(&[
            Column::Right("rule"),
            Column::Left("name"),
            Column::Left("what it denies"),
        ]);
        for rule in &described.rules {
            table.row([rule.rule.to_string(), rule.name.clone(), rule.doc.clone()]);
        }
        write!(f, "\n{table}")
    }
}
