//! The registry of keys and what approvers signed, told again from the rows that changed them:
//! after a restart, and when rows are given up.

use std::collections::BTreeMap;

use ledger::Nanos;
use signing::{KeyEvent, KeyRecord, Registry};
use store::audit::{AuditReader, Body, Intent};
use verify::approval::{Approval, ApprovalSignature, Expected, Nonces, Request};
use verify::keyring::SignedKeyring;
use verify::payload::{Action, Content};
use verify::policy::{BreakerRecord, PolicyBook, PolicyRecord};

use crate::signer::keys::micros;
use crate::signer::operator::{Approvals, Collected};
use crate::signer::start::SealStartError;

/// What the rows so far have led to.
pub(crate) struct Fold {
    now: Nanos,
    /// `None` before the row that names the keyring that the chain begins with.
    pub(crate) state: Option<(Registry, Approvals)>,
}

impl Fold {
    /// Folds every published row.
    ///
    /// # Errors
    /// The audit log cannot be read, or holds a row that its chain cannot have.
    pub(crate) fn published(reader: &AuditReader, now: Nanos) -> Result<Self, SealStartError> {
        let mut fold = Self { now, state: None };
        for entry in reader.operator_entries(1) {
            let entry = entry?;
            let content = &entry.row.payload().content;
            fold.take(entry.row.seq(), content, entry.body)?;
            if let Some((_, approvals)) = &mut fold.state {
                approvals.revoked(&entry.row);
            }
        }
        Ok(fold)
    }

    /// Folds rows that are not signed yet on top: each is durable, and takes effect from then on.
    ///
    /// # Errors
    /// One of them is none that the chain can have.
    pub(crate) fn and(mut self, intents: &[Intent]) -> Result<Self, SealStartError> {
        for intent in intents.iter().filter(|intent| intent.body().is_some()) {
            let body = intent.body().cloned();
            self.take(intent.seq(), &intent.payload().content, body)?;
        }
        Ok(self)
    }

    fn take(
        &mut self,
        seq: u64,
        content: &Content,
        body: Option<Body>,
    ) -> Result<(), SealStartError> {
        let unreadable = SealStartError::Body(seq);
        let Some(Body { mut bytes, .. }) = body else {
            return Err(unreadable);
        };
        match content {
            Content::Recovery(_) | Content::Seal(_) => {}
            Content::Action {
                action: Action::Operator,
                ..
            } => {
                bytes.push(b'\n');
                let signed = SignedKeyring::decode(&bytes).map_err(|_| unreadable)?;
                let registry = Registry::new(signed.keyring.clone());
                let mut approvals = Approvals::new(signed);
                // Another keyring does not end what policies are in force.
                if let Some((_, before)) = self.state.take() {
                    approvals.policies = before.policies;
                    approvals.policy_set = before.policy_set;
                }
                self.state = Some((registry, approvals));
            }
            Content::Action {
                action: Action::ApprovalSigned,
                ..
            } => {
                let (registry, approvals) = self.state.as_mut().ok_or(SealStartError::Body(seq))?;
                let collected = approvals.collect(&bytes, registry, self.now);
                collected.ok_or(unreadable)?;
            }
            Content::Action {
                action: Action::PolicyBreaker,
                ..
            } => {
                BreakerRecord::decode(&bytes).map_err(|_| unreadable)?;
            }
            Content::Action {
                action: Action::PolicyActivated | Action::PolicyRolledBack,
                ..
            } => {
                let (_, approvals) = self.state.as_mut().ok_or(SealStartError::Body(seq))?;
                let record = PolicyRecord::decode(&bytes).map_err(|_| unreadable)?;
                let changed = approvals.policies.apply(seq, &record);
                changed.map_err(|error| SealStartError::Policies(seq, error))?;
                approvals.policy_changed(&record, self.now);
            }
            Content::Action { .. } | Content::KeyRevoked { .. } => {
                let (registry, approvals) = self.state.as_mut().ok_or(SealStartError::Body(seq))?;
                let record = KeyRecord::decode(&bytes).map_err(|_| unreadable)?;
                let changed = registry.apply(seq, &record.event);
                changed.map_err(|error| SealStartError::Keys(seq, error.to_string()))?;
                approvals.carried_out(registry, &record);
            }
        }
        Ok(())
    }
}

impl Approvals {
    pub(crate) fn new(signed: SignedKeyring) -> Self {
        Self {
            signed,
            open: BTreeMap::new(),
            nonces: Nonces::new(),
            policies: PolicyBook::new(),
            policy_set: None,
        }
    }

    /// A change of policies was carried out: its approval is used up, and cannot come again.
    pub(crate) fn policy_changed(&mut self, record: &PolicyRecord, now: Nanos) {
        self.policy_set = Some(record.after);
        if let Some(approval) = self.open.remove(&record.approval) {
            let request = approval.request();
            // One that was used before is refused where it is asked for.
            let _ = self
                .nonces
                .take(request.nonce, request.expires_at, micros(now));
        }
    }

    /// Takes a signature up again that a row tells of; `None` if the body is none.
    fn collect(&mut self, body: &[u8], registry: &Registry, now: Nanos) -> Option<()> {
        let collected: Collected = serde_json::from_slice(body).ok()?;
        let request = Request::decode(collected.request.get().as_bytes()).ok()?;
        let signature = collected.signature.get().as_bytes();
        let signature = ApprovalSignature::decode(signature).ok()?;
        let keyring = registry.keyring();
        let digest = request.digest();
        let open = self.open.get(&digest).cloned();
        let mut approval =
            open.unwrap_or_else(|| Approval::new(request, keyring.approvers().threshold()));
        // One that has expired meanwhile is forgotten later; it was good when the row was made.
        let expected = Expected {
            now: None,
            ..Expected::of(keyring, micros(now))
        };
        // That of an emergency was carried out before its signatures were told of.
        if approval.add(signature, &expected).is_ok() {
            self.open.insert(digest, approval);
            self.adopt(digest, keyring);
        }
        Some(())
    }

    /// A change was carried out: its approval is used up, and verifiers trust what it led to.
    pub(crate) fn carried_out(&mut self, registry: &Registry, record: &KeyRecord) {
        let is_emergency = matches!(record.event, KeyEvent::Emergency { .. });
        let approval = record.request.and_then(|digest| self.open.remove(&digest));
        if let Some(approval) = approval.filter(|_| !is_emergency) {
            self.signed = SignedKeyring {
                keyring: registry.keyring().clone(),
                approval,
                revocations: Vec::new(),
            };
        }
    }
}
