//! What is asked now: policies that approvals put in force, over those that come with the daemon.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::registry::Name as TenantName;
use ledger::{Digest, TenantId};
use plugins_host::{PolicyId, PolicySet, Seat, SetError};
use verify::Name;
use verify::policy::{Scope, SignedManifest};

use super::place::{self, Placed, Runs};
use crate::policy_host::client::{Holding, RemotePolicy};

/// Policies in force, by scope and name. Cheap enough to be copied for each change.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    /// What comes with the daemon, in the order in which it is asked.
    shipped: Vec<Placed>,
    scopes: BTreeMap<Scope, BTreeMap<Name, InUse>>,
}

/// A policy in force.
#[derive(Clone, Debug)]
pub(crate) struct InUse {
    pub(crate) placed: Placed,
    /// Why it cannot be asked, if it cannot: whoever it would be asked about is denied.
    pub(crate) problem: Option<Arc<str>>,
}

impl Active {
    pub(crate) fn new(shipped: Vec<Placed>) -> Self {
        Self {
            shipped,
            scopes: BTreeMap::new(),
        }
    }

    /// What comes with the daemon.
    pub(crate) fn shipped(&self) -> &[Placed] {
        &self.shipped
    }

    /// The policy in force under a name.
    pub(crate) fn get(&self, scope: &Scope, name: &Name) -> Option<&InUse> {
        self.scopes.get(scope)?.get(name)
    }

    /// Puts a policy in force.
    pub(crate) fn put(&mut self, scope: &Scope, name: &Name, in_use: InUse) {
        let policies = self.scopes.entry(scope.clone()).or_default();
        policies.insert(name.clone(), in_use);
    }

    /// Takes a policy out of force.
    pub(crate) fn take(&mut self, scope: &Scope, name: &Name) {
        if let Some(policies) = self.scopes.get_mut(scope) {
            policies.remove(name);
        }
    }

    /// Every policy in force, with scope and name; what is shipped is in the platform's.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Scope, &str, &Placed)> {
        let replaced = self.scopes.get(&None);
        let is_asked = move |placed: &&Placed| {
            let name = Name::new(&placed.seat.id().name).ok();
            !name.is_some_and(|name| replaced.is_some_and(|all| all.contains_key(&name)))
        };
        let shipped = self.shipped.iter().filter(is_asked);
        let shipped = shipped.map(|placed| (&None, &*placed.seat.id().name, placed));
        let scopes = self.scopes.iter();
        let activated = scopes.flat_map(|(scope, policies)| {
            let policies = policies.iter();
            policies.map(move |(name, in_use)| (scope, name.as_str(), &in_use.placed))
        });
        shipped.chain(activated)
    }

    /// Policies whose host has been away since this process started.
    pub(super) fn coming(&self) -> Vec<(Digest, Holding)> {
        let scopes = self.scopes.values().flat_map(BTreeMap::values);
        let all = self
            .shipped
            .iter()
            .chain(scopes.map(|in_use| &in_use.placed));
        all.filter_map(|placed| match &placed.runs {
            Runs::Coming(holding) => Some((placed.seat.version(), holding.clone())),
            _ => None,
        })
        .collect()
    }

    /// The host of policies with this version holds them now. Whether any were waited for: others
    /// may be in force by now.
    pub(super) fn came(&mut self, version: Digest, policy: &Arc<RemotePolicy>) -> bool {
        let scopes = self.scopes.values_mut().flat_map(BTreeMap::values_mut);
        let all = self
            .shipped
            .iter_mut()
            .chain(scopes.map(|in_use| &mut in_use.placed));
        let waited = all.filter(|placed| {
            placed.seat.version() == version && matches!(placed.runs, Runs::Coming(_))
        });
        let mut any = false;
        for placed in waited {
            *placed = Placed::elsewhere(Arc::clone(policy), version);
            any = true;
        }
        any
    }

    /// The platform's policies in the order in which they are asked: those that come with the
    /// daemon, or what took their places, and then others by name.
    fn platform(&self) -> Vec<Arc<Seat>> {
        let empty = BTreeMap::new();
        let activated = self.scopes.get(&None).unwrap_or(&empty);
        let mut seats = Vec::new();
        for shipped in &self.shipped {
            let replaced = Name::new(&shipped.seat.id().name).ok();
            let replaced = replaced.and_then(|name| activated.get(&name));
            let placed = replaced.map_or(shipped, |in_use| &in_use.placed);
            seats.push(Arc::clone(&placed.seat));
        }
        for (name, in_use) in activated {
            let mut shipped = self.shipped.iter();
            if !shipped.any(|shipped| *shipped.seat.id().name == *name.as_str()) {
                seats.push(Arc::clone(&in_use.placed.seat));
            }
        }
        seats
    }

    /// The set that requests are judged by. `tenant` tells the number of a tenant.
    ///
    /// # Errors
    /// More policies than a chain may have.
    pub(crate) fn set(
        &self,
        tenant: impl Fn(TenantName) -> Option<TenantId>,
    ) -> Result<PolicySet, SetError> {
        let mut tenants = BTreeMap::new();
        for (scope, policies) in &self.scopes {
            let name = scope.as_ref().and_then(|n| TenantName::parse(n.as_str()));
            let Some(tenant) = name.and_then(&tenant) else {
                // The platform, whose policies come first in every chain.
                continue;
            };
            let seats = policies.values();
            let seats = seats.map(|in_use| Arc::clone(&in_use.placed.seat));
            tenants.insert(tenant, seats.collect());
        }
        PolicySet::new(self.platform(), tenants)
    }
}

impl InUse {
    pub(crate) fn new(placed: Placed) -> Self {
        Self {
            placed,
            problem: None,
        }
    }

    /// A policy that is in force and cannot be asked. It denies everything, and stands in sets as
    /// if it could be asked.
    pub(crate) fn broken(signed: &SignedManifest, problem: &str) -> Self {
        let id = PolicyId {
            name: signed.manifest.name.as_str().into(),
            digest: signed.manifest.component,
        };
        Self {
            placed: Placed::nowhere(id, place::version(signed)),
            problem: Some(problem.into()),
        }
    }
}
