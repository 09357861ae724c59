//! Roles: what a principal may ask for, wherever tenant isolation lets it.
//!
//! Who has a role has its capabilities; who has several has them all. A configuration can only take
//! capabilities away:
//!
//! ```json
//! {"withhold": {"admin": ["admin:notes"], "operator": ["admin:journal"]}}
//! ```

mod role;
mod withheld;

use catalogue::{Capability, Operation};
use plugins_sdk::{Config, Policy, PolicyError, Request, Rule, Verdict};

use role::Role;
use withheld::Withheld;

/// What it takes to read what is a tenant's: some capabilities are given with it only.
const CROSS_TENANT_READ: &str = "operator:cross-tenant-read";

const UNKNOWN: Rule = Rule::new(1, "unknown-operation", "The operation is unknown.");
const ROLE: Rule = Rule::new(
    2,
    "unknown-role",
    "None of the principal's roles is known where it belongs: to a tenant or to the platform.",
);
const CAPABILITY: Rule = Rule::new(
    3,
    "not-capable",
    "None of the principal's roles has the capability that the operation takes.",
);
const SCOPE: Rule = Rule::new(
    4,
    "scope-missing",
    "The role has this capability with the scope `operator:cross-tenant-read` only.",
);
const WITHHELD: Rule = Rule::new(
    5,
    "withheld",
    "The configuration takes this capability away from the role.",
);

/// The policy.
#[derive(Debug)]
pub struct Rbac {
    withheld: Withheld,
}

impl Policy for Rbac {
    const NAME: &'static str = "rbac";
    const RULES: &'static [Rule] = &[UNKNOWN, ROLE, CAPABILITY, SCOPE, WITHHELD];

    fn init(config: &str) -> Result<Self, PolicyError> {
        let mut config = Config::parse(config)?;
        let withhold: Option<Config> = config.take_if_set("withhold")?;
        config.finish()?;
        let names = withhold.map(Config::take_all).transpose()?;
        Ok(Self {
            withheld: Withheld::new(names.unwrap_or_default())?,
        })
    }

    fn evaluate(&self, request: &Request) -> Verdict {
        let name = request.operation();
        let Some(operation) = Operation::find(name) else {
            return request.deny(&UNKNOWN, format_args!("operation `{name}` is unknown"));
        };
        let is_platform = request.tenant().is_empty();
        let names = request.context().roles.iter();
        let roles = names
            .filter_map(|name| Role::find(name))
            .filter(|role| role.is_platform == is_platform);
        // Of several roles the one that comes nearest says why.
        let mut nearest = &ROLE;
        for role in roles {
            match self.check(role, operation.capability, request) {
                None => return Verdict::Allow,
                Some(rule) if rule.number > nearest.number => nearest = rule,
                Some(_) => {}
            }
        }
        let wanted = operation.capability.name();
        request.deny(
            nearest,
            format_args!("`{name}` takes capability `{wanted}`"),
        )
    }
}

impl Rbac {
    /// The rule that keeps a capability from a role, if one does.
    fn check(&self, role: &Role, wanted: Capability, request: &Request) -> Option<&'static Rule> {
        let is_scoped = role.with_scope.contains(&wanted);
        if !is_scoped && !role.capabilities.contains(&wanted) {
            Some(&CAPABILITY)
        } else if is_scoped && !request.has_scope(CROSS_TENANT_READ) {
            Some(&SCOPE)
        } else {
            self.withheld.holds(role, wanted).then_some(&WITHHELD)
        }
    }
}

plugins_sdk::export!(Rbac);

#[cfg(test)]
mod tests;
