//! What the shard does about requests that policy refused, and transfers that it denied: known ids
//! answer as ever, and what was denied is recorded.

use std::sync::Arc;

use ledger::batch::Origin;
use ledger::event::Denial;
use ledger::limits::BLOCK_EVENTS_MAX;
use ledger::past::PastUnreadable;
use ledger::posting::{Batch, ItemResult};
use ledger::{BookId, Code, Digest, Nanos, Seq};
use plugins_host::{Cause, MemberDenied, Permitted, Principal, Reason, Refused};
use wire::message as m;
use wire::{Answer, Failure, Request};

use crate::decide::past_unreadable;
use crate::denials::{Kind, Tally};
use crate::need;
use crate::post::with_event;
use crate::queue::Lane;
use crate::shard::Shard;
use crate::submit::{Command, Judged, Reply};

/// Milliseconds after which what has no room to be judged is worth another try.
const BUSY_MS: u32 = 20;
/// Milliseconds after which a policy that could not be asked is worth another try.
const POLICY_AWAY_MS: u32 = 250;

impl Shard {
    /// Where a request waits.
    pub(crate) fn lane(&self, judged: &Judged) -> Lane {
        let book = judged.command().book;
        match judged {
            Judged::Refused(refused) if !self.owns(refused.principal(), book) => {
                Lane::Elsewhere(refused.principal().tenant())
            }
            _ => Lane::Book(book),
        }
    }

    /// Answers what was refused as a whole, and records it.
    pub(crate) fn turn_away(&mut self, refused: &Refused<Command>) -> Reply {
        let known = self.known_items(refused);
        let is_known = |item: &Option<ItemResult>| item.is_some();
        if known.is_empty() || !known.iter().any(is_known) {
            let place = self.record_refusal(refused);
            return Reply::Failure(failure(refused, place));
        }
        // A batch that was posted before, all of it, asks for nothing that could be denied.
        let place = if known.iter().all(is_known) {
            None
        } else {
            self.record_refusal(refused)
        };
        let (code, seq) = (refused.denied().code(), place.map(|place| place.seq));
        let items = known.into_iter().map(|item| match item {
            Some(known) => with_event(known),
            None => (code, seq),
        });
        let outcomes = self.outcomes(refused.value().book, items);
        Reply::Answer(match refused.value().request {
            Request::DryRun(_) => Answer::DryRun(outcomes),
            _ => Answer::Post(outcomes),
        })
    }

    /// What the ids of a refused batch answer to its own tenant; nothing for anything else.
    fn known_items(&mut self, refused: &Refused<Command>) -> Vec<Option<ItemResult>> {
        let Command {
            book,
            request,
            notes,
        } = refused.value();
        let (Request::Post(post) | Request::DryRun(post)) = request else {
            return Vec::new();
        };
        if !self.owns(refused.principal(), *book) {
            return Vec::new();
        }
        let batch = Batch {
            notes,
            ..Batch::of(&post.transfers)
        };
        let known: Result<_, PastUnreadable> = self.ledger.known(*book, &batch, &self.past);
        known.unwrap_or_else(|error| past_unreadable(error))
    }

    /// Records that a request was refused. The event, if it stands where its principal may read it.
    fn record_refusal(&mut self, refused: &Refused<Command>) -> Option<m::DenialPlace> {
        let denied = refused.denied();
        if !denied.code().is_denial() {
            return None;
        }
        let (rule, policy) = match &denied.reason {
            Reason::Rule(cause) => (cause.rule, cause.policy.digest),
            Reason::NoVerdict(policy, _) => (0, policy.digest),
            _ => (0, Digest::ZERO),
        };
        let denial = Denial {
            operation: denied.operation,
            result: denied.code(),
            rule,
            book: refused.value().book,
            principal: refused.principal().digest(),
            request: refused.request().digest,
            policy,
            count: 1,
            members: 0,
        };
        self.record(refused.principal(), refused.origin(), denial)
    }

    /// Records the transfers of a permitted batch that were denied, and tells where in `outcomes`.
    pub(crate) fn record_members(
        &mut self,
        permitted: &Permitted<Command>,
        outcomes: &mut m::Outcomes,
    ) {
        let members = permitted.members();
        // By rule, in order of the first transfer that it denied.
        let mut by_cause: Vec<(Arc<Cause>, Vec<usize>)> = Vec::new();
        for (at, exception) in outcomes.exceptions.iter().enumerate() {
            if exception.code != Code::Denied {
                continue;
            }
            let Some(cause) = cause_of(members, exception.index) else {
                continue;
            };
            match by_cause
                .iter_mut()
                .find(|(known, _)| Arc::ptr_eq(known, cause))
            {
                Some((_, places)) => places.push(at),
                None => by_cause.push((Arc::clone(cause), vec![at])),
            }
        }
        for (cause, places) in by_cause {
            let denial = Denial {
                operation: permitted.operation(),
                result: Code::Denied,
                rule: cause.rule,
                book: permitted.value().book,
                principal: permitted.principal().digest(),
                request: permitted.request(),
                policy: cause.policy.digest,
                count: 1,
                members: places.len() as u64,
            };
            let place = self.record(permitted.principal(), permitted.origin(), denial);
            for at in places {
                outcomes.exceptions[at].seq = place.map(|place| place.seq);
            }
        }
        outcomes.height = self.height(permitted.value().book);
    }

