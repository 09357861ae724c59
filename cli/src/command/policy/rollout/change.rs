//! A policy is put in force or gives way, once the approvers have signed for it.

use client::ClientError;
use ledger::Code;
use ledger::registry::Name as TenantName;
use verify::approval::{Approval, Content};
use verify::policy::PolicyAction;
use wire::message::{ActivatePolicy, ApprovalsRequest, PolicyChange, PolicyRow, PolicyStanding};

use super::Policies;
use crate::args::ChangeArgs;
use crate::command::signers::ask;
use crate::exit::Exit;
use crate::fault::{Fault, PolicyFault};
use crate::keys::Keys;
use crate::output::note;
use crate::session::Session;
use crate::view::rollout::{AwaitedView, PolicyChangedView};

pub(super) async fn activate(session: &Session, args: &ChangeArgs) -> Result<Exit, Fault> {
    change(session, args, PolicyAction::Activate).await
}

pub(super) async fn roll_back(session: &Session, args: &ChangeArgs) -> Result<Exit, Fault> {
    change(session, args, PolicyAction::Rollback).await
}

async fn change(session: &Session, args: &ChangeArgs, action: PolicyAction) -> Result<Exit, Fault> {
    let policies = Policies::fetch(session, &args.scope).await?;
    let row = policies.find(&args.manifest)?;
    // What is so already needs no approvers: the daemon says why it is refused.
    let in_force = row.standing == PolicyStanding::Active;
    let is_change = in_force == (action == PolicyAction::Rollback);
    if is_change && let Some(exit) = approvers(session, args, action, &policies, row).await? {
        return Ok(exit);
    }
    let wanted = ActivatePolicy {
        tenant: policies.tenant,
        action: match action {
            PolicyAction::Activate => PolicyChange::Activate,
            PolicyAction::Rollback => PolicyChange::Rollback,
        },
        manifest: row.manifest,
    };
    let changed = session.client.activate_policy(wanted).await;
    if let Err(ClientError::Refused(failure)) = &changed
        && failure.code == Code::ApprovalInsufficient
    {
        note(advice(action, policies.tenant, row));
    }
    let changed = changed?;
    session
        .output
        .line(&PolicyChangedView::of(action, row, &changed))?;
    Ok(Exit::of_item(changed.code))
}

/// How to get an approval, for who may not ask for one.
fn advice(action: PolicyAction, tenant: Option<TenantName>, row: &PolicyRow) -> String {
    let scope = match tenant {
        Some(tenant) => format!("--tenant {tenant}"),
        None => "--platform".to_owned(),
    };
    let action = action.text();
    format!(
        "an operator asks for it with `ledgerctl --as operator policy {action} {} {scope} --by \
         NAME`; what it prints is what the approvers run",
        row.manifest
    )
}

/// Sees that the approvers have signed, or are asked. How the process ends if they have yet to.
async fn approvers(
    session: &Session,
    args: &ChangeArgs,
    action: PolicyAction,
    policies: &Policies,
    row: &PolicyRow,
) -> Result<Option<Exit>, Fault> {
    let open = match session.client.approvals(ApprovalsRequest {}).await {
        Ok(open) => open.rows,
        // Who may not see them finds out by the change itself.
        Err(ClientError::Refused(failure)) if failure.code == Code::Denied => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let tenant = policies.tenant.as_ref();
    let content = Content::Policy {
        action,
        manifest: row.manifest,
        replaces: policies.list.state,
        tenant: tenant.and_then(|name| verify::Name::new(name.as_str()).ok()),
    };
    let open = open.iter().filter_map(|json| Approval::decode(json).ok());
    let found = open.filter(|approval| approval.request().content == content);
    match found.max_by_key(|approval| approval.signatures().count()) {
        Some(approval) if approval.is_complete() => Ok(None),
        Some(approval) => {
            session.output.line(&AwaitedView::of(&approval))?;
            Ok(Some(Exit::Later))
        }
        None => {
            let by = args.by.as_ref().ok_or(PolicyFault::NobodyAsks)?;
            let keys = Keys::fetch(session).await?;
            let exit = ask::send(session, &keys, content, by, args.within).await?;
            let action = action.text();
            note(format_args!(
                "once they have signed, run `policy {action}` again"
            ));
            Ok(Some(exit.max(Exit::Later)))
        }
    }
}
