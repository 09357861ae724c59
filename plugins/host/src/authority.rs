//! Judges requests by the policies of the moment.

use std::sync::Arc;

use ledger::{Digest, Nanos, Operation, TenantId};

use crate::active::Active;
use crate::case::Case;
use crate::denied::{Reason, Refused};
use crate::facts::Facts;
use crate::judge::Judge;
use crate::lanes::{Lane, LaneLimits};
use crate::line::Line;
use crate::permitted::Permitted;
use crate::principal::Principal;
use crate::resource::Resource;
use crate::set::PolicySet;
use crate::shadow::{Candidate, ShadowError, ShadowReport};
use crate::subject::Subject;

/// How long a permit holds, at most: a batch that waited longer is judged anew.
pub const PERMIT_NANOS_MAX: u64 = 10_000_000_000;
/// How often a request is judged, at most, because what it was judged by has changed before it
/// could be applied.
pub const ROUNDS_MAX: u8 = 8;

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

/// Threads that ask policies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuthorityLimits {
    /// For the platform's policies.
    pub platform: LaneLimits,
    /// For tenants' own.
    pub tenants: LaneLimits,
}

impl Default for AuthorityLimits {
    fn default() -> Self {
        let platform = LaneLimits {
            threads: 2,
            jobs: 16_384,
            jobs_per_lane: 4_096,
            nice: 0,
        };
        Self {
            platform,
            // Many, so that a few tenants with slow rules do not take them all: between threads the
            // machine shares by time, between lanes turns are as long as they are.
            tenants: LaneLimits {
                threads: 16,
                nice: 5,
                ..platform
            },
        }
    }
}

/// Judges requests. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Authority(Arc<Judge>);

impl Authority {
    /// An authority that judges by `set`, on whatever thread asks: which is not the one that knows
    /// the facts of accounts, where a policy needs them.
    pub fn new(set: PolicySet) -> Self {
        Self(Arc::new(Judge::new(set)))
    }

    /// An authority that judges by `set`, on threads of its own where a policy has to be asked.
    ///
    /// # Errors
    /// The machine gives no thread.
    pub fn start(set: PolicySet, limits: AuthorityLimits) -> std::io::Result<Self> {
        Ok(Self(Arc::new(Judge::new(set).with_lanes(limits)?)))
    }

    /// Says who knows the accounts of books. What was said first stays.
    pub fn set_facts(&self, facts: Arc<dyn Facts>) {
        let _ = self.0.facts.set(facts);
    }

    /// Judges by `set` from now on. What is being judged is judged to its end by the set before,
    /// and is then no longer current where the sets differ.
    pub fn install(&self, set: PolicySet) {
        self.0.active.store(Active::new(set));
    }

    /// The policies of the moment.
    pub fn policies(&self) -> PolicySet {
        self.0.active.load().set.clone()
    }

    /// Digest over all policies of the moment: what seals commit to.
    pub fn policy_set(&self) -> Digest {
        self.0.active.load().set.digest()
    }

    /// Digest of the policies that are asked about the principals of `tenant`.
    pub fn policy_set_for(&self, tenant: TenantId) -> Digest {
        self.0.active.load().set.digest_for(tenant)
    }

    /// Has a candidate asked beside the policies in force from now on; what it says is only
    /// counted.
    ///
    /// # Errors
    /// It is asked already, or cannot be.
    pub fn start_shadow(&self, candidate: Candidate) -> Result<(), ShadowError> {
        self.0.start_shadow(candidate)
    }

    /// Asks the candidate with this key no more and forgets what was counted. False if it was not
    /// asked.
    pub fn stop_shadow(&self, key: Digest) -> bool {
        self.0.stop_shadow(key)
    }

    /// What the candidate with this key was found to do, and the share of a million requests that
    /// it is asked about; none if it is not asked.
    pub fn shadow(&self, key: Digest) -> Option<(u32, ShadowReport)> {
        let shadows = self.0.shadows.load();
        let shadow = shadows.iter().find(|shadow| shadow.key() == key)?;
        Some((shadow.per_million(), shadow.report()))
    }

    /// A line for one stream of requests.
    pub fn line(&self) -> Line {
        self.0.line()
    }

    /// Judges whether `principal` may do what `request` says to `subject`, at the time `now`, on
    /// this thread. The permit that comes back ends with the certificate, or after
    /// [`PERMIT_NANOS_MAX`].
    ///
    /// # Errors
    /// A rule denies it, or a policy gave no verdict.
    pub fn permit<T: Subject>(
        &self,
        principal: &Arc<Principal>,
        request: Request,
        subject: T,
        now: Nanos,
    ) -> Result<Permitted<T>, Refused<T>> {
        let active = self.0.active.load_full();
        self.0
            .decide(&active, Case::new(principal, request, subject, now))
    }

    /// Judges as [`Authority::permit`] does and gives the outcome to `then`: at once on this thread
    /// if everything is remembered and nothing of the same line is on its way, else on another
    /// thread. Outcomes of one line come in the order in which they were asked for, but for those
    /// that are too many.
    pub fn judge<T: Subject + Send + 'static>(
        &self,
        line: &Line,
        principal: &Arc<Principal>,
        request: Request,
        subject: T,
        now: Nanos,
        then: impl FnOnce(Result<Permitted<T>, Refused<T>>) + Send + 'static,
    ) {
        self.0
            .send(line, Case::new(principal, request, subject, now), then);
    }

    /// Whether `permitted` may be applied at `now` as it stands, but for the facts that it rests
    /// on: those are checked by whoever knows them.
    pub fn is_current<T>(&self, permitted: &Permitted<T>, now: Nanos) -> bool {
        let principal = permitted.principal();
        now <= permitted.expires_at()
            && principal.stands()
            && permitted.policy_set() == self.policy_set_for(principal.tenant())
    }

    /// Judges what is no longer current anew, as [`Authority::judge`] does: being stale is never a
    /// denial. What was judged [`ROUNDS_MAX`] times is refused, to be tried again.
    pub fn again<T: Subject + Send + 'static>(
        &self,
        permitted: Permitted<T>,
        now: Nanos,
        then: impl FnOnce(Result<Permitted<T>, Refused<T>>) + Send + 'static,
    ) {
        let line = Line::new(Lane::Book(permitted.value().book()));
        let case = Case::reopen(permitted, now);
        if case.rounds >= ROUNDS_MAX {
            let active = self.0.active.load();
            return then(self.0.conclude(&active, case, Err(Reason::Restless)));
        }
        self.0.send(&line, case, then);
    }
}

#[cfg(test)]
mod tests;
