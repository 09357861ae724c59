//! Where policies run, and how one comes to be asked there.

use std::fmt;
use std::sync::Arc;

use ledger::Digest;
use plugins_host::{
    AccountColumns, Context, Fault, Limits, LoadError, LoadOptions, Needs, Policy, PolicyId,
    Remote, Runtime, Seat, Shipped, TransferColumns, Verdict, shipped,
};
use tokio::sync::oneshot;
use verify::policy::{Manifest, SignedManifest};
use wire::policy::Load;
use wire::{LongBlob, Text};

use super::store::PolicyStore;
use crate::config::policy::{self as config, Apart, PolicyPlaces, TenantCode};
use crate::policy_host::client::{Client, Component, Holding, NotHeld, Reach, RemotePolicy};

/// Stack of a thread that loads a policy: guests need 2 MiB, compilers more.
const STACK_BYTES: usize = 8 << 20;

/// Where policies run.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    runtime: Runtime,
    tenant_code: TenantCode,
    shipped: config::Shipped,
    host: Option<Client>,
    store: Arc<PolicyStore>,
}

/// A policy that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// Its place among others.
    pub(crate) seat: Arc<Seat>,
    pub(super) runs: Runs,
}

/// Where a policy runs.
#[derive(Clone, Debug)]
pub(super) enum Runs {
    /// In this process.
    Here(Arc<Policy>),
    /// In a process of its own.
    Elsewhere(Arc<RemotePolicy>),
    /// In a process of its own that has been away since this one started.
    Coming(Holding),
    /// Nowhere: it cannot be asked.
    Nowhere,
}

/// Whether a policy waits for a process of its own that is away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wait {
    /// No: nothing changes before it is known to work.
    Never,
    /// Yes, and it denies until then: it is in force already.
    Later,
}

/// Why a policy cannot be asked.
#[derive(Debug)]
pub(crate) enum PlaceError {
    /// A step of loading it failed.
    Load(LoadError),
    /// This daemon runs no policies that tenants wrote.
    NoTenantCode,
    /// The process of its own does not hold it.
    Host(NotHeld),
    /// It is too long for the way there.
    TooLong,
    /// The machine gives no thread, or what loaded it ended early.
    Machine,
}

impl Places {
    /// Where the configuration says. Needs a runtime around it.
    pub(crate) fn new(
        runtime: Runtime,
        store: Arc<PolicyStore>,
        places: &PolicyPlaces<'_>,
    ) -> Self {
        let host = places.asked_host().map(Reach::of);
        Self {
            runtime,
            tenant_code: places.tenant_code,
            shipped: places.shipped,
            host: host.map(Client::start),
            store,
        }
    }

    /// Reaches the process of its own as the configuration says now.
    pub(crate) fn reload(&self, places: &PolicyPlaces<'_>) {
        if let (Some(client), Some(host)) = (&self.host, places.asked_host()) {
            client.reach(Reach::of(host));
        }
    }

    /// Has a policy ready to be asked: its component is held against the digest, compiled,
    /// configured, described, and decides its cases as they say.
    ///
    /// # Errors
    /// A step failed, which the error names.
    pub(crate) async fn load(
        &self,
        signed: Arc<SignedManifest>,
        component: Vec<u8>,
        wait: Wait,
    ) -> Result<Placed, PlaceError> {
        // A tenant that configures what comes with the daemon brings no code.
        let is_code_of_tenant =
            signed.manifest.tenant.is_some() && Shipped::find(signed.manifest.component).is_none();
        let is_remote = match self.tenant_code {
            _ if !is_code_of_tenant => self.shipped == config::Shipped::Remote,
            TenantCode::Apart(Apart::None) => return Err(PlaceError::NoTenantCode),
            place => place == TenantCode::Apart(Apart::Remote),
        };
        match self.host.as_ref().filter(|_| is_remote) {
            Some(host) => {
                let load = of_manifest(&signed, component.len()).ok_or(PlaceError::TooLong)?;
                self.elsewhere(host, load, version(&signed), wait).await
            }
            None => {
                let runtime = self.runtime.clone();
                apart(move || here(&runtime, &signed, &component)).await
            }
        }
    }

