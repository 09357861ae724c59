//! The file of one anchor: canonical JSON and a line feed.

use serde::{Deserialize, Serialize};
use verify::{Kid, Signature, hex};

use super::Anchor;

/// Longest file that is read, in bytes.
pub(super) const BYTES_MAX: u64 = 16 << 10;

/// Fields in the order of canonical JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    digest: String,
    epoch: u64,
    kind: String,
    origin: String,
    seq: u64,
    signature: Signature,
    signer_kid: Kid,
    v: u64,
}

const KIND: &str = "anchor";
const VERSION: u64 = 1;

/// Bytes of the file.
pub(super) fn encode(anchor: &Anchor) -> Result<Vec<u8>, serde_json::Error> {
    let fields = Fields {
        digest: anchor.digest.to_string(),
        epoch: anchor.epoch,
        kind: KIND.to_owned(),
        origin: anchor.origin.clone(),
        seq: anchor.seq,
        signature: anchor.signature.clone(),
        signer_kid: anchor.signer_kid.clone(),
        v: VERSION,
    };
    let mut bytes = serde_json::to_vec(&fields)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads what [`encode`] writes.
pub(super) fn decode(bytes: &[u8]) -> Result<Anchor, String> {
    let fields: Fields = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if fields.kind != KIND {
        return Err(format!("kind `{}` is not `{KIND}`", fields.kind));
    }
    if fields.v != VERSION {
        return Err(format!("unknown version `{}`", fields.v));
    }
    let digest = hex::digest(&fields.digest);
    let digest = digest.ok_or_else(|| format!("`{}` is no digest", fields.digest))?;
    Ok(Anchor {
        origin: fields.origin,
        epoch: fields.epoch,
        seq: fields.seq,
        digest,
        signature: fields.signature,
        signer_kid: fields.signer_kid,
    })
}
