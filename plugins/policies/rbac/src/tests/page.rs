//! The tables of `docs/policy/shipped.md` say what both policies decide together.

use catalogue::{Capability, Kind, OPERATIONS, Operation};
use isolation::Isolation;
use plugins_sdk::{Policy, Sample, Verdict};

use super::rbac;
use crate::CROSS_TENANT_READ;
use crate::role::{ROLES, Role};

const PAGE: &str = include_str!("../../../../../docs/policy/shipped.md");

/// Whether the chain allows an operation on what is the principal's own, or another tenant's.
fn is_allowed(role: &Role, operation: &Operation, is_own: bool, is_scoped: bool) -> bool {
    let tenant = if role.is_platform { "" } else { "acme" };
    let owner = if is_own { tenant } else { "beta" };
    let kind = match operation.kind {
        Kind::Server => "server",
        Kind::Platform => "platform",
        Kind::Owner if is_own && role.is_platform => "platform",
        Kind::Tenant | Kind::Owner => "tenant",
        Kind::Book => "book",
    };
    // There is one platform.
    let owner = match kind {
        "server" => None,
        "platform" => Some(""),
        _ => Some(owner),
    };
    let mut sample = Sample::new(operation.name)
        .tenant(tenant)
        .role(role.name)
        .about(kind, owner);
    if is_scoped {
        sample = sample.scope(CROSS_TENANT_READ);
    }
    let isolation = Isolation::init("").unwrap();
    sample.ask(&isolation) == Verdict::Allow && sample.ask(&rbac("")) == Verdict::Allow
}

fn cell(role: &Role, operation: &Operation) -> &'static str {
    let ask = |is_own, is_scoped| is_allowed(role, operation, is_own, is_scoped);
    match (
        ask(true, false),
        ask(false, false),
        ask(true, true),
        ask(false, true),
    ) {
        (true, true, true, true) => "any",
        (true, false, true, true) => "own, scope",
        (true, false, true, false) => "own",
        (false, false, true, true) => "scope",
        (false, false, false, false) => "",
        other => panic!("`{}` for `{}`: {other:?}", operation.name, role.name),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Server => "server",
        Kind::Platform => "platform",
        Kind::Tenant => "tenant",
        Kind::Book => "book",
        Kind::Owner => "platform, tenant",
    }
}

fn row(cells: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut line = String::from("|");
    for cell in cells {
        line = format!("{line} {} |", cell.as_ref()).replace("|  |", "| |");
    }
    line
}

fn missing(rows: Vec<String>) {
    let are_there = PAGE.contains(&rows.join("\n"));
    assert!(
        are_there,
        "the page lacks this table:\n\n{}\n",
        rows.join("\n")
    );
}

#[test]
fn the_page_says_what_each_role_may_do() {
    let names = ROLES.iter().map(|role| format!("`{}`", role.name));
    let heads = ["operation", "about", "capability"].map(str::to_owned);
    let heads: Vec<_> = heads.into_iter().chain(names).collect();
    let mut rows = vec![row(&heads), format!("|{}", "---|".repeat(heads.len()))];
    for operation in OPERATIONS {
        let first = [
            format!("`{}`", operation.name),
            kind(operation.kind).to_owned(),
            format!("`{}`", operation.capability.name()),
        ];
        let cells = ROLES.iter().map(|role| cell(role, operation).to_owned());
        rows.push(row(first.into_iter().chain(cells)));
    }
    missing(rows);
}

#[test]
fn the_page_says_what_capabilities_each_role_has() {
    let names = ROLES.iter().map(|role| format!("`{}`", role.name));
    let heads: Vec<_> = ["capability".to_owned()].into_iter().chain(names).collect();
    let mut rows = vec![row(&heads), format!("|{}", "---|".repeat(heads.len()))];
    for capability in Capability::ALL {
        let cells = ROLES.iter().map(|role| {
            if role.capabilities.contains(capability) {
                "yes"
            } else if role.with_scope.contains(capability) {
                "scope"
            } else {
                ""
            }
        });
        let first = format!("`{}`", capability.name());
        rows.push(row([&*first].into_iter().chain(cells)));
    }
    missing(rows);
}
