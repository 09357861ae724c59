//! Certificates whose SPIFFE ID has another path than ours: a mapping gives them a place here.

use std::fmt;

use ledger::Digest;
use ledger::registry::Name;
use plugins_host::Role;
use wire::identity::SpiffeId;

use super::hex;
use super::problem::Problem;
use super::raw::RawIdentity;

/// A certificate, or all with one URI, and whom they stand for. The authority that issued them
/// must still be one that may name that tenant and role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mapping {
    /// Which certificates.
    pub(crate) of: Mapped,
    /// The tenant; none for the platform.
    pub(crate) tenant: Option<Name>,
    /// The role.
    pub(crate) role: Role,
}

/// Which certificates a mapping is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mapped {
    /// The one with this SHA-256 of its DER bytes.
    Fingerprint(Digest),
    /// Those whose SPIFFE ID is this.
    Uri(String),
}

impl Mapping {
    /// Checks the mapping at `identity[at]`.
    pub(crate) fn check(raw: RawIdentity, at: usize) -> Result<Self, Problem> {
        let key = |name: &str| format!("identity[{at}].{name}");
        let prefix = format!("identity[{at}]");
        let of = Mapped::check(raw.fingerprint, raw.uri, &prefix, &raw.role)?;
        let role = Role::parse(&raw.role).ok_or_else(|| {
            let known = Role::ALL
                .iter()
                .map(|role| role.name())
                .collect::<Vec<_>>()
                .join(", ");
            Problem::of(
                key("role"),
                &raw.role,
                "unknown role",
                format!("use one of: {known}"),
            )
        })?;
        let tenant = tenant(raw.tenant, role, key("tenant"))?;
        Ok(Self { of, tenant, role })
    }
}

impl Mapped {
    /// Takes one of `fingerprint` and `uri` of the entry at `prefix`, which says `shown`.
    pub(crate) fn check(
        fingerprint: Option<String>,
        uri: Option<String>,
        prefix: &str,
        shown: &str,
    ) -> Result<Self, Problem> {
        match (fingerprint, uri) {
            (Some(text), None) => {
                let advice = "give the SHA-256 of the certificate's DER bytes in 64 hex digits";
                let key = format!("{prefix}.fingerprint");
                let digest = hex::digest(&text);
                let digest =
                    digest.ok_or_else(|| Problem::of(key, &text, "not a fingerprint", advice));
                Ok(Self::Fingerprint(digest?))
            }
            (None, Some(uri)) => match SpiffeId::parse(&uri) {
                Ok(id) => Ok(Self::Uri(id.as_str().to_owned())),
                Err(error) => {
                    let advice = "give the SPIFFE ID exactly as the certificate has it";
                    let fault = format!("not a SPIFFE ID: {error}");
                    Err(Problem::of(format!("{prefix}.uri"), uri, fault, advice))
                }
            },
            (given, _) => {
                let fault = if given.is_some() {
                    "names both a fingerprint and a URI"
                } else {
                    "names none"
                };
                let advice = "give either `fingerprint` or `uri`";
                Err(Problem::of(prefix, shown, fault, advice))
            }
        }
    }
}

impl fmt::Display for Mapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fingerprint(digest) => write!(f, "fingerprint {digest}"),
            Self::Uri(uri) => f.write_str(uri),
        }
    }
}

fn tenant(raw: Option<String>, role: Role, key: String) -> Result<Option<Name>, Problem> {
    match raw {
        Some(text) if role.is_platform() => {
            let fault = format!("role `{role}` belongs to the platform");
            Err(Problem::of(key, text, fault, "leave `tenant` out"))
        }
        None if role.is_platform() => Ok(None),
        None => {
            let fault = format!("role `{role}` belongs to a tenant and none is named");
            Err(Problem {
                key,
                value: None,
                fault,
                advice: "name the tenant".into(),
            })
        }
        Some(text) => {
            let advice = "use 1 to 32 of `a` to `z`, `0` to `9` and `-`";
            let name = Name::parse(&text);
            name.map(Some)
                .ok_or_else(|| Problem::of(key, text, "not a tenant's name", advice))
        }
    }
}
