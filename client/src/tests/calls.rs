//! Requests and answers, lost ones too.

use bytes::Bytes;
use ledger::{BookId, Operation, Transfer, TransferId};
use wire::endpoint::CloseCode;
use wire::limits::FRAME_BODY_MAX;
use wire::message::{
    Failure, Post, Request, Totals, TotalsRequest, TransferFound, TransfersFound, encode_post,
};

use super::*;
use crate::{ClientError, Unknown};

const BOOK: BookId = BookId(7);
const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(50);

fn body(transfers: &[Transfer]) -> Bytes {
    let mut body = Vec::new();
    encode_post(transfers, &[], &mut body);
    body.into()
}

#[tokio::test]
async fn answers_in_another_order_find_their_requests() {
    let (client, mut far) = pair(64, LONG).await;
    let mut calls = Vec::new();
    for id in 1..=40u128 {
        let client = client.clone();
        let transfer = Transfer::new(id, 2, 3, id, 5);
        calls.push(tokio::spawn(async move {
            client.post(BOOK, &[transfer], &[]).await
        }));
    }
    let mut frames = Vec::new();
    for _ in 1..=40 {
        let frame = far.next().await;
        assert_eq!(frame.header.book, BOOK);
        assert_eq!(frame.header.deadline_ms, 8_750);
        frames.push(frame);
    }
    for frame in frames.iter().rev() {
        let Ok(Request::Post(post)) = Request::decode(Operation::Post, &frame.body) else {
            panic!("must be a post");
        };
        let id = post.transfers[0].id.0 as u32;
        reply(&mut far.writer, frame, Kind::Answer, &outcomes(id)).await;
    }
    for (i, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap().created, i as u32 + 1);
    }
}

#[tokio::test]
async fn an_encoded_body_is_sent_as_it_is() {
    let (client, mut far) = pair(64, LONG).await;
    let transfers = vec![Transfer::new(1, 2, 3, 4, 5); 8_190];
    let body = body(&transfers);
    let sent = body.clone();
    let posting = tokio::spawn(async move { client.post_encoded(BOOK, sent, LONG).await });
    let frame = far.next().await;
    assert_eq!(frame.body, body);
    reply(&mut far.writer, &frame, Kind::Answer, &outcomes(8_190)).await;
    assert_eq!(posting.await.unwrap().unwrap().created, 8_190);
}

#[tokio::test]
async fn a_sealed_post_says_so_and_one_without_a_seal_in_time_is_unknown() {
    let (client, mut far) = pair(64, LONG).await;
    let asking = client.clone();
    let posting = tokio::spawn(async move {
        let transfer = Transfer::new(1, 2, 3, 4, 5);
        asking.post_sealed(BOOK, &[transfer], &[]).await
    });
    let frame = far.next().await;
    assert_eq!(frame.header.kind, Kind::RequestSealed);
    assert_eq!(frame.header.operation, Operation::Post);
    reply(&mut far.writer, &frame, Kind::Answer, &outcomes(1)).await;
    assert_eq!(posting.await.unwrap().unwrap().created, 1);

    let request = Request::Post(Post::new(vec![Transfer::new(1, 2, 3, 4, 5)]));
    let late = client.call_sealed(BOOK, &request, SHORT).await.unwrap_err();
    assert_eq!(far.next().await.header.kind, Kind::RequestSealed);
    assert_eq!(late.code(), Code::OutcomeUnknown);
}

#[tokio::test]
async fn a_request_above_a_frame_is_not_sent() {
    let (client, _far) = pair(64, LONG).await;
    let bytes = FRAME_BODY_MAX + 1;
    let error = client
        .post_encoded(BOOK, vec![0; bytes].into(), LONG)
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::TooLarge(n) if n == bytes));
    assert_eq!(error.code(), Code::TooLarge);
}

#[tokio::test]
async fn a_refused_request_says_why() {
    let (client, mut far) = pair(64, LONG).await;
    let asking = tokio::spawn(async move { client.totals(BOOK).await });
    let frame = far.next().await;
    let mut failure = Failure::new(Code::Busy, "share of tenant `acme` is full");
    failure.retry_after_ms = 20;
    reply(&mut far.writer, &frame, Kind::Failure, &failure).await;
    let error = asking.await.unwrap().unwrap_err();
    assert!(error.is_retryable());
    assert!(matches!(error, ClientError::Refused(got) if got == failure));
}

#[tokio::test]
async fn a_write_past_its_deadline_has_an_unknown_outcome_and_a_read_has_none() {
    let (client, mut far) = pair(64, LONG).await;
    let posting = client.post_encoded(BOOK, body(&[Transfer::new(1, 2, 3, 4, 5)]), SHORT);
    let error = posting.await.unwrap_err();
    assert!(!error.has_no_side_effects());
    assert_eq!(error.code(), Code::OutcomeUnknown);
    let late = far.next().await;
    assert_eq!(late.header.deadline_ms, 43);
    let read = client
        .call(BOOK, &Request::Totals(TotalsRequest {}), SHORT)
        .await;
    assert!(matches!(read, Err(ClientError::DeadlinePassed)));
    let dry = Request::DryRun(Post::new(vec![Transfer::new(1, 2, 3, 4, 5)]));
    assert!(matches!(
        client.call(BOOK, &dry, SHORT).await,
        Err(ClientError::DeadlinePassed)
    ));

    // An answer that nobody waits for disturbs nobody.
    reply(&mut far.writer, &late, Kind::Answer, &outcomes(1)).await;
    let asking = tokio::spawn(async move { client.totals(BOOK).await });
    far.next().await;
    far.next().await;
    let frame = far.next().await;
    let totals = Totals {
        height: Height(1),
        events: 2,
        rows: vec![],
    };
    reply(&mut far.writer, &frame, Kind::Answer, &totals).await;
    assert_eq!(asking.await.unwrap().unwrap(), totals);
}

