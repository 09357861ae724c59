//! Candidates that are asked beside the policies in force: what they say is only counted.

use std::collections::BTreeMap;

use ledger::registry::Name as TenantName;
use ledger::{Code, Digest};
use parking_lot::Mutex;
use plugins_host::{Candidate, ShadowError};
use tokio::sync::Semaphore;
use verify::policy::Scope;
use wire::limits::SHADOW_RULES_MAX;
use wire::message as m;
use wire::{Failure, Text};

use super::rollout::{Rollout, refused};

/// Candidates of one scope that are asked at one time.
const SCOPE_MAX: usize = 2;
/// Candidates that are loaded at one time.
const LOADS_MAX: usize = 1;

/// Which candidates are asked.
#[derive(Debug)]
pub(super) struct Shadows {
    /// Guards the list alone; no other lock is taken with it.
    asked: Mutex<BTreeMap<Digest, Scope>>,
    loads: Semaphore,
}

impl Shadows {
    pub(super) fn new() -> Self {
        Self {
            asked: Mutex::new(BTreeMap::new()),
            loads: Semaphore::new(LOADS_MAX),
        }
    }

    /// Manifests of candidates that are asked.
    pub(super) fn manifests(&self) -> Vec<Digest> {
        self.asked.lock().keys().copied().collect()
    }

    /// Takes a place for a candidate of the scope. False if it has one.
    fn enter(&self, scope: &Scope, manifest: Digest) -> Result<bool, Failure> {
        let mut asked = self.asked.lock();
        if asked.contains_key(&manifest) {
            return Ok(false);
        }
        if asked.values().filter(|other| *other == scope).count() >= SCOPE_MAX {
            let message = "as many candidates as may be are asked here already; stop one";
            return Err(Failure::new(Code::PolicyStateConflict, message));
        }
        asked.insert(manifest, scope.clone());
        Ok(true)
    }

    fn leave(&self, manifest: Digest) {
        self.asked.lock().remove(&manifest);
    }
}

impl Rollout {
    pub(super) async fn shadow(&self, r: m::ShadowPolicy) -> Result<m::PolicyShadowed, Failure> {
        let scope = self.scope(r.tenant)?;
        let code = match r.action {
            m::ShadowAction::Start => self.start_shadow(&scope, &r).await?,
            m::ShadowAction::Stop => {
                self.manifest(&scope, r.manifest).await?;
                if self.stop_shadow(r.manifest) {
                    Code::Created
                } else {
                    Code::NotFound
                }
            }
        };
        Ok(m::PolicyShadowed { code })
    }

    /// Asks a candidate no more. False if it was not asked.
    pub(super) fn stop_shadow(&self, manifest: Digest) -> bool {
        self.shadows.leave(manifest);
        self.authority.stop_shadow(manifest)
    }

    async fn start_shadow(&self, scope: &Scope, r: &m::ShadowPolicy) -> Result<Code, Failure> {
        let found = self.found().await?;
        let held = self.manifest(scope, r.manifest).await?;
        let verified = held.signed.verify(&found.keyring);
        verified.map_err(|fault| refused(&format!("signature: {fault}")))?;
        if found
            .book
            .in_force(scope)
            .any(|one| one.digest == r.manifest)
        {
            let message = "the manifest is in force: it is asked about everything";
            return Err(Failure::new(Code::PolicyStateConflict, message));
        }
        if !self.shadows.enter(scope, r.manifest)? {
            return Ok(Code::Exists);
        }
        let started = self.ask_beside(&found, held, r).await;
        if started.is_err() {
            self.shadows.leave(r.manifest);
        }
        started.map(|()| Code::Created)
    }

    async fn ask_beside(
        &self,
        found: &actors::PoliciesFound,
        held: super::store::Held,
        r: &m::ShadowPolicy,
    ) -> Result<(), Failure> {
        let Ok(_turn) = self.shadows.loads.acquire().await else {
            return Err(Failure::new(Code::ShuttingDown, "the daemon is stopping"));
        };
        let placed = self.place(held.signed, found).await?;
        let directory = self.engine.directory();
        let tenant = |name: TenantName| {
            let tenant = directory.tenant(name);
            tenant.ok_or_else(|| Failure::new(Code::TenantNotFound, "there is no such tenant"))
        };
        let candidate = Candidate {
            key: held.digest,
            tenant: r.tenant.map(tenant).transpose()?,
            seat: placed.seat,
            per_million: r.per_million,
        };
        let started = self.authority.start_shadow(candidate);
        started.map_err(|error| {
            let code = match error {
                ShadowError::Before => Code::PolicyStateConflict,
                ShadowError::TooMany | ShadowError::Machine => Code::Busy,
                ShadowError::Share(_) => Code::Malformed,
            };
            Failure::new(code, &error.to_string())
        })
    }

    /// What a candidate was found to do; none if it is not asked.
    pub(super) fn shadow_report(&self, manifest: Digest) -> Option<m::ShadowReport> {
        let (per_million, report) = self.authority.shadow(manifest)?;
        let rules = report.rules.iter().take(SHADOW_RULES_MAX);
        let rules = rules.map(|((rule, name), difference)| m::ShadowRule {
            rule: *rule,
            name: Text::cut(name),
            would_deny: difference.would_deny,
            would_allow: difference.would_allow,
        });
        Some(m::ShadowReport {
            per_million,
            asked: report.asked,
            skipped: report.skipped,
            failed: report.failed,
            would_deny: report.would_deny,
            would_allow: report.would_allow,
            rules: rules.collect(),
        })
    }
}
