//! `GET /keys` and `GET /anchor`: what is known here, for those who verify.

use serde_json::{Value, json};
use verify::{Name, Usage};

use super::{Answer, answer, query};
use crate::audit::Line;
use crate::refusal::{BadRequest, Refusal};
use crate::shared::Shared;

/// Public keys, in the shape of `signers.json` or as PEM. Those that sign rows unless another usage
/// is asked for: whoever verifies a chain must not take a row that another key has signed.
pub(super) fn list(shared: &Shared, query: &str) -> Result<Answer, Refusal> {
    let bad = || Refusal::from(BadRequest::Query("`usage` of a key, or `all`"));
    let usage = match query::value(query, "usage").as_deref() {
        None if query::has(query, "usage") => return Err(bad()),
        None => Some(Usage::Seal),
        Some("all") => None,
        Some(text) => Some(Usage::from_text(text).ok_or_else(bad)?),
    };
    let keys = shared.keys.iter();
    let keys = keys.filter(|key| usage.is_none_or(|usage| key.usage == usage));
    match query::value(query, "format").as_deref() {
        Some("pem") => {
            let pem = |key: &crate::keys::Key| {
                let (kid, pem) = (&key.kid, key.public.to_spki_pem());
                format!("# {kid}\n{pem}")
            };
            Ok(Answer::pem(keys.map(pem).collect()))
        }
        None | Some("json") => {
            let signers: Vec<Value> = keys
                .map(|key| {
                    json!({
                        "signer_kid": key.kid,
                        "algorithm": key.public.algorithm(),
                        "public_key_pem": key.public.to_spki_pem(),
                        "deployedAt": key.deployed_at,
                        "description": key.description,
                    })
                })
                .collect();
            Ok(Answer::json(&json!({ "signers": signers })))
        }
        Some(_) => Err(BadRequest::Query("`format` as `json` or `pem`").into()),
    }
}

/// The last head that was signed of a chain.
pub(super) async fn anchor(
    shared: &Shared,
    line: &mut Line,
    query: &str,
) -> Result<Answer, Refusal> {
    let bad = || Refusal::from(BadRequest::Query("`origin` as `DEPLOYMENT/ENVIRONMENT`"));
    let origin = query::value(query, "origin").ok_or_else(bad)?;
    let (deployment, environment) = origin.split_once('/').ok_or_else(bad)?;
    if Name::new(deployment).is_err() || Name::new(environment).is_err() {
        return Err(bad());
    }
    line.origin = Some(origin.clone());
    let head = shared.state.anchor(deployment, environment).await?;
    let head = head.ok_or(Refusal::NoAnchor)?;
    line.seq = Some(head.seq);
    line.digest = Some(head.digest.to_string());
    Ok(answer::anchor(&origin, head.epoch, head.seq, head.digest))
}
