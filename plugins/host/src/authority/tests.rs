use std::sync::Arc;

use ledger::registry::Name;
use ledger::{BookId, Digest, Nanos, Operation, TenantId};

use super::{Authority, PERMIT_NANOS_MAX, Request};
use crate::{Denied, Permitted, Principal, Reason, Resource, Role, rule};

const OWN: TenantId = TenantId(7);
const FOREIGN: TenantId = TenantId(8);
const NOT_AFTER: Nanos = Nanos(1_000 * 1_000_000_000);
const NOW: Nanos = Nanos(1_000_000_000);

/// Who may do what: one row per operation, one pair per role, own resource first, then another's.
/// The platform's own book is the system book. What has no owner gives the same answer twice.
#[rustfmt::skip]
const EXPECTED: &[(&str, &str)] = &[
    //                    read write admin operator auditor
    ("hello",            "yy   yy    yy    yy       yy"),
    ("create_tenant",    "--   --    --    yy       --"),
    ("create_asset",     "--   --    --    yy       --"),
    ("create_book",      "--   --    --    yy       --"),
    ("change_book",      "--   --    y-    yy       --"),
    ("list_tenants",     "--   --    --    yy       --"),
    ("list_assets",      "yy   yy    yy    yy       yy"),
    ("list_books",       "y-   y-    y-    yy       yy"),
    ("create_accounts",  "--   --    y-    --       --"),
    ("change_accounts",  "--   --    y-    --       --"),
    ("lookup_accounts",  "y-   y-    y-    y-       yy"),
    ("list_accounts",    "y-   y-    y-    y-       yy"),
    ("post",             "--   y-    y-    --       --"),
    ("dry_run",          "--   y-    y-    --       --"),
    ("lookup_transfers", "y-   y-    y-    y-       yy"),
    ("query_transfers",  "y-   y-    y-    y-       yy"),
    ("balances_as_of",   "y-   y-    y-    y-       yy"),
    ("statement",        "y-   y-    y-    y-       yy"),
    ("totals",           "y-   y-    y-    y-       yy"),
    ("subscribe",        "y-   y-    y-    y-       yy"),
    ("erase_note",       "--   --    y-    --       --"),
    ("receipts",         "y-   y-    y-    y-       yy"),
    ("seal_status",      "y-   y-    y-    y-       yy"),
    ("prove_consistency","y-   y-    y-    y-       yy"),
    ("prove_range",      "y-   y-    y-    y-       yy"),
    ("prove_statement",  "y-   y-    y-    y-       yy"),
    ("prove_ledger",     "y-   y-    y-    y-       yy"),
    ("checkpoint",       "y-   y-    y-    y-       yy"),
    ("tlog_proof",       "y-   y-    y-    y-       yy"),
    ("audit_rows",       "--   --    --    yy       yy"),
    ("keyring",          "yy   yy    yy    yy       yy"),
    ("change_signers",   "--   --    --    yy       --"),
    ("approve",          "--   --    --    yy       --"),
    ("approvals",        "--   --    --    yy       yy"),
    ("request_approval", "--   --    --    yy       --"),
];

fn principal(role: Role) -> Arc<Principal> {
    let spiffe = format!("spiffe://test.invalid/role/{role}");
    let fingerprint = Digest::of(role.name().as_bytes());
    let made = if role.is_platform() {
        Principal::of_platform(role, &spiffe, fingerprint, NOT_AFTER)
    } else {
        let name = Name::parse("own").unwrap();
        Principal::of_tenant((OWN, name), role, &spiffe, fingerprint, NOT_AFTER)
    };
    Arc::new(made.unwrap())
}

fn owned_by(tenant: TenantId, operation: Operation) -> Resource {
    let book = Resource::Book {
        book: BookId(3),
        owner: Some(tenant),
    };
    [
        Resource::Server,
        Resource::Platform,
        Resource::Tenant(tenant),
        book,
    ]
    .into_iter()
    .find(|resource| resource.fits(operation))
    .unwrap()
}

fn ask(
    role: Role,
    operation: Operation,
    resource: Resource,
    now: Nanos,
) -> Result<Permitted<()>, Denied> {
    let request = Request {
        operation,
        resource,
        id: 5,
        digest: Digest::ZERO,
    };
    Authority::new().permit(&principal(role), request, (), now)
}

fn reason(role: Role, operation: Operation, resource: Resource) -> Option<Reason> {
    ask(role, operation, resource, NOW)
        .err()
        .map(|denied| denied.reason)
}

#[test]
fn every_operation_is_judged_as_the_table_says() {
    let listed: Vec<&str> = EXPECTED.iter().map(|(name, _)| *name).collect();
    let all: Vec<&str> = Operation::ALL
        .iter()
        .map(|operation| operation.name())
        .collect();
    assert_eq!(listed, all, "a new operation needs a row");
    for (operation, (_, row)) in Operation::ALL.iter().zip(EXPECTED) {
        let pairs: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(pairs.len(), Role::ALL.len());
        for (role, pair) in Role::ALL.iter().zip(pairs) {
            let own = if role.is_platform() {
                TenantId::PLATFORM
            } else {
                OWN
            };
            let got: String = [own, FOREIGN]
                .map(|owner| ask(*role, *operation, owned_by(owner, *operation), NOW))
                .map(|verdict| if verdict.is_ok() { 'y' } else { '-' })
                .into_iter()
                .collect();
            assert_eq!(got, pair, "{} as {role}", operation.name());
        }
    }
}