    /// Counts a denial and records it if it is its turn. The event, if it stands where its
    /// principal may read it.
    fn record(
        &mut self,
        principal: &Principal,
        origin: Origin,
        denial: Denial,
    ) -> Option<m::DenialPlace> {
        let is_own = self.owns(principal, denial.book);
        let book = if is_own { denial.book } else { BookId::SYSTEM };
        let kind = Kind {
            book,
            principal: denial.principal,
            operation: denial.operation,
            result: denial.result,
            rule: denial.rule,
            policy: denial.policy,
            is_whole: denial.members == 0,
        };
        let tally = Tally {
            origin,
            named: denial.book,
            request: denial.request,
            count: denial.count,
            members: denial.members,
        };
        let now = self.time();
        if !self.denials.has_room_for(&kind) && !self.forget_oldest(now) {
            self.denials.count_as_other(kind, &tally);
            return None;
        }
        if !self.denials.count(kind, &tally, now) || !self.may_record(book, Some(&kind), now) {
            return None;
        }
        let seq = self.write(&kind, book, now)?;
        // The system book is the platform's to read.
        self.owns(principal, book)
            .then_some(m::DenialPlace { book, seq })
    }

    /// Whether the book belongs to the principal's tenant, or to the platform as the principal
    /// does.
    fn owns(&self, principal: &Principal, book: BookId) -> bool {
        let book = self.ledger.book(book);
        book.is_some_and(|book| book.tenant == principal.tenant())
    }

    /// Whether a denial can be an event of `book` now.
    fn may_record(&mut self, book: BookId, kind: Option<&Kind>, now: Nanos) -> bool {
        let Some(found) = self.ledger.book(book) else {
            return false;
        };
        // An import has posted times of its own, between which no other event belongs.
        let is_open = !found.state().importing;
        let floor = found.last_posted_at();
        let is_unlimited = kind.is_some_and(Kind::is_unlimited);
        let is_sealed = self
            .window
            .as_ref()
            .is_none_or(|window| is_unlimited || !window.is_full(now));
        is_open
            && is_sealed
            && !self.queues.is_in_batch(book)
            && self.ledger.open_events() < BLOCK_EVENTS_MAX / 2
            && self.clock.now(floor).is_ok()
            && self.has_room(need::EVENT)
    }

    /// Records what is counted of a kind.
    fn write(&mut self, kind: &Kind, book: BookId, now: Nanos) -> Option<Seq> {
        let (origin, denial) = self.denials.take(kind, now)?;
        self.append_denial(book, origin, denial, now)
    }

    fn append_denial(
        &mut self,
        book: BookId,
        origin: Origin,
        denial: Denial,
        now: Nanos,
    ) -> Option<Seq> {
        self.open_need = self.open_need.plus(need::EVENT);
        let ctx = ledger::ledger::Context { now, origin };
        self.ledger.deny(&ctx, book, denial)
    }

    /// Makes room in the table of denials. What is counted of the kind that leaves it is recorded
    /// first.
    fn forget_oldest(&mut self, now: Nanos) -> bool {
        let Some(kind) = self.denials.oldest() else {
            return false;
        };
        if self.denials.is_pending(&kind) && !self.write_somewhere(&kind, now) {
            return false;
        }
        self.denials.forget(&kind);
        true
    }

    /// Records what is counted of a kind, in the system book if its own takes no events now.
    fn write_somewhere(&mut self, kind: &Kind, now: Nanos) -> bool {
        let books = [kind.book, BookId::SYSTEM];
        let book = books
            .into_iter()
            .find(|book| self.may_record(*book, Some(kind), now));
        book.is_some_and(|book| self.write(kind, book, now).is_some())
    }

    /// Records what was counted long enough.
    pub(crate) fn flush_denials(&mut self) {
        let now = self.time();
        while let Some(kind) = self.denials.due(now) {
            if self.may_record(kind.book, Some(&kind), now) {
                self.write(&kind, kind.book, now);
            } else {
                self.denials.try_later(&kind, now);
            }
        }
        self.flush_others(now);
    }

    fn flush_others(&mut self, now: Nanos) {
        if self.denials.has_others()
            && self.may_record(BookId::SYSTEM, None, now)
            && let Some((origin, denial)) = self.denials.take_others()
        {
            self.append_denial(BookId::SYSTEM, origin, denial, now);
        }
    }

    /// Records everything that was counted: nothing is counted after it.
    pub(crate) fn flush_all_denials(&mut self) {
        let now = self.time();
        for kind in self.denials.pending() {
            if !self.write_somewhere(&kind, now) {
                tracing::warn!(
                    principal = %kind.principal,
                    rule = kind.rule,
                    "denials are not recorded: there is no room for them"
                );
            }
            self.denials.forget(&kind);
        }
        self.flush_others(now);
    }
}

/// The rule that denies the transfer at `index`.
fn cause_of(members: &[MemberDenied], index: u32) -> Option<&Arc<Cause>> {
    let at = members.binary_search_by_key(&index, |member| member.index);
    members.get(at.ok()?).map(|member| &member.cause)
}

/// The failure that says why a request was refused.
pub(crate) fn failure(refused: &Refused<Command>, denial: Option<m::DenialPlace>) -> Failure {
    let denied = refused.denied();
    Failure {
        rule: denied.cause().map_or(0, |cause| cause.rule),
        denial,
        retry_after_ms: match denied.code() {
            Code::Busy => BUSY_MS,
            Code::PolicyUnavailable | Code::PolicyBreakerOpen => POLICY_AWAY_MS,
            _ => 0,
        },
        ..Failure::new(denied.code(), &denied.to_string())
    }
}
