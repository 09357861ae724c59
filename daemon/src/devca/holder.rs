//! Who holds a development certificate.

use ledger::registry::Name;
use wire::identity::{Grant, Owner, Role, SpiffeId};

use super::error::DevError;

/// The tenant that `ledgerd dev` issues to without being asked.
const DEMO: &str = "demo";

/// Names that are no holder's.
const RESERVED: [&str; 2] = ["ca", "server"];

/// Who holds a development certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Holder {
    grant: Grant,
    /// Tells it apart from the first holder of the same grant.
    name: Option<Name>,
    stem: String,
}

impl Holder {
    /// A holder of `role` in `tenant`, or in the platform.
    pub(crate) fn of(tenant: Option<&str>, role: &str) -> Result<Self, DevError> {
        let misfit = |text: String| Err(DevError::Misfit(text));
        let Some(role) = Role::parse(role) else {
            let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
            return misfit(format!(
                "unknown role `{role}`; use one of: {}",
                known.join(", ")
            ));
        };
        let name = role.name();
        let owner = match tenant {
            Some(tenant) if role.is_of_platform() => {
                return misfit(format!(
                    "role `{name}` belongs to the platform; leave `--tenant {tenant}` out"
                ));
            }
            None if role.is_of_platform() => Owner::Platform,
            None => {
                return misfit(format!(
                    "role `{name}` belongs to a tenant; give `--tenant`"
                ));
            }
            Some(tenant) => match Name::parse(tenant) {
                Some(name) => Owner::Tenant(name),
                None => {
                    return misfit(format!(
                        "`{tenant}` is not a tenant's name; use 1 to 32 of `a` to `z`, `0` to `9` \
                         and `-`"
                    ));
                }
            },
        };
        Ok(Self::new(Grant { owner, role }))
    }

    /// Another holder of the same role, with an ID and with files of this name.
    pub(crate) fn named(mut self, stem: &str) -> Result<Self, DevError> {
        self.name = Name::parse(stem);
        if self.name.is_none() || RESERVED.contains(&stem) {
            return Err(DevError::Misfit(format!(
                "`{stem}` cannot name a certificate; use 1 to 32 of `a` to `z`, `0` to `9` and \
                 `-`, and neither `ca` nor `server`"
            )));
        }
        stem.clone_into(&mut self.stem);
        Ok(self)
    }

    /// Whom `ledgerd dev` issues to without being asked.
    pub(crate) fn initial() -> Vec<Self> {
        let demo = Name::parse(DEMO).map_or(Owner::Platform, Owner::Tenant);
        let holder = |role: &Role| {
            let owner = if role.is_of_platform() {
                Owner::Platform
            } else {
                demo
            };
            Self::new(Grant { owner, role: *role })
        };
        Role::ALL.iter().map(holder).collect()
    }

    /// What its files are called: `operator`, `demo-write`.
    pub(crate) fn stem(&self) -> &str {
        &self.stem
    }

    /// Its SPIFFE ID.
    pub(crate) fn id(&self, trust_domain: &str) -> Option<SpiffeId> {
        match self.name {
            None => SpiffeId::of(trust_domain, &self.grant).ok(),
            Some(name) => SpiffeId::of_holder(trust_domain, &self.grant, name).ok(),
        }
    }

    fn new(grant: Grant) -> Self {
        let role = grant.role.name();
        let stem = match grant.owner {
            Owner::Platform => role.to_owned(),
            Owner::Tenant(tenant) => format!("{tenant}-{role}"),
        };
        Self {
            grant,
            name: None,
            stem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Holder;

    #[test]
    fn the_first_certificates_are_those_of_the_demo() {
        let first = Holder::initial();
        let stems: Vec<&str> = first.iter().map(Holder::stem).collect();
        assert_eq!(
            stems,
            [
                "demo-read",
                "demo-write",
                "demo-admin",
                "operator",
                "auditor",
                "billing"
            ]
        );
    }

    #[test]
    fn a_role_needs_its_place() {
        let stem = |tenant, role| Some(Holder::of(tenant, role).ok()?.stem().to_owned());
        assert_eq!(stem(Some("acme"), "write").as_deref(), Some("acme-write"));
        assert_eq!(stem(None, "operator").as_deref(), Some("operator"));
        let wrong = [
            (Some("acme"), "operator"),
            (None, "write"),
            (Some("Acme"), "write"),
            (Some("../x"), "write"),
            (Some("acme"), "root"),
        ];
        for (tenant, role) in wrong {
            assert_eq!(stem(tenant, role), None);
        }
    }

    #[test]
    fn a_name_is_not_the_authoritys() {
        let named = |stem| Holder::of(Some("acme"), "read").and_then(|holder| holder.named(stem));
        assert_eq!(
            named("acme-read-2")
                .map(|holder| holder.stem().to_owned())
                .ok()
                .as_deref(),
            Some("acme-read-2")
        );
        let id = |holder: Holder| holder.id("dev.test").unwrap().as_str().to_owned();
        assert_eq!(
            id(named("kim").unwrap()),
            "spiffe://dev.test/tenant/acme/role/read/holder/kim"
        );
        assert_eq!(
            id(Holder::of(None, "auditor").unwrap()),
            "spiffe://dev.test/platform/role/auditor"
        );
        for stem in ["ca", "server", "", "../x", "A"] {
            assert!(named(stem).is_err());
        }
    }
}
