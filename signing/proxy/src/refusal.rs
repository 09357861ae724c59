//! Why a request is refused: a status, a short name for programs, and a sentence for people.

use std::fmt;

use hyper::StatusCode;
use ledger::Digest;
use signing::{Fault, SignerError};

use crate::state::Conflict;

/// Why a request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// The body, or something in it, is not what it should be.
    BadRequest(BadRequest),
    /// The client did not show who it is.
    Unauthenticated,
    /// The client showed something that nobody here is known by.
    Unknown,
    /// The client may not ask for this.
    Forbidden(&'static str),
    /// There is no such path.
    NoSuchPath,
    /// The path takes another method.
    Method(&'static str),
    /// There is no anchor of this chain.
    NoAnchor,
    /// Digests of which nothing is known are not signed here.
    SignHashIsOff,
    /// The chain, or the log, is not one of those that are signed here.
    OriginNotAllowed(String),
    /// There is no key of this id that may sign this.
    NoSuchKey(String),
    /// What was signed before says otherwise.
    Conflict(Conflict),
    /// The body did not come in time.
    BodyTimedOut,
    /// The body is longer than is taken.
    TooLong,
    /// More requests came than one client, or one address, may send.
    TooMany {
        /// Seconds to wait.
        seconds: u64,
    },
    /// The key gave no signature.
    Signer(SignerError),
    /// The process is about to end.
    Ending,
}

/// What is wrong with a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum BadRequest {
    /// It is not the JSON that the path takes; the text says where.
    Json(String),
    /// It is not a digest in 64 lower-case hex digits.
    Digest(&'static str),
    /// It is not a signature in base64.
    Signature,
    /// It is not a row of a chain; the text says why.
    Payload(String),
    /// The row names another previous digest than the request.
    Previous,
    /// The row is to be signed with another algorithm than its key has.
    Algorithm(String),
    /// It is not a checkpoint: origin, size and root, a line each.
    Checkpoint,
    /// It is not canonical JSON; the text says why.
    Canonical(String),
    /// It is a row of a chain, which has a path of its own.
    RowElsewhere,
    /// Several keys may sign this, and none is named.
    WhichKey,
    /// The query lacks this, or has it in another form.
    Query(&'static str),
}

impl Refusal {
    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Unknown
            | Self::Forbidden(_)
            | Self::SignHashIsOff
            | Self::OriginNotAllowed(_) => StatusCode::FORBIDDEN,
            Self::NoSuchPath | Self::NoAnchor | Self::NoSuchKey(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            // The one before it may still be on its way: asking again later may succeed.
            Self::Conflict(Conflict::Gap { .. }) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::BodyTimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Signer(error) => match error.fault() {
                Fault::Throttled => StatusCode::TOO_MANY_REQUESTS,
                Fault::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
                fault if fault.is_retryable() => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_GATEWAY,
            },
            Self::Ending => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A short name for programs and audit lines.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::BadRequest(bad) => bad.name(),
            Self::Unauthenticated => "unauthenticated",
            Self::Unknown => "unknown_client",
            Self::Forbidden(_) => "forbidden",
            Self::NoSuchPath => "no_such_path",
            Self::Method(_) => "method",
            Self::NoAnchor => "no_anchor",
            Self::SignHashIsOff => "sign_hash_is_off",
            Self::OriginNotAllowed(_) => "origin_not_allowed",
            Self::NoSuchKey(_) => "no_such_key",
            Self::Conflict(conflict) => conflict.name(),
            Self::BodyTimedOut => "body_timed_out",
            Self::TooLong => "too_long",
            Self::TooMany { .. } => "too_many_requests",
            Self::Signer(error) => error.fault().name(),
            Self::Ending => "ending",
        }
    }

    /// Seconds after which asking again makes sense.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany { seconds } => Some(*seconds),
            _ if self.status() == StatusCode::TOO_MANY_REQUESTS
                || self.status() == StatusCode::SERVICE_UNAVAILABLE =>
            {
                Some(1)
            }
            _ => None,
        }
    }

    /// The digest that has the place already.
    pub(crate) fn conflict(&self) -> Option<Digest> {
        match self {
            Self::Conflict(Conflict::Equivocation { claimed, .. })
            | Self::Conflict(Conflict::OtherRoot { claimed, .. }) => Some(*claimed),
            _ => None,
        }
    }
}

