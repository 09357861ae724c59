//! A key that approvers let seal for a while, taken up at the start: by a row that it signs itself,
//! since the regular key may be out of reach.

use ledger::Nanos;
use serde_json::value::RawValue;
use signing::{KeyEvent, KeyRecord};
use store::audit::Body;
use verify::approval::Approval;
use verify::payload::{Action, Content};
use verify::{Kid, Micros, PublicKey, Usage};

use crate::signer::chain::Chain;
use crate::signer::keys::micros;
use crate::signer::operator::Collected;
use crate::signer::start::{SealStartError, cannot};

/// A key that approvers let seal for a while. Whoever makes this has checked the approval.
#[derive(Clone, Debug)]
pub struct Emergency {
    /// Id of the key.
    pub kid: Kid,
    /// The key.
    pub public_key: PublicKey,
    /// It signs nothing from then on.
    pub expires_at: Micros,
    /// Who says so.
    pub approval: Approval,
    /// Random: salts of the row about the key, and of one for each signature of the approval.
    pub salts: Vec<[u8; 16]>,
}

/// Who did what the start does.
const ACTOR: &str = "configuration";

impl Chain {
    /// Takes the key of an emergency up, if there is one that the chain does not know already.
    ///
    /// # Errors
    /// The registry does not allow it, or no row can be made.
    pub(crate) fn declare(&mut self, now: Nanos) -> Result<(), SealStartError> {
        let registry = &mut self.keys.registry;
        let unknown = |one: &&Emergency| registry.keyring().key(&one.kid).is_none();
        let Some(emergency) = self.emergency.as_ref().filter(unknown).cloned() else {
            return Ok(());
        };
        let seq = self.last.seq + 1;
        // It signed the row that revoked the regular key, if it had to.
        let mut flights = self.flights.values();
        let first = flights.find(|flight| *flight.intent.signer_kid() == emergency.kid);
        let from_seq = first.map_or(seq, |flight| flight.intent.seq());
        let record = KeyRecord {
            event: KeyEvent::Emergency {
                kid: emergency.kid.clone(),
                public_key: emergency.public_key,
                usage: Usage::Seal,
                deployed_at: micros(now),
                from_seq,
                expires_at: emergency.expires_at,
            },
            actor: ACTOR.to_owned(),
            reason: "the regular key cannot seal".to_owned(),
            ticket: String::new(),
            description: "key of an emergency".to_owned(),
            request: Some(emergency.approval.request().digest()),
        };
        let changed = registry.apply(seq, &record.event);
        changed.map_err(|error| SealStartError::Keys(seq, error.to_string()))?;
        let mut salts = emergency.salts.into_iter();
        let mut tell = |chain: &mut Self, action, bytes| {
            let body = Body {
                salt: salts.next().unwrap_or_default(),
                bytes,
            };
            let content = Content::Action {
                action,
                body: body.commitment(),
            };
            // All of it or nothing: an emergency is not to wait for a place.
            chain.put(content, body, now).map_err(cannot)
        };
        tell(self, Action::SignerEmergency, record.encode())?;
        for bytes in collected(&emergency.approval)? {
            tell(self, Action::ApprovalSigned, bytes)?;
        }
        let (kid, until) = (&emergency.kid, emergency.expires_at);
        tracing::warn!(%kid, %until, "emergency: another key seals");
        Ok(())
    }
}

/// Bodies of the rows that tell of the approval, one for each signature.
fn collected(approval: &Approval) -> Result<Vec<Vec<u8>>, SealStartError> {
    let unwritable = |error: &dyn std::fmt::Display| SealStartError::NotRecorded(error.to_string());
    let raw = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).map_err(|error| unwritable(&error))?;
        RawValue::from_string(text).map_err(|error| unwritable(&error))
    };
    let body = |signature: &verify::approval::ApprovalSignature| {
        let signed = signature.encode().map_err(|error| unwritable(&error))?;
        let collected = Collected {
            actor: ACTOR.to_owned(),
            request: raw(approval.request().encode())?,
            signature: raw(signed)?,
            v: 1,
        };
        serde_json::to_vec(&collected).map_err(|error| unwritable(&error))
    };
    approval.signatures().map(body).collect()
}
