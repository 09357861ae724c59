//! Too late and too full: said clearly, with nothing posted.

use std::time::Duration;

use client::{Client, ClientError};
use ledger::{BookId, Code, Operation, Transfer};
use wire::frame::{Header, Kind};
use wire::message::{Outcomes, Post, Request};
use wire::{Failure, field};

use crate::harness::world::{BOOK, World, codes};
use crate::harness::{Place, until};

/// A full batch of transfers from `first` on.
fn batch(first: u128) -> Vec<Transfer> {
    let count = ledger::limits::BATCH_TRANSFERS_MAX as u128;
    (first..first + count)
        .map(|id| Transfer::new(id, 1, 2, 1, 1))
        .collect()
}

/// Behind full batches a request that waits for a millisecond is too late, or in time: what it
/// answers is what happened.
#[tokio::test]
async fn a_request_whose_deadline_passed_posts_nothing() {
    let world = World::new(2).await;
    let config = world.place.config("acme-write", world.daemon.address());
    let connection = crate::hostile::connect(&config).await;
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    let mut late = Vec::new();
    for round in 1_u128.. {
        for number in 0..4 {
            let header = Header::request(Operation::Post, number + 1, BOOK);
            let transfers = batch(round << 64 | number << 32);
            writer.push(header, |out| {
                Request::Post(Post::new(transfers)).encode(out);
            });
        }
        let header = Header {
            deadline_ms: 1,
            ..Header::request(Operation::Post, 99, BOOK)
        };
        let transfer = Transfer::new(round, 1, 2, 1, 1);
        writer.push(header, |out| {
            Request::Post(Post::new(vec![transfer])).encode(out);
        });
        writer.flush().await.unwrap();
        for _ in 0..5 {
            let frame = reader.next().await.unwrap().unwrap();
            match frame.header.kind {
                Kind::Answer => {
                    let outcomes: Outcomes = field::decode(&frame.body).unwrap();
                    assert_eq!(outcomes.exceptions, []);
                }
                _ => {
                    let failure: Failure = field::decode(&frame.body).unwrap();
                    assert_eq!(frame.header.request_id, 99, "{failure}");
                    assert_eq!(failure.code, Code::DeadlineExceeded);
                    late.push(round);
                }
            }
        }
        if late.len() == 3 {
            break;
        }
    }
    for id in late {
        assert!(world.lookup(id).await.is_none(), "nothing was posted");
        world.created(Transfer::new(id, 1, 2, 1, 1)).await;
    }
}

/// The client itself stops to wait, and says what it knows.
#[tokio::test]
async fn a_client_that_stops_to_wait_says_whether_anything_may_have_happened() {
    let world = World::new(2).await;
    let moment = Duration::from_nanos(1);
    let transfer = |id| Transfer::new(id, 1, 2, 1, 1);
    // The timer may be coarser than an answer takes.
    let mut lost = None;
    for id in 1..200 {
        let post = Request::Post(Post::new(vec![transfer(id)]));
        if let Err(error) = world.write.call(BOOK, &post, moment).await {
            lost = Some((id, error));
            break;
        }
    }
    let (id, lost) = lost.unwrap();
    let is_told = match &lost {
        ClientError::OutcomeUnknown { .. } => !lost.has_no_side_effects(),
        ClientError::DeadlinePassed => lost.has_no_side_effects(),
        _ => false,
    };
    assert!(is_told && lost.is_retryable(), "{lost:?}");
    let again = world.post(&[transfer(id)]).await;
    assert!(again[0].is_posted(), "{again:?}");
}

