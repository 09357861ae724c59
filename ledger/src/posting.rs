//! Posting: how a transfer is decided, in order of precedence of the codes.

mod batch;

use crate::account::{Account, AccountFlags};
use crate::book::{Book, ends_hold};
use crate::code::Code;
use crate::event::transfer::Commitments;
use crate::event::{Event, TransferPosted};
use crate::id::{AssetId, Nanos, Seq};
use crate::ids::RecentIds;
use crate::known;
use crate::limits::AMOUNT_MAX;
use crate::note::Note;
use crate::past::{KeyKind, Past, PastUnreadable};
use crate::target::{self, Target};
use crate::transfer::{Transfer, TransferFlags as Flags};
use crate::window::Exceeded;

pub use batch::Batch;

/// How an item was decided, and which event stands for it if it is posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ItemResult {
    /// The code.
    pub code: Code,
    /// The event of a posted item; 0 for a refused one.
    pub seq: Seq,
}

impl ItemResult {
    /// A refusal.
    pub fn refused(code: Code) -> Self {
        Self { code, seq: Seq(0) }
    }
}

/// What deciding needs besides the book.
pub(crate) struct Desk<'a> {
    pub(crate) now: Nanos,
    pub(crate) ids: &'a mut RecentIds,
    pub(crate) past: &'a dyn Past,
}

/// Why an item is not posted by this request.
pub(crate) enum Refusal {
    Item(ItemResult),
    Unreadable,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::Item(ItemResult::refused(code))
    }
}

impl From<PastUnreadable> for Refusal {
    fn from(_: PastUnreadable) -> Self {
        Self::Unreadable
    }
}

/// A transfer of a batch with the ordinals of its accounts, looked up ahead.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) transfer: &'a Transfer,
    pub(crate) debit: Option<u32>,
    pub(crate) credit: Option<u32>,
    pub(crate) note: Option<&'a Note>,
    /// Whether policy denies it.
    pub(crate) is_denied: bool,
}

impl Book {
    /// Decides one transfer and, if it is created, applies it. With `net`, floors and ceilings are
    /// left to the end of the entry set.
    pub(crate) fn post_one(
        &mut self,
        desk: &mut Desk<'_>,
        item: &Item<'_>,
        net: bool,
    ) -> Result<ItemResult, PastUnreadable> {
        match self.decide(desk, item, net) {
            Ok((record, debit, credit)) => {
                self.apply(desk.ids, &record, debit, credit);
                // A note with nothing in it is none: there is nothing to keep or to erase.
                if let (Some(note), Some(_)) = (item.note, record.commitments) {
                    self.open.notes.push((record.seq, note.clone()));
                }
                Ok(ItemResult {
                    code: Code::Created,
                    seq: record.seq,
                })
            }
            Err(Refusal::Item(result)) => Ok(result),
            Err(Refusal::Unreadable) => Err(PastUnreadable),
        }
    }

    fn decide(
        &self,
        desk: &Desk<'_>,
        item: &Item<'_>,
        net: bool,
    ) -> Result<(TransferPosted, u32, u32), Refusal> {
        let t = item.transfer;
        check_form(t, item.note)?;
        if let Some(result) = known::check(self, desk, item)? {
            return Err(Refusal::Item(result));
        }
        if item.is_denied {
            return Err(Code::Denied.into());
        }
        let posted_at = self.check_state(desk.now, t)?;
        let (debit_at, credit_at) = self.check_accounts(item)?;
        let debit = &self.accounts[debit_at as usize];
        let credit = &self.accounts[credit_at as usize];
        let target = target::check(self, desk, t, posted_at)?;
        if t.flags.has(Flags::HOLD) && self.holds.len() >= self.caps.open_holds {
            return Err(Code::TooManyHolds.into());
        }
        let (amount, released) = self.amounts(t, debit, credit, target)?;
        if !net {
            check_floor(debit, amount, released)?;
            check_ceiling(credit, amount, released)?;
        }
        self.check_limits(debit, t, posted_at, amount)?;
        check_overflow(debit, credit, t, amount)?;
        let effective_at = if t.effective_at.0 == 0 {
            posted_at
        } else {
            t.effective_at
        };
        let record = TransferPosted {
            flags: t.flags,
            code: t.code,
            result: Code::Created,
            asset: debit.asset,
            timeout: t.timeout,
            seq: self.next_seq(),
            posted_at,
            effective_at,
            user_data: t.user_data,
            debit_seq: debit.seq + 1,
            credit_seq: credit.seq + 1,
            id: t.id,
            debit: t.debit,
            credit: t.credit,
            amount,
            requested: t.amount,
            released,
            target: t.target,
            commitments: item.note.map(Note::commitments).filter(is_some),
        };
        Ok((record, debit_at, credit_at))
    }

