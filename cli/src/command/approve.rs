//! Approvals: what is asked for is shown decoded, and signed by the approver's own key.

mod source;

use std::io::{self, BufRead, IsTerminal};

use ledger::registry::Name;
use ledger::{Code, Digest};
use verify::Keyring;
use verify::approval::{Approval, ApprovalSignature, Content};
use wire::message::{ApprovalJson, ApprovalsRequest, Approve, ListPolicies};

use super::ceremony;
use crate::args::{ApproveArgs, ApproveRequest};
use crate::exit::Exit;
use crate::fault::{Fault, KeyFault};
use crate::keys::Keys;
use crate::meaning::Meaning;
use crate::output::{Output, note};
use crate::session::Session;
use crate::trust;
use crate::view::approval::{ApprovalView, ApprovedView};
use crate::view::signers::DraftedView;

pub(super) async fn run(session: &Session, args: &ApproveArgs) -> Result<Exit, Fault> {
    let keys = Keys::fetch(session).await?;
    let open = session.client.approvals(ApprovalsRequest {}).await?;
    let mut views = Vec::new();
    for json in &open.rows {
        let Ok(approval) = Approval::decode(json) else {
            continue;
        };
        let meaning = meaning(session, &approval, &keys).await;
        views.push((ApprovalView::of(&approval, &meaning), approval, meaning));
    }
    let views = views.into_iter();
    match &args.request {
        ApproveRequest::List => {
            let views: Vec<ApprovalView> = views.map(|(view, ..)| view).collect();
            session.output.show(&views, ApprovalView::table(&views))?;
            Ok(Exit::Success)
        }
        ApproveRequest::Digest(start) => {
            let mut found = views.filter(|(view, ..)| view.digest.starts_with(start));
            match (found.next(), found.next()) {
                (Some((view, approval, meaning)), None) => {
                    approve(session, args, &keys, &view, &approval, &meaning).await
                }
                _ => Err(KeyFault::NoRequest(start.clone()).into()),
            }
        }
    }
}

/// What a request would do. What it is about is asked for where the request names digests alone.
async fn meaning(session: &Session, approval: &Approval, keys: &Keys) -> Meaning {
    let meaning = Meaning::of(approval, keys);
    let Content::Policy {
        manifest,
        replaces,
        tenant,
        ..
    } = &approval.request().content
    else {
        return meaning;
    };
    if meaning != Meaning::Plain {
        return meaning;
    }
    let list = ListPolicies {
        tenant: tenant.as_ref().and_then(|name| Name::parse(name.as_str())),
        manifest: *manifest,
    };
    match session.client.list_policies(list).await {
        Ok(list) => Meaning::of_policy(*manifest, *replaces, &list),
        Err(_) => Meaning::Unclear("the daemon does not show the policies that it is about"),
    }
}

/// Shows one request, asks, signs and sends the signature.
async fn approve(
    session: &Session,
    args: &ApproveArgs,
    keys: &Keys,
    view: &ApprovalView,
    approval: &Approval,
    meaning: &Meaning,
) -> Result<Exit, Fault> {
    let signature = sign(args, &keys.current, view, approval, meaning).await?;
    let Some(signature) = signature else {
        return Ok(Exit::Refused);
    };
    send(session, approval.request().digest(), &signature).await
}

/// Shows a request, asks, and signs it; nothing if it is not meant.
async fn sign(
    args: &ApproveArgs,
    keyring: &Keyring,
    view: &ApprovalView,
    approval: &Approval,
    meaning: &Meaning,
) -> Result<Option<ApprovalSignature>, Fault> {
    note(view);
    if let Meaning::Unclear(why) = meaning {
        return Err(KeyFault::Unclear(why).into());
    }
    if !args.yes && !is_meant()? {
        return Ok(None);
    }
    let (signer, approver) = source::open(args, keyring.approvers()).await?;
    let signature = signer.sign_canonical(&approval.request().encode()).await;
    Ok(Some(ApprovalSignature {
        signer: approver.name.clone(),
        kid: approver.kid.clone(),
        alg: signer.algorithm(),
        signature: signature.map_err(KeyFault::Signer)?,
    }))
}

/// Adds a signature to a request in a file, without a connection.
pub(super) async fn in_file(output: Output, args: &ApproveArgs) -> Result<Exit, Fault> {
    let (Some(file), Some(keyring)) = (&args.file, &args.keyring) else {
        return Err(KeyFault::NoRequest(String::new()).into());
    };
    let keys = Keys::in_file(trust::keyring(keyring)?);
    let mut approval = ceremony::read(file)?;
    let meaning = Meaning::of(&approval, &keys);
    let view = ApprovalView::of(&approval, &meaning);
    let signature = sign(args, &keys.current, &view, &approval, &meaning).await?;
    let Some(signature) = signature else {
        return Ok(Exit::Refused);
    };
    let added = approval.add(signature, &ceremony::expected(&keys.current)?);
    added.map_err(KeyFault::NotCounted)?;
    ceremony::write(file, &approval)?;
    output.line(&DraftedView::of(&approval, file))?;
    Ok(Exit::Success)
}

async fn send(
    session: &Session,
    digest: Digest,
    signature: &ApprovalSignature,
) -> Result<Exit, Fault> {
    let json = signature.encode().ok().and_then(ApprovalJson::new);
    let most = wire::limits::APPROVAL_BYTES_MAX;
    let request = Approve {
        request: digest,
        signature: json.ok_or(Fault::TooLong("the signature", most + 1, most))?,
    };
    let approved = session.client.approve(request).await?;
    session
        .output
        .line(&ApprovedView::of(digest, &signature.kid, &approved))?;
    Ok(match approved.code {
        Code::SignerUnavailable => Exit::Later,
        code => Exit::of_item(code),
    })
}

/// Whether the person at the terminal says so.
fn is_meant() -> Result<bool, Fault> {
    let input = io::stdin();
    if !input.is_terminal() {
        return Err(KeyFault::NobodyAnswers.into());
    }
    note("sign this? write `yes`");
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(Fault::Output)?;
    Ok(line.trim() == "yes")
}
