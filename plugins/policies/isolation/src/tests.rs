use catalogue::OPERATIONS;
use plugins_sdk::Sample;

use super::*;

/// Resources of every kind, and whose they are.
const RESOURCES: [(&str, Option<&str>); 9] = [
    ("server", None),
    ("platform", Some("")),
    ("tenant", Some("acme")),
    ("tenant", Some("beta")),
    ("all-tenants", None),
    ("book", Some("acme")),
    ("book", Some("beta")),
    ("book", Some("")),
    ("book", None),
];

fn ask(sample: &Sample) -> Verdict {
    sample.ask(&Isolation)
}

fn samples() -> impl Iterator<
    Item = (
        &'static Operation,
        &'static str,
        Option<&'static str>,
        Sample,
    ),
> {
    OPERATIONS.iter().flat_map(|operation| {
        RESOURCES.map(|(kind, owner)| {
            let sample = Sample::new(operation.name).about(kind, owner);
            (operation, kind, owner, sample)
        })
    })
}

#[test]
fn a_tenant_reaches_its_own_and_the_server_whatever_its_roles_and_scopes() {
    for (operation, kind, owner, sample) in samples() {
        let is_own = kind == "server" || (owner == Some("acme"));
        let expected = operation.kind.fits(kind) && is_own;
        for sample in [
            sample.clone(),
            sample
                .role("operator")
                .role("auditor")
                .scope(CROSS_TENANT_READ),
        ] {
            let verdict = ask(&sample.tenant("acme"));
            let name = operation.name;
            assert_eq!(
                verdict == Verdict::Allow,
                expected,
                "{name} {kind} {owner:?}"
            );
        }
    }
}

#[test]
fn an_operator_changes_books_and_sees_lists_of_anyone_and_nothing_else() {
    for (operation, kind, owner, sample) in samples() {
        let is_own = kind == "server" || owner == Some("");
        let is_operated = match operation.name {
            "change_book" | "list_books" => true,
            name => name.ends_with("_policy") || name == "list_policies",
        };
        let expected = operation.kind.fits(kind) && (is_own || is_operated);
        let verdict = ask(&sample.tenant("").role("operator"));
        let name = operation.name;
        assert_eq!(
            verdict == Verdict::Allow,
            expected,
            "{name} {kind} {owner:?}"
        );
    }
}

#[test]
fn reads_across_tenants_take_the_scope() {
    for (operation, kind, owner, sample) in samples() {
        let is_own = kind == "server" || owner == Some("");
        let fits = operation.kind.fits(kind);
        let reads = operation.access == Access::Read;
        for role in ["auditor", "billing"] {
            let sample = sample.clone().tenant("").role(role);
            let name = operation.name;
            let without = ask(&sample);
            assert_eq!(
                without == Verdict::Allow,
                fits && is_own,
                "{name} {kind} {owner:?}"
            );
            if fits && !is_own {
                let rule = if reads { SCOPE } else { NOT_OWN };
                assert_eq!(
                    without,
                    Verdict::Deny(rule.number),
                    "{name} {kind} {owner:?}"
                );
            }
            let with = ask(&sample.scope(CROSS_TENANT_READ));
            let expected = fits && (is_own || reads);
            assert_eq!(with == Verdict::Allow, expected, "{name} {kind} {owner:?}");
        }
    }
}

#[test]
fn what_is_unknown_is_denied() {
    for operation in ["", "Post", "post ", "transmute"] {
        assert_eq!(
            ask(&Sample::new(operation)),
            Verdict::Deny(1),
            "{operation}"
        );
    }
    for kind in ["", "Book", "books", "server"] {
        let sample = Sample::new("post").about(kind, Some("acme"));
        assert_eq!(ask(&sample), Verdict::Deny(1), "{kind}");
    }
    // Nobody's book is not a tenant's whose name is empty, nor anybody's who has none.
    assert_eq!(
        ask(&Sample::new("post").about("book", None).tenant("")),
        Verdict::Deny(2)
    );
}

#[test]
fn it_takes_no_configuration() {
    for config in ["", "{}", " { } "] {
        Isolation::init(config).unwrap();
    }
    for config in ["[]", "{\"a\": 1}", "null"] {
        assert!(Isolation::init(config).is_err(), "{config}");
    }
}

#[test]
fn an_explanation_says_what_is_missing() {
    let sample = Sample::new("totals").tenant("").role("auditor");
    let reasons = sample.explain(&Isolation);
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].rule, 3);
    assert_eq!(
        reasons[0].text,
        "scope `operator:cross-tenant-read` is missing"
    );
}
