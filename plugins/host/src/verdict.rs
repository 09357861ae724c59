//! What a policy answered, checked.

use wasmtime::component::{ComponentType, Lift};

use crate::contract::RuleInfo;
use crate::fault::BadOutput;

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

impl Verdict {
    /// Whether it is one that a policy with these rules may give about this many transfers. `rules`
    /// are in rising order of number.
    pub(crate) fn check(&self, rules: &[RuleInfo], members: usize) -> Result<(), BadOutput> {
        let known = |rule: u16| match rules.binary_search_by_key(&rule, |info| info.rule) {
            Ok(_) => Ok(()),
            Err(_) => Err(BadOutput::UnknownRule(rule)),
        };
        match self {
            Self::Allow => Ok(()),
            Self::Deny(rule) => known(*rule),
            Self::AllowExcept(denials) if denials.is_empty() => Err(BadOutput::Empty),
            Self::AllowExcept(denials) => {
                let mut before = None;
                for denial in denials {
                    if denial.index as usize >= members {
                        return Err(BadOutput::OutOfRange(denial.index));
                    }
                    if before.is_some_and(|before| denial.index <= before) {
                        return Err(BadOutput::NotRising(denial.index));
                    }
                    known(denial.rule)?;
                    before = Some(denial.index);
                }
                Ok(())
            }
        }
    }
}
