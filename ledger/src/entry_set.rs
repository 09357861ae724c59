//! Entry sets: transfers linked into one, all or nothing.
//!
//! Floors and ceilings are checked on the net effect, once all members are in; everything else is
//! checked member by member, since each sees what the ones before it did.

use std::collections::BTreeSet;

use crate::book::Book;
use crate::code::Code;
use crate::known;
use crate::past::PastUnreadable;
use crate::posting::{Desk, Item, ItemResult, check_ceiling, check_floor, check_form};

/// The member that fails a set, and its answer.
type Failed = (usize, ItemResult);

impl Book {
    /// Decides the members of one set and appends a result for each.
    ///
    /// # Errors
    /// The past cannot be read; nothing of the set stands then.
    pub(crate) fn post_set(
        &mut self,
        desk: &mut Desk<'_>,
        members: &[Item<'_>],
        is_open: bool,
        results: &mut Vec<ItemResult>,
    ) -> Result<(), PastUnreadable> {
        let first = results.len();
        if is_open {
            let failed = (members.len() - 1, open_end(members));
            return self.fail(desk, members, failed, results);
        }
        if members.iter().any(|member| member.is_denied)
            && let Some(failed) = self.denied_member(desk, members)?
        {
            return self.fail(desk, members, failed, results);
        }
        let mark = self.mark();
        match self.post_members(desk, members, results) {
            Ok(None) => {
                self.commit();
                Ok(())
            }
            Ok(Some(failed)) => {
                self.roll_back(&mark, desk.ids);
                results.truncate(first);
                self.fail(desk, members, failed, results)
            }
            Err(error) => {
                self.roll_back(&mark, desk.ids);
                Err(error)
            }
        }
    }

    /// Posts member by member up to the first that fails the set. A set of which every member was
    /// posted before does not fail; one of which only some were does.
    fn post_members(
        &mut self,
        desk: &mut Desk<'_>,
        members: &[Item<'_>],
        results: &mut Vec<ItemResult>,
    ) -> Result<Option<Failed>, PastUnreadable> {
        let first_seq = self.next_seq();
        let mut known: Option<Failed> = None;
        let mut known_count = 0;
        for (at, member) in members.iter().enumerate() {
            let mut result = self.post_one(desk, member, true)?;
            // Known from this set alone, so not known once the set is undone.
            if result.code.is_known() && result.seq >= first_seq {
                result = ItemResult::refused(Code::IdRepeated);
            }
            if !result.code.is_posted() {
                return Ok(Some((at, result)));
            }
            if result.code == Code::Exists {
                known = known.or(Some((at, result)));
                known_count += 1;
            }
            results.push(result);
        }
        Ok(match known {
            Some(_) if known_count == members.len() => None,
            Some(failed) => Some(failed),
            None => self.net_violation(members),
        })
    }

    /// The member that fails a set with a denied member in it, whatever the state of the accounts:
    /// the first that is malformed, known otherwise or denied. `None` if what is denied was posted
    /// before.
    #[cold]
    fn denied_member(
        &self,
        desk: &Desk<'_>,
        members: &[Item<'_>],
    ) -> Result<Option<Failed>, PastUnreadable> {
        let mut first = None;
        let mut is_denied = false;
        let mut ids = BTreeSet::new();
        for (at, member) in members.iter().enumerate() {
            let result = if let Err(code) = check_form(member.transfer, member.note) {
                ItemResult::refused(code)
            } else if let Some(known) = known::check(self, desk, member)? {
                known
            } else {
                is_denied |= member.is_denied;
                let is_new = ids.insert(member.transfer.id);
                match (is_new, member.is_denied) {
                    (false, _) => ItemResult::refused(Code::IdRepeated),
                    (true, true) => ItemResult::refused(Code::Denied),
                    (true, false) => continue,
                }
            };
            if result.code != Code::Exists {
                first = first.or(Some((at, result)));
            }
        }
        Ok(first.filter(|_| is_denied))
    }

    /// Gives the member that failed its own answer and every other one `entry_set_failed`, unless
    /// it was posted before: a known id never answers as if it were not.
    fn fail(
        &self,
        desk: &Desk<'_>,
        members: &[Item<'_>],
        (failed, answer): Failed,
        results: &mut Vec<ItemResult>,
    ) -> Result<(), PastUnreadable> {
        for (at, member) in members.iter().enumerate() {
            results.push(if at == failed {
                answer
            } else {
                known::check(self, desk, member)?
                    .unwrap_or(ItemResult::refused(Code::EntrySetFailed))
            });
        }
        Ok(())
    }

    /// The first bound that the set as a whole breaks, charged to the last member that moved the
    /// account on that side.
    fn net_violation(&self, members: &[Item<'_>]) -> Option<Failed> {
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
            return Some((at, ItemResult::refused(Code::BelowFloor)));
        }
        let ceiling = (0..members.len()).find(|at| {
            broken_ceiling(&members[*at])
                && !members[at + 1..]
                    .iter()
                    .any(|m| m.credit == members[*at].credit)
        });
        ceiling.map(|at| (at, ItemResult::refused(Code::AboveCeiling)))
    }
}

/// What the last member of a set that was not closed answers: that, unless it is malformed in a
/// way that comes first.
fn open_end(members: &[Item<'_>]) -> ItemResult {
    let malformed = members
        .last()
        .and_then(|item| check_form(item.transfer, item.note).err());
    let code = malformed.map_or(Code::EntrySetOpen, |code| code.min(Code::EntrySetOpen));
    ItemResult::refused(code)
}
