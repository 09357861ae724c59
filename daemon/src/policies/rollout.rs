//! Changes of policies, one after the other: nothing is asked by a policy before it was found to
//! work, was approved, and a row of the chain says so.

use std::collections::BTreeSet;
use std::sync::Arc;

use actors::{Engine, PoliciesFound, PolicyOrder};
use ledger::registry::Name as TenantName;
use ledger::{Code, Digest};
use parking_lot::RwLock;
use plugins_host::{Authority, PolicySet, floor};
use tokio::sync::{Mutex, RwLock as Gate};
use verify::Name;
use verify::policy::{PolicyAction, Scope, SignedManifest};
use wire::message as m;
use wire::{Answer, Failure, Request};

use super::active::{Active, InUse};
use super::place::{Places, Wait};
use super::shadows::Shadows;
use super::store::{Held, Part, PolicyStore, Pushed, StoreError};
use super::{breakers, list};
use crate::policy_host::client::Holding;

/// Whoever changes policies.
pub(crate) struct Rollout {
    pub(super) engine: Arc<Engine>,
    pub(super) authority: Authority,
    pub(super) store: Arc<PolicyStore>,
    places: Places,
    /// What is asked now. Written by who holds `changing`; no other lock is taken with it.
    pub(super) active: RwLock<Active>,
    /// Candidates that are asked beside.
    pub(super) shadows: Shadows,
    /// Held from the check of a change until it is done.
    changing: Mutex<()>,
    /// Held by each push from the look at what it must keep until it has made room, and by a change
    /// while that becomes more. Taken after `changing`.
    keeping: Gate<()>,
}

impl Rollout {
    pub(crate) fn new(
        engine: Arc<Engine>,
        authority: Authority,
        store: Arc<PolicyStore>,
        places: Places,
        active: Active,
    ) -> Arc<Self> {
        let coming = active.coming();
        let rollout = Arc::new(Self {
            engine,
            authority,
            store,
            places,
            active: RwLock::new(active),
            shadows: Shadows::new(),
            changing: Mutex::new(()),
            keeping: Gate::new(()),
        });
        for (version, holding) in coming {
            tokio::spawn(Arc::clone(&rollout).await_host(version, holding));
        }
        breakers::start(&rollout);
        rollout
    }

    /// Where policies run.
    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// Asks policies that are in force from when their host is there. The set is the same.
    async fn await_host(self: Arc<Self>, version: Digest, holding: Holding) {
        let policy = match holding.ready().await {
            Ok(policy) => policy,
            Err(problem) => {
                tracing::error!(manifest = %version, %problem, "a policy in force is not held");
                return;
            }
        };
        let _changing = self.changing.lock().await;
        let mut next = self.active.read().clone();
        if !next.came(version, &policy) {
            return;
        }
        match self.set(&next) {
            Ok(set) => {
                self.authority.install(set);
                *self.active.write() = next;
                tracing::info!(manifest = %version, "a policy in force is asked again");
            }
            Err(problem) => tracing::error!(manifest = %version, %problem, "not asked"),
        }
    }

    /// Carries out a request that was permitted. It is carried out to its end, whoever leaves.
    pub(crate) async fn answer(
        self: Arc<Self>,
        actor: String,
        request: Request,
    ) -> Result<Answer, Failure> {
        let answered = tokio::spawn(async move {
            match request {
                Request::PushPolicy(r) => self.push(r).await.map(Answer::PushPolicy),
                Request::ListPolicies(r) => self.list(r).await.map(Answer::ListPolicies),
                Request::ShadowPolicy(r) => self.shadow(r).await.map(Answer::ShadowPolicy),
                Request::ActivatePolicy(r) => {
                    let changed = self.change(actor, r).await;
                    changed.map(Answer::ActivatePolicy)
                }
                _ => Err(Failure::new(Code::Unsupported, "not about policies")),
            }
        });
        let ended = |_| Failure::new(Code::OutcomeUnknown, "it ended early; list the policies");
        answered.await.map_err(ended)?
    }

