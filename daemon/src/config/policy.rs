//! Where policies run: `[policy]`.
//!
//! Production runs no code of tenants in the daemon's own process: its type has no variant for it.

mod host;

use std::path::Path;

use serde::Deserialize;

use super::client_ca::ClientCa;
use super::problem::{Problem, Problems};
use super::provenance::Issued;
pub(crate) use host::PolicyHost;
use host::RawPolicyHost;

/// The section as it is written.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPolicy {
    tenant_code: Option<RawTenantCode>,
    shipped: Option<RawShipped>,
    host: Option<RawPolicyHost>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum RawTenantCode {
    Remote,
    InProcess,
    None,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum RawShipped {
    InProcess,
    Remote,
}

/// Where code that tenants wrote runs, in production.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Apart {
    /// In a process of its own.
    Remote,
    /// Nowhere: tenants have no policies of their own.
    None,
}

/// Where code that tenants wrote runs, on a developer's machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TenantCode {
    /// As in production.
    Apart(Apart),
    /// In this process.
    InProcess,
}

/// Where the policies run that are shipped with the daemon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shipped {
    /// In this process.
    InProcess,
    /// Beside those of tenants.
    Remote,
}

/// Where policies run. `T` is where code of tenants may, `H` the process for it.
#[derive(Debug)]
pub(crate) struct Policies<T, H> {
    tenant_code: T,
    shipped: Shipped,
    host: Option<H>,
}

/// Where policies run in production.
pub(crate) type ProductionPolicies = Policies<Apart, Issued<PolicyHost>>;
/// Where policies run on a developer's machine.
pub(crate) type DevelopmentPolicies = Policies<TenantCode, PolicyHost>;

/// What is asked of either of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyPlaces<'a> {
    /// Where code of tenants runs.
    pub(crate) tenant_code: TenantCode,
    /// Where what is shipped runs.
    pub(crate) shipped: Shipped,
    /// The process of its own, if there is one.
    pub(crate) host: Option<&'a PolicyHost>,
}

impl DevelopmentPolicies {
    /// Checks the section; relative paths start at `base`, `now` is in seconds since 1970.
    pub(crate) fn check(
        raw: RawPolicy,
        is_production: bool,
        base: &Path,
        now: i64,
        clients: &[ClientCa],
        problems: &mut Problems,
    ) -> Option<Self> {
        let tenant_code = match raw.tenant_code {
            Some(RawTenantCode::Remote) => TenantCode::Apart(Apart::Remote),
            Some(RawTenantCode::None) => TenantCode::Apart(Apart::None),
            Some(RawTenantCode::InProcess) => TenantCode::InProcess,
            None if is_production => TenantCode::Apart(Apart::None),
            None => TenantCode::InProcess,
        };
        let shipped = match raw.shipped {
            Some(RawShipped::Remote) => Shipped::Remote,
            Some(RawShipped::InProcess) | None => Shipped::InProcess,
        };
        let host = match raw.host {
            None => Some(None),
            Some(raw) => PolicyHost::check(raw, base, now, clients, problems).map(Some),
        };
        let made = Self {
            tenant_code,
            shipped,
            host: host?,
        };
        problems.keep(made.check_host())?;
        Some(made)
    }

    /// The same for production, which takes no code of tenants into its process.
    pub(crate) fn for_production(self, problems: &mut Problems) -> Option<ProductionPolicies> {
        let tenant_code = match self.tenant_code {
            TenantCode::Apart(apart) => Ok(apart),
            TenantCode::InProcess => {
                let fault = "code of tenants does not run in the process that holds the ledger, in \
                             profile `production`";
                let advice = "set it to `remote` and add `[policy.host]`, or to `none`";
                Err(Problem::of(
                    "policy.tenant_code",
                    "in_process",
                    fault,
                    advice,
                ))
            }
        };
        let tenant_code = problems.keep(tenant_code);
        let host = match self.host {
            None => Some(None),
            Some(host) => problems.keep(host.for_production()).map(Some),
        };
        Some(Policies {
            tenant_code: tenant_code?,
            shipped: self.shipped,
            host: host?,
        })
    }

    fn check_host(&self) -> Result<(), Problem> {
        let remote = if self.tenant_code == TenantCode::Apart(Apart::Remote) {
            "policy.tenant_code"
        } else if self.shipped == Shipped::Remote {
            "policy.shipped"
        } else {
            return Ok(());
        };
        if self.host.is_some() {
            return Ok(());
        }
        let advice = "add `[policy.host]` with its address, identity and certificates, see \
                      docs/operate/policy-host.md";
        Err(Problem::of(
            remote,
            "remote",
            "no process of its own is named",
            advice,
        ))
    }

    /// What is asked of it.
    pub(crate) fn places(&self) -> PolicyPlaces<'_> {
        PolicyPlaces {
            tenant_code: self.tenant_code,
            shipped: self.shipped,
            host: self.host.as_ref(),
        }
    }
}

impl ProductionPolicies {
    /// What is asked of it.
    pub(crate) fn places(&self) -> PolicyPlaces<'_> {
        PolicyPlaces {
            tenant_code: TenantCode::Apart(self.tenant_code),
            shipped: self.shipped,
            host: self.host.as_ref().map(Issued::get),
        }
    }
}

impl PolicyPlaces<'_> {
    /// The process that anything is asked of; none where nothing is.
    pub(crate) fn asked_host(&self) -> Option<&PolicyHost> {
        let is_asked =
            self.tenant_code == TenantCode::Apart(Apart::Remote) || self.shipped == Shipped::Remote;
        self.host.filter(|_| is_asked)
    }

    /// Whether they differ in what only a restart changes: all but how the process of its own is
    /// reached and known.
    pub(crate) fn needs_restart(&self, newer: &PolicyPlaces<'_>) -> bool {
        self.tenant_code != newer.tenant_code
            || self.shipped != newer.shipped
            || self.asked_host().is_some() != newer.asked_host().is_some()
    }
}

impl std::fmt::Display for TenantCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Apart(Apart::Remote) => "remote",
            Self::Apart(Apart::None) => "none",
            Self::InProcess => "in_process",
        })
    }
}

impl std::fmt::Display for Shipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::InProcess => "in_process",
            Self::Remote => "remote",
        })
    }
}
