//! Entry sets: transfers linked into one, all or nothing.
//!
//! Floors and ceilings are checked on the net effect, once all members are in; everything else is
//! checked member by member, since each sees what the ones before it did.

use crate::book::Book;
use crate::code::Code;
use crate::known;
use crate::past::PastUnreadable;
use crate::posting::{Desk, Item, ItemResult, check_ceiling, check_floor};

impl Book {
    /// Decides the members of one set and appends a result for each.
    pub(crate) fn post_set(
        &mut self,
        desk: &mut Desk<'_>,
        members: &[Item<'_>],
        is_open: bool,
        results: &mut Vec<ItemResult>,
    ) -> Result<(), PastUnreadable> {
        let first = results.len();
        if is_open {
            results.extend(members.iter().map(|_| ItemResult::refused(Code::Created)));
            let last = members.len() - 1;
            return self.fail(
                desk,
                members,
                last,
                Code::EntrySetOpen,
                &mut results[first..],
            );
        }
        let mark = self.mark();
        let mut failed = None;
        for (at, member) in members.iter().enumerate() {
            let result = self.post_one(desk, member, true)?;
            results.push(result);
            if !result.code.is_posted() {
                failed = Some((at, result.code));
                break;
            }
        }
        results.resize(first + members.len(), ItemResult::refused(Code::Created));
        let results = &mut results[first..];
        let exists = results.iter().filter(|r| r.code == Code::Exists).count();
        if failed.is_none() && exists == 0 {
            failed = self.net_violation(members);
        }
        match failed {
            None if exists == 0 || exists == members.len() => {
                self.commit();
                Ok(())
            }
            None => {
                self.roll_back(&mark, desk.ids);
                for result in results.iter_mut().filter(|r| r.code != Code::Exists) {
                    *result = ItemResult::refused(Code::EntrySetFailed);
                }
                Ok(())
            }
            Some((at, code)) => {
                self.roll_back(&mark, desk.ids);
                self.fail(desk, members, at, code, results)
            }
        }
    }

    /// Gives the member that failed its own code and every other one `entry_set_failed`, unless it
    /// was posted before: a known id never answers as if it were not.
    fn fail(
        &self,
        desk: &Desk<'_>,
        members: &[Item<'_>],
        failed: usize,
        code: Code,
        results: &mut [ItemResult],
    ) -> Result<(), PastUnreadable> {
        for (at, (member, result)) in members.iter().zip(results).enumerate() {
            if at == failed {
                if code != result.code {
                    *result = ItemResult::refused(code);
                }
            } else {
                *result = known::check(self, desk, member)?
                    .unwrap_or(ItemResult::refused(Code::EntrySetFailed));
            }
        }
        Ok(())
    }

    /// The first bound that the set as a whole breaks, charged to the last member that moved the
    /// account on that side.
    fn net_violation(&self, members: &[Item<'_>]) -> Option<(usize, Code)> {
        let broken_floor = |item: &Item<'_>| {
            item.debit
                .is_some_and(|at| check_floor(&self.accounts[at as usize], 0, 0).is_err())
        };
        let broken_ceiling = |item: &Item<'_>| {
            item.credit
                .is_some_and(|at| check_ceiling(&self.accounts[at as usize], 0, 0).is_err())
        };
        let floor = (0..members.len()).find(|at| {
            broken_floor(&members[*at])
                && !members[at + 1..]
                    .iter()
                    .any(|m| m.debit == members[*at].debit)
        });
        if let Some(at) = floor {
            return Some((at, Code::BelowFloor));
        }
        let ceiling = (0..members.len()).find(|at| {
            broken_ceiling(&members[*at])
                && !members[at + 1..]
                    .iter()
                    .any(|m| m.credit == members[*at].credit)
        });
        ceiling.map(|at| (at, Code::AboveCeiling))
    }
}
