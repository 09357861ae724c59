//! Policies on their way into force, and out of it.

mod change;
mod push;

use ledger::registry::Name;
use ledger::{Digest, TenantId};
use verify::policy::SignedManifest;
use wire::message::{ListPolicies, PolicyList, PolicyRow, ShadowAction, ShadowPolicy};

use crate::args::{RolloutCommand, ScopeArgs, ShadowArgs, ShowArgs};
use crate::exit::Exit;
use crate::fault::{Fault, PolicyFault};
use crate::files;
use crate::session::Session;
use crate::view::rollout::{ManifestView, PoliciesView, ShadowedView};

pub(super) async fn run(session: &Session, command: &RolloutCommand) -> Result<Exit, Fault> {
    match command {
        RolloutCommand::Push(args) => push::run(session, args).await,
        RolloutCommand::List(args) => list(session, args).await,
        RolloutCommand::Show(args) => show(session, args).await,
        RolloutCommand::Shadow(args) => shadow(session, args).await,
        RolloutCommand::Activate(args) => change::activate(session, args).await,
        RolloutCommand::Rollback(args) => change::roll_back(session, args).await,
    }
}

/// Policies of one tenant, or of the platform, as the daemon has them.
struct Policies {
    tenant: Option<Name>,
    list: PolicyList,
}

impl Policies {
    async fn fetch(session: &Session, args: &ScopeArgs) -> Result<Self, Fault> {
        let tenant = scope(session, args)?;
        let list = ListPolicies {
            tenant,
            manifest: Digest::ZERO,
        };
        let list = session.client.list_policies(list).await?;
        Ok(Self { tenant, list })
    }

    /// The manifest whose digest begins so.
    fn find(&self, start: &str) -> Result<&PolicyRow, Fault> {
        let begins = |row: &&PolicyRow| {
            row.manifest != Digest::ZERO && row.manifest.to_string().starts_with(start)
        };
        let mut found = self.list.rows.iter().filter(begins);
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(row),
            (Some(_), Some(_)) => Err(PolicyFault::Ambiguous(start.to_owned()).into()),
            (None, _) => Err(PolicyFault::NotListed(start.to_owned()).into()),
        }
    }
}

/// Whose policies are meant: one's own, unless said otherwise.
fn scope(session: &Session, args: &ScopeArgs) -> Result<Option<Name>, Fault> {
    let hello = session.client.hello();
    match &args.tenant {
        Some(tenant) => Name::parse(tenant)
            .map(Some)
            .ok_or_else(|| Fault::NoTenant(tenant.clone(), Vec::new())),
        None if args.platform || hello.tenant == TenantId::PLATFORM => Ok(None),
        None => Ok(Some(hello.tenant_name)),
    }
}

async fn list(session: &Session, args: &ScopeArgs) -> Result<Exit, Fault> {
    let policies = Policies::fetch(session, args).await?;
    let view = PoliciesView::of(policies.tenant, &policies.list);
    session.output.show(&view, &view)?;
    Ok(Exit::Success)
}

async fn show(session: &Session, args: &ShowArgs) -> Result<Exit, Fault> {
    let policies = Policies::fetch(session, &args.scope).await?;
    let wanted = policies.find(&args.manifest)?.manifest;
    let (signed, bytes) = manifest(session, policies.tenant, wanted).await?;
    if let Some(out) = &args.out {
        files::write(out, &bytes)?;
    }
    let view = ManifestView::of(&signed);
    session.output.show(&view, &view)?;
    Ok(Exit::Success)
}

/// A manifest that the daemon has, and its bytes.
async fn manifest(
    session: &Session,
    tenant: Option<Name>,
    manifest: Digest,
) -> Result<(SignedManifest, Vec<u8>), Fault> {
    let list = ListPolicies { tenant, manifest };
    let list = session.client.list_policies(list).await?;
    let bytes = list.manifest.into_vec();
    let signed = SignedManifest::decode(&bytes).ok();
    let signed = signed.filter(|_| Digest::of(&bytes) == manifest);
    let missing = || PolicyFault::NotListed(manifest.to_string());
    Ok((signed.ok_or_else(missing)?, bytes))
}

async fn shadow(session: &Session, args: &ShadowArgs) -> Result<Exit, Fault> {
    let policies = Policies::fetch(session, &args.scope).await?;
    let row = policies.find(&args.manifest)?;
    let (action, per_million) = if args.stop {
        (ShadowAction::Stop, 0)
    } else {
        (ShadowAction::Start, args.sample.0)
    };
    let shadow = ShadowPolicy {
        tenant: policies.tenant,
        action,
        manifest: row.manifest,
        per_million,
    };
    let shadowed = session.client.shadow_policy(shadow).await?;
    let view = ShadowedView::of(&row.name, &shadow, shadowed.code);
    session.output.line(&view)?;
    Ok(Exit::of_item(shadowed.code))
}
