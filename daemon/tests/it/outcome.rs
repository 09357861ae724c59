//! Answers that never came: the client says so, and the same ids never post twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use client::{Client, ClientError, Unknown};
use ledger::{Code, Transfer};
use tokio::task::JoinSet;

use crate::harness::fold::Events;
use crate::harness::until;
use crate::harness::world::{BOOK, World};

/// Posts in sets of ten until the connection is lost; gives the first ids of those answered and
/// of those whose outcome is unknown.
async fn post_on(
    client: Client,
    lane: u128,
    answered: Arc<AtomicU64>,
) -> (Vec<u128>, Vec<(u128, Unknown)>) {
    let (mut done, mut unknown) = (Vec::new(), Vec::new());
    for number in 0.. {
        let first = (lane + 1) << 64 | number << 8;
        match client.post(BOOK, &ten(first), &[]).await {
            Ok(outcomes) => {
                assert_eq!(outcomes.exceptions, []);
                answered.fetch_add(1, Ordering::Relaxed);
                done.push(first);
            }
            Err(ClientError::OutcomeUnknown { why, .. }) => {
                unknown.push((first, why));
                break;
            }
            Err(error) => {
                assert!(error.has_no_side_effects(), "{error}");
                assert!(error.is_retryable(), "{error}");
                break;
            }
        }
    }
    (done, unknown)
}

fn ten(first: u128) -> Vec<Transfer> {
    (first..first + 10)
        .map(|id| Transfer::new(id, 1, 2, 1, 1))
        .collect()
}

struct Lost {
    world: World,
    done: Vec<u128>,
    unknown: Vec<(u128, Unknown)>,
}

/// Ends the daemon with `end` while many posts are on their way, and starts it again.
async fn lose(end: impl FnOnce(crate::harness::process::Daemon)) -> Lost {
    let world = World::new(2).await;
    let mut config = world.place.config("acme-write", world.daemon.address());
    // A daemon that was killed says nothing: this long its clients wait.
    config.deadline = Duration::from_secs(2);
    let client = Client::connect(&config).await.unwrap();
    let answered = Arc::<AtomicU64>::default();
    let mut lanes = JoinSet::new();
    for lane in 0..16 {
        lanes.spawn(post_on(client.clone(), lane, Arc::clone(&answered)));
    }
    until("posts are answered", async || {
        answered.load(Ordering::Relaxed) > 100
    })
    .await;
    let world = world.again(end, |place| place.start()).await;
    let (mut done, mut unknown) = (Vec::new(), Vec::new());
    while let Some(lane) = lanes.join_next().await {
        let (of_lane, lost) = lane.unwrap();
        done.extend(of_lane);
        unknown.extend(lost);
    }
    Lost {
        world,
        done,
        unknown,
    }
}

/// Everything answered is there, and what is sent again is there once.
async fn check_sent_again(lost: &Lost) {
    let Lost {
        world,
        done,
        unknown,
    } = lost;
    for first in done {
        assert_eq!(world.post(&ten(*first)).await, [Code::Exists; 10]);
    }
    for (first, _) in unknown {
        let codes = world.post(&ten(*first)).await;
        assert!(codes.iter().all(|code| code.is_posted()), "{codes:?}");
        assert_eq!(world.post(&ten(*first)).await, [Code::Exists; 10]);
    }
    let count = 10 * (done.len() + unknown.len()) as u128;
    assert_eq!(world.balances(&[2]).await[0].credits_posted, count);
    let events = Events::of(&world.write, BOOK).await;
    assert_eq!(events.transfers().count() as u128, count);
    assert_eq!(world.balances(&[2]).await, [events.now(2.into())]);
}

#[tokio::test]
async fn a_kill_leaves_outcomes_unknown_and_the_same_ids_never_post_twice() {
    let lost = lose(|daemon| daemon.kill()).await;
    assert!(!lost.unknown.is_empty(), "posts were on their way");
    check_sent_again(&lost).await;
}

/// A daemon that is told to stop answers what it has taken.
#[tokio::test]
async fn a_stop_answers_what_is_inside() {
    for _ in 0..3 {
        let lost = lose(|daemon| daemon.stop()).await;
        for (_, why) in &lost.unknown {
            assert!(!matches!(why, Unknown::Server(_)), "dropped inside: {why}");
        }
        check_sent_again(&lost).await;
    }
}

/// The connection goes, the daemon stays: what was sent may be done.
#[tokio::test]
async fn a_connection_that_closes_leaves_the_outcome_unknown() {
    let world = World::new(2).await;
    let is_sent = AtomicBool::new(false);
    let client = world.connect("acme-write").await;
    let (posting, closing) = (client.clone(), client);
    let transfers = ten(1);
    let post = async {
        is_sent.store(true, Ordering::Relaxed);
        posting.post(BOOK, &transfers, &[]).await
    };
    let close = async {
        until("it is sent", async || is_sent.load(Ordering::Relaxed)).await;
        closing.close().await;
    };
    let (posted, ()) = tokio::join!(post, close);
    match posted {
        Ok(outcomes) => assert_eq!(outcomes.created, 10),
        Err(error) => assert!(error.is_retryable(), "{error}"),
    }
    let codes = world.post(&ten(1)).await;
    assert!(codes.iter().all(|code| code.is_posted()), "{codes:?}");
    assert_eq!(world.balances(&[2]).await[0].credits_posted, 10);
}
