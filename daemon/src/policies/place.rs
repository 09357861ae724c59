//! Where policies run, and how one comes to be asked there.

use std::fmt;
use std::sync::Arc;

use ledger::Digest;
use plugins_host::{Limits, LoadError, LoadOptions, Policy, Runtime, Seat, Shipped};
use tokio::sync::oneshot;
use verify::policy::{Manifest, SignedManifest};

use crate::config::policy::{Apart, TenantCode};

/// Stack of a thread that loads a policy: guests need 2 MiB, compilers more.
const STACK_BYTES: usize = 8 << 20;

/// Where policies run.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    runtime: Runtime,
    tenant_code: TenantCode,
}

/// A policy that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// Its place among others.
    pub(crate) seat: Arc<Seat>,
    /// The policy, if it runs here.
    pub(crate) policy: Option<Arc<Policy>>,
}

/// Why a policy cannot be asked.
#[derive(Debug)]
pub(crate) enum PlaceError {
    /// A step of loading it failed.
    Load(LoadError),
    /// This daemon runs no policies that tenants wrote.
    NoTenantCode,
    /// The process for policies that tenants wrote cannot be asked.
    NoHost,
    /// The machine gives no thread, or what loaded it ended early.
    Machine,
}

impl Places {
    pub(crate) fn new(runtime: Runtime, tenant_code: TenantCode) -> Self {
        Self {
            runtime,
            tenant_code,
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
    ) -> Result<Placed, PlaceError> {
        if signed.manifest.tenant.is_some() {
            match self.tenant_code {
                TenantCode::InProcess => {}
                TenantCode::Apart(Apart::None) => return Err(PlaceError::NoTenantCode),
                TenantCode::Apart(Apart::Remote) => return Err(PlaceError::NoHost),
            }
        }
        let runtime = self.runtime.clone();
        apart(move || here(&runtime, &signed, &component)).await
    }

    /// Has a policy ready that comes with the daemon.
    ///
    /// # Errors
    /// A step failed.
    pub(crate) async fn load_shipped(&self, shipped: Shipped) -> Result<Placed, PlaceError> {
        let runtime = self.runtime.clone();
        let load = move || {
            let policy = shipped.load(&runtime).map_err(PlaceError::Load)?;
            Ok(Placed::here(policy, shipped.version()))
        };
        apart(load).await
    }
}

impl Placed {
    fn here(policy: Policy, version: Digest) -> Self {
        let policy = Arc::new(policy);
        Self {
            seat: Arc::new(Seat::here(Arc::clone(&policy), version)),
            policy: Some(policy),
        }
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
    /// The step that failed.
    fn step(&self) -> &'static str {
        let Self::Load(error) = self else {
            return "place";
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
            Self::NoHost => f.write_str("the process for policies of tenants cannot be asked"),
            Self::Machine => f.write_str("the machine gives no thread"),
        }
    }
}

impl std::error::Error for PlaceError {}
