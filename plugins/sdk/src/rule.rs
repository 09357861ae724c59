//! The rules of a policy.

use crate::RuleInfo;

/// Something that a policy denies. Numbers stand in receipts: one is never given to another rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Not 0.
    pub number: u16,
    /// A short name in lower case, such as `amount-too-large`.
    pub name: &'static str,
    /// What it denies, in a sentence.
    pub doc: &'static str,
}

impl Rule {
    /// A rule.
    pub const fn new(number: u16, name: &'static str, doc: &'static str) -> Self {
        Self { number, name, doc }
    }

    pub(crate) fn info(&self) -> RuleInfo {
        RuleInfo {
            rule: self.number,
            name: self.name.to_owned(),
            doc: self.doc.to_owned(),
        }
    }
}
