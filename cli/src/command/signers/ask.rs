//! Requests to the approvers: made here, so that who asks sees what the approvers will see.

use std::time::{SystemTime, UNIX_EPOCH};

use ledger::{Code, Digest};
use verify::approval::{Approval, Content, Nonce, Request};
use verify::{Keyring, Kid, Micros};
use wire::message::{ApprovalJson, ApprovalsRequest, RequestApproval};

use crate::args::{ApprovedArgs, AskArgs};
use crate::exit::Exit;
use crate::fault::{Fault, KeyFault};
use crate::keys::Keys;
use crate::session::Session;
use crate::span::Span;
use crate::view::signers::RequestedView;

/// An approval as it is kept, and as it is sent.
pub(super) struct Approved {
    pub(super) approval: Approval,
    pub(super) json: ApprovalJson,
}

/// The approval of the request with this digest, as far as it has come.
pub(super) async fn approved(session: &Session, digest: Digest) -> Result<Approved, Fault> {
    let open = session.client.approvals(ApprovalsRequest {}).await?;
    open.rows
        .into_iter()
        .filter_map(|json| {
            let approval = Approval::decode(&json).ok()?;
            Some(Approved { approval, json })
        })
        .find(|open| open.approval.request().digest() == digest)
        .ok_or_else(|| KeyFault::NoRequest(digest.to_string()).into())
}

pub(super) async fn for_keyring(session: &Session, args: &AskArgs) -> Result<Exit, Fault> {
    let keys = Keys::fetch(session).await?;
    let content = Content::Keyring {
        keyring: keys.current.digest(),
        serial: keys.current.serial(),
    };
    send(session, &keys, content, &args.by, args.within).await
}

pub(super) async fn for_promotion(
    session: &Session,
    kid: &Kid,
    args: &ApprovedArgs,
) -> Result<Exit, Fault> {
    let keys = Keys::fetch(session).await?;
    let next = keys.current.with_promoted(kid, keys.head.seq + 1);
    let next = next.map_err(KeyFault::Change)?;
    let content = Content::Promote {
        keyring: next.digest(),
        kid: kid.clone(),
        serial: next.serial(),
    };
    let by = args.by.as_ref().ok_or(KeyFault::NobodyAsks)?;
    send(session, &keys, content, by, args.within).await
}

pub(in crate::command) async fn send(
    session: &Session,
    keys: &Keys,
    content: Content,
    by: &Kid,
    within: Span,
) -> Result<Exit, Fault> {
    let request = request(&keys.current, content, by, within)?;
    let json = request.encode();
    let too_long = Fault::TooLong("the request", json.len(), wire::limits::APPROVAL_BYTES_MAX);
    let json = ApprovalJson::new(json).ok_or(too_long)?;
    let asked = session
        .client
        .request_approval(RequestApproval { request: json })
        .await?;
    let view = RequestedView::of(&request, asked.code);
    session.output.line(&view)?;
    Ok(match asked.code {
        Code::SignerUnavailable => Exit::Later,
        code => Exit::of_item(code),
    })
}

/// A request that builds on `keyring`.
pub(in crate::command) fn request(
    keyring: &Keyring,
    content: Content,
    by: &Kid,
    within: Span,
) -> Result<Request, Fault> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|_| Fault::NoRandomness)?;
    let requested_at = now()?;
    Ok(Request {
        content,
        environment: keyring.environment().clone(),
        expires_at: after(requested_at, within)?,
        nonce: Nonce(nonce),
        origin: keyring.deployment().clone(),
        requested_at,
        requested_by: by.clone(),
        state: keyring.digest(),
    })
}

pub(in crate::command) fn now() -> Result<Micros, Fault> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| Micros::new(u64::try_from(since.as_micros()).ok()?))
        .ok_or_else(|| KeyFault::Clock.into())
}

pub(in crate::command) fn after(time: Micros, span: Span) -> Result<Micros, Fault> {
    let micros = u64::from(span.0) * 1_000_000;
    Micros::new(time.get() + micros).ok_or_else(|| KeyFault::Clock.into())
}
