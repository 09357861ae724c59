use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::Digest;
use plugins_host::shipped;
use verify::policy::{Scope, SignedManifest};

use super::files::{Files, Found};
use super::{
    Held, MANIFESTS_MAX, PARTS_MAX, SCOPE_BYTES_MAX, StoreError, TOTAL_BYTES_MAX,
    TOTAL_MANIFESTS_MAX,
};

/// What is here.
#[derive(Debug, Default)]
pub(super) struct Index {
    manifests: BTreeMap<Digest, Came>,
    /// Components that are whole, and their bytes.
    components: BTreeMap<Digest, u64>,
    /// Components that come with the daemon, and their bytes.
    shipped: BTreeMap<Digest, u64>,
    /// Components that are on their way, with their bytes so far and when they last moved.
    parts: BTreeMap<Digest, (u64, u64)>,
    /// Rises with whatever comes.
    clock: u64,
}

/// A manifest and when it came.
#[derive(Debug)]
struct Came {
    signed: Arc<SignedManifest>,
    at: u64,
}

impl Index {
    pub(super) fn new() -> Self {
        let shipped = shipped::ALL.iter();
        let shipped = shipped.map(|one| (one.digest(), one.component.len() as u64));
        Self {
            shipped: shipped.collect(),
            ..Self::default()
        }
    }

    /// Takes up a file of an earlier run.
    pub(super) fn found(&mut self, files: &Files, found: Found) -> Result<(), StoreError> {
        match found {
            Found::Manifest(digest) => {
                let bytes = files.read_manifest(digest)?;
                match SignedManifest::decode(&bytes) {
                    Ok(signed) if Digest::of(&bytes) == digest => {
                        let age = files.age(digest).duration_since(std::time::UNIX_EPOCH);
                        let at = age.map_or(0, |age| age.as_secs());
                        self.clock = self.clock.max(at);
                        let signed = Arc::new(signed);
                        self.manifests.insert(digest, Came { signed, at });
                    }
                    _ => tracing::warn!(%digest, "no manifest of a policy, or another: left alone"),
                }
            }
            Found::Component(digest, bytes) => {
                self.components.insert(digest, bytes);
            }
            Found::Part(digest, _) if self.parts.len() >= PARTS_MAX => files.remove_part(digest),
            Found::Part(digest, bytes) => {
                self.parts.insert(digest, (bytes, 0));
            }
        }
        Ok(())
    }

    pub(super) fn held(&self, digest: Digest) -> Option<Held> {
        let came = self.manifests.get(&digest)?;
        let component = came.signed.manifest.component;
        let whole = self.whole(component);
        Some(Held {
            digest,
            signed: Arc::clone(&came.signed),
            held: whole.unwrap_or_else(|| self.part(component)),
            is_whole: whole.is_some(),
        })
    }

    pub(super) fn of_scope(&self, scope: &Scope) -> Vec<Held> {
        let order = self.in_order(scope);
        let held = order.into_iter().filter_map(|digest| self.held(digest));
        held.collect()
    }

