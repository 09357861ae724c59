//! Scopes: what a principal of the platform is given beyond its role, and never by its role, its
//! certificate or its authority alone.

use plugins_host::Scope;
use wire::identity::{Owner, SpiffeId};

use super::client_ca::ClientCa;
use super::mapping::{Mapped, Mapping};
use super::problem::Problem;
use super::raw::RawScope;

/// Scopes of a certificate, or of all with one URI. The authority that issued them must be one
/// whose holders may be given them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Given {
    /// Which certificates.
    pub(crate) to: Mapped,
    /// What they are given.
    pub(crate) scopes: Vec<Scope>,
}

/// The scope of this name, which the file has at `key`.
pub(super) fn parse(text: &str, key: &str) -> Result<Scope, Problem> {
    Scope::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
        let advice = format!("use some of: {}", known.join(", "));
        Problem::of(key, text, "unknown scope", advice)
    })
}

impl Given {
    /// Checks the entry at `scope[at]`, given what else stands in the file.
    pub(crate) fn check(
        raw: RawScope,
        at: usize,
        clients: &[ClientCa],
        mappings: &[Mapping],
    ) -> Result<Self, Problem> {
        let (prefix, key) = (format!("scope[{at}]"), format!("scope[{at}].scopes"));
        let shown = raw.scopes.join(", ");
        let to = Mapped::check(raw.fingerprint, raw.uri, &prefix, &shown)?;
        if raw.scopes.is_empty() {
            let advice = "list what it is given, or remove the entry";
            return Err(Problem::of(key, "[]", "gives nothing", advice));
        }
        let scopes = raw.scopes.iter().map(|text| parse(text, &key));
        let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
        let mapped = mappings.iter().find(|mapping| mapping.of == to);
        let is_tenants = match &to {
            Mapped::Fingerprint(_) => mapped.is_some_and(|mapping| mapping.tenant.is_some()),
            Mapped::Uri(uri) => owner(uri, mapped)
                .map(|owner| owner != Owner::Platform)
                .ok_or_else(|| {
                    let advice = "map it with an `[[identity]]`, or correct it";
                    let key = format!("{prefix}.uri");
                    Problem::of(key, uri, "stands for nobody here", advice)
                })?,
        };
        if is_tenants {
            let fault = "is given to a principal of a tenant, and scopes are the platform's";
            return Err(Problem::of(key, shown, fault, "remove the entry"));
        }
        let may_give = |scope: &Scope| {
            let mut giving = clients.iter().filter(|ca| ca.may_give(*scope));
            giving.any(|ca| is_in_domain(&to, &ca.trust_domain))
        };
        if let Some(scope) = scopes.iter().find(|scope| !may_give(scope)) {
            let fault = "no authority of such certificates may have it given";
            let advice = "list it in `scopes` of the `client_ca` that issues them";
            return Err(Problem::of(key, scope, fault, advice));
        }
        Ok(Self { to, scopes })
    }
}

/// To whom what has this URI belongs, if it stands for anybody.
fn owner(uri: &str, mapped: Option<&Mapping>) -> Option<Owner> {
    let own = SpiffeId::parse(uri).ok()?.grant().map(|grant| grant.owner);
    own.or_else(|| Some(mapped?.tenant.map_or(Owner::Platform, Owner::Tenant)))
}

/// Whether a certificate of `to` may have a SPIFFE ID of this trust domain.
fn is_in_domain(to: &Mapped, trust_domain: &str) -> bool {
    match to {
        Mapped::Fingerprint(_) => true,
        Mapped::Uri(uri) => SpiffeId::parse(uri).is_ok_and(|id| id.trust_domain() == trust_domain),
    }
}
