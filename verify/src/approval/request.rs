use ledger::Digest;
use serde::{Deserialize, Serialize};

use super::{ApprovalError, Nonce};
use crate::chain_head::ChainHead;
use crate::jcs;
use crate::key::Kid;
use crate::name::Name;
use crate::policy::PolicyAction;
use crate::serde_hex::Hex;
use crate::time::Micros;

const VERSION: u64 = 1;
const KIND: &str = "approval_request";

/// What approvers are asked for. They sign its digest after they have seen it decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// What is to be done.
    pub content: Content,
    /// The environment it is for.
    pub environment: Name,
    /// Nothing is done on it from then on.
    pub expires_at: Micros,
    /// Used once.
    pub nonce: Nonce,
    /// The deployment it is for.
    pub origin: Name,
    /// When it was made.
    pub requested_at: Micros,
    /// Name or key id of the person who made it.
    pub requested_by: Kid,
    /// Digest of the keyring it builds on.
    pub state: Digest,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Trust a keyring.
    Keyring {
        /// Digest of the new keyring.
        keyring: Digest,
        /// Its serial.
        serial: u64,
    },
    /// Promote a key.
    Promote {
        /// Digest of the keyring in which it is active.
        keyring: Digest,
        /// The key.
        kid: Kid,
        /// Serial of that keyring.
        serial: u64,
    },
    /// Let the emergency signer sign for a while.
    Emergency {
        /// It signs nothing from then on.
        expires_at: Micros,
        /// Its key id.
        kid: Kid,
        /// Fingerprint of its public key.
        public_key: Digest,
    },
    /// Go on from an older head than the one known outside.
    Recovery {
        /// The head that is given up.
        anchor: ChainHead,
        /// The epoch that begins.
        epoch: u64,
    },
    /// Put a policy in force, or let it give way.
    Policy {
        /// Which of it.
        action: PolicyAction,
        /// The signed manifest that is put in force, or that gives way.
        manifest: Digest,
        /// Digest of the state of the scope that it builds on.
        replaces: Digest,
        /// The tenant whose policy it is; `None` for the platform.
        tenant: Option<Name>,
    },
}

impl Content {
    /// The text of `action`.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Keyring { .. } => "keyring",
            Self::Promote { .. } => "promote",
            Self::Emergency { .. } => "emergency",
            Self::Recovery { .. } => "recovery",
            Self::Policy { .. } => "policy",
        }
    }

    /// Digest and serial of the keyring that is to be trusted, if the request is about one.
    pub const fn keyring(&self) -> Option<(Digest, u64)> {
        match self {
            Self::Keyring { keyring, serial }
            | Self::Promote {
                keyring, serial, ..
            } => Some((*keyring, *serial)),
            Self::Emergency { .. } | Self::Recovery { .. } | Self::Policy { .. } => None,
        }
    }
}

impl Request {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let fields = Fields {
            action: self.content.action().to_owned(),
            content: ContentFields::from(&self.content),
            environment: self.environment.clone(),
            expires_at: self.expires_at,
            kind: KIND.to_owned(),
            nonce: Hex(self.nonce.0),
            origin: self.origin.clone(),
            requested_at: self.requested_at,
            requested_by: self.requested_by.clone(),
            state: self.state.into(),
            v: VERSION,
        };
        // Structs of texts and numbers can be written.
        serde_json::to_vec(&fields).unwrap_or_default()
    }

    /// What approvers sign: SHA-256 of the canonical bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.encode())
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// They are no request, or another spelling of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, ApprovalError> {
        jcs::parse_canonical(bytes).map_err(|_| ApprovalError::NotARequest)?;
        let fields: Fields =
            serde_json::from_slice(bytes).map_err(|_| ApprovalError::NotARequest)?;
        if fields.v != VERSION || fields.kind != KIND {
            return Err(ApprovalError::Version(fields.v));
        }
        let content = fields.content.content(&fields.action)?;
        if fields.requested_at >= fields.expires_at {
            return Err(ApprovalError::Times);
        }
        let request = Self {
            content,
            environment: fields.environment,
            expires_at: fields.expires_at,
            nonce: Nonce(fields.nonce.0),
            origin: fields.origin,
            requested_at: fields.requested_at,
            requested_by: fields.requested_by,
            state: fields.state.into(),
        };
        if request.encode() == bytes {
            Ok(request)
        } else {
            Err(ApprovalError::NotCanonical)
        }
    }
}