    /// Has a policy ready that comes with the daemon.
    ///
    /// # Errors
    /// A step failed.
    pub(crate) async fn load_shipped(&self, shipped: Shipped) -> Result<Placed, PlaceError> {
        let is_remote = self.shipped == config::Shipped::Remote;
        if let Some(host) = self.host.as_ref().filter(|_| is_remote) {
            let load = of_shipped(&shipped).ok_or(PlaceError::TooLong)?;
            return self
                .elsewhere(host, load, shipped.version(), Wait::Later)
                .await;
        }
        let runtime = self.runtime.clone();
        let load = move || {
            let policy = shipped.load(&runtime).map_err(PlaceError::Load)?;
            Ok(Placed::here(policy, shipped.version()))
        };
        apart(load).await
    }

    /// Has a policy held by the process of its own.
    async fn elsewhere(
        &self,
        host: &Client,
        load: Load,
        version: Digest,
        wait: Wait,
    ) -> Result<Placed, PlaceError> {
        let (store, digest) = (Arc::clone(&self.store), load.component);
        let component: Component = Arc::new(move || Some(store.component(digest).ok()?.into()));
        let id = PolicyId {
            name: (*load.name).into(),
            digest,
        };
        let holding = host.hold(load, component);
        match holding.now().await {
            Ok(policy) => Ok(Placed::elsewhere(policy, version)),
            Err(NotHeld::Unavailable) if wait == Wait::Later => Ok(Placed {
                seat: Placed::nowhere(id, version).seat,
                runs: Runs::Coming(holding),
            }),
            Err(error) => Err(PlaceError::Host(error)),
        }
    }
}

impl Placed {
    fn here(policy: Policy, version: Digest) -> Self {
        let policy = Arc::new(policy);
        Self {
            seat: Arc::new(Seat::here(Arc::clone(&policy), version)),
            runs: Runs::Here(policy),
        }
    }

    /// A policy that a process of its own holds.
    pub(super) fn elsewhere(policy: Arc<RemotePolicy>, version: Digest) -> Self {
        Self {
            seat: Arc::new(policy.seat(version)),
            runs: Runs::Elsewhere(policy),
        }
    }

    /// A policy that cannot be asked: it denies everything, and stands in sets as if it could.
    pub(super) fn nowhere(id: PolicyId, version: Digest) -> Self {
        let seat = Seat::elsewhere(id, version, Needs::default(), &[], Arc::new(Nowhere));
        Self {
            seat: Arc::new(seat),
            runs: Runs::Nowhere,
        }
    }

    /// Whether it is not asked because it failed too often.
    pub(super) fn is_breaker_open(&self) -> bool {
        match &self.runs {
            Runs::Here(policy) => policy.is_breaker_open(),
            Runs::Elsewhere(policy) => policy.is_breaker_open(),
            Runs::Coming(_) | Runs::Nowhere => false,
        }
    }
}

/// Where a policy is that cannot be asked.
#[derive(Debug)]
struct Nowhere;

impl Remote for Nowhere {
    fn evaluate(
        &self,
        _: Digest,
        _: &Context<'_>,
        _: &AccountColumns,
        _: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        Err(Fault::Unavailable)
    }
}

/// Loads on a thread of its own and not on one that serves connections: it takes seconds, and
/// stack.
async fn apart(
    load: impl FnOnce() -> Result<Placed, PlaceError> + Send + 'static,
) -> Result<Placed, PlaceError> {
    let (reply, loaded) = oneshot::channel();
    std::thread::Builder::new()
        .name("policy-load".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // Whoever asked may have left.
            let _ = reply.send(load());
        })
        .map_err(|_| PlaceError::Machine)?;
    loaded.await.map_err(|_| PlaceError::Machine)?
}

/// Loads a policy into this process.
fn here(
    runtime: &Runtime,
    signed: &SignedManifest,
    component: &[u8],
) -> Result<Placed, PlaceError> {
    let manifest = &signed.manifest;
    let options = LoadOptions {
        name: manifest.name.as_str(),
        component,
        digest: manifest.component,
        config: &manifest.config,
        config_version: Some(manifest.config_version),
        limits: limits(manifest),
        cases: Some(manifest.cases.as_bytes()),
    };
    let policy = Policy::load(runtime, &options).map_err(PlaceError::Load)?;
    Ok(Placed::here(policy, version(signed)))
}

