//! What a configuration takes away from roles.

use catalogue::Capability;
use plugins_sdk::PolicyError;

use crate::role::Role;

/// Capabilities that roles would have.
#[derive(Debug)]
pub(crate) struct Withheld(Vec<(&'static str, Capability)>);

impl Withheld {
    /// Role to capabilities, by their names.
    pub(crate) fn new(names: Vec<(String, Vec<String>)>) -> Result<Self, PolicyError> {
        let mut withheld = Vec::new();
        for (name, capabilities) in names {
            let role = Role::find(&name).ok_or_else(|| bad("role", &name))?;
            for name in capabilities {
                let capability = Capability::find(&name).ok_or_else(|| bad("capability", &name))?;
                withheld.push((role.name, capability));
            }
        }
        Ok(Self(withheld))
    }

    pub(crate) fn holds(&self, role: &Role, capability: Capability) -> bool {
        self.0.contains(&(role.name, capability))
    }
}

fn bad(what: &str, name: &str) -> PolicyError {
    PolicyError::BadConfig(format!("`withhold`: there is no {what} `{name}`"))
}
