//! A request that was permitted: a value of the type is the proof.

use std::sync::Arc;

use ledger::batch::Origin;
use ledger::{Digest, Nanos, Operation};

use crate::denied::Cause;
use crate::facts::SeenFacts;
use crate::principal::Principal;
use crate::resource::Resource;

/// A request that [`Authority::permit`](crate::Authority::permit) let pass, with what it was
/// judged by. Nothing else makes one, and what it holds cannot be exchanged:
///
/// ```compile_fail,E0451
/// use ledger::{Digest, Nanos, Operation};
/// use plugins_host::{Permitted, Principal, Resource};
///
/// fn forge(principal: std::sync::Arc<Principal>, origin: ledger::Origin) -> Permitted<()> {
///     Permitted {
///         principal,
///         operation: Operation::Post,
///         resource: Resource::Platform,
///         origin,
///         request: Digest::ZERO,
///         expires_at: Nanos(0),
///         members: Vec::new(),
///         facts: None,
///         rounds: 1,
///         value: (),
///     }
/// }
/// ```
///
/// The same with what is public compiles, so the example above fails for no other reason:
///
/// ```
/// use plugins_host::{Authority, Permitted, Principal, Refused, Request};
///
/// fn ask(
///     authority: &Authority,
///     principal: &std::sync::Arc<Principal>,
///     request: Request,
///     now: ledger::Nanos,
/// ) -> Result<Permitted<()>, Refused<()>> {
///     authority.permit(principal, request, (), now)
/// }
/// ```
///
/// What was permitted for one request does not become a permit for another:
///
/// ```compile_fail,E0616
/// fn exchange(permitted: &mut plugins_host::Permitted<u8>) {
///     permitted.value = 7;
/// }
/// ```
#[derive(Debug)]
pub struct Permitted<T> {
    pub(crate) principal: Arc<Principal>,
    pub(crate) operation: Operation,
    pub(crate) resource: Resource,
    pub(crate) origin: Origin,
    pub(crate) request: Digest,
    pub(crate) expires_at: Nanos,
    pub(crate) members: Vec<MemberDenied>,
    pub(crate) facts: Option<SeenFacts>,
    pub(crate) rounds: u8,
    pub(crate) value: T,
}

/// A transfer of a permitted request that is denied while the others go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberDenied {
    /// Its index among the transfers.
    pub index: u32,
    /// The rule that denies it.
    pub cause: Arc<Cause>,
}

impl<T> Permitted<T> {
    /// Who asked.
    pub fn principal(&self) -> &Arc<Principal> {
        &self.principal
    }

    /// What was asked for.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What it is about.
    pub fn resource(&self) -> Resource {
        self.resource
    }

    /// Principal, certificate, request id and policy set, as the block's batch list holds them.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Digest of the request's bytes.
    pub fn request(&self) -> Digest {
        self.request
    }

    /// Digest of the rules that it was judged by.
    pub fn policy_set(&self) -> Digest {
        self.origin.policy_set
    }

    /// Last moment at which it may be applied as it stands; after it, it is judged anew with
    /// [`Authority::again`](crate::Authority::again).
    pub fn expires_at(&self) -> Nanos {
        self.expires_at
    }

    /// The transfers that may not be done, in strictly rising order of index.
    pub fn members(&self) -> &[MemberDenied] {
        &self.members
    }

    /// What was known of accounts when it was judged; none if no policy needed to know.
    pub fn facts(&self) -> Option<&SeenFacts> {
        self.facts.as_ref()
    }

    /// How often it was judged.
    pub fn rounds(&self) -> u8 {
        self.rounds
    }

    /// What may be done.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// What may be done, given away.
    pub fn into_value(self) -> T {
        self.value
    }
}
