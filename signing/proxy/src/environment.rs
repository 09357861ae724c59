//! What the proxy takes from its environment, read once.

use std::env;

/// Variables of other programs that stand for a key of development, or for going without a check.
/// In production their presence shows that the machine was set up for something else.
const NOT_FOR_PRODUCTION: [&str; 4] = [
    "MOCK_AUDIT_SIGNING_KEY",
    "AUDIT_SIGNING_KEY",
    "AUDIT_SIGNING_PRIVATE_KEY",
    "DEV_SKIP_MTLS",
];

/// The variables that the proxy looks at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Environment {
    /// `NODE_ENV`: the platform's name for what a machine is there for.
    pub(crate) node_env: Option<String>,
    /// Names of variables that are set and have no place in production. Their values are secrets.
    pub(crate) not_for_production: Vec<&'static str>,
}

impl Environment {
    /// Reads them.
    pub(crate) fn read() -> Self {
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        Self {
            node_env: env::var("NODE_ENV").ok(),
            not_for_production: NOT_FOR_PRODUCTION.into_iter().filter(is_set).collect(),
        }
    }

    /// Whether the machine is said to be there for production.
    pub(crate) fn is_production(&self) -> bool {
        self.node_env
            .as_deref()
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("production"))
    }
}
