//! Attributes of tenants, such as their plan: what policies are told of every principal of theirs.

use ledger::registry::Name;

use super::problem::Problem;
use super::raw::RawTenantAttributes;

/// Attributes of one tenant, at most.
const ATTRIBUTES_MAX: usize = 16;
/// Longest name of an attribute, in bytes.
const NAME_BYTES_MAX: usize = 32;
/// Longest value of an attribute, in bytes.
const VALUE_BYTES_MAX: usize = 64;
/// The attribute that everyone has: the environment in which this daemon runs.
pub(crate) const ENVIRONMENT: &str = "environment";

/// An attribute: its name and its value.
pub(crate) type Attribute = (Box<str>, Box<str>);

/// What policies are told of every principal of a tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TenantAttributes {
    /// The tenant.
    pub(crate) tenant: Name,
    /// In order of name; no name twice.
    pub(crate) attributes: Vec<Attribute>,
}

impl TenantAttributes {
    /// Checks the entry at `tenant_attributes[at]`.
    pub(crate) fn check(raw: RawTenantAttributes, at: usize) -> Result<Self, Problem> {
        let key = |name: &str| format!("tenant_attributes[{at}].{name}");
        let tenant = Name::parse(&raw.tenant).ok_or_else(|| {
            let advice = "use 1 to 32 of `a` to `z`, `0` to `9` and `-`";
            Problem::of(key("tenant"), &raw.tenant, "not a tenant's name", advice)
        })?;
        let count = raw.attributes.len();
        if !(1..=ATTRIBUTES_MAX).contains(&count) {
            let prefix = format!("tenant_attributes[{at}]");
            let advice = format!("give 1 to {ATTRIBUTES_MAX} beside `tenant`");
            let fault = format!("has `{count}` attributes");
            return Err(Problem::of(prefix, tenant, fault, advice));
        }
        for (name, value) in &raw.attributes {
            if name == ENVIRONMENT {
                let fault = "is what the whole daemon runs in, and no tenant's own";
                let advice = "remove it: `signing.environment` says it, or else the profile";
                return Err(Problem::of(key(name), value, fault, advice));
            }
            if !is_name(name) {
                let advice = format!("use 1 to {NAME_BYTES_MAX} of `a` to `z`, `0` to `9` and `_`");
                return Err(Problem::of(key(name), value, "not a name", advice));
            }
            if !is_value(value) {
                let advice = format!("use 1 to {VALUE_BYTES_MAX} printable characters of ASCII");
                return Err(Problem::of(key(name), value, "not a value", advice));
            }
        }
        let boxed = |(name, value): (String, String)| (name.into(), value.into());
        Ok(Self {
            tenant,
            attributes: raw.attributes.into_iter().map(boxed).collect(),
        })
    }
}

fn is_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain)
}

fn is_value(text: &str) -> bool {
    let printable = |b: u8| b.is_ascii_graphic() || b == b' ';
    (1..=VALUE_BYTES_MAX).contains(&text.len()) && text.bytes().all(printable)
}
