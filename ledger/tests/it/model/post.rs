//! Deciding and applying one transfer in the model.

use std::collections::BTreeMap;

use ledger::event::TransferPosted;
use ledger::event::transfer::Commitments;
use ledger::note::Note;
use ledger::posting::Batch;
use ledger::{AccountFlags, Code, Digest, Event, Nanos, Seq, Transfer, TransferFlags};
use sha2::{Digest as _, Sha256};

use super::account::SUM_MAX;
use super::{Book, Ended, Hold};

/// How one transfer was decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Item {
    pub(crate) code: Code,
    pub(crate) seq: Seq,
}

/// A transfer that was posted.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    pub(crate) event: TransferPosted,
    pub(crate) note: Note,
}

/// A transfer being decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) t: &'a Transfer,
    pub(crate) note: &'a Note,
    pub(crate) now: u64,
    /// Whether policy denies it.
    pub(crate) denied: bool,
    /// Whether its bounds are its own; in an entry set they are checked at the end.
    pub(crate) alone: bool,
}

impl Asked<'_> {
    pub(crate) fn has(&self, flag: TransferFlags) -> bool {
        self.t.flags.0 & flag.0 != 0
    }

    /// Whether it makes a posting or hold of its own: no capture, no void.
    pub(crate) fn is_new(&self) -> bool {
        !self.has(TransferFlags::CAPTURE) && !self.has(TransferFlags::VOID)
    }
}

impl Book {
    /// Decides a batch.
    pub(crate) fn post(&mut self, now: u64, batch: &Batch<'_>) -> Vec<Item> {
        self.expire(now);
        let none = Note::default();
        let transfers = batch.transfers;
        let notes: BTreeMap<usize, &Note> =
            batch.notes.iter().map(|(i, n)| (*i as usize, n)).collect();
        let mut items = vec![];
        while items.len() < transfers.len() {
            let first = items.len();
            let linked = |t: &&Transfer| t.flags.0 & TransferFlags::LINKED.0 != 0;
            let members = transfers[first..].iter().take_while(linked).count() + 1;
            let end = transfers.len().min(first + members);
            let is_open = first + members > transfers.len();
            let set: Vec<Asked<'_>> = (first..end)
                .map(|i| Asked {
                    t: &transfers[i],
                    note: notes.get(&i).copied().unwrap_or(&none),
                    now,
                    denied: batch.denied.iter().any(|(at, _)| *at as usize == i),
                    alone: end - first == 1,
                })
                .collect();
            items.extend(self.decide_set(&set, is_open));
        }
        items
    }

    /// What the ids of a batch answer that is not decided.
    pub(crate) fn known_items(&self, batch: &Batch<'_>) -> Vec<Option<Item>> {
        let none = Note::default();
        let note = |at: usize| {
            let found = batch.notes.iter().find(|(index, _)| *index as usize == at);
            found.map_or(&none, |(_, note)| note)
        };
        let items = batch.transfers.iter().enumerate().map(|(at, t)| {
            self.known(&Asked {
                t,
                note: note(at),
                now: 0,
                denied: false,
                alone: true,
            })
        });
        items.collect()
    }

    /// Every code of the book's, the accounts' and the target's state that applies.
    pub(crate) fn refusals(&self, asked: &Asked<'_>) -> Vec<Code> {
        let mut codes = self.book_refusals(asked);
        codes.extend(self.account_refusals(asked));
        codes.extend(self.target_refusals(asked));
        if codes.is_empty() {
            codes.extend(self.bound_refusals(asked));
        }
        codes
    }

    /// Posted time that the transfer gets.
    pub(crate) fn posted_at(&self, asked: &Asked<'_>) -> u64 {
        if asked.has(TransferFlags::IMPORTED) {
            return asked.t.posted_at.0;
        }
        self.stamp(asked.now).1.0
    }

    fn book_refusals(&self, asked: &Asked<'_>) -> Vec<Code> {
        let t = asked.t;
        let imported = asked.has(TransferFlags::IMPORTED);
        let mut codes = vec![];
        if self.halted {
            codes.push(Code::BookHalted);
        }
        if imported && !self.importing {
            codes.push(Code::BookNotImporting);
        }
        if !imported && self.importing {
            codes.push(Code::BookImporting);
        }
        let effective = if t.effective_at.0 == 0 {
            self.posted_at(asked)
        } else {
            t.effective_at.0
        };
        if effective < self.lock {
            codes.push(Code::EffectiveLocked);
        }
        if imported && (t.posted_at.0 <= self.log.last || t.posted_at.0 > asked.now) {
            codes.push(Code::PostedAtNotRising);
        }
        codes
    }