/// The members of a request, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    action: String,
    content: ContentFields,
    environment: Name,
    expires_at: Micros,
    kind: String,
    nonce: Hex<16>,
    origin: Name,
    requested_at: Micros,
    requested_by: Kid,
    state: Hex<32>,
    v: u64,
}

/// The members of any content, in alphabetical order.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ContentFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<PolicyAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_digest: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyring: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<Kid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<Name>,
}

impl From<&Content> for ContentFields {
    fn from(content: &Content) -> Self {
        let mut fields = Self::default();
        match content {
            Content::Keyring { keyring, serial } => {
                fields.keyring = Some((*keyring).into());
                fields.serial = Some(*serial);
            }
            Content::Promote {
                keyring,
                kid,
                serial,
            } => {
                fields.keyring = Some((*keyring).into());
                fields.kid = Some(kid.clone());
                fields.serial = Some(*serial);
            }
            Content::Emergency {
                expires_at,
                kid,
                public_key,
            } => {
                fields.expires_at = Some(*expires_at);
                fields.kid = Some(kid.clone());
                fields.public_key = Some((*public_key).into());
            }
            Content::Recovery { anchor, epoch } => {
                fields.anchor_digest = Some(anchor.digest.into());
                fields.anchor_seq = Some(anchor.seq);
                fields.epoch = Some(*epoch);
            }
            Content::Policy {
                action,
                manifest,
                replaces,
                tenant,
            } => {
                fields.action = Some(*action);
                fields.manifest = Some((*manifest).into());
                fields.replaces = Some((*replaces).into());
                fields.tenant.clone_from(tenant);
            }
        }
        fields
    }
}

impl ContentFields {
    /// The content for `action`. Members that it does not need show when it is written again.
    fn content(self, action: &str) -> Result<Content, ApprovalError> {
        let content = match action {
            "keyring" => self.keyring(),
            "promote" => self.promote(),
            "emergency" => self.emergency(),
            "recovery" => self.recovery(),
            "policy" => self.policy(),
            _ => return Err(ApprovalError::Action(action.to_owned())),
        };
        content.ok_or(ApprovalError::Content(match action {
            "keyring" => "keyring",
            "promote" => "promote",
            "emergency" => "emergency",
            "policy" => "policy",
            _ => "recovery",
        }))
    }

    fn keyring(self) -> Option<Content> {
        Some(Content::Keyring {
            keyring: self.keyring?.into(),
            serial: self.serial?,
        })
    }

    fn promote(self) -> Option<Content> {
        Some(Content::Promote {
            keyring: self.keyring?.into(),
            kid: self.kid?,
            serial: self.serial?,
        })
    }

    fn emergency(self) -> Option<Content> {
        Some(Content::Emergency {
            expires_at: self.expires_at?,
            kid: self.kid?,
            public_key: self.public_key?.into(),
        })
    }

    fn recovery(self) -> Option<Content> {
        Some(Content::Recovery {
            anchor: ChainHead {
                seq: self.anchor_seq?,
                digest: self.anchor_digest?.into(),
            },
            epoch: self.epoch?,
        })
    }

    fn policy(self) -> Option<Content> {
        Some(Content::Policy {
            action: self.action?,
            manifest: self.manifest?.into(),
            replaces: self.replaces?.into(),
            tenant: self.tenant,
        })
    }
}