    /// Applies a decided transfer to everything that changes with it.
    #[inline]
    pub(crate) fn apply(
        &mut self,
        ids: &mut RecentIds,
        record: &TransferPosted,
        debit: u32,
        credit: u32,
    ) {
        self.will_change_account(debit);
        self.will_change_account(credit);
        self.append(&Event::Transfer(*record));
        self.apply_legs(record, debit, credit);
        if record.flags.has(Flags::HOLD) {
            self.will_add_hold(record.id);
            self.apply_hold(record);
        } else if record.target.0 != 0 {
            self.will_change_hold(record.target);
            self.apply_hold(record);
        }
        let book = self.id;
        each_key(record, |kind, id| {
            ids.insert(book, kind, id, record.seq);
            self.added_id(kind, id);
        });
    }

    fn check_state(&self, now: Nanos, t: &Transfer) -> Result<Nanos, Code> {
        let state = self.state;
        let imported = t.flags.has(Flags::IMPORTED);
        if state.halted {
            return Err(Code::BookHalted);
        }
        if imported && !state.importing {
            return Err(Code::BookNotImporting);
        }
        if !imported && state.importing {
            return Err(Code::BookImporting);
        }
        let posted_at = if imported {
            t.posted_at
        } else {
            self.next_posted_at(now)
        };
        let effective_at = if t.effective_at.0 == 0 {
            posted_at
        } else {
            t.effective_at
        };
        if effective_at < state.effective_lock {
            return Err(Code::EffectiveLocked);
        }
        if imported && (posted_at.0 <= self.last_posted_at || posted_at > now) {
            return Err(Code::PostedAtNotRising);
        }
        Ok(posted_at)
    }

    fn check_accounts(&self, item: &Item<'_>) -> Result<(u32, u32), Code> {
        let t = item.transfer;
        let debit_at = item.debit.ok_or(Code::DebitNotFound)?;
        let credit_at = item.credit.ok_or(Code::CreditNotFound)?;
        let debit = &self.accounts[debit_at as usize];
        let credit = &self.accounts[credit_at as usize];
        if debit.asset != credit.asset {
            return Err(Code::AssetsDiffer);
        }
        if t.asset != AssetId(0) && t.asset != debit.asset {
            return Err(Code::AssetMismatch);
        }
        // A void only gives back, whatever has happened to the accounts since.
        if t.flags.has(Flags::VOID) {
            return Ok((debit_at, credit_at));
        }
        if (debit.flags.0 | credit.flags.0)
            & (AccountFlags::CLOSED | AccountFlags::FROZEN_DEBITS | AccountFlags::FROZEN_CREDITS)
            != 0
        {
            check_open(debit, credit)?;
        }
        Ok((debit_at, credit_at))
    }