#[test]
fn an_operation_about_another_kind_of_resource_is_denied_to_all() {
    let resources = [
        Resource::Server,
        Resource::Platform,
        Resource::Tenant(OWN),
        Resource::AllTenants,
        Resource::Book {
            book: BookId(3),
            owner: Some(OWN),
        },
    ];
    for operation in Operation::ALL {
        for resource in resources
            .iter()
            .filter(|resource| !resource.fits(*operation))
        {
            for role in Role::ALL {
                assert_eq!(
                    reason(*role, *operation, *resource),
                    Some(Reason::ResourceMismatch)
                );
            }
        }
    }
}

#[test]
fn a_missing_book_is_denied_to_tenants_like_a_foreign_one() {
    let missing = Resource::Book {
        book: BookId(9),
        owner: None,
    };
    let foreign = Resource::Book {
        book: BookId(9),
        owner: Some(FOREIGN),
    };
    for role in [Role::Read, Role::Write, Role::Admin] {
        for operation in Operation::ALL.iter().filter(|o| missing.fits(**o)) {
            let told = reason(role, *operation, missing);
            assert!(told.is_some());
            assert_eq!(told, reason(role, *operation, foreign));
        }
    }
    assert_eq!(reason(Role::Operator, Operation::ChangeBook, missing), None);
}

#[test]
fn the_list_of_everyones_books_is_for_the_platform() {
    for role in Role::ALL {
        let widest = Resource::books_of(&principal(*role));
        assert_eq!(reason(*role, Operation::ListBooks, widest), None);
        let all = reason(*role, Operation::ListBooks, Resource::AllTenants);
        assert_eq!(all, (!role.is_platform()).then_some(Reason::OutOfReach));
    }
}

#[test]
fn a_certificate_that_ended_permits_nothing() {
    let at_the_end = ask(Role::Read, Operation::Hello, Resource::Server, NOT_AFTER);
    assert_eq!(at_the_end.unwrap().expires_at(), NOT_AFTER);
    for role in Role::ALL {
        for operation in Operation::ALL {
            let resource = owned_by(OWN, *operation);
            let denied = ask(*role, *operation, resource, Nanos(NOT_AFTER.0 + 1)).unwrap_err();
            assert_eq!(denied.reason, Reason::Expired);
        }
    }
}

#[test]
fn a_stale_permit_is_judged_anew_and_keeps_its_request() {
    let authority = Authority::new();
    let resource = Resource::Book {
        book: BookId(3),
        owner: Some(OWN),
    };
    let digest = Digest::of(b"request");
    let request = Request {
        operation: Operation::Post,
        resource,
        id: 5,
        digest,
    };
    let first = authority
        .permit(&principal(Role::Write), request, 42, NOW)
        .unwrap();
    assert_eq!(first.expires_at(), Nanos(NOW.0 + PERMIT_NANOS_MAX));
    assert!(authority.is_current(&first, first.expires_at()));

    let later = Nanos(first.expires_at().0 + 1);
    assert!(!authority.is_current(&first, later));
    let origin = first.origin();
    let second = authority.renew(first, later).unwrap();
    assert!(authority.is_current(&second, later));
    assert_eq!((second.origin(), second.request()), (origin, digest));
    assert_eq!(second.policy_set(), authority.policy_set());
    assert_eq!(second.into_value(), 42);
}

#[test]
fn the_digest_covers_every_rule() {
    let text = rule::text();
    assert_eq!(text.lines().count(), 1 + rule::RULES.len());
    assert!(text.starts_with("ledgerd native rules v2\n1 read own class:greet class:read\n"));
    assert!(text.contains("4 operator any class:greet class:operate change_book list_books\n"));
    assert!(
        rule::RULES
            .windows(2)
            .all(|pair| pair[0].number < pair[1].number)
    );
}

#[test]
fn roles_stay_where_they_belong() {
    let name = Name::parse("acme").unwrap();
    for role in Role::ALL {
        assert_eq!(Role::parse(role.name()), Some(*role));
        let platform = Principal::of_platform(*role, "s", Digest::ZERO, NOT_AFTER);
        assert_eq!(platform.is_ok(), role.is_platform());
        let tenant = Principal::of_tenant((OWN, name), *role, "s", Digest::ZERO, NOT_AFTER);
        assert_eq!(tenant.is_ok(), !role.is_platform());
        let owner = (TenantId::PLATFORM, name);
        assert!(Principal::of_tenant(owner, *role, "s", Digest::ZERO, NOT_AFTER).is_err());
    }
    assert_eq!(Role::parse("root"), None);
}