    /// Manifests of a scope, the oldest first.
    fn in_order(&self, scope: &Scope) -> Vec<Digest> {
        let manifests = self.manifests.iter();
        let of_it = manifests.filter(|(_, came)| came.signed.manifest.tenant == *scope);
        let mut order: Vec<_> = of_it.map(|(digest, came)| (came.at, *digest)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, digest)| digest).collect()
    }

    pub(super) fn add(&mut self, digest: Digest, signed: Arc<SignedManifest>) {
        let at = self.tick();
        self.manifests.insert(digest, Came { signed, at });
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// Whether a manifest of the scope names the component.
    pub(super) fn is_named(&self, scope: &Scope, component: Digest) -> bool {
        let mut manifests = self.manifests.values().map(|came| &came.signed.manifest);
        manifests.any(|manifest| manifest.tenant == *scope && manifest.component == component)
    }

    /// Bytes of a component that is here whole. What comes with the daemon is.
    pub(super) fn whole(&self, component: Digest) -> Option<u64> {
        let bytes = self.components.get(&component);
        bytes.or_else(|| self.shipped.get(&component)).copied()
    }

    pub(super) fn is_whole(&self, component: Digest) -> bool {
        self.components.contains_key(&component)
    }

    pub(super) fn set_whole(&mut self, component: Digest, bytes: u64) {
        self.components.insert(component, bytes);
    }

    pub(super) fn remove_whole(&mut self, component: Digest) {
        self.components.remove(&component);
    }

    /// Bytes of a component on its way that are here.
    pub(super) fn part(&self, component: Digest) -> u64 {
        self.parts.get(&component).map_or(0, |(held, _)| *held)
    }

    pub(super) fn set_part(&mut self, component: Digest, held: u64) {
        let at = self.tick();
        self.parts.insert(component, (held, at));
    }

    pub(super) fn remove_part(&mut self, component: Digest) {
        self.parts.remove(&component);
    }

    /// Has room for one more manifest of the scope.
    pub(super) fn make_room_for_manifest(
        &mut self,
        files: &Files,
        scope: &Scope,
        kept: &BTreeSet<Digest>,
    ) -> Result<(), StoreError> {
        while self.in_order(scope).len() >= MANIFESTS_MAX {
            self.evict(files, scope, kept, None)
                .ok_or(StoreError::TooMany)?;
        }
        if self.manifests.len() >= TOTAL_MANIFESTS_MAX {
            return Err(StoreError::TooMany);
        }
        Ok(())
    }

    /// Has room for a component of so many bytes that the scope needs, and for its parts.
    pub(super) fn make_room_for_component(
        &mut self,
        files: &Files,
        scope: &Scope,
        component: Digest,
        bytes: u64,
        kept: &BTreeSet<Digest>,
    ) -> Result<(), StoreError> {
        while self.bytes_of(scope) + bytes > SCOPE_BYTES_MAX {
            self.evict(files, scope, kept, Some(component))
                .ok_or(StoreError::Full)?;
        }
        if self.components.values().sum::<u64>() + bytes > TOTAL_BYTES_MAX {
            return Err(StoreError::Full);
        }
        while let Some(oldest) = self.part_too_many(component) {
            self.parts.remove(&oldest);
            files.remove_part(oldest);
        }
        Ok(())
    }

    /// The component beside this one that moved longest ago, if there are too many on their way:
    /// whoever sends it begins anew.
    fn part_too_many(&self, component: Digest) -> Option<Digest> {
        let others = || self.parts.iter().filter(|(part, _)| **part != component);
        let oldest = others().min_by_key(|(_, (_, at))| *at);
        let is_full = others().count() >= PARTS_MAX;
        oldest.map(|(digest, _)| *digest).filter(|_| is_full)
    }

    /// Bytes of the components that a scope's manifests name.
    fn bytes_of(&self, scope: &Scope) -> u64 {
        let manifests = self.manifests.values().map(|came| &came.signed.manifest);
        let named: BTreeSet<Digest> = manifests
            .filter(|manifest| manifest.tenant == *scope)
            .map(|manifest| manifest.component)
            .collect();
        let bytes = named
            .iter()
            .filter_map(|digest| self.components.get(digest));
        bytes.sum()
    }

    /// Drops the oldest manifest of a scope that is not kept, and its component if nothing else
    /// names it. `None` if there is none.
    fn evict(
        &mut self,
        files: &Files,
        scope: &Scope,
        kept: &BTreeSet<Digest>,
        but: Option<Digest>,
    ) -> Option<()> {
        let component = |index: &Self, digest: &Digest| {
            let came = index.manifests.get(digest);
            came.map(|came| came.signed.manifest.component)
        };
        let mut order = self.in_order(scope).into_iter();
        let digest = order.find(|digest| {
            let is_awaited = but.is_some() && component(self, digest) == but;
            !kept.contains(digest) && !is_awaited
        })?;
        let component = component(self, &digest)?;
        self.manifests.remove(&digest);
        files.remove_manifest(digest);
        let mut left = self.manifests.values();
        if !left.any(|came| came.signed.manifest.component == component) {
            self.components.remove(&component);
            self.parts.remove(&component);
            files.remove_component(component);
            files.remove_part(component);
        }
        Some(())
    }
}