    async fn push(&self, r: m::PushPolicy) -> Result<m::PolicyPushed, Failure> {
        let scope = self.scope(r.tenant)?;
        let _keeping = self.keeping.read().await;
        let found = self.found().await?;
        let kept = self.kept(&found);
        let store = Arc::clone(&self.store);
        let pushed = blocking(move || match r.file {
            m::PolicyFile::Manifest => push_manifest(&store, &scope, &r, &found, &kept),
            m::PolicyFile::Component => {
                let part = Part {
                    component: r.digest,
                    total: r.total,
                    offset: r.offset,
                    bytes: &r.bytes,
                };
                store.push_component(&scope, part, &kept)
            }
        });
        let (code, held) = match pushed.await?.map_err(|error| failure(&error))? {
            Pushed::Before(held) => (Code::Exists, held),
            Pushed::Now(held) => (Code::Created, held),
            Pushed::So(held) => (Code::NotFound, held),
        };
        Ok(m::PolicyPushed { code, held })
    }

    async fn list(self: &Arc<Self>, r: m::ListPolicies) -> Result<m::PolicyList, Failure> {
        let scope = self.scope(r.tenant)?;
        let found = self.engine.policies().await?;
        let rollout = Arc::clone(self);
        blocking(move || list::answer(&rollout, &scope, found.as_ref(), r.manifest)).await
    }

    async fn change(
        &self,
        actor: String,
        r: m::ActivatePolicy,
    ) -> Result<m::PolicyActivated, Failure> {
        let scope = self.scope(r.tenant)?;
        let _changing = self.changing.lock().await;
        let found = self.found().await?;
        let (action, signed) = match r.action {
            m::PolicyChange::Activate => {
                let held = self.manifest(&scope, r.manifest).await?;
                (PolicyAction::Activate, held.signed)
            }
            m::PolicyChange::Rollback => {
                let in_force = found.book.in_force(&scope);
                let mut named = in_force.filter(|in_force| in_force.digest == r.manifest);
                let in_force = named.next().ok_or_else(|| not_in_force(r.manifest))?;
                (PolicyAction::Rollback, Arc::clone(&in_force.signed))
            }
        };
        let mut salt = [0; 16];
        if getrandom::fill(&mut salt).is_err() {
            let message = "the machine gives no randomness; retry";
            return Err(Failure::new(Code::Busy, message));
        }
        let mut order = PolicyOrder {
            action,
            actor,
            sets: None,
            signed,
            salt,
        };
        self.engine.check_policy(order.clone()).await?;
        let (next, set) = self.prepare(&order, &scope, &found).await?;
        order.sets = Some((self.authority.policy_set(), set.digest()));
        let _keeping = self.keeping.write().await;
        if order.action == PolicyAction::Activate
            && !self.manifest(&scope, r.manifest).await?.is_whole
        {
            let message = "its component made room for others meanwhile; push it again";
            return Err(Failure::new(Code::PolicyStateConflict, message));
        }
        let row = self.engine.change_policy(order).await?;
        // The row is durable: from here on nothing can fail.
        let policy_set = set.digest();
        self.authority.install(set);
        *self.active.write() = next;
        self.stop_shadow(r.manifest);
        Ok(m::PolicyActivated {
            code: Code::Created,
            row,
            policy_set,
        })
    }

    /// What is in force after the change, ready to be asked.
    async fn prepare(
        &self,
        order: &PolicyOrder,
        scope: &Scope,
        found: &PoliciesFound,
    ) -> Result<(Active, PolicySet), Failure> {
        let name = &order.signed.manifest.name;
        let signed = match order.action {
            PolicyAction::Activate => Some(Arc::clone(&order.signed)),
            PolicyAction::Rollback => {
                let previous = found.book.previous(scope, name);
                previous.map(|previous| Arc::clone(&previous.signed))
            }
        };
        let mut next = self.active.read().clone();
        match signed {
            Some(signed) => {
                let placed = self.place(signed, found).await?;
                next.put(scope, name, InUse::new(placed));
            }
            None => next.take(scope, name),
        }
        let set = self.set(&next)?;
        Ok((next, set))
    }

