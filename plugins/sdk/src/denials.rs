//! Transfers that are denied while the others go on.

use std::fmt::Display;

use crate::{MemberDenial, Request, Rule, Verdict};

/// Collects denied transfers into a verdict.
#[derive(Debug)]
pub struct Denials<'a> {
    request: &'a Request,
    /// Number of the rule that denies the transfer in this place, or 0. As long as it must be.
    rules: Vec<u16>,
}

impl<'a> Denials<'a> {
    pub(crate) fn new(request: &'a Request) -> Self {
        Self {
            request,
            rules: Vec::new(),
        }
    }

    /// Denies the transfer at `index`, in any order; the first rule that denies it stands in the
    /// verdict. `why` is written out only for who asks for an explanation.
    pub fn deny(&mut self, index: usize, rule: &Rule, why: impl Display) {
        self.request.record(u32::try_from(index).ok(), rule, why);
        if self.rules.len() <= index {
            self.rules.resize(index + 1, 0);
        }
        let place = &mut self.rules[index];
        if *place == 0 {
            *place = rule.number;
        }
    }

    /// Allows what was not denied.
    pub fn verdict(self) -> Verdict {
        let denied = (0..).zip(self.rules).filter(|(_, rule)| *rule != 0);
        let members: Vec<_> = denied
            .map(|(index, rule)| MemberDenial { index, rule })
            .collect();
        if members.is_empty() {
            Verdict::Allow
        } else {
            Verdict::AllowExcept(members)
        }
    }
}

#[cfg(test)]
mod tests;
