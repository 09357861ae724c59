//! Subscriptions: in order from any sequence, and what comes later.

use ledger::{Code, Event, Seq, Transfer};

use crate::harness::fold::Events;
use crate::harness::world::{BOOK, World};

#[tokio::test]
async fn a_subscription_goes_on_from_any_sequence_and_sees_what_comes() {
    let world = World::new(2).await;
    for id in 1..20 {
        world.created(Transfer::new(id, 1, 2, 1, 1)).await;
    }
    let all = Events::of(&world.write, BOOK).await;
    for from in [0, 1, 10, all.len() - 1, all.len()] {
        let tail = Events::from(&world.write, BOOK, Seq(from)).await;
        assert_eq!(tail.0, all.0[usize::try_from(from).unwrap()..]);
    }

    // From the next event on, which is yet to come, and from one that is far ahead.
    let mut next = world.write.subscribe(BOOK, Seq(all.len())).await.unwrap();
    let mut ahead = world
        .write
        .subscribe(BOOK, Seq(all.len() + 3))
        .await
        .unwrap();
    let sent: Vec<Transfer> = (100..105).map(|id| Transfer::new(id, 2, 1, 1, 1)).collect();
    for transfer in &sent {
        assert_eq!(world.post(&[*transfer]).await, [Code::Created]);
    }
    for (subscription, skipped) in [(&mut next, 0), (&mut ahead, 3)] {
        let mut seen = Vec::new();
        while seen.len() < sent.len() - skipped {
            let batch = subscription.next().await.unwrap().unwrap();
            for record in batch.records.iter() {
                let Ok(Event::Transfer(transfer)) = Event::decode(record) else {
                    panic!("{record:?}")
                };
                seen.push(transfer.id);
            }
        }
        let ids = sent[skipped..].iter().map(|transfer| transfer.id);
        assert!(ids.eq(seen));
        subscription.cancel().await.unwrap();
        assert!(subscription.next().await.unwrap().is_none());
    }
}

/// A large history comes in many frames, and posts go on beside it.
#[tokio::test]
async fn a_long_history_comes_without_a_gap() {
    let world = World::new(2).await;
    let batch = |first: u128| -> Vec<Transfer> {
        (first..first + 4_000)
            .map(|id| Transfer::new(id, 1, 2, 1, 1))
            .collect()
    };
    for first in [1, 10_001, 20_001] {
        assert_eq!(world.post(&batch(first)).await, vec![Code::Created; 4_000]);
    }
    let events = Events::of(&world.write, BOOK).await;
    assert_eq!(events.len(), 12_002);
    assert_eq!(events.now(1.into()).debits_posted, 12_000);
}

/// Who does not read is not written to, and holds up nobody.
#[tokio::test]
async fn a_subscription_that_is_not_read_holds_up_nobody() {
    let world = World::new(2).await;
    let slow = world.connect("acme-read").await;
    let mut unread = slow.subscribe(BOOK, Seq(0)).await.unwrap();
    let batch: Vec<Transfer> = (1..8_001).map(|id| Transfer::new(id, 1, 2, 1, 1)).collect();
    assert_eq!(world.post(&batch).await, vec![Code::Created; 8_000]);
    world.created(Transfer::new(9_000, 1, 2, 1, 1)).await;
    assert_eq!(slow.totals(BOOK).await.unwrap().events, 8_003);
    let mut seen = 0;
    while seen < 8_003 {
        seen += unread.next().await.unwrap().unwrap().records.iter().count();
    }
}

/// A daemon that stops ends its subscriptions; where they go on is known.
#[tokio::test]
async fn a_subscription_ends_with_the_daemon_and_goes_on_with_the_next() {
    let world = World::new(2).await;
    let mut subscription = world.write.subscribe(BOOK, Seq(0)).await.unwrap();
    world.created(Transfer::new(1, 1, 2, 1, 1)).await;
    while subscription.next_seq() < Seq(3) {
        assert!(subscription.next().await.unwrap().is_some());
    }
    let world = world
        .again(|daemon| daemon.stop(), |place| place.start())
        .await;
    match subscription.next().await {
        Ok(ended) => assert!(ended.is_none()),
        // The word that it ends may be lost with the connection.
        Err(error) => assert!(error.to_string().contains("stopping"), "{error}"),
    }
    world.created(Transfer::new(2, 1, 2, 1, 1)).await;
    let from = subscription.next_seq();
    let events = Events::from(&world.write, BOOK, from).await;
    assert_eq!(events.transfers().map(|t| t.id.0).collect::<Vec<_>>(), [2]);
}
