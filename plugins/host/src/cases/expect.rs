//! What a case expects, and what was decided, in words.

use super::file;
use crate::fault::Fault;
use crate::policy::Policy;
use crate::verdict::Verdict;

/// What a case expects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// All of it may be done.
    Allow,
    /// All but these may be done.
    AllowExcept(Vec<(u32, Rule)>),
    /// None of it may be done.
    Deny(Rule),
    /// There is no verdict.
    Fault(FaultKind),
}

/// A rule, by its number or its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Its number.
    Number(u16),
    /// Its name.
    Name(String),
}

/// A kind of fault, whatever its details.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// See [`Fault::Trapped`].
    Trapped,
    /// See [`Fault::TimedOut`].
    TimedOut,
    /// See [`Fault::OutOfMemory`].
    OutOfMemory,
    /// See [`Fault::BadOutput`].
    BadOutput,
    /// See [`Fault::Failed`].
    Failed,
}

impl FaultKind {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Trapped, "trapped"),
        (Self::TimedOut, "timed_out"),
        (Self::OutOfMemory, "out_of_memory"),
        (Self::BadOutput, "bad_output"),
        (Self::Failed, "failed"),
    ];

    fn of(fault: &Fault) -> Option<Self> {
        Some(match fault {
            Fault::Trapped => Self::Trapped,
            Fault::TimedOut => Self::TimedOut,
            Fault::OutOfMemory => Self::OutOfMemory,
            Fault::BadOutput(_) => Self::BadOutput,
            Fault::Failed(_) => Self::Failed,
            Fault::BreakerOpen | Fault::Unavailable => return None,
        })
    }
}

impl Expect {
    pub(super) fn read(raw: file::Expect) -> Result<Self, String> {
        Ok(match raw {
            file::Expect::Allow => Self::Allow,
            file::Expect::Deny(rule) => Self::Deny(rule.into()),
            file::Expect::AllowExcept(members) => Self::AllowExcept(
                members
                    .into_iter()
                    .map(|member| (member.index, member.rule.into()))
                    .collect(),
            ),
            file::Expect::Fault(name) => Self::Fault(
                FaultKind::NAMES
                    .iter()
                    .find(|(_, known)| *known == name)
                    .map(|(kind, _)| *kind)
                    .ok_or_else(|| format!("fault `{name}` is unknown"))?,
            ),
        })
    }

    /// Whether that is what was decided.
    pub(super) fn is_met(&self, found: &Result<Verdict, Fault>, policy: &Policy) -> bool {
        match (self, found) {
            (Self::Allow, Ok(Verdict::Allow)) => true,
            (Self::Deny(expected), Ok(Verdict::Deny(rule))) => expected.is(*rule, policy),
            (Self::AllowExcept(expected), Ok(Verdict::AllowExcept(denials))) => {
                expected.len() == denials.len()
                    && expected.iter().zip(denials).all(|((index, rule), denial)| {
                        *index == denial.index && rule.is(denial.rule, policy)
                    })
            }
            (Self::Fault(expected), Err(fault)) => FaultKind::of(fault) == Some(*expected),
            _ => false,
        }
    }

    pub(super) fn in_words(&self, policy: &Policy) -> String {
        match self {
            Self::Allow => "allow".to_owned(),
            Self::Deny(rule) => format!("deny by {}", rule.in_words(policy)),
            Self::AllowExcept(members) => {
                let members = members
                    .iter()
                    .map(|(index, rule)| format!("{index} by {}", rule.in_words(policy)));
                except(members)
            }
            Self::Fault(kind) => {
                let name = FaultKind::NAMES.iter().find(|(known, _)| known == kind);
                format!("fault {}", name.map_or("", |(_, name)| name))
            }
        }
    }
}

impl Rule {
    fn is(&self, rule: u16, policy: &Policy) -> bool {
        match self {
            Self::Number(number) => *number == rule,
            Self::Name(name) => policy.rule(rule).is_some_and(|info| info.name == *name),
        }
    }

    fn in_words(&self, policy: &Policy) -> String {
        match self {
            Self::Number(number) => rule_name(*number, policy),
            Self::Name(name) => format!("`{name}`"),
        }
    }
}

impl From<file::Rule> for Rule {
    fn from(rule: file::Rule) -> Self {
        match rule {
            file::Rule::Number(number) => Self::Number(number),
            file::Rule::Name(name) => Self::Name(name),
        }
    }
}

/// What was decided, in words.
pub(super) fn in_words(found: &Result<Verdict, Fault>, policy: &Policy) -> String {
    match found {
        Ok(Verdict::Allow) => "allow".to_owned(),
        Ok(Verdict::Deny(rule)) => format!("deny by {}", rule_name(*rule, policy)),
        Ok(Verdict::AllowExcept(denials)) => {
            let members = denials
                .iter()
                .map(|denial| format!("{} by {}", denial.index, rule_name(denial.rule, policy)));
            except(members)
        }
        Err(fault) => format!("fault: {fault}"),
    }
}

/// Members in words, of which a person reads the first.
fn except(mut members: impl ExactSizeIterator<Item = String>) -> String {
    let more = members.len().saturating_sub(MEMBERS_SHOWN);
    let shown: Vec<String> = members.by_ref().take(MEMBERS_SHOWN).collect();
    let mut words = format!("allow except {}", shown.join(", "));
    if more > 0 {
        words.push_str(&format!(" and {more} more"));
    }
    words
}

fn rule_name(rule: u16, policy: &Policy) -> String {
    match policy.rule(rule) {
        Some(info) => format!("`{}`", info.name),
        None => format!("`{rule}`"),
    }
}

const MEMBERS_SHOWN: usize = 20;