    fn account_refusals(&self, asked: &Asked<'_>) -> Vec<Code> {
        let t = asked.t;
        let mut codes = vec![];
        let (debit, credit) = (
            self.accounts.get(&t.debit.0),
            self.accounts.get(&t.credit.0),
        );
        if debit.is_none() {
            codes.push(Code::DebitNotFound);
        }
        if credit.is_none() {
            codes.push(Code::CreditNotFound);
        }
        let (Some(debit), Some(credit)) = (debit, credit) else {
            return codes;
        };
        if debit.asset != credit.asset {
            codes.push(Code::AssetsDiffer);
        }
        if t.asset.0 != 0 && t.asset.0 != debit.asset {
            codes.push(Code::AssetMismatch);
        }
        if asked.has(TransferFlags::VOID) {
            return codes;
        }
        if debit.is_closed() {
            codes.push(Code::DebitClosed);
        }
        if credit.is_closed() {
            codes.push(Code::CreditClosed);
        }
        if debit.is(AccountFlags::FROZEN_DEBITS) {
            codes.push(Code::DebitFrozen);
        }
        if credit.is(AccountFlags::FROZEN_CREDITS) {
            codes.push(Code::CreditFrozen);
        }
        codes
    }

    /// Posts a transfer that nothing refuses.
    pub(crate) fn apply(&mut self, asked: &Asked<'_>) -> Seq {
        let t = asked.t;
        let posted_at = self.posted_at(asked);
        let amount = self.actual(asked);
        let released = self.taken_off_hold(asked);
        let seq = Seq(self.log.next_seq);
        let asset = ledger::AssetId(self.accounts[&t.debit.0].asset);
        if !asked.is_new() {
            self.release(t.target.0, released);
        }
        self.end_hold(asked);
        self.add_amounts(asked, amount);
        if asked.is_new() {
            self.accounts
                .get_mut(&t.debit.0)
                .unwrap()
                .give(posted_at, amount);
        }
        if asked.has(TransferFlags::REVERSAL) {
            self.reversals.insert(t.target.0, t.id.0);
        }
        let event = TransferPosted {
            flags: t.flags,
            code: t.code,
            result: Code::Created,
            asset,
            timeout: t.timeout,
            seq,
            posted_at: Nanos(posted_at),
            effective_at: Nanos(if t.effective_at.0 == 0 {
                posted_at
            } else {
                t.effective_at.0
            }),
            user_data: t.user_data,
            debit_seq: self.next_leg(t.debit.0),
            credit_seq: self.next_leg(t.credit.0),
            id: t.id,
            debit: t.debit,
            credit: t.credit,
            amount,
            requested: t.amount,
            released,
            target: t.target,
            commitments: commitments(asked.note),
        };
        self.posted.insert(
            t.id.0,
            Posted {
                event,
                note: asked.note.clone(),
            },
        );
        if asked.has(TransferFlags::HOLD) {
            self.holds.insert(t.id.0, new_hold(&event));
        }
        self.log.push(Event::Transfer(event));
        seq
    }

    /// What a capture or void takes off its hold.
    fn taken_off_hold(&self, asked: &Asked<'_>) -> u128 {
        if asked.is_new() {
            return 0;
        }
        if asked.has(TransferFlags::KEEP_OPEN) {
            return asked.t.amount;
        }
        self.holds[&asked.t.target.0].left
    }

    fn end_hold(&mut self, asked: &Asked<'_>) {
        if asked.is_new() || asked.has(TransferFlags::KEEP_OPEN) {
            return;
        }
        let voided = asked.has(TransferFlags::VOID);
        let ended = if voided {
            Ended::Voided
        } else {
            Ended::Captured
        };
        self.holds.get_mut(&asked.t.target.0).unwrap().ended = Some(ended);
    }

    fn add_amounts(&mut self, asked: &Asked<'_>, amount: u128) {
        let hold = asked.has(TransferFlags::HOLD);
        let debit = self.accounts.get_mut(&asked.t.debit.0).unwrap();
        *(if hold {
            &mut debit.debits_pending
        } else {
            &mut debit.debits_posted
        }) += amount;
        assert!(debit.debits_pending <= SUM_MAX && debit.debits_posted <= SUM_MAX);
        let credit = self.accounts.get_mut(&asked.t.credit.0).unwrap();
        *(if hold {
            &mut credit.credits_pending
        } else {
            &mut credit.credits_posted
        }) += amount;
        assert!(credit.credits_pending <= SUM_MAX && credit.credits_posted <= SUM_MAX);
    }
}

fn new_hold(event: &TransferPosted) -> Hold {
    let nanos = u64::from(event.timeout) * 1_000_000_000;
    Hold {
        seq: event.seq.0,
        debit: event.debit.0,
        credit: event.credit.0,
        left: event.amount,
        expires_at: (event.timeout != 0).then_some(event.posted_at.0 + nanos),
        ended: None,
    }
}

fn commitments(note: &Note) -> Option<Commitments> {
    if note.reference.is_empty() && note.metadata.is_empty() {
        return None;
    }
    let commit = |tag: u8, bytes: &[u8]| {
        if bytes.is_empty() {
            return Digest([0; 32]);
        }
        let mut hasher = Sha256::new();
        hasher.update(note.salt);
        hasher.update([tag]);
        hasher.update(bytes);
        Digest(hasher.finalize().into())
    };
    Some(Commitments {
        reference: commit(1, &note.reference),
        metadata: commit(2, &note.metadata),
    })
}
