//! Who may do what by the policies that are shipped.

use ledger::{Code, Nanos, Operation, TenantId, TransferFlags};

use super::{
    BOOK, Batch, FOREIGN, NOT_AFTER, NOW, OWN, book_of, name, principal, request, shipped,
};
use crate::authority::Authority;
use crate::denied::{Reason, Refused};
use crate::permitted::Permitted;
use crate::resource::{Owner, Resource};
use crate::{Denied, Role};

/// One row per operation, one pair per role, own resource first, then another's. The platform's own
/// book is the system book. The auditor has the scope for reads across tenants, the others not.
#[rustfmt::skip]
const EXPECTED: &[(&str, &str)] = &[
    //                    read write admin operator auditor billing
    ("hello",            "yy   yy    yy    yy       yy      yy"),
    ("create_tenant",    "--   --    --    yy       --      --"),
    ("create_asset",     "--   --    --    yy       --      --"),
    ("create_book",      "--   --    --    yy       --      --"),
    ("change_book",      "--   --    y-    yy       --      --"),
    ("list_tenants",     "--   --    --    yy       --      --"),
    ("list_assets",      "yy   yy    yy    yy       yy      yy"),
    ("list_books",       "y-   y-    y-    yy       yy      --"),
    ("create_accounts",  "--   --    y-    --       --      --"),
    ("change_accounts",  "--   --    y-    --       --      --"),
    ("lookup_accounts",  "y-   y-    y-    y-       yy      --"),
    ("list_accounts",    "y-   y-    y-    y-       yy      --"),
    ("post",             "--   y-    y-    --       --      --"),
    ("dry_run",          "--   y-    y-    --       --      --"),
    ("lookup_transfers", "y-   y-    y-    y-       yy      --"),
    ("query_transfers",  "y-   y-    y-    y-       yy      --"),
    ("balances_as_of",   "y-   y-    y-    y-       yy      --"),
    ("statement",        "y-   y-    y-    y-       yy      --"),
    ("totals",           "y-   y-    y-    y-       yy      --"),
    ("subscribe",        "y-   y-    y-    y-       yy      --"),
    ("erase_note",       "--   --    y-    --       --      --"),
    ("receipts",         "y-   y-    y-    y-       yy      --"),
    ("seal_status",      "y-   y-    y-    y-       yy      --"),
    ("prove_consistency","y-   y-    y-    y-       yy      --"),
    ("prove_range",      "y-   y-    y-    y-       yy      --"),
    ("prove_statement",  "y-   y-    y-    y-       yy      --"),
    ("prove_ledger",     "y-   y-    y-    y-       yy      --"),
    ("checkpoint",       "y-   y-    y-    y-       yy      --"),
    ("tlog_proof",       "y-   y-    y-    y-       yy      --"),
    ("audit_rows",       "--   --    --    yy       yy      --"),
    ("keyring",          "yy   yy    yy    yy       yy      yy"),
    ("change_signers",   "--   --    --    yy       --      --"),
    ("approve",          "--   --    --    yy       --      --"),
    ("approvals",        "--   --    --    yy       yy      --"),
    ("request_approval", "--   --    --    yy       --      --"),
    ("push_policy",      "--   --    y-    yy       --      --"),
    ("list_policies",    "--   --    y-    yy       yy      --"),
    ("shadow_policy",    "--   --    y-    yy       --      --"),
    ("activate_policy",  "--   --    y-    yy       --      --"),
];

const ROLES: [Role; 6] = [
    Role::Read,
    Role::Write,
    Role::Admin,
    Role::Operator,
    Role::Auditor,
    Role::Billing,
];

fn owned_by(tenant: TenantId, operation: Operation) -> Resource {
    let owner = if tenant == TenantId::PLATFORM {
        Owner::PLATFORM
    } else {
        Owner::tenant(tenant, name(tenant))
    };
    [
        Resource::Server,
        Resource::Tenant(owner),
        Resource::Platform,
        book_of(tenant),
    ]
    .into_iter()
    .find(|resource| resource.fits(operation))
    .unwrap()
}

fn ask(
    authority: &Authority,
    role: Role,
    operation: Operation,
    resource: Resource,
    now: Nanos,
) -> Result<Permitted<()>, Refused<()>> {
    authority.permit(&principal(role), request(operation, resource), (), now)
}

fn denied(
    authority: &Authority,
    role: Role,
    operation: Operation,
    resource: Resource,
) -> Option<Denied> {
    let asked = ask(authority, role, operation, resource, NOW);
    asked.err().map(|refused| refused.denied().clone())
}

#[test]
fn every_operation_is_judged_as_the_table_says() {
    let authority = shipped();
    let listed: Vec<&str> = EXPECTED.iter().map(|(name, _)| *name).collect();
    let all: Vec<&str> = Operation::ALL
        .iter()
        .map(|operation| operation.name())
        .collect();
    assert_eq!(listed, all, "a new operation needs a row");
    assert_eq!(ROLES.len(), Role::ALL.len());
    for (operation, (_, row)) in Operation::ALL.iter().zip(EXPECTED) {
        let pairs: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(pairs.len(), ROLES.len());
        for (role, pair) in ROLES.iter().zip(pairs) {
            let own = if role.is_platform() {
                TenantId::PLATFORM
            } else {
                OWN
            };
            let got: String = [own, FOREIGN]
                .map(|owner| owned_by(owner, *operation))
                .map(|resource| ask(&authority, *role, *operation, resource, NOW))
                .map(|verdict| if verdict.is_ok() { 'y' } else { '-' })
                .into_iter()
                .collect();
            assert_eq!(got, pair, "{} as {role}", operation.name());
        }
    }
}

