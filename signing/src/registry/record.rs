use std::fmt;

use ledger::Digest;
use serde::{Deserialize, Serialize};
use verify::{ChainHead, Kid, Micros, PublicKey, Usage, hex, jcs};

use super::KeyEvent;

const VERSION: u64 = 1;

/// The body that stands beside a row about a key: what was done, by whom and why.
///
/// Its row holds a salted commitment to it, so that the texts of people can be erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRecord {
    /// What was done.
    pub event: KeyEvent,
    /// Who did it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The ticket that says so.
    pub ticket: String,
    /// What the key is, for people.
    pub description: String,
    /// Digest of the approval request that allowed it, if it took one.
    pub request: Option<Digest>,
}

/// Bytes that are not the body of a row about a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotARecord;

/// The members, in alphabetical order: serialized, they are the canonical bytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    action: String,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployed_at: Option<Micros>,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_seq: Option<u64>,
    kid: Kid,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key_pem: Option<String>,
    reason: String,
    request: Option<String>,
    ticket: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    v: u64,
}

impl KeyRecord {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        // A struct of texts and numbers can be written.
        serde_json::to_vec(&Fields::from(self)).unwrap_or_default()
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// They are no such body, or another spelling of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotARecord> {
        jcs::parse_canonical(bytes).map_err(|_| NotARecord)?;
        let fields: Fields = serde_json::from_slice(bytes).map_err(|_| NotARecord)?;
        let record = fields.record().ok_or(NotARecord)?;
        // INVARIANT: members that the action does not have show as another spelling.
        if record.encode() == bytes {
            Ok(record)
        } else {
            Err(NotARecord)
        }
    }
}

impl From<&KeyRecord> for Fields {
    fn from(record: &KeyRecord) -> Self {
        let mut fields = Self {
            action: action(&record.event).to_owned(),
            actor: record.actor.clone(),
            deployed_at: None,
            description: record.description.clone(),
            expires_at: None,
            from_seq: None,
            kid: record.event.kid().clone(),
            public_key_pem: None,
            reason: record.reason.clone(),
            request: record.request.map(|digest| digest.to_string()),
            ticket: record.ticket.clone(),
            to_seq: None,
            trusted_digest: None,
            trusted_seq: None,
            usage: None,
            v: VERSION,
        };
        match &record.event {
            KeyEvent::Retiring { .. } => {}
            KeyEvent::Promoted { from_seq, .. } => fields.from_seq = Some(*from_seq),
            KeyEvent::Retired { to_seq, .. } => fields.to_seq = Some(*to_seq),
            KeyEvent::Revoked { trusted, .. } => {
                fields.trusted_digest = Some(trusted.digest.to_string());
                fields.trusted_seq = Some(trusted.seq);
            }
            KeyEvent::Added {
                public_key,
                usage,
                deployed_at,
                ..
            } => fields.set_key(public_key, *usage, *deployed_at),
            KeyEvent::Emergency {
                public_key,
                usage,
                deployed_at,
                from_seq,
                expires_at,
                ..
            } => {
                fields.set_key(public_key, *usage, *deployed_at);
                fields.from_seq = Some(*from_seq);
                fields.expires_at = Some(*expires_at);
            }
        }
        fields
    }
}

impl Fields {
    fn set_key(&mut self, public_key: &PublicKey, usage: Usage, deployed_at: Micros) {
        self.public_key_pem = Some(public_key.to_spki_pem());
        self.usage = Some(usage);
        self.deployed_at = Some(deployed_at);
    }

    fn record(self) -> Option<KeyRecord> {
        if self.v != VERSION {
            return None;
        }
        let request = match &self.request {
            Some(text) => Some(hex::digest(text)?),
            None => None,
        };
        Some(KeyRecord {
            event: self.event()?,
            actor: self.actor,
            reason: self.reason,
            ticket: self.ticket,
            description: self.description,
            request,
        })
    }

    fn event(&self) -> Option<KeyEvent> {
        let kid = self.kid.clone();
        Some(match self.action.as_str() {
            "key_added" => KeyEvent::Added {
                kid,
                public_key: self.public_key()?,
                usage: self.usage?,
                deployed_at: self.deployed_at?,
            },
            "key_promoted" => KeyEvent::Promoted {
                kid,
                from_seq: self.from_seq?,
            },
            "key_retiring" => KeyEvent::Retiring { kid },
            "key_retired" => KeyEvent::Retired {
                kid,
                to_seq: self.to_seq?,
            },
            "key_revoked" => KeyEvent::Revoked {
                kid,
                trusted: ChainHead {
                    seq: self.trusted_seq?,
                    digest: hex::digest(self.trusted_digest.as_deref()?)?,
                },
            },
            "signer_emergency" => KeyEvent::Emergency {
                kid,
                public_key: self.public_key()?,
                usage: self.usage?,
                deployed_at: self.deployed_at?,
                from_seq: self.from_seq?,
                expires_at: self.expires_at?,
            },
            _ => return None,
        })
    }

    fn public_key(&self) -> Option<PublicKey> {
        PublicKey::from_spki_pem(self.public_key_pem.as_deref()?).ok()
    }
}

fn action(event: &KeyEvent) -> &'static str {
    event.action().map_or("key_revoked", |action| action.text())
}

impl fmt::Display for NotARecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the body of a row about a key")
    }
}

impl std::error::Error for NotARecord {}
