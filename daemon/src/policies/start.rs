//! What was in force when the daemon ended is in force again before anybody is let in.

use std::fmt;

use verify::Keyring;
use verify::keyring::State;
use verify::policy::{InForce, PolicyBook, Scope};

use super::active::{Active, InUse};
use super::place::{Placed, Places};
use super::store::PolicyStore;

/// A policy of the platform that cannot be asked. Nobody could be judged without it.
#[derive(Debug)]
pub(crate) struct PlatformPolicy {
    name: String,
    manifest: ledger::Digest,
    problem: String,
}

impl fmt::Display for PlatformPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            manifest,
            problem,
        } = self;
        write!(
            f,
            "policy `{name}` of the platform, manifest `{manifest}`, cannot be asked: {problem}"
        )
    }
}

/// Has everything ready that the rows of the chain put in force. A tenant whose policy cannot be
/// asked is denied what that policy would be asked about, and the log says why.
///
/// # Errors
/// A policy of the platform cannot be asked.
pub(crate) async fn load(
    book: &PolicyBook,
    keyring: &Keyring,
    store: &PolicyStore,
    places: &Places,
    shipped: Vec<Placed>,
) -> Result<Active, PlatformPolicy> {
    let mut active = Active::new(shipped);
    for scope in book.scopes() {
        for in_force in book.in_force(scope) {
            let manifest = &in_force.signed.manifest;
            let in_use = match one(in_force, keyring, store, places).await {
                Ok(placed) => InUse::new(placed),
                Err(problem) if scope.is_none() => {
                    return Err(PlatformPolicy {
                        name: manifest.name.to_string(),
                        manifest: in_force.digest,
                        problem,
                    });
                }
                Err(problem) => {
                    tell(scope, in_force, &problem);
                    InUse::broken(&in_force.signed, &problem)
                }
            };
            active.put(scope, &manifest.name, in_use);
        }
    }
    Ok(active)
}

fn tell(scope: &Scope, in_force: &InForce, problem: &str) {
    tracing::error!(
        tenant = scope.as_ref().map(verify::Name::as_str),
        policy = %in_force.signed.manifest.name,
        manifest = %in_force.digest,
        problem,
        "a policy cannot be asked: the tenant's requests are denied until it is replaced"
    );
}

async fn one(
    in_force: &InForce,
    keyring: &Keyring,
    store: &PolicyStore,
    places: &Places,
) -> Result<Placed, String> {
    let signed = &in_force.signed;
    match signed.verify_recorded(keyring) {
        Ok(State::Revoked) => tracing::warn!(
            policy = %signed.manifest.name,
            kid = %signed.kid,
            "a policy in force was signed by a key that is revoked by now: replace it"
        ),
        Ok(_) => {}
        Err(fault) => return Err(format!("signature: {fault}")),
    }
    if let Err(error) = store.restore(signed) {
        tracing::warn!(%error, "the manifest of a policy in force is only in the audit chain");
    }
    let component = store.component(signed.manifest.component);
    let component = component.map_err(|error| format!("component: {error}"))?;
    let placed = places.load(signed.clone(), component).await;
    placed.map_err(|error| error.to_string())
}
