//! Authorities whose client certificates are accepted, and what each may vouch for.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use ledger::registry::Name;
use plugins_host::{Role, Scope};
use wire::endpoint::{Authorities, ClientAuthority};
use wire::identity::SpiffeId;

use super::certificate::{Certificate, RevocationList};
use super::problem::Problem;
use super::provenance::Provenance;
use super::raw::RawClientCa;
use super::scope;

/// An authority whose client certificates are accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ClientCa {
    /// Where it was read.
    pub(crate) file: PathBuf,
    /// Its certificates; several while it changes its key.
    pub(crate) certificates: Vec<Certificate>,
    /// What it has revoked.
    pub(crate) revoked: Vec<RevocationList>,
    /// Trust domain of the SPIFFE IDs that it may issue.
    pub(crate) trust_domain: String,
    /// Tenants that it may name.
    pub(crate) tenants: Tenants,
    /// Roles that it may name; the platform's only when listed.
    pub(crate) roles: Vec<Role>,
    /// Scopes that holders of its certificates may be given; none unless listed.
    pub(crate) scopes: Vec<Scope>,
}

/// Tenants that an authority may name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Tenants {
    /// All of them, those to come included.
    Every,
    /// These.
    Named(BTreeSet<Name>),
}

impl ClientCa {
    /// Reads the authority at `client_ca[at]`; relative paths start at `base`, `now` is in seconds
    /// since 1970.
    pub(crate) fn check(
        raw: RawClientCa,
        at: usize,
        base: &Path,
        now: i64,
    ) -> Result<Self, Problem> {
        let key = |name: &str| format!("client_ca[{at}].{name}");
        let file = base.join(&raw.file);
        let certificates = Certificate::read_all(&key("file"), &file)?;
        for each in &certificates {
            let bad = |fault, advice| Problem::of_file(key("file"), &file, fault, advice);
            if !each.is_ca {
                let fault = format!(
                    "certificate of `{}` is not one of an authority",
                    each.subject
                );
                return Err(bad(
                    fault,
                    "name the certificate of the CA that issues to clients",
                ));
            }
            each.valid_at(now)
                .map_err(|fault| bad(fault, "give the authority's new certificate"))?;
        }
        let crl = raw.crl.map(|crl| base.join(crl));
        let revoked = match &crl {
            Some(crl) => RevocationList::read_all(&key("crl"), crl)?,
            None => Vec::new(),
        };
        let roles = roles(&raw.roles, &key("roles"))?;
        let tenants = tenants(&raw.tenants, &roles, &key("tenants"))?;
        let scopes = scopes(&raw.scopes, &roles, &key("scopes"))?;
        let trust_domain = trust_domain(raw.trust_domain, key("trust_domain"))?;
        let made = Self {
            file,
            certificates,
            revoked,
            trust_domain,
            tenants,
            roles,
            scopes,
        };
        Authorities::new(&[made.authority()]).map_err(|error| {
            let advice = "give certificates and lists as the authority signed them";
            Problem::of_file(
                key("file"),
                &made.file,
                format!("cannot be used: {error}"),
                advice,
            )
        })?;
        Ok(made)
    }

    /// What it is called where peers are verified: its file.
    pub(crate) fn name(&self) -> std::borrow::Cow<'_, str> {
        self.file.to_string_lossy()
    }

    /// The authority as handshakes ask it. A list that is overdue refuses everyone: what has been
    /// revoked since is unknown.
    pub(crate) fn authority(&self) -> ClientAuthority {
        ClientAuthority {
            name: self.name().into_owned(),
            roots: self
                .certificates
                .iter()
                .map(|each| each.der.clone())
                .collect(),
            crls: self.revoked.iter().map(|list| list.der.clone()).collect(),
            refuse_stale_crls: true,
        }
    }

    /// Whether it may name this tenant.
    pub(crate) fn may_name_tenant(&self, tenant: Name) -> bool {
        match &self.tenants {
            Tenants::Every => true,
            Tenants::Named(names) => names.contains(&tenant),
        }
    }

    /// Whether holders of its certificates may be given this scope.
    pub(crate) fn may_give(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it may name this role.
    pub(crate) fn may_name_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

impl Provenance for ClientCa {
    fn development_mark(&self) -> Option<&'static str> {
        if self.certificates.iter().any(|each| each.is_development) {
            Some("file")
        } else if self.trust_domain.ends_with(RESERVED_SUFFIX) {
            Some("trust_domain")
        } else {
            None
        }
    }
}

/// A name that nobody can own (RFC 6761), so that no production trust domain has it.
pub(super) const RESERVED_SUFFIX: &str = ".invalid";

fn roles(raw: &[String], key: &str) -> Result<Vec<Role>, Problem> {
    let known = Role::ALL
        .iter()
        .map(|role| role.name())
        .collect::<Vec<_>>()
        .join(", ");
    if raw.is_empty() {
        let advice = format!("list some of: {known}");
        return Err(Problem::of(
            key,
            "[]",
            "the authority could vouch for nobody",
            advice,
        ));
    }
    raw.iter()
        .map(|text| {
            let advice = format!("use some of: {known}");
            Role::parse(text).ok_or_else(|| Problem::of(key, text, "unknown role", advice))
        })
        .collect()
}

fn scopes(raw: &[String], roles: &[Role], key: &str) -> Result<Vec<Scope>, Problem> {
    if !raw.is_empty() && !roles.iter().any(|role| role.is_platform()) {
        let (value, advice) = (
            raw.join(", "),
            "leave it out, or list a role of the platform",
        );
        let fault = "its roles belong to tenants alone, which have no scopes";
        return Err(Problem::of(key, value, fault, advice));
    }
    raw.iter().map(|text| scope::parse(text, key)).collect()
}

fn tenants(raw: &[String], roles: &[Role], key: &str) -> Result<Tenants, Problem> {
    let for_tenants = roles.iter().any(|role| !role.is_platform());
    if raw.is_empty() && for_tenants {
        let advice = "list the tenants that the authority may name, or \"*\" for all";
        return Err(Problem::of(
            key,
            "[]",
            "its roles belong to tenants and none is listed",
            advice,
        ));
    }
    if !raw.is_empty() && !for_tenants {
        let advice = "leave the list empty, or list a role of a tenant too";
        let value = raw.join(", ");
        return Err(Problem::of(
            key,
            value,
            "its roles belong to the platform alone",
            advice,
        ));
    }
    if raw == ["*"] {
        return Ok(Tenants::Every);
    }
    let name = |text: &String| {
        let advice = "use 1 to 32 of `a` to `z`, `0` to `9` and `-`, or \"*\" alone";
        Name::parse(text).ok_or_else(|| Problem::of(key, text, "not a tenant's name", advice))
    };
    raw.iter()
        .map(name)
        .collect::<Result<_, _>>()
        .map(Tenants::Named)
}

fn trust_domain(text: String, key: String) -> Result<String, Problem> {
    let id = format!("spiffe://{text}/any");
    if SpiffeId::parse(&id).is_ok_and(|id| id.trust_domain() == text) {
        return Ok(text);
    }
    let advice = "use 1 to 255 of `a` to `z`, `0` to `9`, `-`, `.` and `_`";
    Err(Problem::of(key, text, "not a SPIFFE trust domain", advice))
}

impl fmt::Display for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("every tenant"),
            Self::Named(names) if names.is_empty() => f.write_str("no tenant"),
            Self::Named(names) => {
                let names: Vec<&str> = names.iter().map(Name::as_str).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}
