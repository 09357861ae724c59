//! Judges requests by the policies of the moment.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use ledger::{Digest, Nanos, Operation, TenantId};

use crate::asking::{Chain, Findings};
use crate::case::Case;
use crate::denied::{Reason, Refused};
use crate::facts::Facts;
use crate::lanes::{Lane, LaneLimits, Lanes, Turn};
use crate::line::{Line, Stage};
use crate::memo::Memo;
use crate::permitted::Permitted;
use crate::principal::Principal;
use crate::resource::{self, Resource};
use crate::set::PolicySet;
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
            tenants: LaneLimits {
                threads: 4,
                nice: 5,
                ..platform
            },
        }
    }
}

/// Judges requests. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Authority(Arc<Inner>);

struct Inner {
    active: ArcSwap<Active>,
    facts: OnceLock<Arc<dyn Facts>>,
    /// None where everything is decided on the thread that asks.
    lanes: Option<BothLanes>,
    lines: AtomicU64,
}

#[derive(Debug)]
struct BothLanes {
    platform: Lanes,
    tenants: Lanes,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("lanes", &self.lanes)
            .finish_non_exhaustive()
    }
}

/// A policy set with what was said under it.
#[derive(Debug)]
struct Active {
    set: PolicySet,
    memo: Memo,
}

impl Active {
    fn new(set: PolicySet) -> Arc<Self> {
        let memo = Memo::default();
        Arc::new(Self { set, memo })
    }

    fn platform(&self) -> Chain<'_> {
        Chain {
            seats: self.set.platform(),
            is_tenants: false,
        }
    }

    /// The tenant's own policies, if they are asked about this: never about whoever belongs to the
    /// platform, nor about what a tenant must be able to do whatever they say.
    fn tenants<T>(&self, case: &Case<T>) -> Chain<'_> {
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

    fn digest_for<T>(&self, case: &Case<T>) -> Digest {
        self.set.digest_for(case.principal.tenant())
    }

    fn conclude<T>(
        &self,
        case: Case<T>,
        said: Result<(), Reason>,
    ) -> Result<Permitted<T>, Refused<T>> {
        let digest = self.digest_for(&case);
        match said {
            Ok(()) => Ok(case.permit(digest)),
            Err(reason) => Err(case.refuse(reason, digest)),
        }
    }
}

impl Authority {
    /// An authority that judges by `set`, on whatever thread asks.
    pub fn new(set: PolicySet) -> Self {
        Self::of(set, None)
    }

    /// An authority that judges by `set`, on threads of its own where a policy has to be asked.
    ///
    /// # Errors
    /// The machine gives no thread.
    pub fn start(set: PolicySet, limits: AuthorityLimits) -> std::io::Result<Self> {
        let lanes = BothLanes {
            platform: Lanes::start("policy", limits.platform)?,
            tenants: Lanes::start("tenant-policy", limits.tenants)?,
        };
        Ok(Self::of(set, Some(lanes)))
    }

    fn of(set: PolicySet, lanes: Option<BothLanes>) -> Self {
        Self(Arc::new(Inner {
            active: ArcSwap::new(Active::new(set)),
            facts: OnceLock::new(),
            lanes,
            lines: AtomicU64::new(0),
        }))
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

    /// A line for one stream of requests.
    pub fn line(&self) -> Line {
        let number = self.0.lines.fetch_add(1, Ordering::Relaxed);
        Line::new(Lane::Line(number))
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
            .decide(&active, case(principal, request, subject, now))
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
        self.send(line, case(principal, request, subject, now), then);
    }

    /// Whether `permitted` may be applied at `now` as it stands, but for the facts that it rests on:
    /// those are checked by whoever knows them.
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
        let case = reopened(permitted, now);
        if case.rounds >= ROUNDS_MAX {
            let active = self.0.active.load();
            return then(active.conclude(case, Err(Reason::Restless)));
        }
        self.send(&line, case, then);
    }

    fn send<T: Subject + Send + 'static>(
        &self,
        line: &Line,
        case: Case<T>,
        then: impl FnOnce(Result<Permitted<T>, Refused<T>>) + Send + 'static,
    ) {
        let active = self.0.active.load();
        if self.0.lanes.is_none() {
            return then(self.0.decide(&active, case));
        }
        let recalled = if line.is_clear(Stage::Platform) {
            recalled(&active, &case)
        } else {
            None
        };
        let said = match recalled {
            None => {
                return self
                    .0
                    .to_platform(line.clone(), Arc::clone(&active), case, then);
            }
            Some(Recalled::Platform) => Ok(()),
            Some(Recalled::All(said)) if line.is_clear(Stage::Tenant) => {
                return then(active.conclude(case, said));
            }
            Some(Recalled::All(said)) => said,
        };
        self.0
            .to_tenants(line, Arc::clone(&active), case, said, then);
    }
}

