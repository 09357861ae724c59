//! Judges requests by the rules.

use std::sync::Arc;

use ledger::batch::Origin;
use ledger::{Digest, Nanos, Operation};

use crate::denied::{Denied, Reason};
use crate::permitted::Permitted;
use crate::principal::Principal;
use crate::resource::Resource;
use crate::rule::{self, RULES};

/// How long a permit holds, at most: a batch that waited longer is judged anew.
pub const PERMIT_NANOS_MAX: u64 = 10_000_000_000;

/// What is asked for, and the names under which the journal remembers that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// What to do.
    pub operation: Operation,
    /// What it is about.
    pub resource: Resource,
    /// The client's id of the request.
    pub id: u128,
    /// Digest of the request's bytes.
    pub digest: Digest,
}

/// Judges requests by the rules of this build.
#[derive(Clone, Copy, Debug)]
pub struct Authority {
    policy_set: Digest,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// An authority over [`RULES`].
    pub fn new() -> Self {
        Self {
            policy_set: Digest::of(rule::text().as_bytes()),
        }
    }

    /// Digest of the rules' text.
    pub fn policy_set(&self) -> Digest {
        self.policy_set
    }

    /// Judges whether `principal` may do what `request` says, at the time `now`. The permit that
    /// comes back holds `value` and ends with the certificate, or after [`PERMIT_NANOS_MAX`].
    ///
    /// # Errors
    /// No rule allows it.
    pub fn permit<T>(
        &self,
        principal: &Arc<Principal>,
        request: Request,
        value: T,
        now: Nanos,
    ) -> Result<Permitted<T>, Denied> {
        self.judge(principal, request.operation, request.resource, now)?;
        Ok(Permitted {
            principal: Arc::clone(principal),
            operation: request.operation,
            resource: request.resource,
            origin: Origin {
                principal: principal.digest(),
                fingerprint: principal.fingerprint(),
                request_id: request.id,
                policy_set: self.policy_set,
            },
            request: request.digest,
            expires_at: principal
                .not_after()
                .min(Nanos(now.0.saturating_add(PERMIT_NANOS_MAX))),
            value,
        })
    }

    /// Whether `permitted` may be applied at `now` as it stands.
    pub fn is_current<T>(&self, permitted: &Permitted<T>, now: Nanos) -> bool {
        permitted.policy_set() == self.policy_set && now <= permitted.expires_at()
    }

    /// Judges a permit that is no longer current anew: age alone is never a denial.
    ///
    /// # Errors
    /// No rule allows it now.
    pub fn renew<T>(&self, permitted: Permitted<T>, now: Nanos) -> Result<Permitted<T>, Denied> {
        let request = Request {
            operation: permitted.operation,
            resource: permitted.resource,
            id: permitted.origin.request_id,
            digest: permitted.request,
        };
        self.permit(&permitted.principal, request, permitted.value, now)
    }

    fn judge(
        &self,
        principal: &Principal,
        operation: Operation,
        resource: Resource,
        now: Nanos,
    ) -> Result<(), Denied> {
        let denied = |reason| {
            Err(Denied {
                operation,
                role: principal.role(),
                reason,
                policy_set: self.policy_set,
            })
        };
        if now > principal.not_after() {
            return denied(Reason::Expired);
        }
        if !resource.fits(operation) {
            return denied(Reason::ResourceMismatch);
        }
        let mut empowered = false;
        for rule in RULES
            .iter()
            .filter(|rule| rule.empowers(principal, operation))
        {
            if rule.reaches(principal, resource) {
                return Ok(());
            }
            empowered = true;
        }
        denied(if empowered {
            Reason::OutOfReach
        } else {
            Reason::RoleLacksPower
        })
    }
}

#[cfg(test)]
mod tests;
