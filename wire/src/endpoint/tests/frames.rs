//! Frames over real streams: whole, garbled, oversized, cut, dripping.

use std::time::Duration;

use bytes::Bytes;
use ledger::{BookId, Operation};
use tokio::sync::mpsc;

use super::*;
use crate::frame::{FrameError, Header, Kind, encode_frame};
use crate::limits::FRAME_BODY_MAX;

struct Pair {
    server: Connection,
    client: Connection,
    _endpoints: (Arc<Server>, ClientEndpoint),
}

async fn pair(frame: Duration) -> Pair {
    let ca = Ca::new("clients");
    let mut config = config(&ca, vec![ca.authority()]);
    config.limits.transport.frame = frame;
    let server = Arc::new(Server::bind(&config).unwrap());
    let accepted = accept_one(&server);
    let endpoint = client(&ca, &ca.client(&Says::default()));
    let client = endpoint
        .connect(server.local_addr().unwrap(), "localhost")
        .await
        .unwrap();
    let peer = accepted.await.unwrap().unwrap();
    Pair {
        server: peer.connection,
        client,
        _endpoints: (server, endpoint),
    }
}

/// What the server reads after the client has sent `bytes` on a stream and, or not, ended it.
async fn read_after(
    pair: &Pair,
    bytes: &[u8],
    end: bool,
) -> Result<Option<crate::frame::Frame>, ReadError> {
    let (_keep, mut writer) = pair.client.open_stream().await.unwrap();
    writer.push_raw(bytes);
    writer.flush().await.unwrap();
    if end {
        writer.finish();
    }
    let (mut reader, _answers) = pair.server.accept_stream().await.unwrap();
    let read = reader.next().await;
    drop(writer);
    read
}

#[tokio::test]
async fn frames_of_every_size_arrive_in_order() {
    let pair = pair(Duration::from_secs(10)).await;
    let sizes = [0usize, 1, 31, 4_096, 1_048_328, 5, FRAME_BODY_MAX, 7];
    let (sender, mut queue) = mpsc::channel(4);
    let (_keep, mut writer) = pair.client.open_stream().await.unwrap();
    let writing = tokio::spawn(async move { writer.drain(&mut queue).await });
    let sending = tokio::spawn(async move {
        for (i, size) in sizes.iter().enumerate() {
            let header = Header::request(Operation::Post, i as u128 + 1, BookId(7));
            let body = Bytes::from(vec![i as u8; *size]);
            sender.send(OutgoingFrame::new(header, body)).await.unwrap();
        }
    });
    let (mut reader, mut answers) = pair.server.accept_stream().await.unwrap();
    for (i, size) in sizes.iter().enumerate() {
        let frame = reader.next().await.unwrap().unwrap();
        assert_eq!(frame.header.request_id, i as u128 + 1);
        assert_eq!(frame.body.len(), *size);
        assert!(frame.body.iter().all(|byte| *byte == i as u8));
        answers.push(frame.header.reply(Kind::Answer), |out| out.push(9));
    }
    assert!(reader.next().await.unwrap().is_none());
    assert_eq!(answers.waiting(), sizes.len() * 33);
    answers.flush().await.unwrap();
    sending.await.unwrap();
    writing.await.unwrap().unwrap();
}

#[tokio::test]
async fn garbage_and_oversized_lengths_are_refused_at_the_header() {
    let pair = pair(Duration::from_secs(10)).await;
    let mut header = Header::request(Operation::Post, 1, BookId(7)).to_bytes();
    header[6] = 9;
    let read = read_after(&pair, &header, false).await;
    assert!(matches!(
        read,
        Err(ReadError::Frame(FrameError::UnknownVersion(9)))
    ));
    let read = read_after(&pair, &[0xff; 64], false).await;
    assert!(matches!(
        read,
        Err(ReadError::Frame(FrameError::TooLong(u32::MAX)))
    ));
    let read = read_after(&pair, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", false).await;
    assert!(matches!(
        read,
        Err(ReadError::Frame(FrameError::TooLong(_)))
    ));
}

#[tokio::test]
async fn a_stream_that_ends_inside_a_frame_is_refused() {
    let pair = pair(Duration::from_secs(10)).await;
    let mut bytes = Vec::new();
    let header = Header::request(Operation::Post, 1, BookId(7));
    encode_frame(header, &mut bytes, |out| out.extend_from_slice(&[1; 100]));
    for cut in [1, 31, 32, 131] {
        let read = read_after(&pair, &bytes[..cut], true).await;
        assert!(matches!(read, Err(ReadError::Truncated)), "{cut}");
    }
    assert!(matches!(read_after(&pair, &[], true).await, Ok(None)));
}

#[tokio::test]
async fn a_frame_that_drips_is_given_up() {
    let pair = pair(Duration::from_millis(50)).await;
    let header = Header {
        length: 100,
        ..Header::request(Operation::Post, 1, BookId(7))
    };
    let read = read_after(&pair, &header.to_bytes()[..20], false).await;
    assert!(matches!(read, Err(ReadError::TooSlow)));
    let read = read_after(&pair, &header.to_bytes(), false).await;
    assert!(matches!(read, Err(ReadError::TooSlow)));
}

#[tokio::test]
async fn a_peer_that_reads_no_more_stops_the_writer() {
    let pair = pair(Duration::from_secs(10)).await;
    let (mut reader, mut writer) = pair.client.open_stream().await.unwrap();
    writer.push(Header::request(Operation::Hello, 1, BookId(0)), |_| {});
    writer.flush().await.unwrap();
    let (_requests, mut answers) = pair.server.accept_stream().await.unwrap();
    reader.stop(CloseCode::Done);
    answers.stopped().await;
    answers.push_raw(&[0; 100]);
    assert!(matches!(answers.flush().await, Err(WriteError::Stopped(0))));
}

#[tokio::test]
async fn streams_are_bounded() {
    let pair = pair(Duration::from_secs(10)).await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(pair.client.open_stream().await.unwrap());
    }
    let mut more = Box::pin(pair.client.open_stream());
    let waits = std::future::poll_fn(|context| {
        std::task::Poll::Ready(more.as_mut().poll(context).is_pending())
    });
    assert!(waits.await);
}