    /// What moves and what comes off the hold.
    fn amounts(
        &self,
        t: &Transfer,
        debit: &Account,
        credit: &Account,
        target: Target,
    ) -> Result<(u128, u128), Code> {
        match target {
            Target::Hold { remaining } if t.flags.has(Flags::VOID) => Ok((0, remaining)),
            Target::Hold { .. } if t.flags.has(Flags::KEEP_OPEN) => Ok((t.amount, t.amount)),
            Target::Hold { remaining } => Ok((t.amount, remaining)),
            Target::None | Target::Transfer => {
                let mut amount = t.amount;
                if t.flags.has(Flags::BALANCING_DEBIT) {
                    amount = amount.min(room_above_floor(debit));
                }
                if t.flags.has(Flags::BALANCING_CREDIT) {
                    amount = amount.min(room_below_ceiling(credit));
                }
                if amount == 0 {
                    Err(Code::NothingToMove)
                } else {
                    Ok((amount, 0))
                }
            }
        }
    }

    fn check_limits(
        &self,
        debit: &Account,
        t: &Transfer,
        now: Nanos,
        amount: u128,
    ) -> Result<(), Code> {
        let Some(limits) = self.limits_of(debit) else {
            return Ok(());
        };
        if t.flags.any(Flags::CAPTURE.with(Flags::VOID)) {
            return Ok(());
        }
        let mut worst = Ok(());
        for (limit, window) in limits.limits.iter().zip(&limits.windows) {
            if limit.is_set() {
                match window.check(limit, now, amount) {
                    Ok(()) => {}
                    Err(Exceeded::Count) => return Err(Code::LimitCount),
                    Err(Exceeded::Amount) => worst = Err(Code::LimitAmount),
                }
            }
        }
        worst
    }
}

fn is_some(commitments: &Commitments) -> bool {
    let zero = crate::digest::Digest::ZERO;
    commitments.reference != zero || commitments.metadata != zero
}

/// The ids that a posted transfer makes known.
#[inline]
pub(crate) fn each_key(record: &TransferPosted, mut add: impl FnMut(KeyKind, u128)) {
    add(KeyKind::Transfer, record.id.0);
    if record.target.0 != 0 {
        if ends_hold(record) {
            add(KeyKind::HoldEnd, record.target.0);
        } else if record.flags.has(Flags::REVERSAL) {
            add(KeyKind::Reversal, record.target.0);
        }
    }
}

/// Whatever is wrong with a transfer by itself.
pub(crate) fn check_form(t: &Transfer, note: Option<&Note>) -> Result<(), Code> {
    let f = t.flags;
    let steps = u16::from(f.has(Flags::HOLD))
        + u16::from(f.has(Flags::CAPTURE))
        + u16::from(f.has(Flags::VOID))
        + u16::from(f.has(Flags::REVERSAL));
    let by_target = f.any(Flags::CAPTURE.with(Flags::VOID).with(Flags::REVERSAL));
    let balancing = f.any(Flags::BALANCING_DEBIT.with(Flags::BALANCING_CREDIT));
    let imported = f.has(Flags::IMPORTED);
    let conflict = steps > 1
        || (f.has(Flags::KEEP_OPEN) && !f.has(Flags::CAPTURE))
        || (balancing && by_target)
        || (imported && f.any(Flags::HOLD.with(Flags::CAPTURE).with(Flags::VOID)));
    let faults = [
        (f.0 & !Flags::KNOWN != 0, Code::ReservedNotZero),
        (t.id.0 == 0, Code::IdIsZero),
        (t.id.0 == u128::MAX, Code::IdIsMax),
        (conflict, Code::FlagsConflict),
        (t.debit.0 == 0 || t.debit.0 == u128::MAX, Code::DebitIsZero),
        (
            t.credit.0 == 0 || t.credit.0 == u128::MAX,
            Code::CreditIsZero,
        ),
        (t.debit == t.credit, Code::AccountsAreTheSame),
        (by_target && t.target.0 == 0, Code::TargetRequired),
        (!by_target && t.target.0 != 0, Code::TargetNotAllowed),
        (
            t.timeout != 0 && !f.has(Flags::HOLD),
            Code::TimeoutNotAllowed,
        ),
        (t.code == 0, Code::CodeIsZero),
        (t.amount == 0 && !f.has(Flags::VOID), Code::AmountIsZero),
        (t.amount > AMOUNT_MAX, Code::AmountTooLarge),
        (imported != (t.posted_at.0 != 0), Code::PostedAtNotAllowed),
    ];
    for (is_fault, code) in faults {
        if is_fault {
            return Err(code);
        }
    }
    match note {
        Some(note) if !note.fits() => Err(Code::NoteTooLong),
        _ => Ok(()),
    }
}

