//! Vectors against the code, both ways.

use std::fs;

use bytes::Bytes;
use wire::frame::{FrameDecoder, Header, Kind};
use wire::message::EventBatch;
use wire::{Answer, Failure, Request, field};

use crate::samples::samples;
use crate::vectors::{hex, path};

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

#[test]
fn vectors_are_what_is_encoded() {
    for sample in samples() {
        let text = fs::read_to_string(path(&sample.name)).unwrap();
        assert_eq!(text, hex(&sample.bytes), "{}", sample.name);
    }
    let files = fs::read_dir(path("").parent().unwrap()).unwrap().count();
    assert_eq!(files, samples().len());
}

#[test]
fn vectors_decode_to_what_was_meant() {
    for sample in samples() {
        let mut decoder = FrameDecoder::<Header>::new();
        decoder.push(Bytes::from(unhex(
            &fs::read_to_string(path(&sample.name)).unwrap(),
        )));
        let frame = decoder.next_frame().unwrap().unwrap();
        assert!(!decoder.is_mid_frame());
        let operation = frame.header.operation;
        let mut again = Vec::new();
        wire::frame::encode_frame(frame.header, &mut again, |out| match frame.header.kind {
            Kind::Request | Kind::RequestSealed => {
                Request::decode(operation, &frame.body).unwrap().encode(out);
            }
            Kind::Answer => Answer::decode(operation, &frame.body).unwrap().encode(out),
            Kind::Failure => {
                wire::Field::put(&field::decode::<Failure>(&frame.body).unwrap(), out);
            }
            Kind::Events => {
                wire::Field::put(&field::decode::<EventBatch>(&frame.body).unwrap(), out);
            }
            Kind::End | Kind::Cancel => assert!(frame.body.is_empty()),
        });
        assert_eq!(again, sample.bytes, "{}", sample.name);
    }
}
