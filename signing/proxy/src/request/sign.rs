//! `POST /sign/note`, `/sign/canonical` and `/sign/hash`: everything that is not a row.

use serde::Deserialize;
use verify::checkpoint::{Checkpoint, LogOrigin};
use verify::jcs::{self, Value};
use verify::{Usage, base64, hex};

use ledger::Digest;

use super::answer::outcome;
use super::{Answer, body};
use crate::audit::Line;
use crate::keys::{Key, Message};
use crate::refusal::{BadRequest, Refusal};
use crate::shared::Shared;
use crate::state::NoteClaim;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    #[serde(alias = "text")]
    note: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Canonical {
    canonical: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hash {
    #[serde(alias = "digestHex")]
    digest_hex: String,
    kid: Option<String>,
}

/// The kind of an object that only shows that a key works.
const SELF_TEST: &str = "self_test";
const APPROVAL: &str = "approval_request";

/// Signs a checkpoint: one root for each size of a log.
pub(super) async fn note(shared: &Shared, line: &mut Line, body: &[u8]) -> Result<Answer, Refusal> {
    let note: Note = body::json(body)?;
    let checkpoint = checkpoint(&note.note).ok_or(BadRequest::Checkpoint)?;
    let log = &checkpoint.origin;
    line.origin = Some(log.to_string());
    line.seq = Some(checkpoint.size);
    line.digest = Some(checkpoint.root.to_string());
    if !shared.settings.origins.allow(&log.origin) {
        return Err(Refusal::OriginNotAllowed(log.origin.to_string()));
    }
    let key = key(shared, note.kid.as_deref(), &[Usage::Checkpoint])?;
    line.kid = Some(key.kid.to_string());
    let claim = NoteClaim {
        origin: log.to_string(),
        size: checkpoint.size,
        root: checkpoint.root,
    };
    let claimed = shared.state.claim_note(claim).await?;
    let claimed = claimed.map_err(Refusal::Conflict)?;
    let signature = shared
        .sign(key, Message::Note(note.note.as_bytes()))
        .await?;
    Ok(Answer::signed(key, &signature, outcome(claimed)))
}

/// Signs SHA-256 of canonical JSON that is no row: an approval, a bundle, a policy.
pub(super) async fn canonical(
    shared: &Shared,
    line: &mut Line,
    body: &[u8],
) -> Result<Answer, Refusal> {
    let asked: Canonical = body::json(body)?;
    let value = jcs::parse_canonical(asked.canonical.as_bytes())
        .map_err(|error| BadRequest::Canonical(error.to_string()))?;
    let Value::Object(members) = &value else {
        return Err(BadRequest::Canonical("not an object".into()).into());
    };
    // The first row of a chain has no digest before it, so that its own is SHA-256 of its bytes.
    if members.contains_key("seq") && members.contains_key("prev") {
        return Err(BadRequest::RowElsewhere.into());
    }
    let is_blind = shared.settings.allow_sign_hash;
    let usages: &[Usage] = match members.get("kind").and_then(Value::as_str) {
        Some(APPROVAL) => &[Usage::Approval],
        Some(SELF_TEST) => Usage::ALL,
        _ if is_blind && asked.kid.is_none() => &[Usage::Seal],
        _ if is_blind => &[Usage::Bundle, Usage::Policy, Usage::Seal],
        _ => &[Usage::Bundle, Usage::Policy],
    };
    let key = key(shared, asked.kid.as_deref(), usages)?;
    let digest = Digest::of(asked.canonical.as_bytes());
    signed_digest(shared, line, key, digest).await
}

/// Signs a digest of which nothing is known: by a key of usage `bundle`, whose proofs are signed
/// over files that no proxy sees, and by others where that is allowed.
pub(super) async fn hash(shared: &Shared, line: &mut Line, body: &[u8]) -> Result<Answer, Refusal> {
    let asked: Hash = body::json(body)?;
    let digest = hex::digest(&asked.digest_hex).ok_or(BadRequest::Digest("digest_hex"))?;
    line.digest = Some(digest.to_string());
    let is_blind = shared.settings.allow_sign_hash;
    let key = match asked.kid.as_deref() {
        Some(kid) if is_blind => shared.keys.named(kid, Usage::ALL)?,
        Some(kid) => {
            let bundle = shared.keys.named(kid, &[Usage::Bundle]);
            bundle.map_err(|_| Refusal::SignHashIsOff)?
        }
        None if is_blind => shared.keys.only(&[Usage::Seal])?,
        None => return Err(Refusal::SignHashIsOff),
    };
    signed_digest(shared, line, key, digest).await
}

async fn signed_digest(
    shared: &Shared,
    line: &mut Line,
    key: &Key,
    digest: Digest,
) -> Result<Answer, Refusal> {
    line.digest = Some(digest.to_string());
    line.kid = Some(key.kid.to_string());
    let signature = shared.sign(key, Message::Digest(digest)).await?;
    Ok(Answer::signed(key, &signature, "signed"))
}

/// The key of this id, or the only one with such a usage.
fn key<'a>(shared: &'a Shared, kid: Option<&str>, usages: &[Usage]) -> Result<&'a Key, Refusal> {
    match kid {
        Some(kid) => shared.keys.named(kid, usages),
        None => shared.keys.only(usages),
    }
}

/// The checkpoint whose signed text this is, byte for byte.
fn checkpoint(text: &str) -> Option<Checkpoint> {
    let mut lines = text.lines();
    let checkpoint = Checkpoint {
        origin: LogOrigin::parse(lines.next()?)?,
        size: lines.next()?.parse().ok()?,
        root: Digest(base64::decode(lines.next()?)?.try_into().ok()?),
    };
    (checkpoint.text() == text).then_some(checkpoint)
}
