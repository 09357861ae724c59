//! Comparing the core's books with the model's, and with each other.

use std::collections::BTreeMap;

use ledger::registry::Registry;
use ledger::{Account, AccountFlags, AccountId, BookId, Nanos, Seq, TransferId};

use crate::model;

/// Flags as a row shows them.
pub(super) fn flags(account: &model::Account) -> u16 {
    let mut flags = account.settings.flags.0;
    for (is_set, flag) in [
        (account.settings.floor.is_some(), AccountFlags::HAS_FLOOR),
        (
            account.settings.ceiling.is_some(),
            AccountFlags::HAS_CEILING,
        ),
        (account.changed, AccountFlags::CHANGED),
    ] {
        flags |= if is_set { flag } else { 0 };
    }
    flags
}

/// Books stand in the tree of heads in the order in which they were created.
pub(super) fn compare_positions(core: &Registry, created: &[u32]) {
    for (before, book) in created.iter().enumerate() {
        assert_eq!(core.books[&BookId(*book)].position as usize, before + 1);
    }
    assert_eq!(core.books.len(), created.len());
}

pub(super) fn compare_book(core: &ledger::Book, model: &model::Book) {
    assert_eq!(core.next_seq(), Seq(model.log.next_seq));
    assert_eq!(core.last_posted_at(), Nanos(model.log.last));
    let state = core.state();
    assert_eq!(state.importing, model.importing);
    assert_eq!(state.halted, model.halted);
    assert_eq!(state.requires_sealed, model.sealed);
    assert_eq!(state.effective_lock, Nanos(model.lock));
    assert_eq!(core.accounts().len(), model.accounts.len());
    let mut sums = BTreeMap::<u32, [u128; 4]>::new();
    for (id, expected) in &model.accounts {
        let account = core.account(AccountId(*id)).unwrap();
        compare_account(account, expected);
        assert_eq!(core.settings(account), expected.settings);
        assert_eq!(account.open_holds as usize, model.open_holds(*id));
        assert!(
            expected.keeps_floor(&expected.settings),
            "{id} is below its floor"
        );
        assert!(
            expected.keeps_ceiling(&expected.settings),
            "{id} is above its ceiling"
        );
        let sums = sums.entry(expected.asset).or_default();
        let b = &account.balances;
        let four = [
            b.debits_posted,
            b.credits_posted,
            b.debits_pending,
            b.credits_pending,
        ];
        for (sum, part) in sums.iter_mut().zip(four) {
            *sum = sum.wrapping_add(part);
        }
    }
    assert!(core.totals().is_balanced());
    for (asset, totals) in core.totals().assets() {
        let t = totals;
        let four = [
            t.debits_posted,
            t.credits_posted,
            t.debits_pending,
            t.credits_pending,
        ];
        assert_eq!(sums.remove(&asset.0), Some(four), "totals of asset {asset}");
        assert_eq!([four[0], four[2]], [four[1], four[3]], "debits are credits");
    }
    assert!(sums.is_empty());
    compare_holds(core, model);
}

fn compare_account(core: &Account, model: &model::Account) {
    let b = &core.balances;
    assert_eq!(
        [
            b.debits_posted,
            b.credits_posted,
            b.debits_pending,
            b.credits_pending
        ],
        [
            model.debits_posted,
            model.credits_posted,
            model.debits_pending,
            model.credits_pending
        ],
        "balances of {}",
        core.id
    );
    assert_eq!(
        (core.asset.0, core.code, core.user_data),
        (model.asset, model.code, model.user_data)
    );
    assert_eq!(core.seq, model.seq, "legs of {}", core.id);
    assert_eq!(core.flags.0, flags(model), "flags of {}", core.id);
}

fn compare_holds(core: &ledger::Book, model: &model::Book) {
    let open = model.holds.iter().filter(|(_, hold)| hold.ended.is_none());
    let mut count = 0;
    for (id, expected) in open {
        let hold = core.holds().get(TransferId(*id)).unwrap();
        assert_eq!(
            (hold.debit.0, hold.credit.0),
            (expected.debit, expected.credit)
        );
        assert_eq!(hold.remaining, expected.left, "what is left of hold {id}");
        assert_eq!(hold.expires_at.0, expected.expires_at.unwrap_or(0));
        assert_eq!(hold.seq.0, expected.seq);
        count += 1;
    }
    assert_eq!(core.holds().len(), count);
}

/// Two books of the core with the same state, one decided, one folded.
pub(super) fn same_book(decided: &ledger::Book, folded: &ledger::Book) {
    assert_eq!(decided.state(), folded.state());
    assert_eq!(decided.next_seq(), folded.next_seq());
    assert_eq!(decided.last_posted_at(), folded.last_posted_at());
    assert_eq!(decided.height(), folded.height());
    assert_eq!(decided.totals(), folded.totals());
    assert_eq!(decided.accounts().len(), folded.accounts().len());
    for (a, b) in decided.accounts().iter().zip(folded.accounts()) {
        // `touched` tells blocks apart and `limits` is a place in a list: neither is state.
        assert_eq!(
            Account {
                touched: 0,
                limits: 0,
                ..*a
            },
            Account {
                touched: 0,
                limits: 0,
                ..*b
            }
        );
        assert_eq!(decided.settings(a), folded.settings(b));
    }
    let all = |book: &ledger::Book| {
        let mut holds: Vec<_> = book.holds().slots(0, usize::MAX).copied().collect();
        holds.sort_by_key(|hold| hold.seq);
        holds
    };
    assert_eq!(all(decided), all(folded));
}