/// What a process of its own is told of a policy; nothing where it is too long for it.
fn of_manifest(signed: &SignedManifest, component_bytes: usize) -> Option<Load> {
    let manifest = &signed.manifest;
    let limits = limits(manifest);
    Some(Load {
        manifest: version(signed),
        component: manifest.component,
        component_bytes: u32::try_from(component_bytes).ok()?,
        name: Text::new(manifest.name.as_str().to_owned())?,
        config: LongBlob::new(manifest.config.as_bytes().to_vec())?,
        config_version: Some(manifest.config_version),
        cases: Some(LongBlob::new(manifest.cases.as_bytes().to_vec())?),
        memory_bytes: limits.memory_bytes,
        base_micros: limits.base_micros,
        per_transfer_nanos: limits.per_transfer_nanos,
    })
}

/// The same of a policy that comes with the daemon, which no manifest names.
fn of_shipped(one: &Shipped) -> Option<Load> {
    let limits = Limits::default();
    Some(Load {
        manifest: Digest::ZERO,
        component: one.digest(),
        component_bytes: u32::try_from(one.component.len()).ok()?,
        name: Text::new(one.name.to_owned())?,
        config: LongBlob::new(shipped::CONFIG.as_bytes().to_vec())?,
        config_version: None,
        cases: None,
        memory_bytes: limits.memory_bytes,
        base_micros: limits.base_micros,
        per_transfer_nanos: limits.per_transfer_nanos,
    })
}

/// Everything that a policy's verdicts follow from.
pub(super) fn version(signed: &SignedManifest) -> Digest {
    signed.digest()
}

fn limits(manifest: &Manifest) -> Limits {
    let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    Limits {
        memory_bytes: manifest.limits.memory_bytes,
        base_micros: narrow(manifest.limits.base_micros),
        per_transfer_nanos: narrow(manifest.limits.per_transfer_nanos),
    }
}

impl PlaceError {
    /// Whether the same may be tried again: it was not the policy.
    pub(super) fn is_retryable(&self) -> bool {
        matches!(self, Self::Host(NotHeld::Unavailable) | Self::Machine)
    }

    /// The step that failed.
    fn step(&self) -> &'static str {
        let error = match self {
            Self::Load(error) => error,
            // The host names the step itself.
            Self::Host(NotHeld::Refused(_)) => return "host",
            _ => return "place",
        };
        match error {
            LoadError::Limit(_) | LoadError::ConfigTooLarge { .. } => "manifest",
            LoadError::TooLarge { .. } | LoadError::WrongDigest { .. } => "component",
            LoadError::Malformed(_)
            | LoadError::NotAComponent
            | LoadError::TooComplex { .. }
            | LoadError::Import(_)
            | LoadError::WrongWorld { .. }
            | LoadError::ContractTooOld(_)
            | LoadError::ContractUnknown(_)
            | LoadError::WrongType { .. } => "contract",
            LoadError::CompileTimedOut | LoadError::CompileOutOfMemory | LoadError::Compile(_) => {
                "compile"
            }
            LoadError::Instantiate(_) | LoadError::Init(_) => "init",
            LoadError::Describe(_)
            | LoadError::BadDescription(_)
            | LoadError::ConfigVersion { .. } => "describe",
            LoadError::BadCases(_) | LoadError::CasesFailed { .. } => "cases",
        }
    }
}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.step())?;
        match self {
            Self::Load(error) => error.fmt(f),
            Self::NoTenantCode => f.write_str(
                "this daemon runs no policies that tenants wrote: see `policy.tenant_code`",
            ),
            Self::Host(error) => error.fmt(f),
            Self::TooLong => f.write_str("too long for the process of its own"),
            Self::Machine => f.write_str("the machine gives no thread"),
        }
    }
}

impl std::error::Error for PlaceError {}
