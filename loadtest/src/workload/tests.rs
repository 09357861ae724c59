use std::collections::HashSet;

use ledger::fields::Reader;
use wire::message::{PostView, encode_post};

use super::*;

const SHAPE: Shape = Shape {
    books: 1,
    accounts: 10,
    hot: 0,
    holds: 0,
    lag: 1,
    effective: None,
};

fn transfers(shape: Shape, order: IdOrder, batches: u32, count: u32) -> Vec<Vec<Transfer>> {
    let mut workload = Workload::new(shape, 7, Ids::new(order, 8));
    let mut made = Vec::new();
    for batch in 0..batches {
        workload.begin_batch(1_000 + u64::from(batch));
        made.push((0..count).map(|_| workload.next_transfer()).collect());
    }
    made
}

#[test]
fn a_body_is_what_the_protocol_says() {
    let mut workload = Workload::new(SHAPE, 7, Ids::new(IdOrder::Time, 8));
    let mut body = Vec::new();
    workload.next_body(100, 1_000, &mut body);
    let mut decoded = Vec::new();
    PostView::new(&body)
        .unwrap()
        .transfers_into(&mut decoded)
        .unwrap();
    assert_eq!(decoded, transfers(SHAPE, IdOrder::Time, 1, 100)[0]);
    let mut again = Vec::new();
    encode_post(&decoded, &[], &mut again);
    assert_eq!(body, again);
    assert_eq!(
        Transfer::decode(&mut Reader::new(&body[8..])).unwrap(),
        decoded[0]
    );
}

#[test]
fn content_does_not_depend_on_ids() {
    let shape = Shape {
        holds: 30,
        books: 3,
        ..SHAPE
    };
    let mut with_ids = Moves::new(shape, 3);
    let mut without = Moves::new(shape, 3);
    for batch in 0..50 {
        assert_eq!(with_ids.begin_batch(), without.begin_batch());
        for item in 0..20u128 {
            let made = with_ids.next(1 + batch * 20 + item);
            assert_eq!(Move { target: 0, ..made }, without.next(0));
        }
    }
}

#[test]
fn ids_never_repeat_and_follow_their_order() {
    for order in [IdOrder::Time, IdOrder::Random] {
        let batches = transfers(SHAPE, order, 20, 50);
        let ids: Vec<u128> = batches.iter().flatten().map(|t| t.id.0).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert_eq!(ids.is_sorted(), order == IdOrder::Time);
    }
}

#[test]
fn accounts_differ_and_are_those_asked_for() {
    for hot in [0, 1, 3] {
        let shape = Shape { hot, ..SHAPE };
        for t in transfers(shape, IdOrder::Random, 4, 500).iter().flatten() {
            let pair = [t.debit, t.credit].map(|id| account_index(id).unwrap());
            assert_ne!(pair[0], pair[1]);
            assert!(pair.iter().all(|at| *at < if hot == 3 { 3 } else { 10 }));
            assert!(hot != 1 || pair.contains(&0));
        }
    }
}

#[test]
fn holds_are_as_many_as_asked_and_end_later() {
    let shape = Shape { holds: 30, ..SHAPE };
    let batches = transfers(shape, IdOrder::Time, 40, 500);
    let mut made = HashSet::new();
    let (mut holds, mut ends) = (0, 0);
    for batch in &batches {
        for t in batch.iter().filter(|t| t.target.0 != 0) {
            assert!(made.remove(&t.target), "a hold ends once, in a later batch");
            ends += 1;
        }
        for t in batch.iter().filter(|t| t.flags.has(TransferFlags::HOLD)) {
            assert_ne!(t.timeout, 0);
            made.insert(t.id);
            holds += 1;
        }
    }
    let share = |count: u32| count * 100 / (40 * 500);
    assert!((28..=32).contains(&share(holds)), "{holds}");
    assert!((12..=16).contains(&share(ends)), "{ends}");
}
