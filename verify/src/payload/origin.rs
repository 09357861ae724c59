use std::fmt;

use serde::{Deserialize, Serialize};

use crate::name::Name;

/// Where a row belongs: rows of another origin never stand in the same chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Name of the deployment.
    pub deployment: Name,
    /// Name of its environment, such as `production`.
    pub environment: Name,
    /// Rises when the chain goes on from an older head.
    pub epoch: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{} epoch {}",
            self.deployment, self.environment, self.epoch
        )
    }
}
