//! A request while it is judged.

use std::sync::Arc;

use ledger::batch::Origin;
use ledger::{Digest, Nanos, Operation, Transfer, TransferFlags};

use crate::asking::Findings;
use crate::authority::{PERMIT_NANOS_MAX, Request};
use crate::denied::{Denied, Reason, Refused};
use crate::permitted::Permitted;
use crate::principal::Principal;
use crate::subject::Subject;

/// What policies are told instead of `post` and `dry_run` where transfers bring posted times.
const IMPORT: &str = "import";

/// Who asks for what, and how far it is judged.
#[derive(Debug)]
pub(crate) struct Case<T> {
    pub(crate) principal: Arc<Principal>,
    pub(crate) request: Request,
    pub(crate) subject: T,
    pub(crate) now: Nanos,
    /// Whether transfers bring posted times of their own.
    pub(crate) is_import: bool,
    /// How often it was judged before.
    pub(crate) rounds: u8,
    pub(crate) findings: Findings,
}

impl<T: Subject> Case<T> {
    pub(crate) fn new(
        principal: &Arc<Principal>,
        request: Request,
        subject: T,
        now: Nanos,
    ) -> Self {
        Self {
            principal: Arc::clone(principal),
            request,
            is_import: is_import(request.operation, &subject),
            subject,
            now,
            rounds: 0,
            findings: Findings::default(),
        }
    }

    /// What was permitted, to be judged anew.
    pub(crate) fn reopen(permitted: Permitted<T>, now: Nanos) -> Self {
        Self {
            is_import: is_import(permitted.operation, &permitted.value),
            request: Request {
                operation: permitted.operation,
                resource: permitted.resource,
                id: permitted.origin.request_id,
                digest: permitted.request,
            },
            principal: permitted.principal,
            subject: permitted.value,
            now,
            rounds: permitted.rounds,
            findings: Findings::default(),
        }
    }

    /// Transfers that policies are told of.
    pub(crate) fn transfers(&self) -> &[Transfer] {
        self.subject.transfers()
    }
}

impl<T> Case<T> {
    /// Name of what is asked for, as policies are told it: whoever brings posted times of its own
    /// imports, and takes more trust than who posts.
    pub(crate) fn operation_name(&self) -> &'static str {
        if self.is_import {
            IMPORT
        } else {
            self.request.operation.name()
        }
    }

    /// What needs no policy to be refused.
    pub(crate) fn check(&self) -> Result<(), Reason> {
        if self.now > self.principal.not_after() {
            return Err(Reason::Expired);
        }
        if !self.principal.stands() {
            return Err(Reason::StandingLost);
        }
        if !self.request.resource.fits(self.request.operation) {
            return Err(Reason::ResourceMismatch);
        }
        Ok(())
    }

    pub(crate) fn permit(self, policy_set: Digest) -> Permitted<T> {
        let (principal, request) = (self.principal, self.request);
        Permitted {
            operation: request.operation,
            resource: request.resource,
            origin: Origin {
                principal: principal.digest(),
                fingerprint: principal.fingerprint(),
                request_id: request.id,
                policy_set,
            },
            request: request.digest,
            expires_at: principal
                .not_after()
                .min(Nanos(self.now.0.saturating_add(PERMIT_NANOS_MAX))),
            principal,
            members: self.findings.members,
            facts: self.findings.columns.facts,
            rounds: self.rounds.saturating_add(1),
            value: self.subject,
        }
    }

    pub(crate) fn refuse(self, reason: Reason, policy_set: Digest) -> Refused<T> {
        let denied = Denied {
            operation: self.request.operation,
            role: self.principal.role(),
            reason,
            policy_set,
        };
        Refused::new(self.principal, self.request, denied, self.subject)
    }
}

fn is_import(operation: Operation, subject: &impl Subject) -> bool {
    let is_imported = |transfer: &Transfer| transfer.flags.has(TransferFlags::IMPORTED);
    matches!(operation, Operation::Post | Operation::DryRun)
        && subject.transfers().iter().any(is_imported)
}
