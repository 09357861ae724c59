//! Asking a chain of policies about a request.

use std::sync::Arc;

use ledger::registry::Name;

use crate::case::Case;
use crate::columns::Columns;
use crate::contract::{Context, Needs, ResourceView};
use crate::denied::{Cause, Reason};
use crate::facts::Facts;
use crate::fault::{BadOutput, Fault};
use crate::memo::{Key, Memo, Said};
use crate::permitted::MemberDenied;
use crate::principal::Principal;
use crate::resource::Resource;
use crate::seat::Seat;
use crate::subject::Subject;
use crate::verdict::{MemberDenial, Verdict};

/// What policies found so far, beyond letting the request pass.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) members: Vec<MemberDenied>,
    pub(crate) columns: Columns,
}

/// Whose policies are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain<'a> {
    pub(crate) seats: &'a [Arc<Seat>],
    /// Whether they are the tenant's own.
    pub(crate) is_tenants: bool,
}

impl Chain<'_> {
    /// What was said before, if that is all there is to be said.
    pub(crate) fn recall<T: Subject>(
        &self,
        memo: &Memo,
        case: &Case<T>,
    ) -> Option<Result<(), Reason>> {
        if self.seats.is_empty() {
            return Some(Ok(()));
        }
        let has_transfers = !case.transfers().is_empty();
        match memo.get(&self.key(case))? {
            Said::Denied(cause) => Some(Err(Reason::Rule(cause))),
            Said::Allowed => {
                let is_all = self
                    .seats
                    .iter()
                    .all(|seat| is_constant(seat, has_transfers));
                is_all.then_some(Ok(()))
            }
        }
    }

    /// Asks every policy. Those whose verdict is remembered come first: they cost least. Otherwise
    /// the first to deny is the one that is told, and of several that deny a member too.
    pub(crate) fn ask<T: Subject>(
        &self,
        memo: &Memo,
        facts: Option<&dyn Facts>,
        case: &mut Case<T>,
    ) -> Result<(), Reason> {
        if self.seats.is_empty() {
            return Ok(());
        }
        let told = Told::of(&case.principal, &case.request.resource);
        let key = self.key(case);
        match memo.get(&key) {
            Some(Said::Denied(cause)) => return Err(Reason::Rule(cause)),
            Some(Said::Allowed) => {}
            None => {
                let said = self.ask_constant(&told, case)?;
                memo.insert(key, said.clone());
                if let Said::Denied(cause) = said {
                    return Err(Reason::Rule(cause));
                }
            }
        }
        let has_transfers = key.has_transfers;
        for seat in self
            .seats
            .iter()
            .filter(|seat| !is_constant(seat, has_transfers))
        {
            ask_about_batch(seat, &told, facts, case)?;
        }
        Ok(())
    }

    /// Asks those whose verdict follows from who asks for what.
    fn ask_constant<T: Subject>(&self, told: &Told, case: &Case<T>) -> Result<Said, Reason> {
        let has_transfers = !case.transfers().is_empty();
        let nothing = Columns::default();
        for seat in self
            .seats
            .iter()
            .filter(|seat| is_constant(seat, has_transfers))
        {
            let context = told.context(case);
            match seat.evaluate(
                case.request.digest,
                &context,
                &nothing.accounts,
                &nothing.transfers,
            ) {
                Ok(Verdict::Allow) => {}
                Ok(Verdict::Deny(rule)) => return Ok(Said::Denied(cause(seat, rule)?)),
                Ok(Verdict::AllowExcept(_)) => {
                    return Err(no_verdict(seat, &Fault::BadOutput(BadOutput::Malformed)));
                }
                Err(fault) => return Err(no_verdict(seat, &fault)),
            }
        }
        Ok(Said::Allowed)
    }

    fn key<T: Subject>(&self, case: &Case<T>) -> Key {
        Key {
            who: case.principal.version(),
            operation: case.request.operation,
            resource: case.request.resource,
            has_transfers: !case.transfers().is_empty(),
            is_import: case.is_import,
            is_tenants: self.is_tenants,
        }
    }
}

