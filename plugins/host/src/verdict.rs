//! What a policy answered, checked.

use wasmtime::component::{ComponentType, Lift};

/// A transfer that is denied while the others go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ComponentType, Lift)]
#[component(record)]
pub struct MemberDenial {
    /// Index into the columns of transfers.
    pub index: u32,
    /// The rule that denies it.
    pub rule: u16,
}

/// The answer to one request. What [`Policy::evaluate`](crate::Policy::evaluate) gives is checked:
/// every index is one of the transfers that were passed, in strictly rising order, at least one,
/// and every rule is one that the policy described.
#[derive(Clone, PartialEq, Eq, Debug, ComponentType, Lift)]
#[component(variant)]
pub enum Verdict {
    /// All of it may be done.
    #[component(name = "allow")]
    Allow,
    /// All but these may be done.
    #[component(name = "allow-except")]
    AllowExcept(Vec<MemberDenial>),
    /// None of it may be done.
    #[component(name = "deny")]
    Deny(u16),
}
