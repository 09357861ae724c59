//! Events of a book.

use ledger::event::NoteErased;
use ledger::{BookId, Event};
use wire::message::{EventBatch, EventRecords, Failure, Subscribed};

use super::*;
use crate::{ClientError, Subscription};

/// Events `first..first + count`.
fn batch(first: u64, count: u64) -> EventBatch {
    let mut records = Vec::new();
    for seq in (first..first + count).map(Seq) {
        Event::NoteErased(NoteErased {
            seq,
            posted_at: NOW,
            target: Seq(0),
        })
        .encode(&mut records);
    }
    EventBatch {
        height: Height(9),
        first_seq: Seq(first),
        records: EventRecords::new(records).unwrap(),
    }
}

/// A subscription from sequence 5 with the server's end of its stream.
async fn subscribed() -> (Client, Subscription, Far, Frame, FrameReader, FrameWriter) {
    let (client, far) = pair(8, Duration::from_secs(10)).await;
    let opening = {
        let client = client.clone();
        tokio::spawn(async move { client.subscribe(BookId(7), Seq(5)).await })
    };
    let (mut reader, mut writer) = far.connection.accept_stream().await.unwrap();
    let request = reader.next().await.unwrap().unwrap();
    let answer = Subscribed {
        height: Height(9),
        events: 11,
    };
    reply(&mut writer, &request, Kind::Answer, &answer).await;
    let subscription = opening.await.unwrap().unwrap();
    assert_eq!(subscription.began_at(), answer);
    (client, subscription, far, request, reader, writer)
}

#[tokio::test]
async fn events_come_in_order_until_cancelled() {
    let (_client, mut subscription, _far, request, mut reader, mut writer) = subscribed().await;
    reply(&mut writer, &request, Kind::Events, &batch(5, 2)).await;
    reply(&mut writer, &request, Kind::Events, &batch(7, 4)).await;
    assert_eq!(subscription.next().await.unwrap().unwrap(), batch(5, 2));
    assert_eq!(subscription.next_seq(), Seq(7));
    subscription.cancel().await.unwrap();
    let cancel = reader.next().await.unwrap().unwrap();
    assert_eq!(cancel.header.kind, Kind::Cancel);
    assert_eq!(cancel.header.request_id, request.header.request_id);
    writer.push(request.header.reply(Kind::End), |_| {});
    writer.flush().await.unwrap();
    assert_eq!(subscription.next().await.unwrap().unwrap(), batch(7, 4));
    assert!(subscription.next().await.unwrap().is_none());
    assert_eq!(subscription.next_seq(), Seq(11));
}

#[tokio::test]
async fn a_gap_is_noticed() {
    let (_client, mut subscription, _far, request, _reader, mut writer) = subscribed().await;
    reply(&mut writer, &request, Kind::Events, &batch(6, 1)).await;
    assert!(matches!(
        subscription.next().await,
        Err(ClientError::Unexpected(_))
    ));
}

#[tokio::test]
async fn the_server_may_end_it() {
    let (_client, mut subscription, _far, request, _reader, mut writer) = subscribed().await;
    let failure = Failure::new(Code::ShuttingDown, "stopping");
    reply(&mut writer, &request, Kind::Failure, &failure).await;
    assert!(matches!(subscription.next().await, Err(ClientError::Refused(got)) if got == failure));
}

#[tokio::test]
async fn dropping_it_tells_the_server() {
    let (_client, subscription, _far, _request, _reader, writer) = subscribed().await;
    drop(subscription);
    writer.stopped().await;
}