#[tokio::test]
async fn a_lost_connection_leaves_a_write_unknown_and_a_read_undone() {
    let (client, mut far) = pair(64, LONG).await;
    let (one, two) = (client.clone(), client.clone());
    let transfer = Transfer::new(1, 2, 3, 4, 5);
    let posting = tokio::spawn(async move { one.post(BOOK, &[transfer], &[]).await });
    far.next().await;
    let reading = tokio::spawn(async move { two.totals(BOOK).await });
    far.next().await;
    far.connection.close(CloseCode::ShuttingDown, "stopping");
    let error = posting.await.unwrap().unwrap_err();
    let ClientError::OutcomeUnknown {
        operation,
        why: Unknown::Disconnected(why),
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(*operation, Operation::Post);
    assert!(why.contains("stopping"), "{why}");
    assert!(error.to_string().ends_with("retry with the same ids"));
    assert!(matches!(
        reading.await.unwrap(),
        Err(ClientError::Disconnected(_))
    ));
    // What comes after is not sent at all.
    let after = client.post(BOOK, &[transfer], &[]).await.unwrap_err();
    assert!(matches!(after, ClientError::Disconnected(why) if why.contains("stopping")));
}

#[tokio::test]
async fn an_answer_to_a_write_that_cannot_be_read_leaves_it_unknown() {
    let (client, mut far) = pair(64, LONG).await;
    let transfer = Transfer::new(1, 2, 3, 4, 5);
    let posting = tokio::spawn(async move { client.post(BOOK, &[transfer], &[]).await });
    let frame = far.next().await;
    reply(&mut far.writer, &frame, Kind::Answer, &7u8).await;
    let error = posting.await.unwrap().unwrap_err();
    assert!(matches!(
        error,
        ClientError::OutcomeUnknown {
            why: Unknown::Unreadable(_),
            ..
        }
    ));
}

#[tokio::test]
async fn a_server_that_does_not_know_leaves_a_write_unknown() {
    let (client, mut far) = pair(64, LONG).await;
    let transfer = Transfer::new(1, 2, 3, 4, 5);
    let posting = tokio::spawn(async move { client.post(BOOK, &[transfer], &[]).await });
    let frame = far.next().await;
    let failure = Failure::new(Code::OutcomeUnknown, "stopped while it was written");
    reply(&mut far.writer, &frame, Kind::Failure, &failure).await;
    let error = posting.await.unwrap().unwrap_err();
    assert!(matches!(
        error,
        ClientError::OutcomeUnknown {
            why: Unknown::Server(_),
            ..
        }
    ));
}

#[tokio::test]
async fn a_failure_about_the_stream_reaches_everybody() {
    let (client, mut far) = pair(64, LONG).await;
    let asking = tokio::spawn(async move { client.totals(BOOK).await });
    let mut frame = far.next().await;
    frame.header.request_id = 0;
    let failure = Failure::new(Code::Malformed, "unknown operation `99`");
    reply(&mut far.writer, &frame, Kind::Failure, &failure).await;
    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, ClientError::Disconnected(why) if why.contains("`99`")));
}

#[tokio::test]
async fn no_more_are_in_flight_than_the_server_allows() {
    let (client, mut far) = pair(2, LONG).await;
    for _ in 0..3 {
        let client = client.clone();
        tokio::spawn(async move { client.totals(BOOK).await });
    }
    let first = far.next().await;
    far.next().await;
    let third = client
        .call(BOOK, &Request::Totals(TotalsRequest {}), SHORT)
        .await;
    assert!(matches!(third, Err(ClientError::DeadlinePassed)));
    assert!(far.reader.try_next().unwrap().is_none());
    let totals = Totals {
        height: Height(1),
        events: 2,
        rows: vec![],
    };
    reply(&mut far.writer, &first, Kind::Answer, &totals).await;
    far.next().await;
}

#[tokio::test]
async fn transfers_that_did_not_fit_are_asked_for_again() {
    let (client, mut far) = pair(64, LONG).await;
    let ids: Vec<_> = (1..=5).map(TransferId).collect();
    let asking = tokio::spawn(async move { client.lookup_transfers(BOOK, &ids).await });
    for (height, expect) in [(3, 5), (4, 3), (5, 1)] {
        let frame = far.next().await;
        let Ok(Request::LookupTransfers(request)) =
            Request::decode(Operation::LookupTransfers, &frame.body)
        else {
            panic!("must be a look-up");
        };
        assert_eq!(request.ids.len(), expect);
        let rows: Vec<Option<TransferFound>> = vec![None; expect.min(2)];
        let found = TransfersFound {
            height: Height(height),
            rows,
        };
        reply(&mut far.writer, &frame, Kind::Answer, &found).await;
    }
    let found = asking.await.unwrap().unwrap();
    assert_eq!((found.height, found.rows.len()), (Height(5), 5));
}
