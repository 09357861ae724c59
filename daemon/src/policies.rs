//! Policies: their files, what is in force, and how that changes.

mod active;
mod breakers;
mod list;
pub(crate) mod place;
mod rollout;
mod shadows;
pub(crate) mod start;
pub(crate) mod store;

use actors::Directory;
use ledger::TenantId;
use ledger::registry::Name;
use plugins_host::{Owner, Resource};
use wire::Request;

pub(crate) use rollout::Rollout;
pub(crate) use start::PoliciesError;

/// Whose policies a request is about: a tenant's, or the platform's. `None` for a request that is
/// about something else.
pub(crate) fn scope(request: &Request) -> Option<Option<Name>> {
    match request {
        Request::PushPolicy(r) => Some(r.tenant),
        Request::ListPolicies(r) => Some(r.tenant),
        Request::ShadowPolicy(r) => Some(r.tenant),
        Request::ActivatePolicy(r) => Some(r.tenant),
        _ => None,
    }
}

/// What a request about policies of this scope is judged as. A tenant that does not exist is
/// nobody's, so that it looks like another one's.
pub(crate) fn resource(directory: &Directory, scope: Option<Name>) -> Resource {
    let Some(name) = scope else {
        return Resource::Platform;
    };
    let tenant = directory.tenant(name).unwrap_or(NOBODY);
    Resource::Tenant(Owner::tenant(tenant, name))
}

/// A number that no tenant has.
const NOBODY: TenantId = TenantId(u32::MAX);
