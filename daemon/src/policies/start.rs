//! What was in force when the daemon ended is in force again before anybody is let in.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use actors::Engine;
use ledger::registry::Name as TenantName;
use ledger::{Digest, TenantId};
use plugins_host::{
    Authority, PolicySet, Runtime, RuntimeError, RuntimeOptions, SetError, shipped,
};
use verify::Keyring;
use verify::keyring::State;
use verify::policy::{InForce, PolicyBook, Scope};

use super::Rollout;
use super::active::{Active, InUse};
use super::place::{Placed, Places, Wait};
use super::store::{PolicyStore, StoreError};
use crate::config::Settings;
use crate::policy_host;

/// Folder of the files of policies, in that of the journal.
const FOLDER: &str = "policies";

/// Why policies cannot be asked, and so nobody is let in.
#[derive(Debug)]
pub(crate) enum PoliciesError {
    /// The machine cannot run them.
    Runtime(RuntimeError),
    /// Their files cannot be read.
    Store(StoreError),
    /// One of the platform's cannot be asked.
    Platform(PlatformPolicy),
    /// They are no set.
    Set(SetError),
}

impl fmt::Display for PoliciesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runtime(error) => error.fmt(f),
            Self::Store(error) => write!(f, "files of policies: {error}"),
            Self::Platform(error) => error.fmt(f),
            Self::Set(error) => write!(f, "policies refused: {error}"),
        }
    }
}

/// Policies that are ready to be asked.
pub(crate) struct Ready {
    store: Arc<PolicyStore>,
    places: Places,
    active: Active,
    /// All of them.
    pub(crate) set: PolicySet,
}

/// Has ready what comes with the daemon and what the chain put in force. `tenant` tells the number
/// of a tenant.
///
/// # Errors
/// The machine cannot run policies, or the platform's cannot be asked.
pub(crate) async fn ready(
    settings: &Settings,
    journal: &Path,
    chain: Option<(&PolicyBook, &Keyring)>,
    tenant: impl Fn(TenantName) -> Option<TenantId>,
) -> Result<Ready, PoliciesError> {
    let store = PolicyStore::open(&journal.join(FOLDER)).map_err(PoliciesError::Store)?;
    let store = Arc::new(store);
    let runtime = Runtime::new(RuntimeOptions {
        compiler: policy_host::server::compiler(),
        ..RuntimeOptions::default()
    });
    let runtime = runtime.map_err(PoliciesError::Runtime)?;
    let places = settings.profile.policies();
    let places = Places::new(runtime, Arc::clone(&store), &places);
    let mut shipped = Vec::new();
    for one in shipped::PLATFORM {
        let placed = places.load_shipped(*one).await;
        let placed = placed.map_err(|error| PlatformPolicy {
            name: one.name.to_owned(),
            manifest: None,
            problem: error.to_string(),
        });
        shipped.push(placed.map_err(PoliciesError::Platform)?);
    }
    let active = match chain {
        Some((book, keyring)) => load(book, keyring, &store, &places, shipped).await,
        None => Ok(Active::new(shipped)),
    };
    let active = active.map_err(PoliciesError::Platform)?;
    let set = active.set(tenant).map_err(PoliciesError::Set)?;
    Ok(Ready {
        store,
        places,
        active,
        set,
    })
}

impl Ready {
    /// Lets them be changed, now that there is an engine and an authority.
    pub(crate) fn rollout(self, engine: &Arc<Engine>, authority: &Authority) -> Arc<Rollout> {
        let (engine, authority) = (Arc::clone(engine), authority.clone());
        Rollout::new(engine, authority, self.store, self.places, self.active)
    }
}

/// A policy of the platform that cannot be asked. Nobody could be judged without it.
#[derive(Debug)]
pub(crate) struct PlatformPolicy {
    name: String,
    /// What put it in force; none if it comes with the daemon.
    manifest: Option<Digest>,
    problem: String,
}

impl fmt::Display for PlatformPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            manifest,
            problem,
        } = self;
        write!(f, "policy `{name}` of the platform")?;
        if let Some(manifest) = manifest {
            write!(f, ", manifest `{manifest}`,")?;
        }
        write!(f, " cannot be asked: {problem}")
    }
}

/// Has everything ready that the rows of the chain put in force. A tenant whose policy cannot be
/// asked is denied what that policy would be asked about, and the log says why.
///
/// # Errors
/// A policy of the platform cannot be asked.
async fn load(
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
                        manifest: Some(in_force.digest),
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
    let placed = places.load(signed.clone(), component, Wait::Later).await;
    placed.map_err(|error| error.to_string())
}
