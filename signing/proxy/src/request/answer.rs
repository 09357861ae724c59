//! Answers, as HTTP has them.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::{Response, StatusCode};
use ledger::Digest;
use serde_json::{Value, json};
use verify::{Micros, Signature};

use crate::keys::Key;
use crate::refusal::Refusal;
use crate::state::Claimed;

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The short name that audit lines have for it.
    pub(crate) outcome: &'static str,
    /// Whether it holds a signature, so that its audit line has to last.
    pub(crate) is_signed: bool,
    body: Bytes,
    content_type: &'static str,
}

const JSON: &str = "application/json";
const PEM: &str = "application/x-pem-file";

impl Answer {
    /// JSON that holds no signature.
    pub(crate) fn json(body: &Value) -> Self {
        Self {
            outcome: "ok",
            is_signed: false,
            body: body.to_string().into(),
            content_type: JSON,
        }
    }

    /// Public keys in PEM.
    pub(super) fn pem(body: String) -> Self {
        Self {
            outcome: "ok",
            is_signed: false,
            body: body.into(),
            content_type: PEM,
        }
    }

    /// A signature.
    pub(super) fn signed(key: &Key, signature: &Signature, outcome: &'static str) -> Self {
        let body = json!({
            "kid": key.kid,
            "alg": key.public.algorithm(),
            "signature": signature,
        });
        Self {
            outcome,
            is_signed: true,
            ..Self::json(&body)
        }
    }

    /// The response.
    pub(super) fn response(&self) -> Response<Full<Bytes>> {
        response(StatusCode::OK, self.content_type, self.body.clone())
    }
}

/// That the proxy is well.
pub(super) fn health(now: Micros) -> Answer {
    Answer::json(&json!({ "status": "ok", "now": now }))
}

/// The last head that was signed of a chain.
pub(super) fn anchor(origin: &str, epoch: u64, seq: u64, digest: Digest) -> Answer {
    let digest_hex = digest.to_string();
    Answer::json(&json!({
        "origin": origin, "epoch": epoch, "seq": seq, "digest_hex": digest_hex,
    }))
}

/// A refusal.
pub(super) fn refused(refusal: &Refusal) -> Response<Full<Bytes>> {
    let mut body = json!({ "error": refusal.name(), "message": refusal.to_string() });
    if let (Some(digest), Some(body)) = (refusal.conflict(), body.as_object_mut()) {
        body.insert("signed_digest_hex".into(), digest.to_string().into());
    }
    let mut response = response(refusal.status(), JSON, body.to_string().into());
    let headers = response.headers_mut();
    if let Some(seconds) = refusal.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    match refusal {
        Refusal::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Refusal::Method(method) => {
            headers.insert(ALLOW, HeaderValue::from_static(method));
        }
        _ => {}
    }
    response
}

/// A request whose task ended by itself.
pub(super) fn fault_of_ours() -> Response<Full<Bytes>> {
    let body = json!({ "error": "internal", "message": "a fault of the proxy" });
    response(
        StatusCode::INTERNAL_SERVER_ERROR,
        JSON,
        body.to_string().into(),
    )
}

fn response(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What audit lines say about a place or a size that was claimed.
pub(super) fn outcome(claimed: Claimed) -> &'static str {
    match claimed {
        Claimed::New => "signed",
        Claimed::Again => "signed_again",
        Claimed::First => "signed_first",
        Claimed::Before => "signed_before_first",
        Claimed::Excepted => "signed_by_exception",
        Claimed::Abandoning => "signed_abandoning",
    }
}
