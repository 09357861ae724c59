//! What operators do to keys, and what approvers sign. Each of it is a row of the chain, durable
//! before it is answered.

use std::collections::BTreeMap;

use ledger::{Code, Digest, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use signing::{KeyEvent, KeyRecord, Registry};
use store::audit::Body;
use verify::approval::{self, Approval, ApprovalSignature, Expected, Nonces};
use verify::chain_head::ChainHead;
use verify::key::PublicKey;
use verify::keyring::{SignedKeyring, SignersJson, State};
use verify::payload::{Action, Content};
use verify::policy::PolicyBook;
use verify::row::AuditRow;
use verify::{Keyring, Kid, Usage};
use wire::message as m;
use wire::{Answer, Failure, Request};

use crate::fatal;
use crate::signer::chain::{Broken, CannotRecord, Chain};
use crate::signer::fold::Fold;
use crate::signer::keys::micros;

/// Most requests for approval that are open at once.
const OPEN_MAX: usize = 16;

/// What an operator asks for, with what the core may not draw or read by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Who asks: the SPIFFE ID of the principal.
    pub actor: String,
    /// Id of the request.
    pub request_id: u128,
    /// What for.
    pub request: Request,
    /// Random, for the commitment of the row that tells of it.
    pub salt: [u8; 16],
}

/// What approvals and operators changed, beside the registry itself.
pub(crate) struct Approvals {
    /// The keyring that approvers signed last.
    pub(crate) signed: SignedKeyring,
    /// Requests that are not carried out yet, by digest.
    pub(crate) open: BTreeMap<Digest, Approval>,
    pub(crate) nonces: Nonces,
    /// What approvals have put in force.
    pub(crate) policies: PolicyBook,
    /// Digest of all policies in force, as the last row about them says.
    pub(crate) policy_set: Option<Digest>,
}

/// The body of a row that tells of an approver's signature.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Collected {
    pub(crate) actor: String,
    pub(crate) request: Box<RawValue>,
    pub(crate) signature: Box<RawValue>,
    pub(crate) v: u64,
}

impl Approvals {
    /// What verifiers are to trust is the keyring that holds, once approvers signed just that.
    pub(crate) fn adopt(&mut self, digest: Digest, keyring: &Keyring) {
        let Some(approval) = self.open.get(&digest) else {
            return;
        };
        let is_about_it = matches!(
            &approval.request().content,
            approval::Content::Keyring { keyring: named, serial }
                if *named == keyring.digest() && *serial == keyring.serial()
        );
        if approval.is_complete() && is_about_it {
            self.signed = SignedKeyring {
                keyring: keyring.clone(),
                approval: approval.clone(),
                revocations: Vec::new(),
            };
            self.open.remove(&digest);
        }
    }

    /// A row that revokes is published: verifiers are told of it beside the keyring.
    pub(crate) fn revoked(&mut self, row: &AuditRow) {
        if matches!(row.payload().content, Content::KeyRevoked { .. }) {
            self.signed.revocations.push(row.clone());
        }
    }
}

impl Chain {
    /// Carries out what an operator asks for.
    pub(crate) fn operate(&mut self, order: Order, now: Nanos) -> Result<Answer, Failure> {
        let Order {
            actor,
            request_id,
            request,
            salt,
        } = order;
        let operation = request.operation();
        let answer = match request {
            Request::Keyring(_) => self.keyring().map(Answer::Keyring),
            Request::Approvals(_) => self.approvals(now).map(Answer::Approvals),
            Request::RequestApproval(r) => {
                self.request_approval(&r, now).map(Answer::RequestApproval)
            }
            Request::Approve(r) => self.approve(&actor, &r, salt, now).map(Answer::Approve),
            Request::ChangeSigners(r) => {
                self.change(&actor, r, salt, now).map(Answer::ChangeSigners)
            }
            _ => Err(Failure::new(Code::Unsupported, "not for the signer")),
        };
        if wire::message::writes(operation) {
            let result = match &answer {
                Ok(_) => "done".to_owned(),
                Err(failure) => format!("{}: {}", failure.code, failure.message),
            };
            tracing::info!(
                request_id = %format_args!("{request_id:032x}"),
                actor_id = actor,
                operation = operation.name(),
                range = %format_args!("up to row {}", self.last.seq),
                signer_kid = self.keys.current(self.last.seq + 1, now).as_ref().map(Kid::as_str),
                result,
                "keys"
            );
        }
        answer
    }

