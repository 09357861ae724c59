//! The policies of the moment, with what they said.

use std::sync::Arc;

use ledger::Digest;

use crate::asking::Chain;
use crate::case::Case;
use crate::denied::Cause;
use crate::memo::Memo;
use crate::resource;
use crate::set::PolicySet;

/// A policy set with what was said under it.
#[derive(Debug)]
pub(crate) struct Active {
    pub(crate) set: PolicySet,
    pub(crate) memo: Memo,
}

impl Active {
    pub(crate) fn new(set: PolicySet) -> Arc<Self> {
        let memo = Memo::default();
        Arc::new(Self { set, memo })
    }

    pub(crate) fn platform(&self) -> Chain<'_> {
        Chain {
            seats: self.set.platform(),
            is_tenants: false,
        }
    }

    /// The tenant's own policies, if they are asked about this: never about whoever belongs to the
    /// platform, nor about what a tenant must be able to do whatever they say.
    pub(crate) fn tenants<T>(&self, case: &Case<T>) -> Chain<'_> {
        let is_asked = !case.principal.role().is_platform()
            && resource::is_seen_by_tenants_policies(case.request.operation);
        let seats = if is_asked {
            self.set.of_tenant(case.principal.tenant())
        } else {
            &[]
        };
        Chain {
            seats,
            is_tenants: true,
        }
    }

    /// Whether a rule of the platform's policies is the cause.
    pub(crate) fn is_of_platform(&self, cause: &Cause) -> bool {
        let mut seats = self.set.platform().iter();
        seats.any(|seat| Arc::ptr_eq(seat.id(), &cause.policy))
    }

    pub(crate) fn digest_for<T>(&self, case: &Case<T>) -> Digest {
        self.set.digest_for(case.principal.tenant())
    }
}