/// What is known of a request without asking anybody.
enum Recalled {
    /// Everything there is to be said.
    All(Result<(), Reason>),
    /// The platform's policies let it pass.
    Platform,
}

fn recalled<T: Subject>(active: &Active, case: &Case<T>) -> Option<Recalled> {
    if let Err(reason) = case.check() {
        return Some(Recalled::All(Err(reason)));
    }
    match active.platform().recall(&active.memo, case)? {
        Err(reason) => Some(Recalled::All(Err(reason))),
        Ok(()) => Some(match active.tenants(case).recall(&active.memo, case) {
            Some(said) => Recalled::All(said),
            None => Recalled::Platform,
        }),
    }
}

impl Inner {
    fn facts(&self) -> Option<&dyn Facts> {
        self.facts.get().map(AsRef::as_ref)
    }

    fn decide<T: Subject>(
        &self,
        active: &Active,
        mut case: Case<T>,
    ) -> Result<Permitted<T>, Refused<T>> {
        let said = self
            .ask_platform(active, &mut case)
            .and_then(|()| self.ask_tenants(active, &mut case));
        active.conclude(case, said)
    }

    fn ask_platform<T: Subject>(&self, active: &Active, case: &mut Case<T>) -> Result<(), Reason> {
        case.check()?;
        active.platform().ask(&active.memo, self.facts(), case)
    }

    fn ask_tenants<T: Subject>(&self, active: &Active, case: &mut Case<T>) -> Result<(), Reason> {
        active.tenants(case).ask(&active.memo, self.facts(), case)
    }

    /// Has the platform's policies asked, and then the tenant's.
    fn to_platform<T: Subject + Send + 'static>(
        self: &Arc<Self>,
        line: Line,
        active: Arc<Active>,
        mut case: Case<T>,
        then: impl FnOnce(Result<Permitted<T>, Refused<T>>) + Send + 'static,
    ) {
        let Some(lanes) = &self.lanes else {
            return then(self.decide(&active, case));
        };
        let (inner, passage) = (Arc::clone(self), line.enter(Stage::Platform));
        lanes.platform.push(line.lane(), move |turn| {
            if turn == Turn::NoRoom {
                return then(active.conclude(case, Err(Reason::Busy)));
            }
            let said = inner.ask_platform(&active, &mut case);
            let is_said = said.is_err()
                || active
                    .tenants(&case)
                    .recall(&active.memo, &case)
                    .is_some_and(|said| said.is_ok());
            if is_said && !line.is_in(Stage::Tenant) {
                then(active.conclude(case, said));
            } else {
                inner.to_tenants(&line, active, case, said, then);
            }
            drop(passage);
        });
    }

    /// Has the tenant's policies asked if nothing is said against it so far.
    fn to_tenants<T: Subject + Send + 'static>(
        self: &Arc<Self>,
        line: &Line,
        active: Arc<Active>,
        mut case: Case<T>,
        said: Result<(), Reason>,
        then: impl FnOnce(Result<Permitted<T>, Refused<T>>) + Send + 'static,
    ) {
        let Some(lanes) = &self.lanes else {
            let said = said.and_then(|()| self.ask_tenants(&active, &mut case));
            return then(active.conclude(case, said));
        };
        let (inner, passage) = (Arc::clone(self), line.enter(Stage::Tenant));
        let lane = Lane::Tenant(case.principal.tenant());
        lanes.tenants.push(lane, move |turn| {
            let said = match turn {
                Turn::NoRoom => said.and(Err(Reason::Busy)),
                Turn::Yours => said.and_then(|()| inner.ask_tenants(&active, &mut case)),
            };
            then(active.conclude(case, said));
            drop(passage);
        });
    }
}

fn case<T>(principal: &Arc<Principal>, request: Request, subject: T, now: Nanos) -> Case<T> {
    Case {
        principal: Arc::clone(principal),
        request,
        subject,
        now,
        rounds: 0,
        findings: Findings::default(),
    }
}

fn reopened<T>(permitted: Permitted<T>, now: Nanos) -> Case<T> {
    Case {
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

#[cfg(test)]
mod tests;