fn ask_about_batch<T: Subject>(
    seat: &Seat,
    told: &Told,
    facts: Option<&dyn Facts>,
    case: &mut Case<T>,
) -> Result<(), Reason> {
    match question(seat, told, facts, case) {
        Ok(Verdict::Allow) => Ok(()),
        Ok(Verdict::Deny(rule)) => Err(Reason::Rule(cause(seat, rule)?)),
        Ok(Verdict::AllowExcept(denials)) => {
            let before = std::mem::take(&mut case.findings.members);
            case.findings.members = united(before, &denials, seat)?;
            Ok(())
        }
        Err(fault) => Err(no_verdict(seat, &fault)),
    }
}

/// Asks one policy, with what it needs to know of the batch.
pub(crate) fn question<T: Subject>(
    seat: &Seat,
    told: &Told,
    facts: Option<&dyn Facts>,
    case: &mut Case<T>,
) -> Result<Verdict, Fault> {
    let (subject, columns) = (&case.subject, &mut case.findings.columns);
    columns
        .fill(seat.needs(), subject.book(), subject.transfers(), facts)
        .map_err(|_| Fault::Unavailable)?;
    let (context, columns) = (told.context(case), &case.findings.columns);
    seat.evaluate(
        case.request.digest,
        &context,
        &columns.accounts,
        &columns.transfers,
    )
}

/// Whether the verdict follows from who asks for what alone. A policy that needs transfers is
/// passed none where there are none.
fn is_constant(seat: &Seat, has_transfers: bool) -> bool {
    let needs = seat.needs();
    if has_transfers {
        needs.is_empty()
    } else {
        !needs.contains(Needs::TIME) && !needs.contains(Needs::REQUEST_ID)
    }
}

fn cause(seat: &Seat, rule: u16) -> Result<Arc<Cause>, Reason> {
    let unknown = || no_verdict(seat, &Fault::BadOutput(BadOutput::UnknownRule(rule)));
    seat.cause(rule).cloned().ok_or_else(unknown)
}

fn no_verdict(seat: &Seat, fault: &Fault) -> Reason {
    Reason::NoVerdict(Arc::clone(seat.id()), fault.code())
}

/// Members that are denied, each by the policy that denied it first.
fn united(
    before: Vec<MemberDenied>,
    denials: &[MemberDenial],
    seat: &Seat,
) -> Result<Vec<MemberDenied>, Reason> {
    let mut all = Vec::with_capacity(before.len() + denials.len());
    let mut before = before.into_iter().peekable();
    for denial in denials {
        while let Some(earlier) = before.next_if(|earlier| earlier.index < denial.index) {
            all.push(earlier);
        }
        if before
            .peek()
            .is_some_and(|earlier| earlier.index == denial.index)
        {
            continue;
        }
        let cause = cause(seat, denial.rule)?;
        let index = denial.index;
        all.push(MemberDenied { index, cause });
    }
    all.extend(before);
    Ok(all)
}

/// What policies are told of who asks, and of what: the texts that the contract has for it.
pub(crate) struct Told {
    tenant: Option<Name>,
    roles: [&'static str; 1],
    scopes: Vec<Box<str>>,
    id: String,
}

impl Told {
    pub(crate) fn of(principal: &Principal, resource: &Resource) -> Self {
        let id = match resource {
            Resource::Server | Resource::Platform | Resource::AllTenants => String::new(),
            Resource::Tenant(owner) => owner.tenant.0.to_string(),
            Resource::Book { book, .. } => book.0.to_string(),
        };
        let scopes = principal.scopes().iter().map(|scope| scope.name().into());
        Self {
            tenant: principal.tenant_name(),
            roles: [principal.role().name()],
            scopes: scopes.collect(),
            id,
        }
    }

    fn context<'a, T>(&'a self, case: &'a Case<T>) -> Context<'a> {
        let (principal, request) = (&case.principal, &case.request);
        let owner = request.resource.owner();
        let text = |name: Option<&'a Name>| name.map_or("", Name::as_str);
        Context {
            operation: case.operation_name(),
            resource: ResourceView {
                kind: request.resource.kind(),
                id: &self.id,
                owner: text(owner.and_then(|owner| owner.name.as_ref())),
                owned: owner.is_some(),
            },
            tenant: text(self.tenant.as_ref()),
            principal: principal.spiffe(),
            roles: &self.roles,
            scopes: &self.scopes,
            attributes: principal.attributes(),
            now: case.now.0,
            request_id_low: request.id as u64,
            request_id_high: (request.id >> 64) as u64,
        }
    }
}
