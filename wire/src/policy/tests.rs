use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::arb::{Arb, Gen};
use crate::field::{self, Field};
use crate::frame::{FrameDecoder, FrameError, HEADER_BYTES, Head, encode_frame};
use crate::limits::FRAME_BODY_MAX;

fn encoded<T: Field>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    value.put(&mut out);
    out
}

/// It reads back, and neither a cut of it nor a longer one does.
fn reads_back<T: Field + Arb + PartialEq>(g: &mut Gen) -> bool {
    let value = T::arb(g);
    let body = encoded(&value);
    let longer = [body.as_slice(), &[0]].concat();
    field::decode(&body) == Ok(value)
        && field::decode::<T>(&longer).is_err()
        && (0..body.len()).all(|cut| field::decode::<T>(&body[..cut]).is_err())
}

proptest! {
    #[test]
    fn messages_read_back_whole_and_no_other_way(seed in any::<u64>()) {
        let mut g = Gen(seed);
        prop_assert!(reads_back::<Load>(&mut g));
        prop_assert!(reads_back::<Want>(&mut g));
        prop_assert!(reads_back::<Chunk>(&mut g));
        prop_assert!(reads_back::<Loaded>(&mut g));
        prop_assert!(reads_back::<Refused>(&mut g));
        prop_assert!(reads_back::<Turned>(&mut g));
        prop_assert!(reads_back::<Echo>(&mut g));
    }

    /// Whatever is accepted is the one encoding of what was understood.
    #[test]
    fn headers_have_one_encoding(bytes in any::<[u8; HEADER_BYTES]>(), kind in 0u8..26) {
        let mut bytes = bytes;
        bytes[3] = 0;
        bytes[4] = kind;
        bytes[5..8].copy_from_slice(&[0, 1, 0]);
        bytes[20..].fill(0);
        if let Ok(header) = Header::read(&bytes) {
            prop_assert_eq!(header.before(header.length), bytes);
        }
    }

    #[test]
    fn frames_come_out_of_chunks_of_any_size(
        calls in prop::collection::vec((any::<u64>(), 0usize..700), 1..8),
        chunk in 1usize..200,
    ) {
        let mut stream = Vec::new();
        for (call, size) in &calls {
            let header = Header { limit_micros: 7, ..Header::new(Kind::Evaluate, *call) };
            encode_frame(header, &mut stream, |body| body.resize(body.len() + size, 9));
        }
        let mut decoder = FrameDecoder::<Header>::new();
        let mut found = Vec::new();
        for part in stream.chunks(chunk) {
            decoder.push(Bytes::copy_from_slice(part));
            while let Some(frame) = decoder.next_frame().unwrap() {
                prop_assert_eq!(frame.header.kind, Kind::Evaluate);
                found.push((frame.header.call, frame.body.len()));
            }
        }
        prop_assert!(!decoder.is_mid_frame());
        prop_assert_eq!(found, calls);
    }
}

#[test]
fn headers_are_refused_for_what_is_wrong_with_them() {
    let good = Header::new(Kind::Ping, 1).before(0);
    assert_eq!(Header::read(&good).unwrap().kind, Kind::Ping);
    let table: [(usize, u8, FrameError); 6] = [
        (4, 0, FrameError::UnknownKind(0)),
        (4, 6, FrameError::UnknownKind(6)),
        (5, 1, FrameError::Reserved),
        (6, 2, FrameError::UnknownVersion(2)),
        (31, 1, FrameError::Reserved),
        (3, 1, FrameError::TooLong(1 << 24)),
    ];
    for (at, byte, error) in table {
        let mut bytes = good;
        bytes[at] = byte;
        assert_eq!(Header::read(&bytes), Err(error), "byte {at} is {byte}");
    }
    let longest = u32::try_from(FRAME_BODY_MAX).unwrap();
    assert!(Header::read(&Header::new(Kind::Load, 1).before(longest)).is_ok());
}

/// Two policies that differ in anything are two, also if one's text ends where another's begins.
#[test]
fn policies_are_told_apart_by_everything_they_follow_from() {
    let mut g = Gen(7);
    let first = Load::arb(&mut g);
    let mut others = vec![first.clone(); 9];
    others[1].manifest.0[0] ^= 1;
    others[2].component.0[0] ^= 1;
    others[3].component_bytes ^= 1;
    others[4].name = crate::Text::cut("another");
    others[5].config = crate::LongBlob::new(b"{}".to_vec()).unwrap();
    others[6].config_version = Some(first.config_version.unwrap_or(0) ^ 1);
    others[7].memory_bytes ^= 1;
    others[8].base_micros ^= 1;
    let digests: std::collections::BTreeSet<_> = others.iter().map(Load::policy).collect();
    assert_eq!(digests.len(), others.len());
    assert_eq!(first.policy(), others[0].policy());
}

#[test]
fn what_follows_an_echo_is_left_as_it_is() {
    let echo = Echo::arb(&mut Gen(3));
    let mut body = encoded(&echo);
    body.extend_from_slice(b"rest");
    assert_eq!(Echo::split(&body).unwrap(), (echo, b"rest".as_slice()));
    assert!(Echo::split(&body[..63]).is_err());
}
