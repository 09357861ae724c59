//! What a signing proxy answers, under all the names that proxies use.

use ledger::Digest;
use serde_json::Value;
use verify::{Signature, hex};

use crate::error::Fault;
use crate::text::excerpt;

/// A signature as a proxy gave it, not yet verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signed {
    /// Key that it says it signed with.
    pub(crate) kid: String,
    /// Algorithm that it says it used, if it says so.
    pub(crate) alg: Option<String>,
    /// The bytes.
    pub(crate) signature: Signature,
}

/// The last head of a chain that a proxy signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Anchor {
    /// Its number.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
    /// Epoch of the origin it belongs to, where the proxy tells it.
    pub epoch: Option<u64>,
}

/// What a signer remembers outside of our journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Anchored {
    /// This kind of signer remembers nothing.
    NotKept,
    /// It has signed nothing for this chain.
    Nothing,
    /// The last head that it signed.
    Head(Anchor),
}

impl Signed {
    /// Reads an answer to a request that was about `digest`.
    pub(crate) fn read(answer: &Value, digest: Option<Digest>) -> Result<Self, Fault> {
        let kid = text(answer, &["kid", "signer_kid", "signer_id"])?;
        let kid = kid.ok_or_else(|| Fault::Garbage("it names no `kid`".into()))?;
        let alg = text(answer, &["alg"])?.map(str::to_owned);
        let signature = text(answer, &["signature", "signature_b64"])?;
        let signature = signature.ok_or_else(|| Fault::Garbage("it has no `signature`".into()))?;
        let signature = Signature::from_base64(signature)
            .ok_or_else(|| Fault::Garbage("its `signature` is no base64 of one".into()))?;
        let said = text(answer, &["digest_hex", "digestHex"])?;
        if let (Some(said), Some(asked)) = (said, digest)
            && digest_of(said) != Some(asked)
        {
            let why = format!("it signed digest {}, not `{asked}`", excerpt(said));
            return Err(Fault::Garbage(why.into()));
        }
        Ok(Self {
            kid: kid.to_owned(),
            alg,
            signature,
        })
    }
}

impl Anchor {
    pub(crate) fn read(answer: &Value) -> Result<Self, Fault> {
        let seq = answer.get("seq").and_then(Value::as_u64);
        let digest = text(answer, &["digest_hex", "digestHex"])?.and_then(digest_of);
        match (seq, digest) {
            (Some(seq), Some(digest)) => Ok(Self {
                seq,
                digest,
                epoch: answer.get("epoch").and_then(Value::as_u64),
            }),
            _ => Err(Fault::Garbage(
                "an anchor has a `seq` and a `digest_hex`".into(),
            )),
        }
    }
}

/// The text under one of `names`. Where an answer has several of them, they must agree.
fn text<'a>(answer: &'a Value, names: &[&str]) -> Result<Option<&'a str>, Fault> {
    let mut found: Option<&str> = None;
    for name in names {
        let value = match answer.get(name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(value)) => value.as_str(),
            Some(_) => return Err(Fault::Garbage(format!("its `{name}` is no text").into())),
        };
        if found.is_some_and(|found| found != value) {
            let why = format!("its `{name}` says otherwise than its `{}`", names[0]);
            return Err(Fault::Garbage(why.into()));
        }
        found = Some(value);
    }
    Ok(found)
}

/// Proxies write digests in either case.
fn digest_of(text: &str) -> Option<Digest> {
    hex::digest(&text.to_ascii_lowercase())
}
