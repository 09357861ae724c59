use std::borrow::Cow;

use ledger::Digest;
use serde::{Deserialize, Serialize};

use super::{Action, Content, Origin, Payload, PayloadError, Recovery, Seal, Trace};
use crate::chain_head::ChainHead;
use crate::key::{Algorithm, Kid};
use crate::serde_hex::Hex;
use crate::time::Micros;

const VERSION: u64 = 1;

/// The members of a payload, in alphabetical order: serialized, they are the canonical bytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields<'a> {
    alg: Algorithm,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    books: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heads_root: Option<Hex<32>>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    lease: u64,
    origin: Cow<'a, Origin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_set: Option<Hex<32>>,
    prev: Option<Hex<32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovered: Option<Recovered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<Revoked>,
    seq: u64,
    signer_kid: Cow<'a, Kid>,
    trace: Hex<16>,
    ts: Micros,
    v: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recovered {
    anchor_digest: Hex<32>,
    anchor_seq: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    kid: Kid,
    trusted_digest: Hex<32>,
    trusted_seq: u64,
}

impl<'a> From<&'a Payload> for Fields<'a> {
    fn from(payload: &'a Payload) -> Self {
        let mut fields = Self {
            alg: payload.alg,
            body: payload.content.body().copied().map(Hex::from),
            books: None,
            heads_root: None,
            kind: Cow::Borrowed(payload.content.kind()),
            lease: payload.lease,
            origin: Cow::Borrowed(&payload.origin),
            policy_set: None,
            prev: payload.prev.map(Hex::from),
            recovered: None,
            revoked: None,
            seq: payload.seq,
            signer_kid: Cow::Borrowed(&payload.signer_kid),
            trace: Hex(payload.trace.0),
            ts: payload.ts,
            v: VERSION,
        };
        match &payload.content {
            Content::Seal(seal) => {
                fields.books = Some(seal.books);
                fields.heads_root = Some(seal.heads_root.into());
                fields.policy_set = Some(seal.policy_set.into());
            }
            Content::Action { .. } => {}
            Content::KeyRevoked { kid, trusted, .. } => {
                fields.revoked = Some(Revoked {
                    kid: kid.clone(),
                    trusted_digest: trusted.digest.into(),
                    trusted_seq: trusted.seq,
                });
            }
            Content::Recovery(recovery) => {
                fields.recovered = Some(Recovered {
                    anchor_digest: recovery.anchor.digest.into(),
                    anchor_seq: recovery.anchor.seq,
                });
            }
        }
        fields
    }
}

impl TryFrom<Fields<'_>> for Payload {
    type Error = PayloadError;

    fn try_from(mut fields: Fields<'_>) -> Result<Self, PayloadError> {
        if fields.v != VERSION {
            return Err(PayloadError::Version(fields.v));
        }
        let content = fields.content()?;
        fields.is_used_up()?;
        Ok(Self {
            alg: fields.alg,
            content,
            lease: fields.lease,
            origin: fields.origin.into_owned(),
            prev: fields.prev.map(Digest::from),
            seq: fields.seq,
            signer_kid: fields.signer_kid.into_owned(),
            trace: Trace(fields.trace.0),
            ts: fields.ts,
        })
    }
}

impl Fields<'_> {
    /// Takes the members of the kind out.
    fn content(&mut self) -> Result<Content, PayloadError> {
        if self.kind == "seal" {
            return Ok(Content::Seal(Seal {
                books: take(&mut self.books, "books")?,
                heads_root: take(&mut self.heads_root, "heads_root")?.into(),
                policy_set: take(&mut self.policy_set, "policy_set")?.into(),
            }));
        }
        let body = take(&mut self.body, "body").map(Digest::from);
        match &*self.kind {
            "key_revoked" => {
                let revoked = take(&mut self.revoked, "revoked")?;
                Ok(Content::KeyRevoked {
                    body: body?,
                    kid: revoked.kid,
                    trusted: ChainHead {
                        seq: revoked.trusted_seq,
                        digest: revoked.trusted_digest.into(),
                    },
                })
            }
            "recovery" => {
                let recovered = take(&mut self.recovered, "recovered")?;
                Ok(Content::Recovery(Recovery {
                    body: body?,
                    anchor: ChainHead {
                        seq: recovered.anchor_seq,
                        digest: recovered.anchor_digest.into(),
                    },
                }))
            }
            kind => match Action::from_text(kind) {
                Some(action) => Ok(Content::Action {
                    action,
                    body: body?,
                }),
                None => Err(PayloadError::Kind(kind.to_owned())),
            },
        }
    }

    /// Whether members are left that do not belong to the kind.
    fn is_used_up(&self) -> Result<(), PayloadError> {
        let surplus = [
            ("body", self.body.is_some()),
            ("books", self.books.is_some()),
            ("heads_root", self.heads_root.is_some()),
            ("policy_set", self.policy_set.is_some()),
            ("recovered", self.recovered.is_some()),
            ("revoked", self.revoked.is_some()),
        ];
        match surplus.into_iter().find(|(_, is_there)| *is_there) {
            Some((field, _)) => Err(PayloadError::Surplus(field)),
            None => Ok(()),
        }
    }
}

fn take<T>(field: &mut Option<T>, name: &'static str) -> Result<T, PayloadError> {
    field.take().ok_or(PayloadError::Missing(name))
}
