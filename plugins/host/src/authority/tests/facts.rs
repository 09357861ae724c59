//! What policies are passed of accounts and transfers.

use std::sync::Arc;

use ledger::{AccountId, BookId, Code};
use parking_lot::Mutex;

use super::{BOOK, Batch, NOW, platform, post, principal, seat};
use crate::contract::{AccountColumns, TransferColumns};
use crate::facts::{Facts, FactsUnavailable, FactsVersion};
use crate::{Needs, Role, Verdict};

/// Knows that the code of an account is its id.
struct Known;

impl Facts for Known {
    fn look_up(
        &self,
        book: BookId,
        ids: &[AccountId],
        out: &mut AccountColumns,
    ) -> Result<FactsVersion, FactsUnavailable> {
        assert_eq!(book, BOOK);
        for id in ids {
            out.code.push(u16::try_from(id.0).unwrap());
            out.asset.push(1);
            out.state_bits.push(0);
            out.tag_bits.push(0);
        }
        Ok(FactsVersion(77))
    }
}

/// Says less than it was asked.
struct Short;

impl Facts for Short {
    fn look_up(
        &self,
        _: BookId,
        _: &[AccountId],
        _: &mut AccountColumns,
    ) -> Result<FactsVersion, FactsUnavailable> {
        Ok(FactsVersion(1))
    }
}

type Passed = Arc<Mutex<Vec<(AccountColumns, TransferColumns)>>>;

fn watching(needs: Needs) -> (Arc<crate::Seat>, Passed) {
    let passed = Passed::default();
    let seen = Arc::clone(&passed);
    let says = move |_: &crate::Context<'_>, accounts: &AccountColumns, batch: &TransferColumns| {
        seen.lock().push((accounts.clone(), batch.clone()));
        Ok(Verdict::Allow)
    };
    (seat("watching", needs, says), passed)
}

fn batch() -> Batch {
    Batch::of(1, &[(30, 10), (10, 20), (30, 20)])
}

#[test]
fn accounts_are_distinct_and_transfers_name_them_by_their_place() {
    let (watching, passed) = watching(Needs::ACCOUNTS | Needs::TRANSFERS);
    let authority = platform(vec![watching]);
    authority.set_facts(Arc::new(Known));
    let permitted = authority
        .permit(&principal(Role::Write), post(), batch(), NOW)
        .unwrap();
    let passed = passed.lock();
    let (accounts, batch) = &passed[0];
    assert_eq!(accounts.id_low, [30, 10, 20]);
    assert_eq!(accounts.id_high, [0, 0, 0]);
    assert_eq!(accounts.code, [30, 10, 20]);
    assert_eq!(
        (&*batch.debit, &*batch.credit),
        (&[0, 1, 0][..], &[1, 2, 2][..])
    );
    assert_eq!(batch.amount_low, [100, 100, 100]);
    assert!(batch.id_low.is_empty() && batch.timeout.is_empty());
    let facts = permitted.facts().unwrap();
    assert_eq!(facts.version, FactsVersion(77));
    assert_eq!(
        *facts.accounts,
        [AccountId(10), AccountId(20), AccountId(30)]
    );
}

#[test]
fn without_a_need_nothing_is_looked_up() {
    let (watching, passed) = watching(Needs::TRANSFERS | Needs::TRANSFER_IDS);
    let permitted = platform(vec![watching])
        .permit(&principal(Role::Write), post(), batch(), NOW)
        .unwrap();
    assert!(permitted.facts().is_none());
    let passed = passed.lock();
    let (accounts, batch) = &passed[0];
    assert!(accounts.is_empty());
    assert_eq!((&*batch.debit, &*batch.credit), (&[0; 3][..], &[0; 3][..]));
    assert_eq!(batch.id_low, [1, 2, 3]);
}

#[test]
fn whoever_needs_facts_that_nobody_has_gives_no_verdict() {
    let (unknown, passed) = watching(Needs::ACCOUNTS);
    let (short, none) = watching(Needs::ACCOUNTS);
    let with_short = platform(vec![short]);
    with_short.set_facts(Arc::new(Short));
    for authority in [platform(vec![unknown]), with_short] {
        let refused = authority.permit(&principal(Role::Write), post(), batch(), NOW);
        assert_eq!(
            refused.unwrap_err().denied().code(),
            Code::PolicyUnavailable
        );
    }
    assert!(passed.lock().is_empty() && none.lock().is_empty());
}
