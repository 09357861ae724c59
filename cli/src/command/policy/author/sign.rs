//! Component, configuration, limits and cases signed as one manifest.

use signing::Signer;
use verify::PublicKey;
use verify::policy::{Manifest, PolicyLimits, SignedManifest};

use crate::args::{PolicyKeyArgs, SignArgs};
use crate::command::signers::public_key;
use crate::command::signing_key;
use crate::exit::Exit;
use crate::fault::{Fault, KeyFault, PolicyFault};
use crate::files;
use crate::output::Output;
use crate::policy::{Meter, Project, trial};
use crate::view::policy::SignedView;

/// Where the manifest goes without being told.
const MANIFEST: &str = "manifest.json";

pub(super) async fn run(output: Output, args: &SignArgs) -> Result<Exit, Fault> {
    let project = Project::open(&args.project.folder)?;
    // A manifest that a daemon would refuse is not worth a signature.
    let policy = trial::load(&project, Meter::Off, Some(&project.cases))?;
    let manifest = Manifest {
        cases: String::from_utf8(project.cases.clone())
            .map_err(|_| PolicyFault::NotText(project.cases_file.clone()))?,
        component: project.digest,
        config: project.config.clone(),
        config_version: policy.config_version(),
        deployment: args.deployment.clone(),
        environment: args.environment.clone(),
        limits: PolicyLimits {
            base_micros: project.limits.base_micros.into(),
            memory_bytes: project.limits.memory_bytes,
            per_transfer_nanos: project.limits.per_transfer_nanos.into(),
        },
        name: project.name.clone(),
        tenant: args.whose.tenant.clone(),
    };
    manifest.check().map_err(PolicyFault::Manifest)?;
    let signed = sign(args, manifest).await?;
    let file = args.out.clone();
    let file = file.unwrap_or_else(|| project.folder.join(MANIFEST));
    let bytes = signed.encode().map_err(PolicyFault::Manifest)?;
    files::write(&file, &bytes)?;
    let view = SignedView::of(&signed, &file);
    output.show(&view, view.pairs())?;
    Ok(Exit::Success)
}

async fn sign(args: &SignArgs, manifest: Manifest) -> Result<SignedManifest, Fault> {
    let key = &args.key;
    let (config, known) = signing_key::config(key.policy_key.as_deref(), &key.elsewhere)?;
    let public = match public_half(key)?.or(known) {
        Some(public) => public,
        None => Signer::published_key(&config)
            .await
            .map_err(KeyFault::Signer)?
            .ok_or(PolicyFault::NoPublicKey)?,
    };
    let signer = Signer::connect(&config, args.kid.clone(), public).await;
    let signer = signer.map_err(KeyFault::Signer)?;
    let signature = signer.sign_canonical(&manifest.encode()).await;
    Ok(SignedManifest {
        alg: signer.algorithm(),
        kid: args.kid.clone(),
        manifest,
        signature: signature.map_err(KeyFault::Signer)?,
    })
}

fn public_half(args: &PolicyKeyArgs) -> Result<Option<PublicKey>, Fault> {
    let file = args.policy_public_key.as_deref();
    file.map(public_key).transpose()
}
