//! A thread that panics: one that owns state ends the process, whose next start recovers all that
//! was acknowledged; a child is started again, and postings never notice.

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use client::ClientError;
use ledger::{Code, Seq, Transfer};
use wire::message::{AsOf, Post, Request};

use crate::harness::fold::Events;
use crate::harness::until;
use crate::harness::world::{BOOK, World, codes};

const ABORTED: i32 = 6;
/// How long to wait for an answer that will not come.
const MOMENT: Duration = Duration::from_secs(2);
const FAULT: &str = "LEDGERD_FAULT";

fn transfers(ids: std::ops::Range<u128>) -> Vec<Transfer> {
    ids.map(|id| Transfer::new(id, 1, 2, id, 1)).collect()
}

/// Panics the thread while a transfer is on its way; `after` is what a retry then answers.
async fn check_fatal(thread: &str, after: Code) {
    let world = World::new(2).await;
    let acked = world
        .write
        .post(BOOK, &transfers(1..50), &[])
        .await
        .unwrap();
    assert_eq!(acked.created, 49);
    let start = |place: &crate::harness::Place| place.start_with(&[(FAULT, thread)]);
    let mut world = world.again(|daemon| daemon.stop(), start).await;
    let on_its_way = transfers(100..101);
    let post = Request::Post(Post::new(on_its_way.clone()));
    let lost = world.write.call(BOOK, &post, MOMENT).await.unwrap_err();
    let is_unknown = matches!(lost, ClientError::OutcomeUnknown { .. });
    assert!(is_unknown && lost.is_retryable(), "{thread}: {lost}");
    assert_eq!(world.daemon.ended().signal(), Some(ABORTED), "{thread}");
    let told = format!("ledgerd: {thread}: it panicked");
    assert!(world.place.log().contains(&told), "{thread}");

    let world = world.again(drop, |place| place.start()).await;
    let again = world
        .write
        .post(BOOK, &transfers(1..50), &[])
        .await
        .unwrap();
    for index in 0..49 {
        assert_eq!(again.code(index), Code::Exists);
        assert_eq!(again.seq(index), acked.seq(index));
    }
    assert_eq!(world.post(&on_its_way).await, [after], "{thread}");
    assert_eq!(world.post(&on_its_way).await, [Code::Exists], "{thread}");
    let sum = (1..50).sum::<u128>() + 100;
    assert_eq!(world.balances(&[2]).await[0].credits_posted, sum);
}

#[tokio::test]
async fn a_panic_of_the_shard_ends_the_process() {
    check_fatal("shard", Code::Created).await;
}

#[tokio::test]
async fn a_panic_of_the_hasher_ends_the_process() {
    check_fatal("hasher", Code::Created).await;
}

/// What was on its way was durable already: its answer was lost, and it is not posted twice.
#[tokio::test]
async fn a_panic_of_the_journal_ends_the_process() {
    check_fatal("journal", Code::Exists).await;
}

/// A daemon in which the child panics, after what made it do so.
async fn with_panic(child: &str) -> World {
    let world = World::new(2).await;
    assert_eq!(world.post(&transfers(1..50)).await, vec![Code::Created; 49]);
    let start = |place: &crate::harness::Place| place.start_with(&[(FAULT, child)]);
    let world = world.again(|daemon| daemon.stop(), start).await;
    let panicked = format!("child panicked child=\"{child}\"");
    let mut id = 1_000;
    until("the child panics", async || {
        id += 1;
        let posted = world.write.post(BOOK, &transfers(id..id + 1), &[]).await;
        assert_eq!(codes(&posted.unwrap()), [Code::Created], "postings go on");
        world.place.log().contains(&panicked)
    })
    .await;
    world
}

/// Postings go on, the child comes back, and everything that it does is right afterwards.
async fn check_child(world: World, child: &str) {
    assert_eq!(
        world.post(&transfers(50..100)).await,
        vec![Code::Created; 50]
    );
    let again = format!("child is started again child=\"{child}\"");
    until("the child comes back", async || {
        world.place.log().contains(&again)
    })
    .await;
    check_history(&world).await;
    assert_eq!(
        world.post(&transfers(100..150)).await,
        vec![Code::Created; 50]
    );
    check_history(&world).await;
    let world = world
        .again(|daemon| daemon.stop(), |place| place.start())
        .await;
    check_history(&world).await;
}

async fn check_history(world: &World) {
    let events = Events::of(&world.write, BOOK).await;
    for seq in [Seq(events.len() - 1), Seq(20)] {
        let expected = [events.posted(1.into(), |each| each.seq <= seq)];
        assert_eq!(world.balances_as_of(&[1], AsOf::Seq(seq)).await, expected);
    }
    assert!(world.lookup(49).await.is_some());
}

#[tokio::test]
async fn a_panic_of_the_indexer_holds_up_no_posting() {
    let world = with_panic("indexer").await;
    // Before it is back: whoever asks about the past waits for it and is told right.
    check_history(&world).await;
    check_child(world, "indexer").await;
}

#[tokio::test]
async fn a_panic_of_the_self_checker_holds_up_no_posting() {
    check_child(with_panic("self-check").await, "self-check").await;
}

#[tokio::test]
async fn a_panic_of_the_snapshotter_holds_up_no_posting() {
    let world = with_panic("snapshotter").await;
    let mut id = 1_000_000;
    until("a later snapshot is taken", async || {
        id += 100;
        let posted = world.write.post(BOOK, &transfers(id..id + 100), &[]).await;
        assert_eq!(posted.unwrap().created, 100, "postings go on");
        world.place.log().contains("snapshot taken")
    })
    .await;
    let events = Events::of(&world.write, BOOK).await;
    let world = world
        .again(|daemon| daemon.kill(), |place| place.start())
        .await;
    assert_eq!(Events::of(&world.write, BOOK).await.0, events.0);
    check_recovered(world, &events).await;
}

/// What was recovered from the snapshot is what the events say.
async fn check_recovered(world: World, events: &Events) {
    let expected = [events.now(1.into()), events.now(2.into())];
    assert_eq!(world.balances(&[1, 2]).await, expected);
    assert_eq!(world.post(&transfers(1..50)).await, vec![Code::Exists; 49]);
    check_history(&world).await;
}
