//! `POST /sign/seal`: the next row of a chain, hashed here, and never two for one place.

use ledger::Digest;
use serde::Deserialize;
use tokio::time::timeout;
use verify::payload::{self, Content, Payload};
use verify::{Usage, hex};

use super::answer::outcome;
use super::{Answer, body};
use crate::audit::Line;
use crate::keys::Message;
use crate::refusal::{BadRequest, Refusal};
use crate::shared::Shared;
use crate::state::chains::Chain;
use crate::state::{Claimed, Conflict, SealClaim};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    canonical: String,
    prev_hex: Option<String>,
}

/// Signs a row.
pub(super) async fn seal(shared: &Shared, line: &mut Line, body: &[u8]) -> Result<Answer, Refusal> {
    let seal: Seal = body::json(body)?;
    let canonical = seal.canonical.as_bytes();
    let payload =
        Payload::decode(canonical).map_err(|error| BadRequest::Payload(error.to_string()))?;
    let prev = seal.prev_hex.as_deref().map(hex::digest);
    let prev = match prev {
        Some(None) => return Err(BadRequest::Digest("prev_hex").into()),
        Some(prev) => prev,
        None => None,
    };
    if prev != payload.prev {
        return Err(BadRequest::Previous.into());
    }
    let digest = payload::digest(canonical, prev.as_ref());
    let origin = &payload.origin;
    line.origin = Some(origin.to_string());
    line.seq = Some(payload.seq);
    line.digest = Some(digest.to_string());
    line.kid = Some(payload.signer_kid.to_string());
    let claim_of_it = claim_of(&payload, digest);
    if !is_open(shared, &payload, &claim_of_it).await? {
        return Err(Refusal::OriginNotAllowed(origin.to_string()));
    }
    let kid = payload.signer_kid.as_str();
    let key = shared.keys.named(kid, &[Usage::Seal])?;
    if payload.alg != key.public.algorithm() {
        return Err(BadRequest::Algorithm(kid.to_owned()).into());
    }
    let claimed = claim(shared, &claim_of_it).await?;
    let row = Message::Row {
        canonical,
        prev,
        digest,
    };
    let signature = shared.sign(key, row).await?;
    Ok(Answer::signed(key, &signature, outcome(claimed)))
}

/// Whether the chain is signed in this epoch. One that has gone on to another epoch gives again
/// what it gave before: a ledger that recovers from a copy may still have a row of then in flight.
async fn is_open(shared: &Shared, payload: &Payload, claim: &SealClaim) -> Result<bool, Refusal> {
    let origins = &shared.settings.origins;
    Ok(origins.allow(&payload.origin)
        || (origins.name(&payload.origin) && shared.state.has_seal(claim.clone()).await?))
}

fn claim_of(payload: &Payload, digest: Digest) -> SealClaim {
    let (recovered, revoked) = match &payload.content {
        Content::Recovery(recovery) => (Some(recovery.anchor), None),
        Content::KeyRevoked { kid, trusted, .. } => (None, Some((kid.to_string(), *trusted))),
        Content::Seal(_) | Content::Action { .. } => (None, None),
    };
    SealClaim {
        chain: Chain {
            deployment: payload.origin.deployment.to_string(),
            environment: payload.origin.environment.to_string(),
        },
        epoch: payload.origin.epoch,
        seq: payload.seq,
        lease: payload.lease,
        prev: payload.prev,
        digest,
        kid: payload.signer_kid.to_string(),
        recovered,
        revoked,
    }
}

/// Claims the place. Rows are asked for side by side, and one may overtake the one before it: it
/// waits a little.
async fn claim(shared: &Shared, claim: &SealClaim) -> Result<Claimed, Refusal> {
    let mut moved = shared.state.moved();
    let in_order = async {
        loop {
            moved.mark_unchanged();
            match shared.state.claim_seal(claim.clone()).await? {
                // The one before it, or the one after it that names it, may be on its way.
                Err(Conflict::Gap { .. } | Conflict::Forgotten { .. }) => {}
                Err(conflict) => return Err(Refusal::Conflict(conflict)),
                Ok(claimed) => return Ok(claimed),
            }
            moved.changed().await.map_err(|_| Refusal::Ending)?;
        }
    };
    match timeout(shared.settings.limits.order, in_order).await {
        Ok(claimed) => claimed,
        Err(_) => match shared.state.claim_seal(claim.clone()).await? {
            Ok(claimed) => Ok(claimed),
            Err(conflict) => Err(Refusal::Conflict(conflict)),
        },
    }
}
