//! The contract with a policy, as `wit/0.1.0/policy.wit` has it.
//!
//! What is passed is borrowed and in columns, so that a list reaches the guest as one copy of
//! memory.

use std::fmt;

use wasmtime::component::{ComponentType, Lift, Lower};

pub use needs::Needs;
use needs::flags::NeedsFlags;

mod needs;

/// Version of the contract that this build speaks.
pub const VERSION: &str = "0.1.0";
/// Name of the one export, without its version.
pub(crate) const EXPORT: &str = "ledgerd:policy/policy";

/// What a request is about, as a policy sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ComponentType, Lower)]
#[component(record)]
pub struct ResourceView<'a> {
    /// `server`, `platform`, `tenant`, `all-tenants` or `book`.
    pub kind: &'a str,
    /// Number of the book or of the tenant, in digits; empty for the other kinds.
    pub id: &'a str,
    /// Name of the tenant that owns it; empty for the platform, and for what nobody owns.
    pub owner: &'a str,
    /// Whether anybody owns it.
    pub owned: bool,
}

/// Who asks for what, as a policy sees it. Time and id of the request are passed only to who needs
/// them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Context<'a> {
    /// Name of the operation, such as `post`.
    pub operation: &'a str,
    /// What it is about.
    pub resource: ResourceView<'a>,
    /// Name of the principal's tenant; empty for the platform.
    pub tenant: &'a str,
    /// SPIFFE ID of the principal.
    pub principal: &'a str,
    /// Names of its roles.
    pub roles: &'a [&'a str],
    /// Its scopes.
    pub scopes: &'a [Box<str>],
    /// Names and values, in order of name.
    pub attributes: &'a [(Box<str>, Box<str>)],
    /// Nanoseconds since 1970, UTC.
    pub now: u64,
    /// Id of the request, low half.
    #[component(name = "request-id-low")]
    pub request_id_low: u64,
    /// Id of the request, high half.
    #[component(name = "request-id-high")]
    pub request_id_high: u64,
}

/// The distinct accounts that a batch touches, in columns of one length.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AccountColumns {
    /// Ids, low halves.
    pub id_low: Vec<u64>,
    /// Ids, high halves.
    pub id_high: Vec<u64>,
    /// Codes; 0 where there is no such account.
    pub code: Vec<u16>,
    /// Assets.
    pub asset: Vec<u32>,
    /// Bit 1: frozen for debits; bit 2: frozen for credits; bit 3: closed.
    pub state_bits: Vec<u16>,
    /// Bit n: the tenant's tag number n is set.
    pub tag_bits: Vec<u64>,
}

impl AccountColumns {
    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.id_low.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.id_low.is_empty()
    }

    /// Removes every row and keeps the room.
    pub fn clear(&mut self) {
        self.id_low.clear();
        self.id_high.clear();
        self.code.clear();
        self.asset.clear();
        self.state_bits.clear();
        self.tag_bits.clear();
    }

    /// Whether every column has as many rows as the first.
    pub(crate) fn is_even(&self) -> bool {
        let rows = self.len();
        self.id_high.len() == rows
            && self.code.len() == rows
            && self.asset.len() == rows
            && self.state_bits.len() == rows
            && self.tag_bits.len() == rows
    }
}

/// The transfers of a batch, in columns of one length. Columns that no policy of the chain needs
/// may be left empty; a policy is passed those that it needs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TransferColumns {
    /// Index of the debited account into the columns of accounts.
    pub debit: Vec<u32>,
    /// Index of the credited account into the columns of accounts.
    pub credit: Vec<u32>,
    /// Minor units, low halves.
    pub amount_low: Vec<u64>,
    /// Minor units, high halves.
    pub amount_high: Vec<u64>,
    /// Assets; 0 where the transfer does not say it.
    pub asset: Vec<u32>,
    /// Codes.
    pub code: Vec<u16>,
    /// Flags.
    pub flag_bits: Vec<u16>,
    /// Ids, low halves.
    pub id_low: Vec<u64>,
    /// Ids, high halves.
    pub id_high: Vec<u64>,
    /// Seconds of a hold.
    pub timeout: Vec<u32>,
    /// Business dates; 0 is the posted time.
    pub effective_at: Vec<u64>,
    /// The client's own numbers.
    pub user_data: Vec<u64>,
}

impl TransferColumns {
    /// Number of transfers: the longest of the columns that may be filled without the others.
    pub fn len(&self) -> usize {
        self.amount_low
            .len()
            .max(self.id_low.len())
            .max(self.timeout.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes every row and keeps the room.
    pub fn clear(&mut self) {
        let Self {
            debit,
            credit,
            amount_low,
            amount_high,
            asset,
            code,
            flag_bits,
            id_low,
            id_high,
            timeout,
            effective_at,
            user_data,
        } = self;
        for column in [
            amount_low,
            amount_high,
            id_low,
            id_high,
            effective_at,
            user_data,
        ] {
            column.clear();
        }
        for column in [debit, credit, asset, timeout] {
            column.clear();
        }
        code.clear();
        flag_bits.clear();
    }
}

/// One rule of a policy.
#[derive(Clone, PartialEq, Eq, Debug, ComponentType, Lift)]
#[component(record)]
pub struct RuleInfo {
    /// Its number: not 0, never given to another rule.
    pub rule: u16,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub doc: String,
}

/// What a policy says of itself.
#[derive(Clone, PartialEq, Debug, ComponentType, Lift)]
#[component(record)]
pub(crate) struct Description {
    pub(crate) name: String,
    #[component(name = "config-version")]
    pub(crate) config_version: u32,
    pub(crate) rules: Vec<RuleInfo>,
    pub(crate) needs: NeedsFlags,
}

/// Why one rule denies, for people.
#[derive(Clone, PartialEq, Eq, Debug, ComponentType, Lift)]
#[component(record)]
pub struct Explanation {
    /// Index of the transfer; none for the request.
    pub index: Option<u32>,
    /// The rule.
    pub rule: u16,
    /// Why.
    pub text: String,
}

/// A policy's own refusal to decide.
#[derive(Clone, PartialEq, Eq, Debug, ComponentType, Lift)]
#[component(variant)]
pub enum PolicyError {
    /// It does not take its configuration.
    #[component(name = "bad-config")]
    BadConfig(String),
    /// The operation, or something that is passed, is unknown to it.
    #[component(name = "unsupported")]
    Unsupported(String),
    /// Something else.
    #[component(name = "internal")]
    Internal(String),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match self {
            Self::BadConfig(text) => ("configuration not taken", text),
            Self::Unsupported(text) => ("unsupported", text),
            Self::Internal(text) => ("internal error", text),
        };
        write!(f, "{what}: `{text}`")
    }
}
