//! Roles: what a principal may ask for, wherever tenant isolation lets it.

mod role;

use catalogue::{Capability, Operation};
use plugins_sdk::{Policy, PolicyError, Request, Rule, Verdict};

use role::Role;

const UNKNOWN: Rule = Rule::new(1, "unknown-operation", "The operation is unknown.");
const ROLE: Rule = Rule::new(
    2,
    "unknown-role",
    "The principal has no role that is known where it belongs: to a tenant or to the platform.",
);
const CAPABILITY: Rule = Rule::new(
    3,
    "not-capable",
    "None of the principal's roles has the capability that the operation takes.",
);

/// The policy.
#[derive(Debug)]
pub struct Rbac;

impl Policy for Rbac {
    const NAME: &'static str = "rbac";
    const RULES: &'static [Rule] = &[UNKNOWN, ROLE, CAPABILITY];

    fn init(config: &str) -> Result<Self, PolicyError> {
        match config.trim() {
            "" | "{}" => Ok(Self),
            _ => Err(PolicyError::BadConfig("rbac takes none".to_owned())),
        }
    }

    fn evaluate(&self, request: &Request) -> Verdict {
        let name = request.operation();
        let Some(operation) = Operation::find(name) else {
            return request.deny(&UNKNOWN, format_args!("operation `{name}` is unknown"));
        };
        let is_platform = request.tenant().is_empty();
        let mut roles = request
            .context()
            .roles
            .iter()
            .filter_map(|role| Role::find(role))
            .filter(|role| role.is_platform == is_platform)
            .peekable();
        if roles.peek().is_none() {
            return request.deny(&ROLE, "no role that is known");
        }
        let wanted = operation.capability;
        if roles.any(|role| is_given(role, wanted, request)) {
            Verdict::Allow
        } else {
            let why = format_args!("no role has capability `{}`", wanted.name());
            request.deny(&CAPABILITY, why)
        }
    }
}

fn is_given(role: &Role, wanted: Capability, request: &Request) -> bool {
    role.capabilities.contains(&wanted)
        || (role.with_scope.contains(&wanted) && request.has_scope("operator:cross-tenant-read"))
}

plugins_sdk::export!(Rbac);