impl BadRequest {
    fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "bad_json",
            Self::Digest(_) => "bad_digest",
            Self::Signature => "bad_signature",
            Self::Payload(_) => "bad_payload",
            Self::Previous => "other_prev",
            Self::Algorithm(_) => "other_algorithm",
            Self::Checkpoint => "bad_checkpoint",
            Self::Canonical(_) => "bad_canonical",
            Self::RowElsewhere => "row_elsewhere",
            Self::WhichKey => "which_key",
            Self::Query(_) => "bad_query",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRequest(bad) => bad.fmt(f),
            Self::Unauthenticated => f.write_str(
                "show a client certificate, or send `Authorization: Bearer` with an API key",
            ),
            Self::Unknown => f.write_str("no client here is known by this certificate or API key"),
            Self::Forbidden(what) => write!(f, "this client may not {what}"),
            Self::NoSuchPath => f.write_str("there is no such path"),
            Self::Method(method) => write!(f, "this path takes `{method}`"),
            Self::NoAnchor => f.write_str("nothing was signed for this chain"),
            Self::SignHashIsOff => f.write_str(
                "digests are signed blindly by keys of usage `bundle` alone: use `/sign/seal`, \
                 `/sign/note` or `/sign/canonical`, or have `signing.allow_sign_hash` set",
            ),
            Self::OriginNotAllowed(origin) => write!(
                f,
                "`{origin}` is not signed here: have it added to the `[[origin]]` sections, with \
                 its epoch"
            ),
            Self::NoSuchKey(kid) => {
                write!(f, "there is no key `{kid}` here that may sign this")
            }
            Self::Conflict(conflict) => conflict.fmt(f),
            Self::BodyTimedOut => f.write_str("the body did not come in time"),
            Self::TooLong => f.write_str("the body is longer than 65536 bytes"),
            Self::TooMany { seconds } => write!(f, "too many requests: wait {seconds} s"),
            Self::Signer(error) => error.fmt(f),
            Self::Ending => f.write_str("the proxy is about to end: ask again"),
        }
    }
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "not the JSON that this path takes: {error}"),
            Self::Digest(field) => {
                write!(
                    f,
                    "`{field}` is not a digest: give 64 lower-case hex digits"
                )
            }
            Self::Signature => f.write_str("`signature` is not a signature in base64"),
            Self::Payload(error) => write!(f, "`canonical` is not a row: {error}"),
            Self::Previous => f.write_str("`prev_hex` is not the `prev` of the row"),
            Self::Algorithm(kid) => {
                write!(
                    f,
                    "the row names another algorithm than that of key `{kid}`"
                )
            }
            Self::Checkpoint => {
                f.write_str("the note is not a checkpoint: give origin, size and root, a line each")
            }
            Self::Canonical(error) => write!(f, "`canonical` is not canonical JSON: {error}"),
            Self::RowElsewhere => f.write_str("`canonical` is a row of a chain: use `/sign/seal`"),
            Self::WhichKey => f.write_str("several keys may sign this: name one as `kid`"),
            Self::Query(what) => write!(f, "the query needs {what}"),
        }
    }
}

impl From<BadRequest> for Refusal {
    fn from(bad: BadRequest) -> Self {
        Self::BadRequest(bad)
    }
}

impl From<crate::state::Gone> for Refusal {
    fn from(_: crate::state::Gone) -> Self {
        Self::Ending
    }
}
