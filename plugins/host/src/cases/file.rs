//! The file of cases as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    #[serde(default)]
    pub(super) config: Option<Value>,
    #[serde(default)]
    pub(super) context: Context,
    #[serde(default)]
    pub(super) accounts: Option<Vec<Account>>,
    #[serde(default)]
    pub(super) batch: Vec<Transfer>,
    pub(super) expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Context {
    pub(super) operation: String,
    pub(super) resource: Resource,
    pub(super) tenant: String,
    pub(super) principal: String,
    pub(super) roles: Vec<String>,
    pub(super) scopes: Vec<Box<str>>,
    pub(super) attributes: BTreeMap<Box<str>, Box<str>>,
    pub(super) now: Moment,
    pub(super) request_id: Number,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            operation: "post".to_owned(),
            resource: Resource::default(),
            tenant: "acme".to_owned(),
            principal: "spiffe://ledger.example/tenant/acme/app".to_owned(),
            roles: vec!["write".to_owned()],
            scopes: Vec::new(),
            attributes: BTreeMap::new(),
            now: Moment::default(),
            request_id: Number::default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Resource {
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) owned: Option<bool>,
}

impl Default for Resource {
    fn default() -> Self {
        Self {
            kind: "book".to_owned(),
            id: "1".to_owned(),
            owner: "acme".to_owned(),
            owned: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) id: Number,
    #[serde(default = "one_u16")]
    pub(super) code: u16,
    #[serde(default = "one_u32")]
    pub(super) asset: u32,
    #[serde(default)]
    pub(super) state: Vec<State>,
    #[serde(default)]
    pub(super) tags: Vec<u8>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    FrozenDebits,
    FrozenCredits,
    Closed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    pub(super) debit: Number,
    pub(super) credit: Number,
    pub(super) amount: Number,
    #[serde(default)]
    pub(super) asset: u32,
    #[serde(default = "one_u16")]
    pub(super) code: u16,
    #[serde(default)]
    pub(super) flags: u16,
    #[serde(default)]
    pub(super) id: Option<Number>,
    #[serde(default)]
    pub(super) timeout: u32,
    #[serde(default)]
    pub(super) effective_at: Moment,
    #[serde(default)]
    pub(super) user_data: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Expect {
    Allow,
    AllowExcept(Vec<Member>),
    Deny(Rule),
    Fault(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) index: u32,
    pub(super) rule: Rule,
}

/// A rule by its number or its name.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Rule {
    Number(u16),
    Name(String),
}

/// A number, in digits where it may be large.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Small(u64),
    Digits(String),
}

impl Default for Number {
    fn default() -> Self {
        Self::Small(0)
    }
}

impl Number {
    pub(super) fn value(&self) -> Result<u128, String> {
        match self {
            Self::Small(value) => Ok(u128::from(*value)),
            Self::Digits(digits) => digits
                .parse()
                .map_err(|_| format!("`{digits}` is not a number of at most 128 bits")),
        }
    }
}

/// A moment: a date and time, or nanoseconds.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Moment {
    Nanos(u64),
    Text(String),
}

impl Default for Moment {
    fn default() -> Self {
        Self::Nanos(0)
    }
}

impl Moment {
    pub(super) fn nanos(&self) -> Result<u64, String> {
        match self {
            Self::Nanos(nanos) => Ok(*nanos),
            Self::Text(text) => super::moment::parse(text)
                .ok_or_else(|| format!("`{text}` is not a moment such as 2026-11-24T09:30:00Z")),
        }
    }
}

fn one_u16() -> u16 {
    1
}

fn one_u32() -> u32 {
    1
}
