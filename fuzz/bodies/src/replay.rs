//! Replay: closed blocks whose events are whole records but not such as the ledger would write.

use std::collections::BTreeMap;

use ledger::block::{Head, OpenBlock};
use ledger::event::{Records, TransferPosted};
use ledger::replay::Fold;
use ledger::{AccountId, BookId, Event, Ledger, Nanos, Seq};

use crate::Verdict;
use crate::world::{BOOK, world};

/// In the first byte: positions and times are made to follow.
pub const FITTED: u8 = 1;
/// In the first byte: sequences of legs are made to follow too.
pub const FITTED_LEGS: u8 = 2;
/// In the first byte: the system book instead of one with accounts.
pub const SYSTEM: u8 = 4;

/// The first byte says what of the events is made to follow; the rest is their records.
pub fn body(data: &[u8]) -> Verdict {
    let Some((options, bytes)) = data.split_first() else {
        return Verdict::Refused;
    };
    let book = if options & SYSTEM == 0 {
        BOOK
    } else {
        BookId::SYSTEM
    };
    let ledger = &world().ledger;
    let Some(open) = block(ledger, book, *options, bytes) else {
        return Verdict::Refused;
    };
    let mut head = world().heads.get(&book).cloned().unwrap_or_default();
    let Ok(block) = Head::seal(&mut head, book, open) else {
        return Verdict::Refused;
    };
    let mut folded = Verdict::Accepted;
    for fold in [Fold::Exact, Fold::Fuzzy] {
        let mut ledger = ledger.clone();
        if let Err(fault) = ledger.replay_block(&block, fold, true) {
            // The rows are those of no block, so an exact fold ends there at best.
            let _ = fault.to_string();
            folded = folded.and(Verdict::of(fault == ledger::block::BlockFault::Rows));
        }
        ledger.rebuild_totals();
    }
    folded
}

/// A block of the events in `bytes`; none if one of them is no event.
fn block(ledger: &Ledger, id: BookId, options: u8, bytes: &[u8]) -> Option<OpenBlock> {
    let book = ledger.book(id)?;
    let mut seq = book.next_seq().0;
    let mut posted_at = book.last_posted_at().0;
    let mut legs: BTreeMap<AccountId, u64> = BTreeMap::new();
    let mut next_leg = |account: AccountId| {
        let has = book.account(account).map_or(0, |account| account.seq);
        let leg = legs.entry(account).or_insert(has);
        *leg += 1;
        *leg
    };
    let mut open = OpenBlock::default();
    for record in Records(bytes).take(64) {
        let mut event = Event::decode(record.ok()?).ok()?;
        if options & FITTED != 0 {
            posted_at += 1;
            place(&mut event, Seq(seq), Nanos(posted_at));
            seq += 1;
        }
        if options & FITTED_LEGS != 0 {
            fit_legs(&mut event, &mut next_leg);
        }
        open.push(&event);
    }
    (open.count != 0).then_some(open)
}

fn place(event: &mut Event, seq: Seq, posted_at: Nanos) {
    let (at, time) = match event {
        Event::AccountCreated(e) => (&mut e.seq, &mut e.posted_at),
        Event::AccountChanged(e) => (&mut e.seq, &mut e.posted_at),
        Event::Transfer(e) => (&mut e.seq, &mut e.posted_at),
        Event::HoldExpired(e) => (&mut e.seq, &mut e.posted_at),
        Event::RequestDenied(e) => (&mut e.seq, &mut e.posted_at),
        Event::BookChanged(e) => (&mut e.seq, &mut e.posted_at),
        Event::TenantCreated(e) => (&mut e.seq, &mut e.posted_at),
        Event::AssetCreated(e) => (&mut e.seq, &mut e.posted_at),
        Event::BookCreated(e) => (&mut e.seq, &mut e.posted_at),
        Event::NoteErased(e) => (&mut e.seq, &mut e.posted_at),
    };
    *at = seq;
    *time = posted_at;
}

fn fit_legs(event: &mut Event, next: &mut impl FnMut(AccountId) -> u64) {
    match event {
        Event::Transfer(TransferPosted {
            debit,
            credit,
            debit_seq,
            credit_seq,
            ..
        }) => {
            *debit_seq = next(*debit);
            *credit_seq = next(*credit);
        }
        Event::HoldExpired(e) => {
            e.debit_seq = next(e.debit);
            e.credit_seq = next(e.credit);
        }
        Event::AccountChanged(e) => e.account_seq = next(e.id),
        _ => {}
    }
}