    fn keyring(&self) -> Result<m::KeyringFound, Failure> {
        let keyring = self.keys.registry.keyring();
        let signed = self.approvals.signed.encode().map_err(unreadable)?;
        let signers = SignersJson::export(keyring).encode().map_err(unreadable)?;
        let file = |bytes| wire::LongBlob::new(bytes).ok_or_else(|| unreadable("it is too long"));
        Ok(m::KeyringFound {
            keyring: file(signed)?,
            current: file(keyring.encode())?,
            signers: file(signers)?,
            head_seq: self.published.seq,
            head_digest: self.published.digest,
        })
    }

    fn approvals(&mut self, now: Nanos) -> Result<m::ApprovalList, Failure> {
        self.forget_expired(now);
        let rows = self.approvals.open.values().map(|approval| {
            let bytes = approval.encode().map_err(unreadable)?;
            wire::Blob::new(bytes).ok_or_else(|| unreadable("it is too long"))
        });
        Ok(m::ApprovalList {
            rows: rows.collect::<Result<_, _>>()?,
        })
    }

    fn forget_expired(&mut self, now: Nanos) {
        let now = micros(now);
        let open = &mut self.approvals.open;
        open.retain(|_, approval| approval.request().expires_at > now);
    }

    fn request_approval(
        &mut self,
        r: &m::RequestApproval,
        now: Nanos,
    ) -> Result<m::ApprovalRequested, Failure> {
        let request = approval::Request::decode(&r.request).map_err(malformed)?;
        self.forget_expired(now);
        let keyring = self.keys.registry.keyring();
        let approval = Approval::new(request, keyring.approvers().threshold());
        // Nothing is there to be signed that could not be carried out as things stand.
        match approval.check(&Expected::of(keyring, micros(now))) {
            Ok(()) | Err(approval::ApprovalFault::TooFew { .. }) => {}
            Err(fault) => return Err(insufficient(&fault)),
        }
        if let approval::Content::Policy {
            replaces, tenant, ..
        } = &approval.request().content
            && *replaces != self.approvals.policies.state(tenant)
        {
            let message = "the request builds on other policies than those in force now";
            return Err(Failure::new(Code::PolicyStateConflict, message));
        }
        let digest = approval.request().digest();
        if self.approvals.open.len() >= OPEN_MAX && !self.approvals.open.contains_key(&digest) {
            let message = "too many requests for approval are open; let some expire, retry";
            return Err(Failure::new(Code::Busy, message));
        }
        self.approvals.open.entry(digest).or_insert(approval);
        Ok(m::ApprovalRequested {
            code: Code::Created,
            digest,
        })
    }

    fn approve(
        &mut self,
        actor: &str,
        r: &m::Approve,
        salt: [u8; 16],
        now: Nanos,
    ) -> Result<m::Approved, Failure> {
        self.forget_expired(now);
        let signature = ApprovalSignature::decode(&r.signature).map_err(malformed)?;
        let Some(open) = self.approvals.open.get(&r.request) else {
            let message = "no open request has this digest; list them with `approvals`";
            return Err(Failure::new(Code::NotFound, message));
        };
        let mut approval = open.clone();
        let keyring = self.keys.registry.keyring();
        approval
            .add(signature.clone(), &Expected::of(keyring, micros(now)))
            .map_err(|fault| insufficient(&fault))?;
        let request = approval.request().encode();
        let collected = Collected {
            actor: actor.to_owned(),
            request: raw(&request)?,
            signature: raw(&signature.encode().map_err(unreadable)?)?,
            v: 1,
        };
        let bytes = serde_json::to_vec(&collected).map_err(unreadable)?;
        self.record_body(Action::ApprovalSigned, salt, bytes, now)?;
        let answer = m::Approved {
            code: Code::Created,
            ok_count: approval.signatures().count() as u32,
            threshold: approval.threshold() as u32,
        };
        self.approvals.open.insert(r.request, approval);
        let keyring = self.keys.registry.keyring();
        self.approvals.adopt(r.request, keyring);
        Ok(answer)
    }

