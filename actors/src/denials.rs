//! Denials that are counted before they are recorded: the first of its kind is an event at once,
//! what follows within [`WINDOW_NANOS`] becomes one event with the exact count.
//!
//! This is a table and nothing else: whether there is room for an event, and in which book, is the
//! shard's to say.

use std::collections::{BTreeMap, HashMap};

use ledger::batch::Origin;
use ledger::event::Denial;
use ledger::operation::OperationClass;
use ledger::{BookId, Code, Digest, Nanos, Operation};

/// Kinds of denials that are kept apart.
pub(crate) const KINDS_MAX: usize = 4_096;
/// How long after an event denials of the same kind are only counted.
const WINDOW_NANOS: u64 = 10_000_000_000;
/// How long what could not be recorded waits until it is tried again.
const RETRY_NANOS: u64 = 1_000_000_000;

/// What denials have in common that one event may stand for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Kind {
    /// The book that records them.
    pub(crate) book: BookId,
    pub(crate) principal: Digest,
    pub(crate) operation: Operation,
    pub(crate) result: Code,
    pub(crate) rule: u16,
    pub(crate) policy: Digest,
    /// Whether requests were denied, and not transfers of them.
    pub(crate) is_whole: bool,
}

impl Kind {
    /// Whether each of them is an event of its own: what shapes books and the platform is rare, and
    /// who tried it when is worth knowing.
    pub(crate) fn is_unlimited(&self) -> bool {
        matches!(
            self.operation.class(),
            OperationClass::Admin | OperationClass::Operate
        )
    }
}

/// Denials of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tally {
    /// Who asked, under which certificate, request and policies: of the last one.
    pub(crate) origin: Origin,
    /// The book that the last one named.
    pub(crate) named: BookId,
    /// Digest of the last one.
    pub(crate) request: Digest,
    /// Requests.
    pub(crate) count: u64,
    /// Transfers denied while the others went on.
    pub(crate) members: u64,
}

impl Tally {
    fn add(&mut self, later: &Self) {
        *self = Self {
            count: self.count + later.count,
            members: self.members + later.members,
            ..*later
        };
    }

    fn denial(&self, kind: &Kind) -> Denial {
        Denial {
            operation: kind.operation,
            result: kind.result,
            rule: kind.rule,
            book: self.named,
            principal: kind.principal,
            request: self.request,
            policy: kind.policy,
            count: self.count,
            members: self.members,
        }
    }
}

/// When something is due, and a number that tells what is due at the same time apart.
type Due = (Nanos, u64);

#[derive(Debug)]
struct Entry {
    /// What no event stands for yet.
    pending: Option<Tally>,
    /// Until then denials are only counted.
    quiet_until: Nanos,
    due: Due,
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Denials {
    entries: HashMap<Kind, Entry>,
    /// INVARIANT: each entry's `due`, once.
    order: BTreeMap<Due, Kind>,
    serial: u64,
    /// What no kind could be kept for.
    others: Option<(Kind, Tally)>,
}

impl Denials {
    /// Whether a denial of this kind can be counted by itself.
    pub(crate) fn has_room_for(&self, kind: &Kind) -> bool {
        self.entries.len() < KINDS_MAX || self.entries.contains_key(kind)
    }

    /// Counts denials. Whether they may be recorded at once.
    pub(crate) fn count(&mut self, kind: Kind, tally: &Tally, now: Nanos) -> bool {
        if !self.entries.contains_key(&kind) {
            let entry = Entry {
                pending: None,
                quiet_until: now,
                due: self.next_due(now),
            };
            self.order.insert(entry.due, kind);
            self.entries.insert(kind, entry);
        }
        let Some(entry) = self.entries.get_mut(&kind) else {
            return false;
        };
        match &mut entry.pending {
            Some(pending) => pending.add(tally),
            None => entry.pending = Some(*tally),
        }
        kind.is_unlimited() || now >= entry.quiet_until
    }

    /// Counts denials for which there is no room.
    pub(crate) fn count_as_other(&mut self, kind: Kind, tally: &Tally) {
        match &mut self.others {
            Some((_, others)) => others.add(tally),
            None => self.others = Some((kind, *tally)),
        }
    }

    /// Whether denials are counted that no kind could be kept for.
    pub(crate) fn has_others(&self) -> bool {
        self.others.is_some()
    }

    /// Takes them, to be recorded: as those of no principal and no policy.
    pub(crate) fn take_others(&mut self) -> Option<(Origin, Denial)> {
        let (kind, tally) = self.others.take()?;
        let kind = Kind {
            principal: Digest::ZERO,
            policy: Digest::ZERO,
            rule: 0,
            ..kind
        };
        Some((Origin::daemon(), tally.denial(&kind)))
    }

    /// Takes what is counted of a kind, to be recorded at `now`.
    pub(crate) fn take(&mut self, kind: &Kind, now: Nanos) -> Option<(Origin, Denial)> {
        let entry = self.entries.get_mut(kind)?;
        let tally = entry.pending.take()?;
        entry.quiet_until = Nanos(now.0.saturating_add(WINDOW_NANOS));
        let until = entry.quiet_until;
        self.put_off(kind, until);
        Some((tally.origin, tally.denial(kind)))
    }

    /// The next kind that is due at `now` and has something to be recorded. Those that have nothing
    /// are forgotten on the way.
    pub(crate) fn due(&mut self, now: Nanos) -> Option<Kind> {
        loop {
            let (due, kind) = self.order.first_key_value()?;
            if due.0 > now {
                return None;
            }
            let kind = *kind;
            if self.is_pending(&kind) {
                return Some(kind);
            }
            self.forget(&kind);
        }
    }

    /// What is due of this kind cannot be recorded now.
    pub(crate) fn try_later(&mut self, kind: &Kind, now: Nanos) {
        self.put_off(kind, Nanos(now.0.saturating_add(RETRY_NANOS)));
    }

    /// The kind that is due first.
    pub(crate) fn oldest(&self) -> Option<Kind> {
        self.order.first_key_value().map(|(_, kind)| *kind)
    }

    /// Every kind that has something to be recorded, the one that is due first first.
    pub(crate) fn pending(&self) -> Vec<Kind> {
        let kinds = self.order.values().copied();
        kinds.filter(|kind| self.is_pending(kind)).collect()
    }

    /// Whether something of this kind is to be recorded.
    pub(crate) fn is_pending(&self, kind: &Kind) -> bool {
        let entry = self.entries.get(kind);
        entry.is_some_and(|entry| entry.pending.is_some())
    }

    /// Makes room for another kind.
    pub(crate) fn forget(&mut self, kind: &Kind) {
        if let Some(entry) = self.entries.remove(kind) {
            self.order.remove(&entry.due);
        }
    }

    fn put_off(&mut self, kind: &Kind, until: Nanos) {
        let due = self.next_due(until);
        if let Some(entry) = self.entries.get_mut(kind) {
            self.order.remove(&entry.due);
            self.order.insert(due, *kind);
            entry.due = due;
        }
    }

    fn next_due(&mut self, at: Nanos) -> Due {
        self.serial += 1;
        (at, self.serial)
    }
}

#[cfg(test)]
mod tests;