/// Posts the batch, after what it is told to wait for, until it is let in.
async fn post_patiently(client: &Client, book: BookId, transfers: &[Transfer]) -> (u32, Outcomes) {
    let mut refused = 0;
    loop {
        match client.post(book, transfers, &[]).await {
            Ok(outcomes) => return (refused, outcomes),
            Err(ClientError::Refused(failure)) => {
                assert_eq!(failure.code, Code::Busy, "{failure}");
                assert!(failure.retry_after_ms > 0);
                refused += 1;
                let pause = u64::from(failure.retry_after_ms);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_full_daemon_is_busy_says_when_to_come_again_and_posts_once() {
    let limits = "admission = \"3 MiB\"\ntenant_share_percent = 100";
    let world = World::at(Place::with_limits(limits), 2).await;
    let batches: Vec<Vec<Transfer>> = (0..12).map(|number| batch(1 + (number << 32))).collect();
    let posts = batches.iter().map(|batch| {
        let client = world.write.clone();
        let batch = batch.clone();
        tokio::spawn(async move { post_patiently(&client, BOOK, &batch).await })
    });
    let posts: Vec<_> = posts.collect();
    let mut refused = 0;
    for post in posts {
        let (times, outcomes) = post.await.unwrap();
        assert_eq!(outcomes.exceptions, [], "what was refused was not posted");
        refused += times;
    }
    assert!(refused > 0, "3 MiB take no 12 batches of 1 MiB at once");
    let sum = 12 * ledger::limits::BATCH_TRANSFERS_MAX as u128;
    assert_eq!(world.balances(&[1]).await[0].debits_posted, sum);
}

/// The largest request there may be is let in by the smallest budget there may be.
#[tokio::test]
async fn the_smallest_budget_takes_the_largest_request() {
    let limits = "admission = \"2049 KiB\"\ntenant_share_percent = 100";
    let world = World::at(Place::with_limits(limits), 2).await;
    let transfers: Vec<Transfer> = batch(1);
    let note = |index: u32, metadata: usize| wire::message::ItemNote {
        index,
        reference: vec![],
        metadata: vec![7; metadata],
    };
    // 2 MiB to the byte.
    let rest = wire::limits::FRAME_BODY_MAX - 8 - transfers.len() * Transfer::BYTES;
    let whole = rest / (8 + 4_096);
    let mut notes: Vec<_> = (0..u32::try_from(whole).unwrap())
        .map(|i| note(i, 4_096))
        .collect();
    let left = rest - whole * (8 + 4_096);
    notes.push(note(u32::try_from(whole).unwrap(), left - 8));
    let outcomes = world.write.post(BOOK, &transfers, &notes).await.unwrap();
    assert_eq!(codes(&outcomes), vec![Code::Created; transfers.len()]);
    let one_more = [notes, vec![note(8_000, 1)]].concat();
    let refused = world.write.post(BOOK, &transfers, &one_more).await;
    assert!(
        matches!(refused, Err(ClientError::TooLarge(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn connections_above_the_limit_are_refused_until_one_is_closed() {
    // Those of the world itself.
    let world = World::at(Place::with_limits("connections = 3"), 2).await;
    let config = world.place.config("acme-read", world.daemon.address());
    let refused = Client::connect(&config).await.unwrap_err();
    assert!(
        refused.has_no_side_effects() && refused.is_retryable(),
        "{refused}"
    );
    world.created(Transfer::new(1, 1, 2, 1, 1)).await;
    world.admin.clone().close().await;
    until("there is room", async || {
        Client::connect(&config).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn more_requests_than_may_wait_are_held_back_and_all_answered() {
    let world = World::at(Place::with_limits("requests_in_flight = 4"), 2).await;
    assert_eq!(world.write.hello().in_flight_max, 4);
    let config = world.place.config("acme-write", world.daemon.address());
    let connection = crate::hostile::connect(&config).await;
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    // A client that does not care what it was told.
    for number in 1..=200 {
        let header = Header::request(Operation::Post, number, BOOK);
        let post = Request::Post(Post::new(vec![Transfer::new(number, 1, 2, 1, 1)]));
        writer.push(header, |out| post.encode(out));
    }
    writer.flush().await.unwrap();
    for number in 1..=200 {
        let frame = reader.next().await.unwrap().unwrap();
        assert_eq!(
            (frame.header.kind, frame.header.request_id),
            (Kind::Answer, number)
        );
    }
    assert_eq!(world.balances(&[1]).await[0].debits_posted, 200);
}
