//! A policy is sent: its manifest first, then what is missing of its component.

use std::path::Path;

use ledger::registry::Name;
use ledger::{Code, Digest};
use plugins_host::limits::COMPONENT_BYTES_MAX;
use verify::limits::SIGNED_MANIFEST_BYTES_MAX;
use verify::policy::{Manifest, SignedManifest};
use wire::limits::POLICY_CHUNK_BYTES_MAX;
use wire::message::{PolicyChunk, PolicyFile, PolicyPushed, PushPolicy};

use crate::args::PushArgs;
use crate::exit::Exit;
use crate::fault::{Fault, PolicyFault};
use crate::files;
use crate::output::note;
use crate::policy::Project;
use crate::session::Session;
use crate::view::rollout::PushedView;

/// The file that `policy sign` writes into the folder.
const MANIFEST: &str = "manifest.json";
/// Times that the daemon may hold another part than the one that was to come next.
const TURNS_MAX: usize = 8;

pub(super) async fn run(session: &Session, args: &PushArgs) -> Result<Exit, Fault> {
    let file = match &args.manifest {
        Some(file) => file.clone(),
        None => args.folder.join(MANIFEST),
    };
    let bytes = files::read(&file, SIGNED_MANIFEST_BYTES_MAX as u64)?;
    let signed = SignedManifest::decode(&bytes);
    let signed = signed.map_err(|error| PolicyFault::NotManifest(file, error))?;
    let manifest = &signed.manifest;
    let tenant = tenant(manifest)?;
    let digest = Digest::of(&bytes);
    let sent = part(PolicyFile::Manifest, tenant, digest, &bytes, 0, bytes.len());
    let taken = session.client.push_policy(sent).await?;
    let held = push_component(session, args, manifest, tenant).await?;
    let view = PushedView::of(&signed, digest, taken.code, held);
    session.output.line(&view)?;
    Ok(Exit::Success)
}

/// Sends what the daemon has not of the component. How it was taken, and its bytes.
async fn push_component(
    session: &Session,
    args: &PushArgs,
    manifest: &Manifest,
    tenant: Option<Name>,
) -> Result<(Code, u64), Fault> {
    let named = manifest.component;
    let ask = part(PolicyFile::Component, tenant, named, &[], 0, 0);
    let pushed = session
        .client
        .push_policy(PushPolicy { total: 1, ..ask })
        .await?;
    if pushed.code.is_posted() {
        return Ok((pushed.code, pushed.held));
    }
    let component = component(args)?;
    let found = Digest::of(&component);
    if found != named {
        return Err(PolicyFault::OtherComponent { named, found }.into());
    }
    let total = component.len();
    let (mut held, mut turns) = (pushed.held, 0);
    loop {
        let at = usize::try_from(held).unwrap_or(usize::MAX).min(total);
        let next = total.min(at + POLICY_CHUNK_BYTES_MAX);
        tell(next, total);
        let chunk = part(PolicyFile::Component, tenant, named, &component, at, next);
        let PolicyPushed { code, held: now } = session.client.push_policy(chunk).await?;
        if code.is_posted() {
            return Ok((code, now));
        }
        if now != next as u64 {
            // Somebody else sends it too, or the daemon dropped what it had: go on from there.
            turns += 1;
        }
        if turns > TURNS_MAX {
            return Err(PolicyFault::NotTaken(named).into());
        }
        held = now;
    }
}

/// How far it has come, where that takes long enough to be seen.
fn tell(next: usize, total: usize) {
    const KIB: usize = 1 << 10;
    if total > POLICY_CHUNK_BYTES_MAX {
        note(format_args!(
            "component: {} of {} KiB",
            next.div_ceil(KIB),
            total.div_ceil(KIB)
        ));
    }
}

fn component(args: &PushArgs) -> Result<Vec<u8>, Fault> {
    match &args.component {
        Some(file) => files::read(file, COMPONENT_BYTES_MAX as u64),
        None => {
            let folder: &Path = &args.folder;
            Ok(Project::open(folder)?.component)
        }
    }
}

/// The tenant of a manifest, as the ledger knows tenants.
fn tenant(manifest: &Manifest) -> Result<Option<Name>, Fault> {
    let Some(name) = &manifest.tenant else {
        return Ok(None);
    };
    let parsed = Name::parse(name.as_str());
    let unknown = || Fault::NoTenant(name.to_string(), Vec::new());
    parsed.map(Some).ok_or_else(unknown)
}

/// The bytes from `at` to `next` of a file.
fn part(
    file: PolicyFile,
    tenant: Option<Name>,
    digest: Digest,
    bytes: &[u8],
    at: usize,
    next: usize,
) -> PushPolicy {
    let chunk = bytes.get(at..next).unwrap_or_default();
    PushPolicy {
        tenant,
        file,
        digest,
        total: bytes.len() as u64,
        offset: at as u64,
        bytes: PolicyChunk::new(chunk.to_vec()).unwrap_or_default(),
    }
}
