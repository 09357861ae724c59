//! Changes of policies as the chain has them: approved, and a row before anything is asked by them.

use std::sync::Arc;

use ledger::{Code, Digest, Nanos};
use store::audit::Body;
use verify::Keyring;
use verify::approval::{Approval, Content as Wanted, Expected};
use verify::keyring::State;
use verify::payload::{Action, Content};
use verify::policy::{
    BreakerRecord, ManifestFault, PolicyAction, PolicyBook, PolicyRecord, Scope, SignedManifest,
};
use wire::Failure;

use crate::fatal;
use crate::signer::chain::{CannotRecord, Chain};
use crate::signer::keys::micros;
use crate::signer::operator::{Approvals, insufficient, malformed};

/// A change of policies. Whoever makes this has seen that the policy works.
#[derive(Clone, Debug)]
pub struct PolicyOrder {
    /// What is done.
    pub action: PolicyAction,
    /// Who asks: the SPIFFE ID of the principal.
    pub actor: String,
    /// Digest of all policies in force, and once this is done.
    pub sets: Option<(Digest, Digest)>,
    /// The manifest that is put in force, or that gives way.
    pub signed: Arc<SignedManifest>,
    /// Random, for the commitment of the row that tells of it.
    pub salt: [u8; 16],
}

/// What the chain says of policies.
#[derive(Clone, Debug)]
pub struct PoliciesFound {
    /// What is in force by approvals.
    pub book: PolicyBook,
    /// The keyring that holds now.
    pub keyring: Keyring,
}

impl PolicyOrder {
    fn scope(&self) -> &Scope {
        &self.signed.manifest.tenant
    }
}

impl Chain {
    pub(crate) fn policies(&self) -> PoliciesFound {
        PoliciesFound {
            book: self.approvals.policies.clone(),
            keyring: self.keys.registry.keyring().clone(),
        }
    }

    /// Whether the change is approved and can be made as things stand: what it takes to find that
    /// the policy works is not spent on anything else.
    pub(crate) fn check_policy(
        &self,
        order: &PolicyOrder,
        now: Nanos,
    ) -> Result<Approval, Failure> {
        let keyring = self.keys.registry.keyring();
        match order.action {
            PolicyAction::Activate => {
                let signed = order.signed.verify(keyring);
                signed.map_err(|fault| refused(&fault))?;
            }
            PolicyAction::Rollback => {}
        }
        let (scope, digest) = (order.scope(), order.signed.digest());
        let name = &order.signed.manifest.name;
        let policies = &self.approvals.policies;
        let checked = policies.check(scope, name, order.action, digest);
        checked.map_err(|conflict| state_conflict(&conflict))?;
        if order.action == PolicyAction::Rollback {
            self.check_previous(order)?;
        }
        let approval = self.approvals.of_policy(order.action, digest, scope)?;
        approval
            .check(&Expected::of(keyring, micros(now)))
            .map_err(|fault| insufficient(&fault))?;
        Ok(approval)
    }

    /// Whether what a rollback leads back to may come into force anew.
    fn check_previous(&self, order: &PolicyOrder) -> Result<(), Failure> {
        let name = &order.signed.manifest.name;
        let Some(previous) = self.approvals.policies.previous(order.scope(), name) else {
            return Ok(());
        };
        let signed = &previous.signed;
        match signed.verify_recorded(self.keys.registry.keyring()) {
            Ok(State::Revoked) => Err(refused(&ManifestFault::Revoked(signed.kid.clone()))),
            Ok(_) => Ok(()),
            Err(fault) => Err(refused(&fault)),
        }
    }

