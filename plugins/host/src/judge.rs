//! Decides requests, at once or on lanes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use ledger::Digest;

use crate::active::Active;
use crate::authority::AuthorityLimits;
use crate::case::Case;
use crate::denied::{Reason, Refused};
use crate::facts::Facts;
use crate::lanes::{Lane, Lanes, Turn};
use crate::line::{Line, Stage};
use crate::permitted::Permitted;
use crate::set::PolicySet;
use crate::shadow::{Candidate, SHADOWS_MAX, Shadow, ShadowError};
use crate::subject::Subject;

/// What all clones of an authority are.
pub(crate) struct Judge {
    pub(crate) active: ArcSwap<Active>,
    pub(crate) shadows: ArcSwap<Vec<Arc<Shadow>>>,
    pub(crate) facts: OnceLock<Arc<dyn Facts>>,
    /// None where everything is decided on the thread that asks.
    lanes: Option<BothLanes>,
    lines: AtomicU64,
}

#[derive(Debug)]
struct BothLanes {
    platform: Lanes,
    tenants: Lanes,
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge")
            .field("lanes", &self.lanes)
            .finish_non_exhaustive()
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

impl Judge {
    pub(crate) fn new(set: PolicySet) -> Self {
        Self {
            active: ArcSwap::new(Active::new(set)),
            shadows: ArcSwap::default(),
            facts: OnceLock::new(),
            lanes: None,
            lines: AtomicU64::new(0),
        }
    }

    /// With threads for what takes longer.
    pub(crate) fn with_lanes(self, limits: AuthorityLimits) -> std::io::Result<Self> {
        let lanes = Some(BothLanes {
            platform: Lanes::start("policy", limits.platform)?,
            tenants: Lanes::start("tenant-policy", limits.tenants)?,
        });
        Ok(Self { lanes, ..self })
    }

    pub(crate) fn line(&self) -> Line {
        let number = self.lines.fetch_add(1, Ordering::Relaxed);
        Line::new(Lane::Line(number))
    }

    pub(crate) fn start_shadow(self: &Arc<Self>, candidate: Candidate) -> Result<(), ShadowError> {
        // The thread must not keep alive what it ends with.
        let judge = Arc::downgrade(self);
        let facts = move || judge.upgrade()?.facts.get().cloned();
        let shadow = Arc::new(Shadow::start(candidate, facts)?);
        let mut taken = Ok(());
        self.shadows.rcu(|shadows| {
            let mut next = Vec::clone(shadows);
            taken = if next.iter().any(|other| other.key() == shadow.key()) {
                Err(ShadowError::Before)
            } else if next.len() >= SHADOWS_MAX {
                Err(ShadowError::TooMany)
            } else {
                next.push(Arc::clone(&shadow));
                Ok(())
            };
            next
        });
        taken
    }

    pub(crate) fn stop_shadow(&self, key: Digest) -> bool {
        let before = self.shadows.rcu(|shadows| {
            let others = shadows.iter().filter(|shadow| shadow.key() != key);
            others.cloned().collect::<Vec<_>>()
        });
        before.iter().any(|shadow| shadow.key() == key)
    }

    /// Judges at once what is remembered, and has the rest judged on the lanes.
    pub(crate) fn send<T: Subject + Send + 'static>(
        self: &Arc<Self>,
        line: &Line,
        case: Case<T>,
        then: impl FnOnce(Result<Permitted<T>, Refused<T>>) + Send + 'static,
    ) {
        let active = self.active.load();
        if self.lanes.is_none() {
            return then(self.decide(&active, case));
        }
        let recalled = if line.is_clear(Stage::Platform) {
            recalled(&active, &case)
        } else {
            None
        };
        let said = match recalled {
            None => return self.to_platform(line.clone(), Arc::clone(&active), case, then),
            Some(Recalled::Platform) => Ok(()),
            Some(Recalled::All(said)) if line.is_clear(Stage::Tenant) => {
                return then(self.conclude(&active, case, said));
            }
            Some(Recalled::All(said)) => said,
        };
        self.to_tenants(line, Arc::clone(&active), case, said, then);
    }

    /// What comes of a case, by the set that it was judged by.
    pub(crate) fn conclude<T: Subject>(
        &self,
        active: &Active,
        case: Case<T>,
        said: Result<(), Reason>,
    ) -> Result<Permitted<T>, Refused<T>> {
        for shadow in self.shadows.load().iter() {
            shadow.note(active, &case, &said);
        }
        let digest = active.digest_for(&case);
        match said {
            Ok(()) => Ok(case.permit(digest)),
            Err(reason) => Err(case.refuse(reason, digest)),
        }
    }

    fn facts(&self) -> Option<&dyn Facts> {
        self.facts.get().map(AsRef::as_ref)
    }

    /// Decides on this thread, and waits for whoever must be asked.
    pub(crate) fn decide<T: Subject>(
        &self,
        active: &Active,
        mut case: Case<T>,
    ) -> Result<Permitted<T>, Refused<T>> {
        let said = self
            .ask_platform(active, &mut case)
            .and_then(|()| self.ask_tenants(active, &mut case));
        self.conclude(active, case, said)
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
        let (judge, passage) = (Arc::clone(self), line.enter(Stage::Platform));
        lanes.platform.push(line.lane(), move |turn| {
            if turn == Turn::NoRoom {
                return then(judge.conclude(&active, case, Err(Reason::Busy)));
            }
            let said = judge.ask_platform(&active, &mut case);
            let is_said = said.is_err()
                || active
                    .tenants(&case)
                    .recall(&active.memo, &case)
                    .is_some_and(|said| said.is_ok());
            if is_said && !line.is_in(Stage::Tenant) {
                then(judge.conclude(&active, case, said));
            } else {
                judge.to_tenants(&line, active, case, said, then);
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
            return then(self.conclude(&active, case, said));
        };
        let (judge, passage) = (Arc::clone(self), line.enter(Stage::Tenant));
        let lane = Lane::Tenant(case.principal.tenant());
        lanes.tenants.push(lane, move |turn| {
            let said = match turn {
                Turn::NoRoom => said.and(Err(Reason::Busy)),
                Turn::Yours => said.and_then(|()| judge.ask_tenants(&active, &mut case)),
            };
            then(judge.conclude(&active, case, said));
            drop(passage);
        });
    }
}
