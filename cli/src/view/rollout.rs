//! Policies at a daemon.

use std::fmt;

use ledger::registry::Name;
use ledger::{Code, Digest};
use serde::Serialize;
use verify::approval::Approval;
use verify::policy::{PolicyAction, SignedManifest};
use wire::message::{
    BreakerStanding, PolicyActivated, PolicyList, PolicyRow, ShadowAction, ShadowPolicy,
    ShadowReport,
};

use crate::table::Column::{Left, Right};
use crate::table::{Pairs, Table};

/// Digits of a digest that people are shown.
const DIGITS: usize = 12;

/// Policies of one tenant, or of the platform.
#[derive(Debug, Serialize)]
pub(crate) struct PoliciesView {
    /// None for the platform.
    tenant: Option<String>,
    policy_set: String,
    state: String,
    policies: Vec<PolicyView>,
}

/// A policy.
#[derive(Debug, Serialize)]
struct PolicyView {
    name: String,
    standing: &'static str,
    /// None if it comes with the daemon.
    manifest: Option<String>,
    component: String,
    signer_kid: Option<String>,
    row: Option<u64>,
    /// Bytes of the component that are there.
    held: u64,
    whole: bool,
    breaker: &'static str,
    problem: Option<String>,
    shadow: Option<ShadowView>,
}

/// What a candidate was found to do beside the policies in force.
#[derive(Debug, Serialize)]
struct ShadowView {
    per_million: u32,
    asked: u64,
    skipped: u64,
    failed: u64,
    would_deny: u64,
    would_allow: u64,
    rules: Vec<RuleView>,
}

/// How one rule decides.
#[derive(Debug, Serialize)]
struct RuleView {
    rule: u16,
    name: String,
    would_deny: u64,
    would_allow: u64,
}

impl PoliciesView {
    pub(crate) fn of(tenant: Option<Name>, list: &PolicyList) -> Self {
        Self {
            tenant: tenant.map(|name| name.to_string()),
            policy_set: list.policy_set.to_string(),
            state: list.state.to_string(),
            policies: list.rows.iter().map(PolicyView::of).collect(),
        }
    }
}

impl PolicyView {
    fn of(row: &PolicyRow) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            name: row.name.to_string(),
            standing: row.standing.name(),
            manifest: (row.manifest != Digest::ZERO).then(|| row.manifest.to_string()),
            component: row.component.to_string(),
            signer_kid: some(&row.signer_kid),
            row: (row.row != 0).then_some(row.row),
            held: row.held,
            whole: row.whole,
            breaker: row.breaker.name(),
            problem: some(&row.problem),
            shadow: row.shadow.as_ref().map(ShadowView::of),
        }
    }

    /// What is to be known of it beyond where it stands.
    fn remark(&self) -> String {
        let mut remarks = Vec::new();
        if let Some(problem) = &self.problem {
            remarks.push(format!("cannot be asked: {problem}"));
        }
        if self.breaker == BreakerStanding::Open.name() {
            remarks.push("breaker open".to_owned());
        }
        if !self.whole {
            remarks.push(format!("component not whole: {} bytes", self.held));
        }
        if let Some(shadow) = &self.shadow {
            remarks.push(format!(
                "shadow: {} asked, {} would be denied, {} allowed, {} failed, {} skipped",
                shadow.asked, shadow.would_deny, shadow.would_allow, shadow.failed, shadow.skipped
            ));
        }
        remarks.join("; ")
    }
}

impl ShadowView {
    fn of(report: &ShadowReport) -> Self {
        let rules = report.rules.iter().map(|rule| RuleView {
            rule: rule.rule,
            name: rule.name.to_string(),
            would_deny: rule.would_deny,
            would_allow: rule.would_allow,
        });
        Self {
            per_million: report.per_million,
            asked: report.asked,
            skipped: report.skipped,
            failed: report.failed,
            would_deny: report.would_deny,
            would_allow: report.would_allow,
            rules: rules.collect(),
        }
    }
}

impl fmt::Display for PoliciesView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&[
            Left("name"),
            Left("standing"),
            Left("manifest"),
            Left("component"),
            Left("key"),
            Right("row"),
            Left("remark"),
        ]);
        let short = |digest: &str| digest.chars().take(DIGITS).collect::<String>();
        for policy in &self.policies {
            table.row([
                policy.name.clone(),
                policy.standing.to_owned(),
                policy.manifest.as_deref().map(short).unwrap_or_default(),
                short(&policy.component),
                policy.signer_kid.clone().unwrap_or_default(),
                policy.row.map(|row| row.to_string()).unwrap_or_default(),
                policy.remark(),
            ]);
        }
        write!(f, "{table}")?;
        let shadows = self.policies.iter().filter_map(|policy| {
            let shadow = policy.shadow.as_ref()?;
            (!shadow.rules.is_empty()).then_some((&policy.name, shadow))
        });
        for (name, shadow) in shadows {
            writeln!(
                f,
                "\nbeside those in force, {name} decides otherwise by rule:"
            )?;
            let mut table = Table::new(&[
                Right("rule"),
                Left("name"),
                Right("would deny"),
                Right("would allow"),
            ]);
            for rule in &shadow.rules {
                table.row([
                    rule.rule.to_string(),
                    rule.name.clone(),
                    rule.would_deny.to_string(),
                    rule.would_allow.to_string(),
                ]);
            }
            write!(f, "{table}")?;
        }
        let whose = self.tenant.as_deref().unwrap_or("the platform");
        writeln!(
            f,
            "\npolicies of {whose}, policy set {}",
            short(&self.policy_set)
        )
    }
}

