//! `POST /verify`: whether a signature is one of a key here.

use serde::Deserialize;
use serde_json::json;
use verify::{Signature, hex};

use super::{Answer, body};
use crate::audit::Line;
use crate::refusal::{BadRequest, Refusal};
use crate::shared::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verify {
    #[serde(alias = "digestHex")]
    digest_hex: String,
    #[serde(alias = "signature_b64")]
    signature: String,
    #[serde(alias = "signer_kid", alias = "signer_id")]
    kid: Option<String>,
}

/// Says whether the signature is one of the key that is named, or of any key here.
pub(super) fn verify(shared: &Shared, line: &mut Line, body: &[u8]) -> Result<Answer, Refusal> {
    let asked: Verify = body::json(body)?;
    let digest = hex::digest(&asked.digest_hex).ok_or(BadRequest::Digest("digest_hex"))?;
    let signature = Signature::from_base64(&asked.signature).ok_or(BadRequest::Signature)?;
    line.digest = Some(digest.to_string());
    line.kid.clone_from(&asked.kid);
    let is_asked = |kid: &str| asked.kid.as_ref().is_none_or(|asked| asked == kid);
    let valid = shared
        .keys
        .iter()
        .filter(|key| is_asked(key.kid.as_str()))
        .any(|key| key.public.verify_digest(&digest, &signature).is_ok());
    Ok(Answer::json(&json!({ "valid": valid })))
}
