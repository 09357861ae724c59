//! Targets: the hold that is captured or voided, the transfer that is reversed.

use crate::book::Book;
use crate::code::Code;
use crate::event::TransferPosted;
use crate::id::{AccountId, Nanos};
use crate::past::KeyKind;
use crate::posting::{Desk, Refusal};
use crate::transfer::{Transfer, TransferFlags as Flags};

/// What a transfer acts upon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    /// Nothing: it stands by itself.
    None,
    /// An open hold with this much left.
    Hold { remaining: u128 },
    /// A transfer that is given back.
    Transfer,
}

/// Checks the target that `t` names, if it must name one.
#[inline]
pub(crate) fn check(
    book: &Book,
    desk: &Desk<'_>,
    t: &Transfer,
    now: Nanos,
) -> Result<Target, Refusal> {
    if t.target.0 == 0 {
        return Ok(Target::None);
    }
    if t.flags.has(Flags::REVERSAL) {
        return check_reversal(book, desk, t);
    }
    let Some(hold) = book.holds.get(t.target) else {
        return Err(ended(book, desk, t)?.into());
    };
    check_sides(t, hold.debit, hold.credit)?;
    if t.flags.has(Flags::VOID) {
        if t.amount != 0 && t.amount != hold.remaining {
            return Err(Code::TargetAmountDiffers.into());
        }
    } else {
        if t.amount > hold.remaining {
            return Err(Code::TargetExceeded.into());
        }
        if hold.expires_at.0 != 0 && now >= hold.expires_at {
            return Err(Code::HoldExpired.into());
        }
    }
    Ok(Target::Hold {
        remaining: hold.remaining,
    })
}

/// Why there is no open hold with the target's id.
#[cold]
fn ended(book: &Book, desk: &Desk<'_>, t: &Transfer) -> Result<Code, Refusal> {
    let record = original(book, desk, t)?;
    if !record.flags.has(Flags::HOLD) {
        return Ok(Code::TargetNotHold);
    }
    check_sides(t, record.debit, record.credit)?;
    let end = book.find(desk, KeyKind::HoldEnd, t.target.0)?;
    let end = match end {
        Some(seq) => book.transfer_at(desk.past, seq)?,
        None => None,
    };
    Ok(match end {
        Some(end) if end.flags.has(Flags::CAPTURE) => Code::HoldCaptured,
        Some(_) => Code::HoldVoided,
        None => Code::HoldExpired,
    })
}

fn check_reversal(book: &Book, desk: &Desk<'_>, t: &Transfer) -> Result<Target, Refusal> {
    let record = original(book, desk, t)?;
    if record
        .flags
        .any(Flags::HOLD.with(Flags::VOID).with(Flags::REVERSAL))
    {
        return Err(Code::TargetNotReversible.into());
    }
    check_sides(t, record.credit, record.debit)?;
    if t.amount != record.amount {
        return Err(Code::TargetAmountDiffers.into());
    }
    if book.find(desk, KeyKind::Reversal, t.target.0)?.is_some() {
        return Err(Code::AlreadyReversed.into());
    }
    Ok(Target::Transfer)
}

fn original(book: &Book, desk: &Desk<'_>, t: &Transfer) -> Result<TransferPosted, Refusal> {
    let Some(seq) = book.find(desk, KeyKind::Transfer, t.target.0)? else {
        return Err(Code::TargetNotFound.into());
    };
    book.transfer_at(desk.past, seq)?.ok_or(Refusal::Unreadable)
}

fn check_sides(t: &Transfer, debit: AccountId, credit: AccountId) -> Result<(), Code> {
    if t.debit != debit {
        return Err(Code::TargetDebitDiffers);
    }
    if t.credit != credit {
        return Err(Code::TargetCreditDiffers);
    }
    Ok(())
}
