//! Tenant isolation: what is not one's own is denied, but for the few things that the platform's
//! operators do for everyone, and for reads by whoever was given the scope for it.

use catalogue::{Access, Operation};
use plugins_sdk::{Config, Policy, PolicyError, Request, Rule, Verdict};

/// What a principal of the platform needs to read what is a tenant's.
pub const CROSS_TENANT_READ: &str = "operator:cross-tenant-read";

const UNKNOWN: Rule = Rule::new(
    1,
    "unknown-operation",
    "The operation is unknown, or is not about this kind of resource.",
);
const NOT_OWN: Rule = Rule::new(
    2,
    "not-own",
    "The resource belongs to another tenant, to the platform or to nobody.",
);
const SCOPE: Rule = Rule::new(
    3,
    "scope-missing",
    "Reading what is a tenant's takes the scope `operator:cross-tenant-read`.",
);

/// Operations of operators on what belongs to anyone, or to nobody yet.
const OPERATED: &[&str] = &[
    "change_book",
    "list_books",
    "push_policy",
    "list_policies",
    "shadow_policy",
    "activate_policy",
];

/// The policy. It takes no configuration.
#[derive(Debug)]
pub struct Isolation;

impl Policy for Isolation {
    const NAME: &'static str = "isolation";
    const RULES: &'static [Rule] = &[UNKNOWN, NOT_OWN, SCOPE];

    fn init(config: &str) -> Result<Self, PolicyError> {
        Config::parse(config)?.finish()?;
        Ok(Self)
    }

    fn evaluate(&self, request: &Request) -> Verdict {
        let (name, resource) = (request.operation(), &request.context().resource);
        let Some(operation) = Operation::find(name) else {
            return request.deny(&UNKNOWN, format_args!("operation `{name}` is unknown"));
        };
        let kind = &*resource.kind;
        if !operation.kind.fits(kind) {
            let why = format_args!("operation `{name}` is not about a `{kind}`");
            return request.deny(&UNKNOWN, why);
        }
        let tenant = request.tenant();
        if kind == "server" || (kind != "all-tenants" && resource.owned && resource.owner == tenant)
        {
            return Verdict::Allow;
        }
        if !tenant.is_empty() {
            return request.deny(&NOT_OWN, format_args!("it is not of tenant `{tenant}`"));
        }
        if request.has_role("operator") && OPERATED.contains(&name) {
            return Verdict::Allow;
        }
        match operation.access {
            Access::Read if request.has_scope(CROSS_TENANT_READ) => Verdict::Allow,
            Access::Read => request.deny(
                &SCOPE,
                format_args!("scope `{CROSS_TENANT_READ}` is missing"),
            ),
            Access::Change => request.deny(&NOT_OWN, "it is not the platform's"),
        }
    }
}

plugins_sdk::export!(Isolation);

#[cfg(test)]
mod tests;
