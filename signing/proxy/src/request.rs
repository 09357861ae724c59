//! A request, from its head to the answer and the audit line about it.

mod answer;
mod body;
mod keys;
mod query;
mod route;
mod seal;
mod sign;
mod verify;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Request, Response};

use crate::audit::Line;
use crate::caller::{Caller, Peer};
use crate::clock;
use crate::refusal::Refusal;
use crate::shared::Shared;

pub(crate) use answer::Answer;
#[cfg(any(feature = "faults", debug_assertions))]
pub(crate) use body::json;

use route::Route;

/// Longest request id that is taken from a client.
const REQUEST_ID_MAX: usize = 64;
const REQUEST_ID: &str = "x-request-id";

/// Answers a request. What was begun is brought to its end although the client may have gone: a
/// signature that was made has its audit line.
pub(crate) async fn answer(
    request: Request<Incoming>,
    peer: &Peer,
    shared: &Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (peer, shared) = (peer.clone(), Arc::clone(shared));
    let start = clock::start();
    let id = request_id(request.headers());
    let line = Line {
        time: clock::now().to_string(),
        request_id: id.clone(),
        peer: peer.address.to_string(),
        method: request.method().to_string(),
        path: request.uri().path().chars().take(PATH_MAX).collect(),
        ..Line::default()
    };
    let handled = tokio::spawn(handle(request, peer, shared, line, start)).await;
    let mut response = handled.unwrap_or_else(|_| answer::fault_of_ours());
    if let Ok(id) = id.parse() {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(response)
}

/// Longest path in an audit line.
const PATH_MAX: usize = 100;

async fn handle(
    request: Request<Incoming>,
    peer: Peer,
    shared: Arc<Shared>,
    mut line: Line,
    start: Instant,
) -> Response<Full<Bytes>> {
    let judged = judge(request, &peer, &shared, &mut line).await;
    let response = match &judged {
        Ok(answer) => {
            line.outcome = answer.outcome;
            answer.response()
        }
        Err(refusal) => {
            line.outcome = refusal.name();
            line.conflict = refusal.conflict().map(|digest| digest.to_string());
            answer::refused(refusal)
        }
    };
    line.status = response.status().as_u16();
    line.micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    if line.client.is_empty() && matches!(judged, Err(Refusal::TooMany { .. })) {
        match shared.rates.tells() {
            Some(untold) => line.untold = untold,
            None => return response,
        }
    }
    let must_last = match &judged {
        Ok(answer) => answer.is_signed,
        Err(refusal) => matches!(refusal, Refusal::Conflict(_)),
    };
    let written = if must_last {
        shared.audit.keep(&line).await
    } else {
        shared.audit.note(&line).await
    };
    match written {
        Ok(()) => response,
        // INVARIANT: no signature leaves that no audit line tells of.
        Err(_) => answer::refused(&Refusal::Ending),
    }
}

/// Who asks, whether it may, and what it gets.
async fn judge(
    request: Request<Incoming>,
    peer: &Peer,
    shared: &Shared,
    line: &mut Line,
) -> Result<Answer, Refusal> {
    let now = clock::seconds(clock::now());
    let clients = &shared.settings.clients;
    let caller = peer.authenticate(clients, request.headers(), now);
    let known = caller.clone().unwrap_or(Caller::Nobody);
    line.proof = peer.proof(known);
    match known {
        Caller::Client(client) => {
            client.name.clone_into(&mut line.client);
            shared.rates.count(client)?;
        }
        Caller::Nobody => shared.rates.count_unknown(peer.address.ip())?,
    }
    let caller = caller?;
    let route = Route::find(request.method(), request.uri().path())?;
    if let Some(needed) = route.needs() {
        match caller {
            Caller::Nobody => return Err(Refusal::Unauthenticated),
            Caller::Client(client) if client.role < needed => {
                return Err(Refusal::Forbidden("ask for signatures"));
            }
            Caller::Client(_) => {}
        }
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = body::read(request, shared.settings.limits.body);
    match route {
        Route::Health => Ok(answer::health(clock::now())),
        Route::Keys => keys::list(shared, &query),
        Route::Anchor => keys::anchor(shared, line, &query).await,
        Route::Verify => verify::verify(shared, line, &body.await?),
        Route::Seal => seal::seal(shared, line, &body.await?).await,
        Route::Note => sign::note(shared, line, &body.await?).await,
        Route::Canonical => sign::canonical(shared, line, &body.await?).await,
        Route::Hash => sign::hash(shared, line, &body.await?).await,
        #[cfg(any(feature = "faults", debug_assertions))]
        Route::Faults => crate::faults::change(shared, &body.await?),
    }
}

/// The client's own id of the request if it can stand in a log as it is, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    match given {
        Some(id) if (1..=REQUEST_ID_MAX).contains(&id.len()) && id.bytes().all(fits) => {
            id.to_owned()
        }
        _ => format!("{:032x}", fastrand::u128(..)),
    }
}
