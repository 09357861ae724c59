use bytes::Bytes;
use ledger::{BookId, Operation};
use proptest::prelude::*;

use super::*;

fn frame(request_id: u128, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header::request(Operation::Post, request_id, BookId(7));
    encode_frame(header, &mut out, |out| out.extend_from_slice(body));
    out
}

#[test]
fn a_header_reads_back() {
    let header = Header {
        deadline_ms: 9,
        ..Header::request(Operation::Totals, 1 << 100, BookId(3))
    };
    assert_eq!(Header::from_bytes(&header.to_bytes()), Ok(header));
}

#[test]
fn a_request_may_wait_for_a_seal() {
    let plain = Header::request(Operation::Post, 5, BookId(7));
    let sealed = Header {
        kind: Kind::RequestSealed,
        ..plain
    };
    assert_eq!(Header::from_bytes(&sealed.to_bytes()), Ok(sealed));
    assert!(sealed.wants_sealed() && sealed.kind.is_from_client());
    assert!(!plain.wants_sealed());
    let answer = sealed.reply(Kind::Answer);
    assert_eq!(answer, plain.reply(Kind::Answer));
}

#[test]
fn headers_are_refused_for_their_first_fault() {
    let good = Header::request(Operation::Post, 5, BookId(7)).to_bytes();
    let with = |at: usize, value: u8| {
        let mut bytes = good;
        bytes[at] = value;
        Header::from_bytes(&bytes)
    };
    assert_eq!(with(2, 0x21), Err(FrameError::TooLong(0x21_0000)));
    assert_eq!(with(3, 1), Err(FrameError::TooLong(1 << 24)));
    assert_eq!(with(4, 0), Err(FrameError::UnknownOperation(0)));
    assert_eq!(with(5, 8), Err(FrameError::UnknownKind(8)));
    assert_eq!(with(6, 2), Err(FrameError::UnknownVersion(2)));
    assert_eq!(with(8, 0), Err(FrameError::RequestIdZero));
}

#[test]
fn an_announced_body_reserves_nothing() {
    let mut decoder = FrameDecoder::<Header>::new();
    let header = Header {
        length: FRAME_BODY_MAX as u32,
        ..Header::request(Operation::Post, 5, BookId(7))
    };
    decoder.push(Bytes::copy_from_slice(&header.to_bytes()));
    assert_eq!(decoder.next_frame(), Ok(None));
    decoder.push(Bytes::from_static(&[1]));
    assert_eq!(decoder.next_frame(), Ok(None));
    assert!(decoder.is_mid_frame());
    assert!(decoder.reserved() <= 16 * 1024);
}

proptest! {
    #[test]
    fn frames_come_out_whole_however_the_stream_is_cut(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..8),
        cuts in prop::collection::vec(1usize..90, 1..64),
    ) {
        let mut stream = Vec::new();
        for (i, body) in bodies.iter().enumerate() {
            stream.extend(frame(i as u128 + 1, body));
        }
        let mut stream = Bytes::from(stream);
        let mut decoder = FrameDecoder::<Header>::new();
        let mut got = Vec::new();
        for cut in cuts.iter().cycle() {
            if stream.is_empty() {
                break;
            }
            decoder.push(stream.split_to((*cut).min(stream.len())));
            while let Some(frame) = decoder.next_frame().unwrap() {
                got.push(frame.body.to_vec());
            }
        }
        prop_assert!(!decoder.is_mid_frame());
        prop_assert_eq!(got, bodies);
    }

    #[test]
    fn garbage_is_refused_or_waits(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut decoder = FrameDecoder::<Header>::new();
        decoder.push(Bytes::from(bytes));
        while let Ok(Some(_)) = decoder.next_frame() {}
    }
}
