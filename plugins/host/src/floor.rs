//! The floor: what no policy in the place of a shipped one may let pass, whoever approved it.
//!
//! A version says what somebody wrote on a policy. What it denies can be asked.

use std::fmt;

use ledger::operation::OperationClass;
use ledger::{BookId, Digest, Operation};

use crate::contract::{AccountColumns, Context, ResourceView, TransferColumns};
use crate::fault::Fault;
use crate::resource::Resource;
use crate::seat::Seat;
use crate::verdict::Verdict;

/// A policy lets pass what its place must deny, or says nothing about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BelowFloor {
    /// What was asked for.
    pub operation: Box<str>,
    /// Who asked for it, in words.
    pub who: &'static str,
    /// Why there was no verdict; `None` if it was not a denial.
    pub fault: Option<Fault>,
}

impl fmt::Display for BelowFloor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, who, .. } = self;
        write!(f, "below the floor: `{operation}` of {who} ")?;
        match &self.fault {
            None => f.write_str("is not denied"),
            Some(fault) => write!(f, "gets no verdict: {fault}"),
        }
    }
}

impl std::error::Error for BelowFloor {}

/// A request that must be denied.
struct Asked<'a> {
    who: &'static str,
    operation: &'a str,
    tenant: &'a str,
    role: &'a str,
    resource: ResourceView<'a>,
}

const OWN: ResourceView<'_> = book("floor-a", true);
const FOREIGN: ResourceView<'_> = book("floor-b", true);
const NOBODYS: ResourceView<'_> = book("", false);

const fn book(owner: &str, owned: bool) -> ResourceView<'_> {
    ResourceView {
        kind: "book",
        id: "1",
        owner,
        owned,
    }
}

/// Checks a policy that is to take the place of the shipped one of its name; others have no floor.
/// Asks it, and so waits for it.
///
/// # Errors
/// The first request that is not denied.
pub fn check(seat: &Seat) -> Result<(), BelowFloor> {
    match &*seat.id().name {
        "isolation" => isolation(seat),
        "rbac" => roles(seat),
        _ => Ok(()),
    }
}

/// Nobody reaches what is another tenant's, or nobody's.
fn isolation(seat: &Seat) -> Result<(), BelowFloor> {
    let any_book = Resource::Book {
        book: BookId(1),
        owner: None,
    };
    let about_books = Operation::ALL.iter().filter(|each| any_book.fits(**each));
    let names = about_books.map(|each| (each.name(), each.class()));
    let import = ("import", OperationClass::Write);
    let unknown = ("no_such_operation", OperationClass::Read);
    for (operation, class) in names.chain([import, unknown]) {
        let tenants = |who, resource| Asked {
            who,
            operation,
            tenant: "floor-a",
            role: "admin",
            resource,
        };
        denies(seat, &tenants("a tenant, about another's book", FOREIGN))?;
        denies(seat, &tenants("a tenant, about a book of nobody", NOBODYS))?;
        if class == OperationClass::Read {
            let auditor = Asked {
                who: "an auditor without the scope, about a tenant's book",
                operation,
                tenant: "",
                role: "auditor",
                resource: OWN,
            };
            denies(seat, &auditor)?;
        }
    }
    Ok(())
}

/// Nobody does what its role was not given for.
fn roles(seat: &Seat) -> Result<(), BelowFloor> {
    let names = Operation::ALL
        .iter()
        .map(|each| (each.name(), each.class()));
    let import = ("import", OperationClass::Write);
    for (operation, class) in names.chain([import]) {
        let of = |who, tenant, role| Asked {
            who,
            operation,
            tenant,
            role,
            resource: OWN,
        };
        denies(seat, &of("an unknown role", "floor-a", "no-such-role"))?;
        denies(seat, &of("a tenant's `operator`", "floor-a", "operator"))?;
        denies(seat, &of("the platform's `admin`", "", "admin"))?;
        if !matches!(class, OperationClass::Read | OperationClass::Greet) {
            denies(seat, &of("role `read`", "floor-a", "read"))?;
        }
        if matches!(class, OperationClass::Write | OperationClass::Admin) {
            denies(seat, &of("role `auditor`", "", "auditor"))?;
        }
    }
    let unknown = Asked {
        who: "role `admin`",
        operation: "no_such_operation",
        tenant: "floor-a",
        role: "admin",
        resource: OWN,
    };
    denies(seat, &unknown)
}

fn denies(seat: &Seat, asked: &Asked<'_>) -> Result<(), BelowFloor> {
    let roles = [asked.role];
    let context = Context {
        operation: asked.operation,
        resource: asked.resource,
        tenant: asked.tenant,
        principal: "spiffe://floor.invalid/asked",
        roles: &roles,
        scopes: &[],
        attributes: &[],
        now: 0,
        request_id_low: 0,
        request_id_high: 0,
    };
    let (accounts, batch) = (AccountColumns::default(), TransferColumns::default());
    let fault = match seat.evaluate(Digest::ZERO, &context, &accounts, &batch) {
        Ok(Verdict::Deny(_)) => return Ok(()),
        Ok(_) => None,
        Err(fault) => Some(fault),
    };
    Err(BelowFloor {
        operation: asked.operation.into(),
        who: asked.who,
        fault,
    })
}

#[cfg(test)]
mod tests;