    fn change(
        &mut self,
        actor: &str,
        r: m::ChangeSigners,
        salt: [u8; 16],
        now: Nanos,
    ) -> Result<m::SignersChanged, Failure> {
        let kid = Kid::new(&r.kid).map_err(malformed)?;
        let next = self.last.seq + 1;
        let (event, request) = match r.action {
            m::SignerAction::Add => (self.added(kid, &r, now)?, None),
            m::SignerAction::Promote | m::SignerAction::Reactivate => {
                let event = KeyEvent::Promoted {
                    kid,
                    from_seq: r.from_seq,
                };
                let request = self.approved(&event, &r, now)?;
                (event, Some(request))
            }
            m::SignerAction::Retire => (self.retired(kid, now)?, None),
            m::SignerAction::Revoke => {
                return self.revoke(actor, kid, &r, salt, now);
            }
            m::SignerAction::Emergency => {
                let message = "an emergency key is configured with its approval: \
                               see `[signing.emergency]`";
                return Err(Failure::new(Code::Unsupported, message));
            }
        };
        // Refused before anything is written.
        self.keys.registry.after(&event).map_err(conflict)?;
        let nonces = match &request {
            Some(approval) => self.used_up(approval, now)?,
            None => self.approvals.nonces.clone(),
        };
        let action = event.action().unwrap_or(Action::Operator);
        let digest = request.map(|approval| {
            let digest = approval.request().digest();
            self.approvals.open.insert(digest, approval);
            digest
        });
        let record = key_record(actor, &r, event, digest);
        let row = self.record_body(action, salt, record.encode(), now)?;
        debug_assert_eq!(row, next);
        let registry = &mut self.keys.registry;
        registry.apply(row, &record.event).map_err(conflict)?;
        self.approvals.nonces = nonces;
        self.approvals.carried_out(registry, &record);
        Ok(m::SignersChanged {
            code: Code::Created,
            row,
        })
    }

    fn added(&self, kid: Kid, r: &m::ChangeSigners, now: Nanos) -> Result<KeyEvent, Failure> {
        let pem = std::str::from_utf8(&r.public_key).map_err(malformed)?;
        let usage = r.usage.and_then(|usage| Usage::from_text(usage.name()));
        let usage = usage.ok_or_else(|| malformed("`add` needs a usage"))?;
        let public_key = PublicKey::from_spki_pem(pem).map_err(malformed)?;
        if r.algorithm.map(m::KeyAlgorithm::name) != Some(public_key.algorithm().text()) {
            return Err(malformed("the public key is of another algorithm"));
        }
        Ok(KeyEvent::Added {
            kid,
            public_key,
            usage,
            deployed_at: micros(now),
        })
    }

    /// The complete approval of the keyring that `event` leads to.
    fn approved(
        &self,
        event: &KeyEvent,
        r: &m::ChangeSigners,
        now: Nanos,
    ) -> Result<Approval, Failure> {
        let after = self.keys.registry.after(event).map_err(conflict)?;
        let wanted = approval::Content::Promote {
            keyring: after.digest(),
            kid: event.kid().clone(),
            serial: after.serial(),
        };
        // Only what was collected here: each of its signatures has a row of the chain.
        let approval = if r.approval.is_empty() {
            let mut open = self.approvals.open.values();
            open.find(|one| one.request().content == wanted).cloned()
        } else {
            let named = Approval::decode(&r.approval).map_err(malformed)?;
            let digest = named.request().digest();
            self.approvals.open.get(&digest).cloned()
        };
        let Some(approval) = approval else {
            let message = "no approval of this change is open; ask for one with `request_approval`";
            return Err(Failure::new(Code::ApprovalInsufficient, message));
        };
        if approval.request().content != wanted {
            let message = "the approval is about another change, or about another keyring";
            return Err(Failure::new(Code::ApprovalInsufficient, message));
        }
        let keyring = self.keys.registry.keyring();
        approval
            .check(&Expected::of(keyring, micros(now)))
            .map_err(|fault| insufficient(&fault))?;
        Ok(approval)
    }

    /// The nonces once `approval` is used up.
    pub(crate) fn used_up(&self, approval: &Approval, now: Nanos) -> Result<Nonces, Failure> {
        let request = approval.request();
        let mut nonces = self.approvals.nonces.clone();
        nonces
            .take(request.nonce, request.expires_at, micros(now))
            .map_err(|fault| insufficient(&fault))?;
        Ok(nonces)
    }

    fn retired(&self, kid: Kid, now: Nanos) -> Result<KeyEvent, Failure> {
        let key = self.keys.registry.keyring().key(&kid);
        let key = key.ok_or_else(|| conflict("there is no such key"))?;
        let next = self.last.seq + 1;
        let is_seal = key.usage == Usage::Seal;
        if is_seal
            && self
                .successor(&self.keys.registry, &kid, next, now)
                .is_none()
        {
            let message = "no other key with a signer here could seal; promote one first";
            return Err(conflict(message));
        }
        Ok(match key.state {
            State::Retiring => KeyEvent::Retired {
                kid,
                to_seq: self.last.seq.max(key.valid_from_seq),
            },
            _ => KeyEvent::Retiring { kid },
        })
    }