    /// Makes the row of a change durable; policies are asked by it from then on. Its number.
    pub(crate) fn change_policy(
        &mut self,
        order: &PolicyOrder,
        now: Nanos,
    ) -> Result<u64, Failure> {
        let approval = self.check_policy(order, now)?;
        let Some((before, after)) = order.sets else {
            return Err(malformed(
                "a change of policies needs the sets of both sides",
            ));
        };
        let nonces = self.used_up(&approval, now)?;
        let is_activation = order.action == PolicyAction::Activate;
        let record = PolicyRecord {
            action: order.action,
            actor: order.actor.clone(),
            after,
            approval: approval.request().digest(),
            before,
            digest: order.signed.digest(),
            manifest: is_activation.then(|| Arc::clone(&order.signed)),
            name: order.signed.manifest.name.clone(),
            tenant: order.scope().clone(),
        };
        let action = match order.action {
            PolicyAction::Activate => Action::PolicyActivated,
            PolicyAction::Rollback => Action::PolicyRolledBack,
        };
        let bytes = record.encode().map_err(malformed)?;
        let row = self.record_body(action, order.salt, bytes, now)?;
        self.approvals.nonces = nonces;
        let applied = self.approvals.policies.apply(row, &record);
        applied.map_err(|conflict| state_conflict(&conflict))?;
        self.approvals.policy_changed(&record, now);
        self.policy_set = after;
        tracing::info!(
            actor_id = record.actor,
            action = record.action.text(),
            policy = %record.name,
            tenant = record.tenant.as_ref().map(verify::Name::as_str),
            manifest = %record.digest,
            row,
            "policy"
        );
        Ok(row)
    }

    /// Makes a row of what a breaker did. Its number.
    pub(crate) fn tell_breaker(
        &mut self,
        record: &BreakerRecord,
        salt: [u8; 16],
        now: Nanos,
    ) -> Result<u64, Failure> {
        self.record_body(Action::PolicyBreaker, salt, record.encode(), now)
    }

    /// Rows about policies that wait for their signatures: they are in force, and are told of anew
    /// if their rows are given up.
    pub(crate) fn policies_in_flight(&self) -> Vec<(Content, Body)> {
        let flights = self.flights.values();
        let told = flights.filter_map(|flight| {
            let content = &flight.intent.payload().content;
            let is_change = matches!(
                content,
                Content::Action {
                    action: Action::PolicyActivated | Action::PolicyRolledBack,
                    ..
                }
            );
            let body = flight.intent.body().filter(|_| is_change)?;
            Some((content.clone(), body.clone()))
        });
        told.collect()
    }

    /// Tells anew of changes whose rows were given up.
    pub(crate) fn tell_policies_again(&mut self, told: Vec<(Content, Body)>, now: Nanos) {
        for (content, body) in told {
            let record = PolicyRecord::decode(&body.bytes);
            let record = record.unwrap_or_else(|error| fatal::stop("signer", &error));
            // Without a row of it a policy is not to be asked: the next start asks it no more.
            let row = self.put(content, body, now);
            let row = row.unwrap_or_else(|error| fatal::stop("signer", &Untold(error)));
            let applied = self.approvals.policies.apply(row, &record);
            applied.unwrap_or_else(|error| fatal::stop("signer", &error));
        }
    }
}

/// A policy is in force, and no row can be made that says so.
#[derive(Debug)]
struct Untold(CannotRecord);

impl std::fmt::Display for Untold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let why = match &self.0 {
            CannotRecord::NoKey => "no active key has a signer",
            CannotRecord::Full => "the disk is full",
            CannotRecord::Broken(broken) => return broken.fmt(f),
        };
        write!(f, "no row can be made of the policies in force: {why}")
    }
}

impl Approvals {
    /// The approval of a change that builds on what is in force now.
    fn of_policy(
        &self,
        action: PolicyAction,
        manifest: Digest,
        scope: &Scope,
    ) -> Result<Approval, Failure> {
        let wanted = Wanted::Policy {
            action,
            manifest,
            replaces: self.policies.state(scope),
            tenant: scope.clone(),
        };
        let of_it = |approval: &&Approval| approval.request().content == wanted;
        let mut open: Vec<&Approval> = self.open.values().filter(of_it).collect();
        open.sort_by_key(|approval| std::cmp::Reverse(approval.signatures().count()));
        if let Some(approval) = open.first() {
            return Ok((*approval).clone());
        }
        let is_late = self.open.values().any(|approval| {
            matches!(
                &approval.request().content,
                Wanted::Policy { action: a, manifest: m, tenant, .. }
                    if *a == action && *m == manifest && tenant == scope
            )
        });
        let message = if is_late {
            "the approval builds on other policies than those in force now: request anew"
        } else {
            "no approval of this change is open; ask for one with `request_approval`"
        };
        Err(Failure::new(Code::ApprovalInsufficient, message))
    }
}

fn refused(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Code::PolicyRefused, &format!("signature: {error}"))
}

fn state_conflict(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Code::PolicyStateConflict, &error.to_string())
}