fn check_open(debit: &Account, credit: &Account) -> Result<(), Code> {
    if debit.flags.any(AccountFlags::CLOSED) {
        return Err(Code::DebitClosed);
    }
    if credit.flags.any(AccountFlags::CLOSED) {
        return Err(Code::CreditClosed);
    }
    if debit.flags.any(AccountFlags::FROZEN_DEBITS) {
        return Err(Code::DebitFrozen);
    }
    if credit.flags.any(AccountFlags::FROZEN_CREDITS) {
        return Err(Code::CreditFrozen);
    }
    Ok(())
}

/// posted − pending debits + released − amount ≥ floor.
pub(crate) fn check_floor(account: &Account, amount: u128, released: u128) -> Result<(), Code> {
    if !account.flags.any(AccountFlags::HAS_FLOOR) {
        return Ok(());
    }
    let pending = account.balances.debits_pending as i128 - released as i128;
    let after = account
        .balances
        .posted()
        .checked_sub(pending)
        .and_then(|b| b.checked_sub(amount as i128));
    match after {
        Some(balance) if balance >= account.floor => Ok(()),
        _ => Err(Code::BelowFloor),
    }
}

/// posted + pending credits − released + amount ≤ ceiling.
pub(crate) fn check_ceiling(account: &Account, amount: u128, released: u128) -> Result<(), Code> {
    if !account.flags.any(AccountFlags::HAS_CEILING) {
        return Ok(());
    }
    let pending = account.balances.credits_pending as i128 - released as i128;
    let after = account
        .balances
        .posted()
        .checked_add(pending)
        .and_then(|b| b.checked_add(amount as i128));
    match after {
        Some(balance) if balance <= account.ceiling => Ok(()),
        _ => Err(Code::AboveCeiling),
    }
}

fn room_above_floor(account: &Account) -> u128 {
    if !account.flags.any(AccountFlags::HAS_FLOOR) {
        return u128::MAX;
    }
    let free = account
        .balances
        .posted()
        .checked_sub(account.balances.debits_pending as i128);
    match free {
        Some(free) if free > account.floor => free.wrapping_sub(account.floor) as u128,
        _ => 0,
    }
}

fn room_below_ceiling(account: &Account) -> u128 {
    if !account.flags.any(AccountFlags::HAS_CEILING) {
        return u128::MAX;
    }
    let used = account
        .balances
        .posted()
        .checked_add(account.balances.credits_pending as i128);
    match used {
        Some(used) if used < account.ceiling => account.ceiling.wrapping_sub(used) as u128,
        _ => 0,
    }
}

/// No sum may pass 2^127 − 1, so that every difference fits a signed number.
fn check_overflow(
    debit: &Account,
    credit: &Account,
    t: &Transfer,
    amount: u128,
) -> Result<(), Code> {
    let (d, c) = (&debit.balances, &credit.balances);
    let sums = if t.flags.has(Flags::HOLD) {
        [d.debits_pending, c.credits_pending]
    } else {
        [d.debits_posted, c.credits_posted]
    };
    // Both terms are at most 2^127 − 1, so the sum fits.
    if sums.iter().any(|sum| sum + amount > AMOUNT_MAX) {
        return Err(Code::Overflow);
    }
    Ok(())
}
