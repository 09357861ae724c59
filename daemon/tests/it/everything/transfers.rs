//! Transfers of every kind: posted, held, captured, voided, reversed, in sets, dry.

use ledger::{Code, Transfer, TransferFlags as Flags, TransferId};
use wire::message::TransferState;

use crate::harness::fold::Events;
use crate::harness::until;
use crate::harness::world::{BOOK, World, codes};

fn with(mut transfer: Transfer, flags: Flags, target: u128) -> Transfer {
    transfer.flags = flags;
    transfer.target = TransferId(target);
    transfer
}

fn plain(id: u128, amount: u128) -> Transfer {
    Transfer::new(id, 1, 2, amount, 1)
}

#[tokio::test]
async fn holds_captures_voids_and_reversals_stand_as_they_were_posted() {
    let world = World::new(2).await;
    let batch = [
        with(plain(1, 100), Flags::HOLD, 0),
        with(plain(2, 30), Flags::CAPTURE.with(Flags::KEEP_OPEN), 1),
        with(plain(3, 200), Flags::HOLD, 0),
        with(plain(4, 0), Flags::VOID, 3),
        plain(5, 40),
        with(Transfer::new(6, 2, 1, 40, 1), Flags::REVERSAL, 5),
        with(plain(7, 9), Flags::HOLD, 0),
        with(plain(8, 9), Flags::CAPTURE, 7),
        with(Transfer::new(9, 2, 1, 40, 1), Flags::REVERSAL, 5),
        with(plain(10, 71), Flags::CAPTURE, 1),
    ];
    let mut expected = [Code::Created; 10];
    (expected[8], expected[9]) = (Code::AlreadyReversed, Code::TargetExceeded);
    assert_eq!(world.post(&batch).await, expected);

    let state = async |id| {
        let found = world.lookup(id).await.unwrap();
        (found.state, found.remaining, found.ended_by.0)
    };
    assert_eq!(state(1).await, (TransferState::HoldOpen, 70, 0));
    assert_eq!(state(2).await, (TransferState::Posted, 0, 0));
    assert_eq!(state(3).await, (TransferState::HoldVoided, 0, 4));
    assert_eq!(state(5).await, (TransferState::Reversed, 0, 6));
    assert_eq!(state(7).await, (TransferState::HoldCaptured, 0, 8));
    assert!(world.lookup(9).await.is_none());

    let balances = world.balances(&[1, 2]).await;
    assert_eq!(balances[0].posted(), -39);
    assert_eq!(
        (balances[0].debits_pending, balances[1].credits_pending),
        (70, 70)
    );
    let totals = world.write.totals(BOOK).await.unwrap();
    let [usd] = totals.rows.as_slice() else {
        panic!("{:?}", totals.rows)
    };
    assert_eq!(usd.sums.debits_posted, usd.sums.credits_posted);
    assert_eq!(usd.sums.debits_pending, usd.sums.credits_pending);
    assert_eq!((usd.accounts, usd.sums.debits_posted), (2, 119));
    let events = Events::of(&world.write, BOOK).await;
    assert_eq!(balances, [events.now(1.into()), events.now(2.into())]);
}

/// The daemon itself expires holds, whether or not anyone asks.
#[tokio::test]
async fn a_hold_expires_as_an_event() {
    let world = World::new(2).await;
    let mut hold = with(plain(1, 100), Flags::HOLD, 0);
    hold.timeout = 1;
    world.created(hold).await;
    assert_eq!(world.balances(&[1]).await[0].debits_pending, 100);
    let mut subscription = world.write.subscribe(BOOK, 3.into()).await.unwrap();
    let batch = subscription.next().await.unwrap().unwrap();
    let event = batch.records.iter().next().unwrap();
    let Ok(ledger::Event::HoldExpired(expired)) = ledger::Event::decode(event) else {
        panic!("{event:?}")
    };
    assert_eq!((expired.hold, expired.released), (TransferId(1), 100));
    assert_eq!(world.balances(&[1]).await[0].debits_pending, 0);
    let found = world.lookup(1).await.unwrap();
    assert_eq!(found.state, TransferState::HoldExpired);
    let late = with(plain(2, 100), Flags::CAPTURE, 1);
    assert_eq!(world.post(&[late]).await, [Code::HoldExpired]);
}

#[tokio::test]
async fn an_entry_set_is_posted_whole_or_not_at_all() {
    let world = World::new(3).await;
    let linked = |id, debit, credit| {
        let mut transfer = Transfer::new(id, debit, credit, 10, 1);
        transfer.flags = Flags::LINKED;
        transfer
    };
    let good = [
        linked(1, 1, 2),
        linked(2, 2, 3),
        Transfer::new(3, 3, 1, 10, 1),
    ];
    assert_eq!(world.post(&good).await, [Code::Created; 3]);
    let bad = [
        linked(4, 1, 2),
        linked(5, 2, 99),
        Transfer::new(6, 3, 1, 10, 1),
        Transfer::new(7, 1, 3, 5, 1),
    ];
    let failed = Code::EntrySetFailed;
    let expected = [failed, Code::CreditNotFound, failed, Code::Created];
    assert_eq!(world.post(&bad).await, expected);
    let posted: Vec<i128> = world
        .balances(&[1, 2, 3])
        .await
        .iter()
        .map(ledger::Balances::posted)
        .collect();
    assert_eq!(posted, [-5, 0, 5]);
    for id in 4..7 {
        assert!(world.lookup(id).await.is_none());
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_does_nothing() {
    let world = World::new(2).await;
    world.created(plain(1, 10)).await;
    let before = world.events().await;
    let asked = vec![plain(1, 10), plain(2, 10), Transfer::new(3, 1, 9, 10, 1)];
    let dry = world.write.dry_run(BOOK, asked.clone(), vec![]).await;
    let expected = [Code::Exists, Code::Created, Code::CreditNotFound];
    assert_eq!(codes(&dry.unwrap()), expected);
    assert_eq!(world.events().await, before);
    assert!(world.lookup(2).await.is_none());
    assert_eq!(world.post(&asked).await, expected);
}

#[tokio::test]
async fn a_refused_id_is_decided_afresh() {
    let world = World::new(2).await;
    let unknown = Transfer::new(1, 1, 3, 10, 1);
    assert_eq!(world.post(&[unknown]).await, [Code::CreditNotFound]);
    crate::harness::world::create_accounts(&world.admin, BOOK, 3..=3).await;
    world.created(unknown).await;
    until("the index has it", async || world.lookup(1).await.is_some()).await;
}