    /// Trusts a key no further than the last published row. Whatever is in flight is given up: the
    /// row that says so takes the sequence behind that one.
    fn revoke(
        &mut self,
        actor: &str,
        kid: Kid,
        r: &m::ChangeSigners,
        salt: [u8; 16],
        now: Nanos,
    ) -> Result<m::SignersChanged, Failure> {
        let trusted = self.published;
        let named = ChainHead {
            seq: r.trusted_seq,
            digest: r.trusted_digest,
        };
        if named.seq != 0 && named != trusted {
            let message = format!(
                "only the last published row, `{trusted}`, can be the trusted one: to go further \
                 back, restore an older journal by an approved recovery"
            );
            return Err(Failure::new(Code::KeyStateConflict, &message));
        }
        // Changes of keys in rows that are given up never were.
        let folded = Fold::published(&self.log.reader(), now);
        let folded = folded.unwrap_or_else(|error| fatal::stop("signer", &error));
        let Some((mut registry, approvals)) = folded.state else {
            let message = "the chain's first rows are not published yet; retry";
            return Err(Failure::new(Code::KeyStateConflict, message));
        };
        let seq = trusted.seq + 1;
        let Some(signer) = self.successor(&registry, &kid, seq, now) else {
            let message = "no other key with a signer here could sign the row that revokes; \
                           halt the books and configure an emergency signer first";
            return Err(Failure::new(Code::KeyStateConflict, message));
        };
        let event = KeyEvent::Revoked {
            kid: kid.clone(),
            trusted,
        };
        registry.after(&event).map_err(conflict)?;
        let record = key_record(actor, r, event, None);
        let body = Body {
            salt,
            bytes: record.encode(),
        };
        let content = Content::KeyRevoked {
            body: body.commitment(),
            kid,
            trusted,
        };
        let policies = self.policies_in_flight();
        let row = self.intend_revocation(signer, content, body, now);
        let row = row.map_err(unrecorded)?;
        registry.apply(row, &record.event).map_err(conflict)?;
        self.keys.registry = registry;
        (self.approvals.signed, self.approvals.open) = (approvals.signed, approvals.open);
        self.approvals.policies = approvals.policies;
        let declared = self.declare(now);
        declared.unwrap_or_else(|error| fatal::stop("signer", &error));
        self.tell_policies_again(policies, now);
        Ok(m::SignersChanged {
            code: Code::Created,
            row,
        })
    }

    /// The key that signs the row `seq` in place of `kid`, as far as this registry goes: that of an
    /// emergency too, which the row behind that one registers.
    fn successor(&self, registry: &Registry, kid: &Kid, seq: u64, now: Nanos) -> Option<Kid> {
        let current = self.keys.current_by(registry, Some(kid), seq, now);
        let emergency = self.emergency.as_ref().filter(|emergency| {
            let is_unknown = registry.keyring().key(&emergency.kid).is_none();
            is_unknown && emergency.kid != *kid && micros(now) < emergency.expires_at
        });
        current.or_else(|| Some(emergency?.kid.clone()))
    }

    pub(crate) fn record_body(
        &mut self,
        action: Action,
        salt: [u8; 16],
        bytes: Vec<u8>,
        now: Nanos,
    ) -> Result<u64, Failure> {
        let body = Body { salt, bytes };
        let content = Content::Action {
            action,
            body: body.commitment(),
        };
        self.record(content, body, now).map_err(unrecorded)
    }
}

pub(crate) fn unrecorded(error: CannotRecord) -> Failure {
    match error {
        CannotRecord::NoKey => Failure::new(
            Code::SignerUnavailable,
            "no active key has a signer here; see the daemon's log",
        ),
        CannotRecord::Full => Failure {
            retry_after_ms: 1_000,
            ..Failure::new(
                Code::SignerUnavailable,
                "too many rows wait for their signatures, or the disk is full; retry",
            )
        },
        CannotRecord::Broken(error) => broken(error),
    }
}

/// What is durable is known only to recovery.
fn broken(error: Broken) -> ! {
    fatal::stop("signer", &error)
}

fn key_record(
    actor: &str,
    r: &m::ChangeSigners,
    event: KeyEvent,
    request: Option<Digest>,
) -> KeyRecord {
    KeyRecord {
        event,
        actor: actor.to_owned(),
        reason: r.reason.to_string(),
        ticket: r.ticket.to_string(),
        description: r.description.to_string(),
        request,
    }
}

fn raw(bytes: &[u8]) -> Result<Box<RawValue>, Failure> {
    let text = String::from_utf8(bytes.to_vec()).map_err(unreadable)?;
    RawValue::from_string(text).map_err(unreadable)
}

pub(crate) fn malformed(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::Malformed, &error.to_string())
}

fn conflict(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::KeyStateConflict, &error.to_string())
}

pub(crate) fn insufficient(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Code::ApprovalInsufficient, &error.to_string())
}

fn unreadable(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::TooLarge, &format!("it cannot be shown: {error}"))
}
