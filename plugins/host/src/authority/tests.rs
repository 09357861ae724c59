mod chains;
mod facts;
mod matrix;
mod order;
mod shadow;
mod stale;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use ledger::registry::Name;
use ledger::{BookId, Digest, Nanos, Operation, TenantId, Transfer};

use super::{Authority, Request};
use crate::contract::{AccountColumns, Context, Needs, RuleInfo, TransferColumns};
use crate::fault::Fault;
use crate::remote::Remote;
use crate::resource::{Owner, Resource};
use crate::runtime::{Runtime, RuntimeOptions};
use crate::verdict::Verdict;
use crate::{PolicyId, PolicySet, Principal, Role, Scope, Seat, Subject};

const OWN: TenantId = TenantId(7);
const FOREIGN: TenantId = TenantId(8);
const BOOK: BookId = BookId(3);
const NOT_AFTER: Nanos = Nanos(1_000 * 1_000_000_000);
const NOW: Nanos = Nanos(1_000_000_000);

static SHIPPED: LazyLock<PolicySet> = LazyLock::new(|| {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    PolicySet::shipped(&runtime).unwrap()
});

fn shipped() -> Authority {
    Authority::new(SHIPPED.clone())
}

fn name(tenant: TenantId) -> Name {
    Name::parse(&format!("tenant-{tenant}")).unwrap()
}

fn principal(role: Role) -> Arc<Principal> {
    Arc::new(principal_of(OWN, role))
}

fn principal_of(tenant: TenantId, role: Role) -> Principal {
    let spiffe = format!("spiffe://test.invalid/{tenant}/{role}");
    let fingerprint = Digest::of(role.name().as_bytes());
    if !role.is_platform() {
        let named = (tenant, name(tenant));
        return Principal::of_tenant(named, role, &spiffe, fingerprint, NOT_AFTER).unwrap();
    }
    let platform = Principal::of_platform(role, &spiffe, fingerprint, NOT_AFTER).unwrap();
    if role == Role::Auditor {
        return platform.with_scopes(&[Scope::CrossTenantRead]).unwrap();
    }
    platform
}

fn book_of(tenant: TenantId) -> Resource {
    let owner = if tenant == TenantId::PLATFORM {
        Owner::PLATFORM
    } else {
        Owner::tenant(tenant, name(tenant))
    };
    Resource::Book {
        book: BOOK,
        owner: Some(owner),
    }
}

fn request(operation: Operation, resource: Resource) -> Request {
    Request {
        operation,
        resource,
        id: 5,
        digest: Digest::of(b"request"),
    }
}

fn post() -> Request {
    request(Operation::Post, book_of(OWN))
}

/// A batch with a name.
#[derive(PartialEq, Debug)]
struct Batch(u32, Vec<Transfer>);

impl Batch {
    /// Transfers between these accounts.
    fn of(number: u32, accounts: &[(u128, u128)]) -> Self {
        let transfer = |(index, &(debit, credit)): (usize, &(u128, u128))| {
            Transfer::new(index as u128 + 1, debit, credit, 100, 1)
        };
        Self(number, accounts.iter().enumerate().map(transfer).collect())
    }
}

impl Subject for Batch {
    fn book(&self) -> BookId {
        BOOK
    }

    fn transfers(&self) -> &[Transfer] {
        &self.1
    }
}

/// A policy that says what a function says.
struct Says<F>(F);

impl<F> Remote for Says<F>
where
    F: Fn(&Context<'_>, &AccountColumns, &TransferColumns) -> Result<Verdict, Fault> + Send + Sync,
{
    fn evaluate(
        &self,
        _: Digest,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        (self.0)(context, accounts, batch)
    }
}

fn seat<F>(name: &str, needs: Needs, says: F) -> Arc<Seat>
where
    F: Fn(&Context<'_>, &AccountColumns, &TransferColumns) -> Result<Verdict, Fault>
        + Send
        + Sync
        + 'static,
{
    let rule = |rule| RuleInfo {
        rule,
        name: format!("rule-{rule}"),
        doc: String::new(),
    };
    let id = PolicyId {
        name: name.into(),
        digest: Digest::of(name.as_bytes()),
    };
    let rules = [rule(1), rule(2), rule(3)];
    let version = Digest::of(name.as_bytes());
    Arc::new(Seat::elsewhere(
        id,
        version,
        needs,
        &rules,
        Arc::new(Says(says)),
    ))
}

fn platform(seats: Vec<Arc<Seat>>) -> Authority {
    Authority::new(PolicySet::new(seats, BTreeMap::new()).unwrap())
}

/// The shipped policies, and of the own tenant these.
fn with_own(seats: Vec<Arc<Seat>>) -> PolicySet {
    let tenants = BTreeMap::from([(OWN, seats)]);
    PolicySet::new(SHIPPED.platform().to_vec(), tenants).unwrap()
}
