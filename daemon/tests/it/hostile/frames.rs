//! Streams of what are no frames.

use std::time::Duration;

use ledger::{BookId, Code, Operation, Transfer};
use wire::endpoint::{Connection, FrameReader, FrameWriter};
use wire::field;
use wire::frame::{Header, Kind};
use wire::limits::FRAME_BODY_MAX;
use wire::message::{Outcomes, Post, Request, TotalsRequest};

use super::{Bystander, connect, next_failure};
use crate::harness::Place;
use crate::harness::world::{BOOK, World};

/// A stream that is sent `bytes` and then ended, or left open.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    is_ended: bool,
    code: Code,
}

fn header(change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let mut header = Header::request(Operation::Totals, 5, BOOK);
    change(&mut header);
    header.to_bytes().to_vec()
}

/// The header of a request with one byte set otherwise.
fn with_byte(at: usize, byte: u8) -> Vec<u8> {
    let mut bytes = header(|_| {});
    bytes[at] = byte;
    bytes
}

fn cases() -> Vec<Case> {
    let open = |name, bytes, code| Case {
        name,
        bytes,
        is_ended: false,
        code,
    };
    let too_long = u32::try_from(FRAME_BODY_MAX).unwrap() + 1;
    let mut cases = vec![
        open("zeros", vec![0; 64], Code::Unsupported),
        open("ones", vec![0xff; 64], Code::TooLarge),
        open(
            "another protocol",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            Code::TooLarge,
        ),
        open("oversized", header(|h| h.length = too_long), Code::TooLarge),
        open("unknown operation", with_byte(4, 99), Code::Unsupported),
        open("unknown kind", with_byte(5, 99), Code::Malformed),
        open("unknown version", with_byte(6, 2), Code::Unsupported),
        open(
            "no request id",
            header(|h| h.request_id = 0),
            Code::Malformed,
        ),
    ];
    for kind in [Kind::Answer, Kind::Failure, Kind::Events, Kind::End] {
        let bytes = header(|h| h.kind = kind);
        cases.push(open("misdirected", bytes, Code::Malformed));
    }
    for length in [1, 31, 32, 40] {
        let mut bytes = header(|h| h.length = 100);
        bytes.resize(40, 7);
        bytes.truncate(length);
        cases.push(Case {
            name: "truncated",
            bytes,
            is_ended: true,
            code: Code::Malformed,
        });
    }
    cases
}

/// Sends the case and expects the stream to end with one failure about the stream itself.
async fn check(connection: &Connection, case: &Case) {
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    writer.push_raw(&case.bytes);
    writer.flush().await.unwrap();
    if case.is_ended {
        writer.finish();
    }
    let (request, failure) = next_failure(&mut reader).await;
    assert_eq!(
        (request, failure.code),
        (0, case.code),
        "{}: {failure}",
        case.name
    );
    assert!(!failure.message.is_empty());
    assert!(reader.next().await.unwrap().is_none(), "{}", case.name);
}

async fn ask_totals(reader: &mut FrameReader, writer: &mut FrameWriter, number: u128) {
    let header = Header::request(Operation::Totals, number, BOOK);
    writer.push(header, |out| Request::Totals(TotalsRequest {}).encode(out));
    writer.flush().await.unwrap();
    let answer = reader.next().await.unwrap().unwrap();
    assert_eq!(
        (answer.header.kind, answer.header.request_id),
        (Kind::Answer, number)
    );
}

#[tokio::test]
async fn what_is_no_frame_ends_its_stream_and_nothing_else() {
    let world = World::new(2).await;
    let bystander = Bystander::of(&world).await;
    let config = world.place.config("acme-write", world.daemon.address());
    let connection = connect(&config).await;
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    for (number, case) in (1..).zip(cases()) {
        check(&connection, &case).await;
        ask_totals(&mut reader, &mut writer, number).await;
    }
    bystander.end().await;
}

#[tokio::test]
async fn a_frame_that_drips_is_given_up() {
    let world = World::at(Place::with_limits("frame_seconds = 1"), 2).await;
    let bystander = Bystander::of(&world).await;
    let config = world.place.config("acme-write", world.daemon.address());
    let connection = connect(&config).await;
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    let dripping = tokio::spawn(async move {
        for byte in header(|h| h.length = 1_000) {
            writer.push_raw(&[byte]);
            if writer.flush().await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let (request, failure) = next_failure(&mut reader).await;
    assert_eq!(
        (request, failure.code),
        (0, Code::DeadlineExceeded),
        "{failure}"
    );
    dripping.abort();
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    ask_totals(&mut reader, &mut writer, 1).await;
    bystander.end().await;
}

/// What was asked for before the stream broke is still answered.
#[tokio::test]
async fn answers_that_are_due_come_though_the_stream_breaks() {
    let world = World::new(2).await;
    let config = world.place.config("acme-write", world.daemon.address());
    let connection = connect(&config).await;
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    let transfers = vec![Transfer::new(1, 1, 2, 10, 1)];
    let header = Header::request(Operation::Post, 77, BOOK);
    writer.push(header, |out| {
        Request::Post(Post::new(transfers)).encode(out);
    });
    writer.push_raw(&[0xff; 40]);
    writer.flush().await.unwrap();
    let answer = reader.next().await.unwrap().unwrap();
    assert_eq!(
        (answer.header.kind, answer.header.request_id),
        (Kind::Answer, 77)
    );
    let outcomes: Outcomes = field::decode(&answer.body).unwrap();
    assert_eq!(outcomes.created, 1);
    assert_eq!(next_failure(&mut reader).await.0, 0);
    assert!(reader.next().await.unwrap().is_none());
    assert!(world.lookup(1).await.is_some());
}

/// A body that cannot be read refuses its request alone.
#[tokio::test]
async fn a_body_that_is_no_message_refuses_its_request_and_the_stream_goes_on() {
    let world = World::new(2).await;
    let config = world.place.config("acme-admin", world.daemon.address());
    let connection = connect(&config).await;
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    let before = world.events().await;
    let about = |operation| match operation {
        Operation::ListAssets | Operation::ListBooks | Operation::Hello => BookId::SYSTEM,
        _ => BOOK,
    };
    for (number, operation) in (1..).zip(Operation::ALL) {
        for body in [&[0xff; 200][..], &[0xff; 7]] {
            let header = Header::request(*operation, number, about(*operation));
            writer.push(header, |out| out.extend_from_slice(body));
            writer.flush().await.unwrap();
            let (request, failure) = next_failure(&mut reader).await;
            assert_eq!(request, number);
            let refused = [Code::Malformed, Code::TooLarge].contains(&failure.code);
            assert!(refused, "{operation:?}: {failure}");
        }
    }
    ask_totals(&mut reader, &mut writer, 1_000).await;
    assert_eq!(world.events().await, before);
}
