//! Bodies: bounded in length and time, and JSON of one shape.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::Request;
use hyper::body::Incoming;
use serde::Deserialize;
use tokio::time::timeout;

use crate::config::limits::BODY_BYTES_MAX;
use crate::refusal::{BadRequest, Refusal};

/// Reads the body.
pub(super) async fn read(request: Request<Incoming>, within: Duration) -> Result<Bytes, Refusal> {
    let body = Limited::new(request.into_body(), BODY_BYTES_MAX);
    let read = timeout(within, body.collect()).await;
    match read.map_err(|_| Refusal::BodyTimedOut)? {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::TooLong),
        Err(error) => Err(BadRequest::Json(error.to_string()).into()),
    }
}

/// Reads the JSON in it.
pub(crate) fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, BadRequest> {
    serde_json::from_slice(body).map_err(|error| BadRequest::Json(error.to_string()))
}