/// A signed manifest.
#[derive(Debug, Serialize)]
pub(crate) struct ManifestView {
    manifest: String,
    name: String,
    /// None for the platform.
    tenant: Option<String>,
    component: String,
    config: String,
    config_version: u32,
    base_micros: u64,
    per_transfer_nanos: u64,
    memory_bytes: u64,
    cases: usize,
    deployment: String,
    environment: String,
    signer_kid: String,
}

impl ManifestView {
    pub(crate) fn of(signed: &SignedManifest) -> Self {
        let manifest = &signed.manifest;
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(&manifest.cases).unwrap_or_default();
        Self {
            manifest: signed.digest().to_string(),
            name: manifest.name.to_string(),
            tenant: manifest.tenant.as_ref().map(ToString::to_string),
            component: manifest.component.to_string(),
            config: compact(&manifest.config),
            config_version: manifest.config_version,
            base_micros: manifest.limits.base_micros,
            per_transfer_nanos: manifest.limits.per_transfer_nanos,
            memory_bytes: manifest.limits.memory_bytes,
            cases: cases.len(),
            deployment: manifest.deployment.to_string(),
            environment: manifest.environment.to_string(),
            signer_kid: signed.kid.to_string(),
        }
    }
}

/// The same JSON without line breaks, as far as it is one.
fn compact(json: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(json);
    value.map_or_else(|_| json.to_owned(), |value| value.to_string())
}

impl fmt::Display for ManifestView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenant = self.tenant.as_deref().unwrap_or("none: the platform");
        let time = format!(
            "{} µs, {} ns for each transfer",
            self.base_micros, self.per_transfer_nanos
        );
        Pairs(vec![
            ("manifest", self.manifest.clone()),
            ("name", self.name.clone()),
            ("tenant", tenant.to_owned()),
            ("component", self.component.clone()),
            ("config", self.config.clone()),
            ("config version", self.config_version.to_string()),
            ("time", time),
            ("memory", format!("{} KiB", self.memory_bytes >> 10)),
            ("cases", self.cases.to_string()),
            ("deployment", self.deployment.clone()),
            ("environment", self.environment.clone()),
            ("signed by", self.signer_kid.clone()),
        ])
        .fmt(f)
    }
}

/// A policy that was sent.
#[derive(Debug, Serialize)]
pub(crate) struct PushedView {
    name: String,
    manifest: String,
    manifest_code: &'static str,
    component: String,
    component_code: &'static str,
    component_bytes: u64,
}

impl PushedView {
    pub(crate) fn of(
        signed: &SignedManifest,
        digest: Digest,
        taken: Code,
        (code, bytes): (Code, u64),
    ) -> Self {
        Self {
            name: signed.manifest.name.to_string(),
            manifest: digest.to_string(),
            manifest_code: taken.name(),
            component: signed.manifest.component.to_string(),
            component_code: code.name(),
            component_bytes: bytes,
        }
    }
}

impl fmt::Display for PushedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "policy {}: manifest {}: {}; component of {} bytes: {}",
            self.name, self.manifest, self.manifest_code, self.component_bytes, self.component_code
        )
    }
}

/// A candidate that is asked beside others, or no more.
#[derive(Debug, Serialize)]
pub(crate) struct ShadowedView {
    name: String,
    manifest: String,
    action: &'static str,
    per_million: u32,
    code: &'static str,
}

impl ShadowedView {
    pub(crate) fn of(name: &str, shadow: &ShadowPolicy, code: Code) -> Self {
        Self {
            name: name.to_owned(),
            manifest: shadow.manifest.to_string(),
            action: shadow.action.name(),
            per_million: shadow.per_million,
            code: code.name(),
        }
    }
}

impl fmt::Display for ShadowedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, code) = (&self.name, self.code);
        if self.action == ShadowAction::Stop.name() {
            return write!(f, "{name} is asked no more: {code}");
        }
        let (whole, part) = (self.per_million / 10_000, self.per_million % 10_000);
        let part = format!("{part:04}");
        let part = part.trim_end_matches('0');
        let dot = if part.is_empty() { "" } else { "." };
        write!(
            f,
            "{name} is asked about {whole}{dot}{part} % of requests: {code}"
        )?;
        write!(f, "; `policy list` shows how it decides")
    }
}

/// A change of policies.
#[derive(Debug, Serialize)]
pub(crate) struct PolicyChangedView {
    action: &'static str,
    name: String,
    manifest: String,
    code: &'static str,
    /// Row of the audit chain that says so.
    row: u64,
    policy_set: String,
}

impl PolicyChangedView {
    pub(crate) fn of(action: PolicyAction, row: &PolicyRow, changed: &PolicyActivated) -> Self {
        Self {
            action: action.text(),
            name: row.name.to_string(),
            manifest: row.manifest.to_string(),
            code: changed.code.name(),
            row: changed.row,
            policy_set: changed.policy_set.to_string(),
        }
    }
}

impl fmt::Display for PolicyChangedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short: String = self.manifest.chars().take(DIGITS).collect();
        write!(
            f,
            "{} {} {short}: {}, row {} of the audit chain",
            self.action, self.name, self.code, self.row
        )
    }
}

/// A request that the approvers have yet to sign.
#[derive(Debug, Serialize)]
pub(crate) struct AwaitedView {
    request: String,
    ok_count: usize,
    threshold: usize,
    expires_at: String,
}

impl AwaitedView {
    pub(crate) fn of(approval: &Approval) -> Self {
        let request = approval.request();
        Self {
            request: request.digest().to_string(),
            ok_count: approval.signatures().count(),
            threshold: approval.threshold(),
            expires_at: request.expires_at.to_string(),
        }
    }
}

impl fmt::Display for AwaitedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "request {}: {} of {} approvers signed; others sign it with `ledgerctl approve {}`",
            self.request, self.ok_count, self.threshold, self.request
        )
    }
}
