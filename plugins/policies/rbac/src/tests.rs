mod page;

use catalogue::OPERATIONS;
use plugins_sdk::Sample;

use super::*;
use role::ROLES;

const READS: &[&str] = &[
    "list_books",
    "lookup_accounts",
    "list_accounts",
    "lookup_transfers",
    "query_transfers",
    "balances_as_of",
    "statement",
    "totals",
    "subscribe",
];
const PROOFS: &[&str] = &[
    "receipts",
    "seal_status",
    "prove_consistency",
    "prove_range",
    "prove_statement",
    "prove_ledger",
    "checkpoint",
    "tlog_proof",
];
const GREETINGS: &[&str] = &["hello", "list_assets", "keyring"];

/// Written down once more, by role instead of by capability, so that a slip in one of the two
/// tables is found.
fn allowed(role: &str) -> Vec<&'static [&'static str]> {
    match role {
        "read" => vec![READS, PROOFS],
        "write" => vec![READS, PROOFS, &["post", "dry_run"]],
        "admin" => vec![
            READS,
            PROOFS,
            &[
                "post",
                "dry_run",
                "import",
                "create_accounts",
                "change_accounts",
                "erase_note",
            ],
            &["change_book"],
            &[
                "push_policy",
                "shadow_policy",
                "activate_policy",
                "list_policies",
            ],
        ],
        "operator" => vec![
            READS,
            PROOFS,
            &[
                "create_tenant",
                "create_asset",
                "create_book",
                "list_tenants",
            ],
            &[
                "change_signers",
                "approve",
                "request_approval",
                "approvals",
                "audit_rows",
            ],
            &["change_book"],
            &[
                "push_policy",
                "shadow_policy",
                "activate_policy",
                "list_policies",
            ],
        ],
        "billing" => vec![],
        "auditor" => vec![READS, PROOFS, &["approvals", "audit_rows", "list_policies"]],
        other => panic!("what may `{other}` do?"),
    }
}

fn sample(operation: &str, role: &Role) -> Sample {
    let tenant = if role.is_platform { "" } else { "acme" };
    Sample::new(operation).tenant(tenant).role(role.name)
}

fn rbac(config: &str) -> Rbac {
    Rbac::init(config).unwrap()
}

#[test]
fn each_role_may_do_what_it_may_and_nothing_else() {
    let policy = rbac("");
    for role in ROLES {
        let allowed = allowed(role.name);
        for operation in OPERATIONS {
            let name = operation.name;
            let expected = GREETINGS.contains(&name)
                || allowed.iter().any(|operations| operations.contains(&name));
            let verdict = sample(name, role).ask(&policy);
            assert_eq!(verdict == Verdict::Allow, expected, "{} {name}", role.name);
        }
    }
}

#[test]
fn billing_reads_with_the_scope_only() {
    let policy = rbac("");
    let billing = Role::find("billing").unwrap();
    for operation in OPERATIONS {
        let name = operation.name;
        let expected = GREETINGS.contains(&name) || READS.contains(&name);
        let verdict = sample(name, billing).scope(CROSS_TENANT_READ).ask(&policy);
        assert_eq!(verdict == Verdict::Allow, expected, "{name}");
    }
    assert_eq!(
        sample("totals", billing).ask(&policy),
        Verdict::Deny(SCOPE.number)
    );
}

#[test]
fn a_role_counts_where_it_belongs_only() {
    let policy = rbac("");
    for role in ROLES {
        let elsewhere = if role.is_platform { "acme" } else { "" };
        for operation in OPERATIONS {
            let sample = Sample::new(operation.name)
                .tenant(elsewhere)
                .role(role.name);
            assert_eq!(sample.ask(&policy), Verdict::Deny(ROLE.number));
        }
    }
}

#[test]
fn what_is_unknown_is_denied() {
    let policy = rbac("");
    let admin = Role::find("admin").unwrap();
    for operation in ["", "Post", "transmute"] {
        assert_eq!(
            sample(operation, admin).ask(&policy),
            Verdict::Deny(UNKNOWN.number)
        );
    }
    for role in ["", "Admin", "root"] {
        let sample = Sample::new("hello").role(role);
        assert_eq!(sample.ask(&policy), Verdict::Deny(ROLE.number));
    }
    assert_eq!(
        Sample::new("hello").ask(&policy),
        Verdict::Deny(ROLE.number)
    );
    let both = Sample::new("post").role("root").role("write");
    assert_eq!(both.ask(&policy), Verdict::Allow);
}

#[test]
fn a_configuration_takes_away_and_never_adds() {
    let withheld =
        rbac(r#"{"withhold": {"operator": ["admin:journal"], "read": ["ledger:post"]}}"#);
    let plain = rbac("{}");
    for role in ROLES {
        for operation in OPERATIONS {
            let sample = sample(operation.name, role).scope(CROSS_TENANT_READ);
            let (before, after) = (sample.ask(&plain), sample.ask(&withheld));
            let is_taken = role.name == "operator" && operation.name == "change_book";
            if is_taken {
                assert_eq!(after, Verdict::Deny(WITHHELD.number));
            } else {
                assert_eq!(after, before, "{} {}", role.name, operation.name);
            }
        }
    }
    for config in [
        r#"{"withhold": {"root": []}}"#,
        r#"{"withhold": {"operator": ["ledger:everything"]}}"#,
        r#"{"withhold": []}"#,
        r#"{"grant": {}}"#,
    ] {
        assert!(Rbac::init(config).is_err(), "{config}");
    }
}

#[test]
fn an_explanation_names_the_capability() {
    let reasons = sample("post", Role::find("read").unwrap()).explain(&rbac(""));
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].text, "`post` takes capability `ledger:post`");
}
