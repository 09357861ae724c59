//! Transfers that are denied while the others go on.

use std::fmt::Display;

use crate::{MemberDenial, Request, Rule, Verdict};

/// Collects denied transfers into a verdict.
#[derive(Debug)]
pub struct Denials<'a> {
    request: &'a Request,
    members: Vec<MemberDenial>,
}

impl<'a> Denials<'a> {
    pub(crate) fn new(request: &'a Request) -> Self {
        Self {
            request,
            members: Vec::new(),
        }
    }

    /// Denies the transfer at `index`; the first rule that denies it stands in the verdict. `why`
    /// is written out only for who asks for an explanation.
    pub fn deny(&mut self, index: usize, rule: &Rule, why: impl Display) {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.request.record(Some(index), rule, why);
        self.members.push(MemberDenial {
            index,
            rule: rule.number,
        });
    }

    /// Allows what was not denied.
    pub fn verdict(mut self) -> Verdict {
        // Stable, so that of a transfer's rules the first to deny it stays.
        if !self.members.is_sorted_by_key(|member| member.index) {
            self.members.sort_by_key(|member| member.index);
        }
        self.members.dedup_by_key(|member| member.index);
        if self.members.is_empty() {
            Verdict::Allow
        } else {
            Verdict::AllowExcept(self.members)
        }
    }
}
