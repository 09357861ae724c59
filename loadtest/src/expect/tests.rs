use ledger::account::AccountSettings;
use ledger::ledger::{Context, Ledger};
use ledger::past::NoPast;
use ledger::posting::Batch;
use ledger::{AssetId, BookId, Nanos, NewAccount, Origin, TenantId};

use super::*;
use crate::workload::{IdOrder, Ids, Workload, account_id};

const SHAPE: Shape = Shape {
    books: 2,
    accounts: 5,
    hot: 0,
    holds: 30,
    lag: 0,
    effective: None,
};
const CTX: fn() -> Context = || Context {
    now: Nanos(1_000_000_000),
    origin: Origin::daemon(),
};

/// Books whose accounts have floors, so that some transfers are refused.
fn books() -> Ledger {
    let mut ledger = Ledger::new([1, 2]);
    ledger.create_tenant(&CTX(), TenantId(1), "t");
    ledger.create_asset(&CTX(), AssetId(1), "USD", 2);
    for book in 1..=SHAPE.books {
        ledger.create_book(
            &CTX(),
            BookId(book),
            TenantId(1),
            &format!("b{book}"),
            false,
        );
        let settings = AccountSettings {
            floor: Some(-50_000),
            ..Default::default()
        };
        let accounts: Vec<NewAccount> = (0..SHAPE.accounts)
            .map(|index| NewAccount {
                id: account_id(index),
                asset: AssetId(1),
                code: 1,
                user_data: 0,
                settings,
            })
            .collect();
        let mut codes = Vec::new();
        ledger.create_accounts(&CTX(), BookId(book), &accounts, &mut codes);
        assert!(codes.iter().all(|code| *code == Code::Created));
    }
    ledger
}

/// Posts the stream with this seed and returns how its batches were decided.
fn post(ledger: &mut Ledger, seed: u64) -> Vec<(u32, Decision)> {
    let mut workload = Workload::new(SHAPE, seed, Ids::new(IdOrder::Random, 9));
    let decide = |batch| {
        let book = BookId(workload.begin_batch(batch) as u32 + 1);
        let transfers: Vec<_> = (0..10).map(|_| workload.next_transfer()).collect();
        let mut results = Vec::new();
        ledger
            .post(&CTX(), book, &Batch::of(&transfers), &NoPast, &mut results)
            .unwrap();
        let refused = (0..)
            .zip(&results)
            .filter(|(_, result)| !result.code.is_posted());
        let refused: Vec<(u32, Code)> = refused.map(|(at, result)| (at, result.code)).collect();
        (
            10,
            if refused.is_empty() {
                Decision::AllStand
            } else {
                Decision::AllBut(refused)
            },
        )
    };
    (0..200).map(decide).collect()
}

/// The ledger itself says what stands and what the sums are.
#[test]
fn sums_are_those_of_the_ledger() {
    let mut ledger = books();
    let batches = post(&mut ledger, 7);
    let refused = batches
        .iter()
        .filter(|(_, decision)| *decision != Decision::AllStand);
    assert_ne!(refused.count(), 0);
    let mut expected = Expected::new(SHAPE.books, SHAPE.accounts);
    expected.add_stream(SHAPE, 7, &batches);
    for book in 0..SHAPE.books {
        let stands = ledger.book(BookId(book + 1)).unwrap();
        let sums = expected.book(book as usize);
        assert_eq!(sums.len(), stands.accounts().len());
        for (sums, account) in sums.iter().zip(stands.accounts()) {
            assert_eq!(
                (sums.balances(), sums.legs),
                (account.balances, account.seq)
            );
        }
        let events = u64::from(SHAPE.accounts) + expected.standing(book as usize);
        assert_eq!(stands.next_seq().0, events);
    }
}

#[test]
fn what_was_not_answered_is_not_counted() {
    let mut expected = Expected::new(SHAPE.books, SHAPE.accounts);
    expected.add_stream(SHAPE, 7, &[(10, Decision::Unknown)]);
    assert!((0..2).all(|book| expected.standing(book) == 0));
    expected.add_stream(SHAPE, 7, &[(10, Decision::AllStand)]);
    assert_eq!((0..2).map(|book| expected.standing(book)).sum::<u64>(), 10);
}