    /// Has the policy of a manifest ready to be asked.
    pub(super) async fn place(
        &self,
        signed: Arc<SignedManifest>,
        found: &PoliciesFound,
    ) -> Result<super::place::Placed, Failure> {
        let recorded = signed.verify_recorded(&found.keyring);
        recorded.map_err(|fault| refused(&format!("signature: {fault}")))?;
        let store = Arc::clone(&self.store);
        let digest = signed.manifest.component;
        let component = blocking(move || store.component(digest)).await?;
        let component = component.map_err(|error| refused(&format!("component: {error}")))?;
        let is_platforms = signed.manifest.tenant.is_none();
        let placed = self.places.load(signed, component, Wait::Never).await;
        let placed = placed.map_err(|error| match error.is_retryable() {
            true => Failure::new(Code::PolicyUnavailable, &error.to_string()),
            false => refused(&error.to_string()),
        })?;
        if is_platforms {
            // Approvers see a name and a digest; what stands in for tenant isolation and roles is
            // asked whether it denies what they must.
            let seat = Arc::clone(&placed.seat);
            let checked = blocking(move || floor::check(&seat)).await?;
            checked.map_err(|below| refused(&below.to_string()))?;
        }
        Ok(placed)
    }

    fn set(&self, active: &Active) -> Result<PolicySet, Failure> {
        let directory = self.engine.directory();
        let set = active.set(|name| directory.tenant(name));
        set.map_err(|error| Failure::new(Code::PolicyStateConflict, &error.to_string()))
    }

    /// A manifest that was pushed for this scope.
    pub(super) async fn manifest(&self, scope: &Scope, digest: Digest) -> Result<Held, Failure> {
        let store = Arc::clone(&self.store);
        let held = blocking(move || store.manifest(digest)).await?;
        held.filter(|held| held.signed.manifest.tenant == *scope)
            .ok_or_else(|| {
                let message = "no such manifest was pushed here; push it first";
                Failure::new(Code::NotFound, message)
            })
    }

    /// What may not make room for others.
    fn kept(&self, found: &PoliciesFound) -> BTreeSet<Digest> {
        let in_force = found.book.all().map(|in_force| in_force.digest);
        in_force.chain(self.shadows.manifests()).collect()
    }

    pub(super) async fn found(&self) -> Result<PoliciesFound, Failure> {
        let found = self.engine.policies().await?;
        found.ok_or_else(|| {
            let message = "this daemon seals nothing, so that no policy can be vouched for: \
                           configure `[signing]`";
            Failure::new(Code::SignerUnavailable, message)
        })
    }

    /// The scope that a request is about, whose tenant exists.
    pub(super) fn scope(&self, tenant: Option<TenantName>) -> Result<Scope, Failure> {
        let Some(tenant) = tenant else {
            return Ok(None);
        };
        let known = self.engine.directory().tenant(tenant);
        let name = Name::new(tenant.as_str()).ok();
        match (known, name) {
            (Some(_), Some(name)) => Ok(Some(name)),
            _ => Err(Failure::new(
                Code::TenantNotFound,
                "there is no such tenant",
            )),
        }
    }
}

fn push_manifest(
    store: &PolicyStore,
    scope: &Scope,
    r: &m::PushPolicy,
    found: &PoliciesFound,
    kept: &BTreeSet<Digest>,
) -> Result<Pushed, StoreError> {
    if r.bytes.is_empty() {
        let held = store.manifest(r.digest);
        let held = held.filter(|held| held.signed.manifest.tenant == *scope);
        return Ok(held.map_or(Pushed::So(0), |_| Pushed::Before(r.total)));
    }
    store.push_manifest(scope, r.digest, &r.bytes, &found.keyring, kept)
}

/// Does what waits for the disk where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Failure::new(Code::Busy, "it ended early; retry"))
}

fn failure(error: &StoreError) -> Failure {
    if let StoreError::Disk(..) = error {
        tracing::error!(%error, "files of policies");
        return Failure::new(
            error.code(),
            "the disk of policies fails; see the daemon's log",
        );
    }
    Failure::new(error.code(), &error.to_string())
}

pub(super) fn refused(message: &str) -> Failure {
    Failure::new(Code::PolicyRefused, message)
}

fn not_in_force(manifest: Digest) -> Failure {
    let message = format!("manifest `{manifest}` is not in force here");
    Failure::new(Code::PolicyStateConflict, &message)
}