#[test]
fn an_operation_about_another_kind_of_resource_is_denied_to_all() {
    let authority = shipped();
    let resources = [
        Resource::Server,
        Resource::Platform,
        Resource::Tenant(Owner::tenant(OWN, name(OWN))),
        Resource::AllTenants,
        book_of(OWN),
    ];
    for operation in Operation::ALL {
        for resource in resources
            .iter()
            .filter(|resource| !resource.fits(*operation))
        {
            for role in ROLES {
                let denied = denied(&authority, role, *operation, *resource).unwrap();
                assert_eq!(denied.reason, Reason::ResourceMismatch);
            }
        }
    }
}

#[test]
fn a_missing_book_is_denied_to_tenants_like_a_foreign_one() {
    let authority = shipped();
    let missing = Resource::Book {
        book: BOOK,
        owner: None,
    };
    for role in [Role::Read, Role::Write, Role::Admin, Role::Billing] {
        for operation in Operation::ALL.iter().filter(|o| missing.fits(**o)) {
            let told = denied(&authority, role, *operation, missing);
            assert!(told.is_some());
            assert_eq!(told, denied(&authority, role, *operation, book_of(FOREIGN)));
        }
    }
    let operator = denied(&authority, Role::Operator, Operation::ChangeBook, missing);
    assert_eq!(operator, None);
}

#[test]
fn the_list_of_everyones_books_is_for_the_platform() {
    let authority = shipped();
    for role in ROLES.into_iter().filter(|role| *role != Role::Billing) {
        let widest = Resource::books_of(&principal(role));
        assert_eq!(denied(&authority, role, Operation::ListBooks, widest), None);
        let all = denied(&authority, role, Operation::ListBooks, Resource::AllTenants);
        assert_eq!(all.is_some(), !role.is_platform());
    }
}

#[test]
fn a_denial_names_rule_and_policy() {
    let refused = ask(&shipped(), Role::Read, Operation::Post, book_of(OWN), NOW).unwrap_err();
    let denied = refused.denied();
    assert_eq!(denied.code(), Code::Denied);
    assert_eq!(
        denied.to_string(),
        "`post` denied to role `read`: rule 3 `not-capable` of policy `rbac`"
    );
    let cause = denied.cause().unwrap();
    assert_eq!(cause.policy.digest, crate::shipped::RBAC.digest());
    assert_eq!(denied.policy_set, shipped().policy_set_for(OWN));
}

#[test]
fn a_certificate_that_ended_permits_nothing() {
    let authority = shipped();
    let (hello, server) = (Operation::Hello, Resource::Server);
    let at_the_end = ask(&authority, Role::Read, hello, server, NOT_AFTER).unwrap();
    assert_eq!(at_the_end.expires_at(), NOT_AFTER);
    for role in ROLES {
        for operation in Operation::ALL {
            let resource = owned_by(OWN, *operation);
            let late = Nanos(NOT_AFTER.0 + 1);
            let refused = ask(&authority, role, *operation, resource, late).unwrap_err();
            assert_eq!(refused.denied().reason, Reason::Expired);
        }
    }
}

#[test]
fn roles_stay_where_they_belong() {
    use crate::Principal;
    use ledger::Digest;
    for role in ROLES {
        assert_eq!(Role::parse(role.name()), Some(role));
        let platform = Principal::of_platform(role, "s", Digest::ZERO, NOT_AFTER);
        assert_eq!(platform.is_ok(), role.is_platform());
        let tenant = Principal::of_tenant((OWN, name(OWN)), role, "s", Digest::ZERO, NOT_AFTER);
        assert_eq!(tenant.is_ok(), !role.is_platform());
        let owner = (TenantId::PLATFORM, name(OWN));
        assert!(Principal::of_tenant(owner, role, "s", Digest::ZERO, NOT_AFTER).is_err());
    }
    assert_eq!(Role::parse("root"), None);
}

/// Bringing posted times of one's own takes more than posting: `write` may not.
#[test]
fn an_import_is_judged_as_one() {
    let authority = shipped();
    let table = [
        (Role::Write, false, true),
        (Role::Write, true, false),
        (Role::Admin, false, true),
        (Role::Admin, true, true),
        (Role::Read, true, false),
    ];
    for operation in [Operation::Post, Operation::DryRun] {
        for (role, is_import, is_allowed) in table {
            let mut batch = Batch::of(1, &[(1, 2), (2, 1)]);
            if is_import {
                batch.1[1].flags = TransferFlags::IMPORTED;
            }
            let asked = request(operation, book_of(OWN));
            let judged = authority.permit(&principal(role), asked, batch, NOW);
            assert_eq!(
                judged.is_ok(),
                is_allowed,
                "{operation:?} {role} {is_import}"
            );
        }
    }
}
