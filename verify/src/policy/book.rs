use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use ledger::Digest;
use serde::Serialize;

use super::{PolicyAction, PolicyRecord, SignedManifest};
use crate::limits::{POLICIES_PER_SCOPE_MAX, POLICY_HISTORY_MAX};
use crate::name::Name;
use crate::serde_hex::Hex;

const VERSION: u64 = 1;
const KIND: &str = "policy_scope";

/// Whose requests policies decide: those of one tenant, or everybody's.
pub type Scope = Option<Name>;

/// What the rows of the chain have put in force, by scope and name of the policy. Policies that
/// come with the daemon are no part of it: they are in force where nothing here has their name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PolicyBook {
    scopes: BTreeMap<Scope, State>,
}

/// The policies of one scope.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct State {
    /// The last row that changed it: what makes its digest another one than any before.
    row: u64,
    policies: BTreeMap<Name, History>,
}

/// What is in force under one name, and what was before.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct History {
    /// The last one is in force.
    activated: VecDeque<InForce>,
    /// Whether the first ones are forgotten.
    is_cut: bool,
}

/// A manifest that a row put in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    /// Its name.
    pub digest: Digest,
    /// The manifest.
    pub signed: Arc<SignedManifest>,
    /// The row.
    pub row: u64,
}

/// Why a change cannot be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyConflict {
    /// The manifest is in force already.
    InForce(Digest),
    /// The manifest that is to give way is not in force.
    NotInForce(Digest),
    /// What was in force before is too long ago.
    Forgotten(Name),
    /// More policies than a scope may have.
    TooMany,
    /// The record has no manifest, or one of another policy.
    NoManifest(Digest),
}

impl PolicyBook {
    /// Nothing is in force yet but what comes with the daemon.
    pub fn new() -> Self {
        Self::default()
    }

    /// Digest of what is in force in a scope and of the row that made it so: what an approval
    /// names, so that it counts for this state and for no later one.
    pub fn state(&self, scope: &Scope) -> Digest {
        let empty = State::default();
        let state = self.scopes.get(scope).unwrap_or(&empty);
        let policies = state.policies.iter().filter_map(|(name, history)| {
            let in_force = history.activated.back()?;
            Some(PolicyFields {
                manifest: in_force.digest.into(),
                name: name.clone(),
            })
        });
        let fields = StateFields {
            kind: KIND,
            policies: policies.collect(),
            row: state.row,
            tenant: scope.as_ref(),
            v: VERSION,
        };
        // Structs of texts and numbers can be written.
        Digest::of(&serde_json::to_vec(&fields).unwrap_or_default())
    }

    /// Scopes that have something in force, the platform first.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        let some = |state: &State| !state.policies.is_empty();
        let scopes = self.scopes.iter().filter(move |(_, state)| some(state));
        scopes.map(|(scope, _)| scope)
    }

    /// What is in force in a scope, by name.
    pub fn in_force(&self, scope: &Scope) -> impl Iterator<Item = &InForce> {
        let policies = self.scopes.get(scope).into_iter();
        let histories = policies.flat_map(|state| state.policies.values());
        histories.filter_map(|history| history.activated.back())
    }

    /// What is in force under a name.
    pub fn current(&self, scope: &Scope, name: &Name) -> Option<&InForce> {
        self.history(scope, name)?.activated.back()
    }

    /// What a rollback of the name leads back to; `None` if to nothing, or to what comes with the
    /// daemon.
    pub fn previous(&self, scope: &Scope, name: &Name) -> Option<&InForce> {
        self.history(scope, name)?.activated.iter().rev().nth(1)
    }

    /// Every manifest that is in force or that rollbacks can lead back to.
    pub fn all(&self) -> impl Iterator<Item = &InForce> {
        let histories = self.scopes.values().flat_map(|s| s.policies.values());
        histories.flat_map(|history| history.activated.iter())
    }

    fn history(&self, scope: &Scope, name: &Name) -> Option<&History> {
        self.scopes.get(scope)?.policies.get(name)
    }

    /// Makes the change of a row.
    ///
    /// # Errors
    /// It cannot be made: then nothing has changed.
    pub fn apply(&mut self, row: u64, record: &PolicyRecord) -> Result<(), PolicyConflict> {
        self.check(&record.tenant, &record.name, record.action, record.digest)?;
        let signed = record.manifest.clone();
        if record.action == PolicyAction::Activate && signed.is_none() {
            return Err(PolicyConflict::NoManifest(record.digest));
        }
        let state = self.scopes.entry(record.tenant.clone()).or_default();
        state.row = row;
        let history = state.policies.entry(record.name.clone()).or_default();
        match signed.filter(|_| record.action == PolicyAction::Activate) {
            Some(signed) => {
                history.activated.push_back(InForce {
                    digest: record.digest,
                    signed,
                    row,
                });
                if history.activated.len() > POLICY_HISTORY_MAX {
                    history.activated.pop_front();
                    history.is_cut = true;
                }
            }
            None => {
                history.activated.pop_back();
                if history.activated.is_empty() {
                    state.policies.remove(&record.name);
                }
            }
        }
        Ok(())
    }

    /// Whether a change can be made.
    ///
    /// # Errors
    /// It cannot.
    pub fn check(
        &self,
        scope: &Scope,
        name: &Name,
        action: PolicyAction,
        digest: Digest,
    ) -> Result<(), PolicyConflict> {
        let history = self.history(scope, name);
        let is_in_force = history
            .and_then(|history| history.activated.back())
            .is_some_and(|in_force| in_force.digest == digest);
        match action {
            PolicyAction::Activate => {
                let policies = self.scopes.get(scope).map_or(0, |s| s.policies.len());
                if is_in_force {
                    return Err(PolicyConflict::InForce(digest));
                }
                if history.is_none() && policies >= POLICIES_PER_SCOPE_MAX {
                    return Err(PolicyConflict::TooMany);
                }
            }
            PolicyAction::Rollback => {
                if !is_in_force {
                    return Err(PolicyConflict::NotInForce(digest));
                }
                if history.is_some_and(|one| one.is_cut && one.activated.len() == 1) {
                    return Err(PolicyConflict::Forgotten(name.clone()));
                }
            }
        }
        Ok(())
    }
}

/// The members of a scope's state, in alphabetical order.
#[derive(Serialize)]
struct StateFields<'a> {
    kind: &'static str,
    policies: Vec<PolicyFields>,
    row: u64,
    tenant: Option<&'a Name>,
    v: u64,
}

#[derive(Serialize)]
struct PolicyFields {
    manifest: Hex<32>,
    name: Name,
}

impl fmt::Display for PolicyConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InForce(digest) => write!(f, "manifest `{digest}` is in force already"),
            Self::NotInForce(digest) => write!(
                f,
                "manifest `{digest}` is not in force, so that it cannot give way"
            ),
            Self::Forgotten(name) => write!(
                f,
                "what policy `{name}` was before is too long ago: activate a manifest instead"
            ),
            Self::TooMany => write!(
                f,
                "{POLICIES_PER_SCOPE_MAX} policies are in force here already: replace one or roll \
                 one back"
            ),
            Self::NoManifest(digest) => write!(f, "manifest `{digest}` is not here"),
        }
    }
}

impl std::error::Error for PolicyConflict {}
